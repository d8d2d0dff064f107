package analyzer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// inside reports whether a real path is that of a directory or lies below it.
func inside(dir, path string) bool {
	return path == dir || dir == string(filepath.Separator) || strings.HasPrefix(path, dir+string(filepath.Separator))
}

// linkedOut returns what a symbolic link says if it leads outside of the directory that
// is scanned, by itself or through others, and not to where a cache of Hugging Face keeps
// the file.
func linkedOut(scanned, link string) string {
	root, err := realPath(scanned)
	if err != nil {
		return ""
	}
	target, err := realPath(link)
	if err != nil || inside(root, target) || cached(link, target) {
		return ""
	}
	text, err := os.Readlink(link)
	if err != nil {
		return target
	}
	return filepath.ToSlash(text)
}

// realPath is absolute and free of links.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// cached reports whether a link is one of huggingface_hub's cache: from
// REPOSITORY/snapshots/REVISION/... to REPOSITORY/blobs/NAME
// (huggingface_hub/file_download.py).
func cached(link, target string) bool {
	dir, err := realPath(filepath.Dir(link))
	if err != nil {
		return false
	}
	blobs, _ := filepath.Split(target)
	repository, ok := strings.CutSuffix(filepath.Clean(blobs), string(filepath.Separator)+"blobs")
	if !ok {
		return false
	}
	revision, ok := strings.CutPrefix(dir, filepath.Join(repository, "snapshots")+string(filepath.Separator))
	return ok && revision != ""
}

// modelMarks are the names of files of which one alone makes a directory a model: a
// SavedModel, or one of MLflow.
var modelMarks = []string{"saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb", "MLmodel"}

// modelFiles are the names of files of which a directory that is a model has one beside
// its configuration.
var modelFiles = []string{"metadata.json", "model.weights.h5", "model.weights.npz", "model.weights.json"}

// isModelDir reports whether the names of a directory's entries are those of an unpacked
// .keras archive, of a preset of KerasHub, of a SavedModel or of a model of MLflow.
func isModelDir(names map[string]bool) bool {
	has := func(n string) bool { return names[n] }
	return slices.ContainsFunc(modelMarks, has) || names["config.json"] && slices.ContainsFunc(modelFiles, has)
}
