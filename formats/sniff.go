package formats

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// sniffLen is how many first bytes decide what a text is. Formats whose mark can
// stand later (zip, HDF5 behind a user block) are searched for separately.
const sniffLen = 4096

// lfsPointer begins the text that Git LFS leaves in place of a file.
const lfsPointer = "version https://git-lfs.github.com/spec/"

// unread are formats that this version names but does not read, by their first
// bytes.
var unread = []struct {
	magic  string
	format Format
	what   string
}{
	{lfsPointer, FormatLFSPointer, "a Git LFS pointer, not the file it stands for: fetch the file and scan it"},
	{"\x1f\x8b", FormatCompressed, "a gzip stream"},
	{"BZh", FormatCompressed, "a bzip2 stream"},
	{"\xfd7zXZ\x00", FormatCompressed, "an xz stream"},
	{"\x28\xb5\x2f\xfd", FormatCompressed, "a zstd stream"},
}

// isPickle reports whether a text begins as pickles of protocol 2 to 5 do. Those
// of protocol 0 and 1 have no mark.
func isPickle(head []byte) bool {
	return len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}

// modelEndings are file names that promise a model, whatever the content.
var modelEndings = []string{".keras", ".h5", ".hdf5", ".hdf", ".he5", ".weights.json", ".pkl", ".pickle", ".joblib", ".dill",
	"saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"}

// promisesModel reports whether a file of that name is a model to its users.
func promisesModel(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(modelEndings, func(e string) bool { return strings.HasSuffix(name, e) })
}

// modelName reports whether what cannot be read under that name is a problem: it
// may hold a model. What cannot be read under any other name is not one.
func modelName(name string) bool {
	if promisesModel(name) {
		return true
	}
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".npz") || path.Base(strings.ReplaceAll(name, `\`, "/")) == configName
}

// unreadFormat names a format that this version does not read, by content or,
// for formats without a mark, by name; what is empty if it is none of them.
func unreadFormat(head []byte, name string) (Format, string) {
	for _, u := range unread {
		if bytes.HasPrefix(head, []byte(u.magic)) {
			return u.format, u.what
		}
	}
	base := path.Base(name)
	if isPickle(head) {
		return FormatPickle, "a pickle"
	}
	switch ext := strings.ToLower(path.Ext(base)); {
	case base == "saved_model.pb", base == "saved_model.pbtxt", base == "keras_metadata.pb":
		return FormatSavedModel, "a TensorFlow SavedModel"
	case ext == ".pkl", ext == ".pickle", ext == ".joblib", ext == ".dill":
		return FormatPickle, "a pickle"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return FormatTar, "a tar archive"
	case (ext == ".yaml" || ext == ".yml") && bytes.Contains(head, []byte("class_name:")):
		return FormatYAML, "a YAML architecture"
	}
	return "", ""
}

// startsJSON reports whether a text can be a JSON object or array in one of the
// encodings that json.loads detects: the first character that is not a byte-order
// mark, a NUL of a wide encoding or white space opens one.
func startsJSON(head []byte) bool {
	for _, bom := range []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff", "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(head, []byte(bom)) {
			head = head[len(bom):]
			break
		}
	}
	head = bytes.TrimLeft(head, "\x00 \t\r\n")
	// White space may fill any number of bytes: a head of nothing else can go on as JSON.
	return len(head) == 0 || head[0] == '{' || head[0] == '['
}
