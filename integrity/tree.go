package integrity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Tree is a model on disk: one file, or the files below a directory. It is opened
// once; names are relative to it from then on.
type Tree struct {
	Name   string // base name of the model's path
	Dir    string // the directory that names are relative to, absolute, links resolved
	Single bool   // the model is the one file Name in Dir

	root   *os.Root
	prefix string // of Dir below root, "." if it is the root
	links  bool
}

// Links says which symbolic links may be followed.
type Links struct {
	// Follow allows links that stay inside the model, or inside the cache that the
	// model is a snapshot of (models--NAME/snapshots/REVISION of a hub cache).
	Follow bool
	// Within is a directory above the model that links may also lead to; empty for
	// none. It implies Follow.
	Within string
}

// File is a regular file of a Tree.
type File struct {
	Name    string // relative, with forward slashes
	Size    int64  // bytes
	ModTime time.Time
	Link    bool // a link to a regular file, where links are followed
}

// Refused is something in a Tree that is not read, such as a link or a pipe.
type Refused struct {
	Name string
	Err  error // says what it is and what to do
}

// errLink is wrapped by errors about links that are not followed.
var errLink = errors.New("is a symbolic link: replace it by what it points to, or follow links that stay inside the model with --allow-symlinks")

// OpenTree opens the model at a path.
func OpenTree(modelPath string, links Links) (*Tree, error) {
	info, err := os.Lstat(modelPath)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", modelPath, bare(err))
	}
	follow := links.Follow || links.Within != ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if !follow {
			return nil, fmt.Errorf("%s: %w", modelPath, errLink)
		}
		if info, err = os.Stat(modelPath); err != nil {
			return nil, fmt.Errorf("%s: %w", modelPath, bare(err))
		}
	}
	abs, err := filepath.Abs(modelPath)
	if err != nil {
		return nil, err
	}
	t := &Tree{Name: filepath.Base(abs), Dir: abs, links: follow}
	switch {
	case info.IsDir():
	case info.Mode().IsRegular():
		t.Dir, t.Single = filepath.Dir(abs), true
	default:
		return nil, fmt.Errorf("%s: is neither a file nor a directory", modelPath)
	}
	if t.Dir, err = filepath.EvalSymlinks(t.Dir); err != nil {
		return nil, fmt.Errorf("%s: %w", modelPath, bare(err))
	}
	top, err := topDir(t.Dir, links)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(top, t.Dir)
	if err != nil {
		return nil, err
	}
	t.prefix = filepath.ToSlash(rel)
	if t.root, err = os.OpenRoot(top); err != nil {
		return nil, fmt.Errorf("%s: %w", modelPath, bare(err))
	}
	return t, nil
}

// topDir is the directory that links must not leave.
func topDir(dir string, links Links) (string, error) {
	if links.Within != "" {
		within, err := filepath.EvalSymlinks(links.Within)
		if err == nil {
			within, err = filepath.Abs(within)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", links.Within, bare(err))
		}
		if rel, err := filepath.Rel(within, dir); err != nil || !filepath.IsLocal(rel) {
			return "", fmt.Errorf("%s: the model lies in %s, not below it", links.Within, dir)
		}
		return within, nil
	}
	if links.Follow {
		if repo := cacheRepository(dir); repo != "" {
			return repo, nil
		}
	}
	return dir, nil
}

// cacheRepository is the models--NAME directory of a hub cache whose snapshot dir
// lies in, empty for other directories.
func cacheRepository(dir string) string {
	parts := strings.Split(filepath.ToSlash(dir), "/")
	for i := len(parts) - 1; i > 0; i-- {
		if parts[i] == "snapshots" && i+1 < len(parts) && repositoryName(parts[i-1]) {
			return filepath.FromSlash(strings.Join(parts[:i], "/"))
		}
	}
	return ""
}

// UnderVersionControl reports whether a file belongs to git or its like and not to
// the model.
func UnderVersionControl(name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if versionControl[path.Base(dir)] {
			return true
		}
	}
	return false
}

func repositoryName(s string) bool {
	return strings.HasPrefix(s, "models--") || strings.HasPrefix(s, "datasets--") || strings.HasPrefix(s, "spaces--")
}

// Close releases the directory.
func (t *Tree) Close() error { return t.root.Close() }

func (t *Tree) path(name string) string { return path.Join(t.prefix, name) }

// Files lists the regular files of the model sorted by name, whatever they are
// called, and what is not read. A directory that cannot be listed is an error.
func (t *Tree) Files() ([]File, []Refused, error) {
	var files []File
	var refused []Refused
	take := func(name string) {
		info, err := t.stat(name)
		if err != nil {
			refused = append(refused, Refused{name, err})
			return
		}
		files = append(files, info)
	}
	if t.Single {
		take(t.Name)
		return files, refused, nil
	}
	err := fs.WalkDir(t.root.FS(), t.prefix, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", p, bare(err))
		}
		if d.IsDir() {
			return nil
		}
		name := p
		if t.prefix != "." {
			name = strings.TrimPrefix(p, t.prefix+"/")
		}
		take(name)
		return nil
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, refused, err
}

// stat describes one file without opening it.
func (t *Tree) stat(name string) (File, error) {
	p := t.path(name)
	info, err := t.root.Lstat(p)
	if err != nil {
		return File{}, bare(err)
	}
	link := info.Mode()&fs.ModeSymlink != 0
	if link {
		if !t.links {
			return File{}, errLink
		}
		if info, err = t.root.Stat(p); err != nil {
			return File{}, fmt.Errorf("is a symbolic link that cannot be followed inside %s: %w", t.root.Name(), bare(err))
		}
		if info.IsDir() {
			return File{}, errors.New("is a symbolic link to a directory: replace it by the directory")
		}
	}
	if !info.Mode().IsRegular() {
		return File{}, errors.New("is no regular file: remove it")
	}
	return File{Name: name, Size: info.Size(), ModTime: info.ModTime(), Link: link}, nil
}

// Open opens a file of the model. What is not a regular file, or is reached over a
// link that may not be followed, is refused.
func (t *Tree) Open(name string) (*os.File, File, error) {
	if err := CheckName(name); err != nil {
		return nil, File{}, err
	}
	before, err := t.stat(name)
	if err != nil {
		return nil, File{}, err
	}
	f, err := t.root.Open(t.path(name))
	if err != nil {
		return nil, File{}, bare(err)
	}
	opened, err := f.Stat()
	if err == nil {
		err = t.same(name, opened)
	}
	if err != nil {
		f.Close()
		return nil, File{}, err
	}
	return f, File{Name: name, Size: opened.Size(), ModTime: opened.ModTime(), Link: before.Link}, nil
}

// same makes sure that the file that was opened is the one that the name stands
// for, and no link was put there in between.
func (t *Tree) same(name string, opened fs.FileInfo) error {
	if !opened.Mode().IsRegular() {
		return errors.New("is no regular file: remove it")
	}
	look := t.root.Lstat
	if t.links {
		look = t.root.Stat
	}
	now, err := look(t.path(name))
	if err != nil {
		return bare(err)
	}
	if !os.SameFile(now, opened) {
		return errors.New("was replaced while it was opened: let nothing write to the model and try again")
	}
	return t.components(name)
}

// components refuses a name that leads through a directory that is a link.
func (t *Tree) components(name string) error {
	if t.links {
		return nil
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		info, err := t.root.Lstat(t.path(dir))
		if err != nil {
			return bare(err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s %w", dir, errLink)
		}
	}
	return nil
}

// bare drops the path from an error of package os.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
