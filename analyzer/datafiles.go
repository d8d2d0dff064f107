package analyzer

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// indexEnding is how TensorFlow calls the index of a checkpoint
// (tensorflow/core/util/tensor_bundle/naming.cc).
const indexEnding = ".index"

// dataFiles returns the sizes of the data files that lie beside the index of a checkpoint,
// by name: entries are those of its directory, sorted. What Git LFS left in place of one
// is none.
func dataFiles(index string, entries []fs.DirEntry) map[string]int64 {
	dir, base := filepath.Split(index)
	prefix, ok := strings.CutSuffix(base, indexEnding)
	if !ok {
		return nil
	}
	prefix += ".data-"
	found := map[string]int64{}
	first, _ := slices.BinarySearchFunc(entries, prefix, func(e fs.DirEntry, name string) int { return strings.Compare(e.Name(), name) })
	for _, e := range entries[first:] {
		if !strings.HasPrefix(e.Name(), prefix) {
			break
		}
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !lfsPointer(path, info.Size()) {
			found[e.Name()] = info.Size()
		}
	}
	return found
}

// lfsPointer reports whether a file is a pointer of Git LFS, which has less than 1 KiB
// (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
func lfsPointer(path string, size int64) bool {
	if size >= 1024 {
		return false
	}
	text, err := os.ReadFile(path)
	return err == nil && strings.HasPrefix(string(text), "version https://git-lfs.github.com/spec/")
}
