package integrity

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// CheckName judges the name of a file that came from a list or a signature. It must
// be relative, clean, with forward slashes, and stay in the directory that it is
// relative to. It is called before anything is opened.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a name is empty: want the path of a file")
	case strings.ContainsRune(name, 0):
		return fmt.Errorf("name %q contains NUL: no file can be called that; do not trust the list", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("name %q is not UTF-8: rename the file", name)
	case strings.Contains(name, `\`):
		return fmt.Errorf("name %q contains a backslash, which is a separator on some systems: rename the file", name)
	case path.IsAbs(name) || filepath.IsAbs(name):
		return fmt.Errorf("name %q is absolute: names must be relative to the directory that is checked; make the list inside it", name)
	case name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, "/../") || strings.HasSuffix(name, "/.."):
		return fmt.Errorf("name %q leaves the directory that is checked: do not trust the list", name)
	case name != path.Clean(name) || name == "." || !fs.ValidPath(name):
		return fmt.Errorf("name %q is not clean: want %q", name, path.Clean(name))
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return fmt.Errorf("name %q means something else than a file on this system: rename the file", name)
	}
	return nil
}

// CleanName is CheckName after a leading "./" was taken off, which find and some
// tools write; coreutils reads it as the same file.
func CleanName(name string) (string, error) {
	for strings.HasPrefix(name, "./") {
		name = strings.TrimPrefix(name, "./")
	}
	return name, CheckName(name)
}

// Covers reports whether a path is one of the paths or lies below one of them.
func Covers(paths []string, name string) bool {
	for _, p := range paths {
		if name == p || strings.HasPrefix(name, p+"/") {
			return true
		}
	}
	return false
}
