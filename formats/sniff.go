package formats

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
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
	{"\x04\x22\x4d\x18", FormatCompressed, "an lz4 stream"},
	{"7z\xbc\xaf\x27\x1c", FormatArchive, "a 7z archive"},
	{"Rar!\x1a\x07", FormatArchive, "a RAR archive"},
	{"MSCF\x00\x00\x00\x00", FormatArchive, "a cabinet archive"},
	{"!<arch>\n", FormatArchive, "an ar archive"},
	{"070701", FormatArchive, "a cpio archive"},
	{"070702", FormatArchive, "a cpio archive"},
	{"070707", FormatArchive, "a cpio archive"},
	{"xar!\x00\x1c", FormatArchive, "a xar archive"},
	{"hsqs", FormatArchive, "a SquashFS archive"},
	{"MSWIM\x00\x00\x00", FormatArchive, "a WIM archive"},
	{"\xed\xab\xee\xdb", FormatArchive, "an RPM package"},
	{"\x1f\x9d", FormatArchive, "a stream of compress"},
	{"LZIP\x01", FormatArchive, "an lzip stream"},
	{"\x89LZO\x00\r\n\x1a\n", FormatArchive, "an lzop stream"},
	{"\xff\x06\x00\x00sNaPpY", FormatArchive, "a Snappy stream"},
	{"\x02\x21\x4c\x18", FormatArchive, "an lz4 stream of the old form"},
}

// archiveEndings are the names of archives and compressed files that are not read, and
// whose mark is short, stands far inside or is none.
var archiveEndings = []string{".7z", ".rar", ".cab", ".cpio", ".iso", ".dmg", ".arj", ".lzh", ".lha", ".ace", ".lz", ".lzo", ".001"}

// isPickle reports whether a text begins as pickles of protocol 2 to 5 do. Those
// of protocol 0 and 1 have no mark.
func isPickle(head []byte) bool {
	return len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}

// modelEndings are file names that promise a model, whatever the content.
var modelEndings = []string{".keras", ".h5", ".hdf5", ".hdf", ".he5", ".weights.json",
	savedModelName, savedModelTextName, savedModelChunksName, kerasMetadataName, variablesName}

// promisesModel reports whether a file of that name is a model to its users.
func promisesModel(name string) bool {
	name = strings.ToLower(name)
	if promisesPickle(name) {
		return true
	}
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
	switch {
	case slices.Contains(archiveEndings, strings.ToLower(path.Ext(base))):
		return FormatArchive, "an archive by its name"
	case base == savedModelChunksName:
		return FormatSavedModel, "a TensorFlow SavedModel in chunks"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return FormatTar, "a tar archive"
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
	if len(head) > 3 && len(bytes.TrimLeft(head, "\x00")) == 0 {
		return false // no encoding of a character has more than three zeros in front
	}
	head = bytes.TrimLeft(head, "\x00 \t\r\n")
	// White space may fill any number of bytes: a head of nothing else can go on as JSON.
	return len(head) == 0 || head[0] == '{' || head[0] == '['
}

// beginnings are formats that no model is made of, by their first bytes.
var beginnings = []struct {
	magic, what string
	program     bool
}{
	{"\x7fELF", "an ELF program or library", true},
	{"\xfe\xed\xfa\xce", "a Mach-O program or library", true},
	{"\xfe\xed\xfa\xcf", "a Mach-O program or library", true},
	{"\xce\xfa\xed\xfe", "a Mach-O program or library", true},
	{"\xcf\xfa\xed\xfe", "a Mach-O program or library", true},
	{"\x00asm\x01\x00\x00\x00", "a WebAssembly module", true},
	{"dex\n03", "an Android program", true},
	{"BC\xc0\xde", "LLVM bitcode", true},
	{"<?php", "a PHP script", true},
	{"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut", true},
	{"!<arch>\n", "a static library", true},
	{"PK\x03\x04", "a zip archive", false},
	{"PK\x05\x06", "a zip archive", false},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file", false},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE document", false},
	{"%PDF-", "a PDF document", false},
	{"\x89PNG\r\n\x1a\n", "a PNG image", false},
	{"\xff\xd8\xff", "a JPEG image", false},
	{"GIF8", "a GIF image", false},
	{"\x93NUMPY", "a NumPy array", false},
}

// begins names what a text begins as, where it is not what a model is made of.
func begins(head []byte) (what string, program bool) {
	for _, b := range beginnings {
		if bytes.HasPrefix(head, []byte(b.magic)) {
			return b.what, b.program
		}
	}
	if what := programHead(head); what != "" {
		return what, true
	}
	if isPickle(head) {
		return "a pickle", false
	}
	if format, what := unreadFormat(head, ""); format == FormatCompressed || format == FormatTar || format == FormatArchive {
		return what, false
	}
	if len(head) > 0 && len(bytes.TrimLeft(head, "\x00")) == 0 {
		return "NUL bytes", false
	}
	return "", false
}

// programHead names programs whose mark is too short to go by it alone.
func programHead(head []byte) string {
	if len(head) < 8 {
		return ""
	}
	switch {
	case bytes.HasPrefix(head, []byte("MZ")) && windowsHeader(head):
		return "a Windows program or library"
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")):
		// Both formats have this mark: a class file goes on with its version, from
		// 45, a universal Mach-O file with the number of its parts.
		if binary.BigEndian.Uint32(head[4:]) < 45 {
			return "a Mach-O program or library"
		}
		return "a Java class"
	case bytes.HasPrefix(head, []byte("#!")) && bytes.HasPrefix(bytes.TrimLeft(head[2:], " \t"), []byte("/")):
		return "a script with an interpreter line"
	case head[2] == '\r' && head[3] == '\n' && pythonMagic(binary.LittleEndian.Uint16(head)):
		return "compiled Python"
	}
	return ""
}

// windowsHeader reports whether the DOS header points to a PE header, or where
// that lies behind the head, holds the zeros of one.
func windowsHeader(head []byte) bool {
	if len(head) < 64 {
		return false
	}
	at := int64(binary.LittleEndian.Uint32(head[60:]))
	if at+4 <= int64(len(head)) {
		return string(head[at:at+4]) == "PE\x00\x00"
	}
	return bytes.IndexByte(head[:64], 0) >= 0
}

// pythonMagic reports whether a number is one that a CPython from 3.0 on puts
// before its bytecode, or the 62211 of 2.7.
func pythonMagic(n uint16) bool { return n >= 3000 && n < 3800 || n == 62211 }

// printableText reports whether bytes are UTF-8 without control characters, but for
// a character that the end cuts.
func printableText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 && utf8.FullRune(b) || r < ' ' && !strings.ContainsRune("\t\r\n", r) || r == 0x7f {
			return false
		}
		b = b[size:]
	}
	return true
}

// otherEndings are the names of files that nobody gives to a loader of models. They are
// known by their first bytes and not searched for archives farther in.
var otherEndings = wordSet(`png jpg jpeg gif webp bmp tif tiff svg ico mp3 wav flac ogg mp4 avi mov mkv webm pdf ps doc docx xls xlsx ppt pptx
	py pyi pyc ipynb c h cc cpp hpp cu rs go java kt scala js mjs ts tsx jsx css scss html htm rb php pl lua r jl sh bash bat ps1 sql
	md rst txt csv tsv log ini cfg conf toml lock so o a dll dylib exe class jar whl parquet arrow feather avro orc tfrecord tfrecords lmdb mdb db sqlite
	ttf otf woff woff2 map patch diff gitignore gitattributes`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set["."+w] = true
	}
	return set
}

// plainly reports whether a file is nothing that a loader opens by its name and by all
// that it begins with: no HDF5 behind a user block either.
func (o *opener) plainly(n *Node, head []byte) bool {
	if n.Kind != KindFile || !otherEndings[strings.ToLower(path.Ext(n.Name))] || bytes.Contains(head, []byte("\x89HDF\r\n\x1a\n")) {
		return false
	}
	return !o.asks(head)
}
