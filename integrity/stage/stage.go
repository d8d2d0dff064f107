// Package stage copies a model to where nobody else can write, so that the bytes that
// are verified and scanned are the bytes that are loaded. Between a command that
// verifies a file and a program that loads it, somebody could otherwise put another
// file in its place.
//
// Everything after the copy looks at the copies and at the digests that were computed
// of the very bytes while they were written; the model is never read again. What the
// package does not defend against is another program of the same user, or root.
package stage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/integrity"
)

// Options say how to copy.
type Options struct {
	To    string // directory for the fresh one; empty means that for temporary files
	Links integrity.Links
	Moved func(int)   // called with the length of each block
	Total func(int64) // called with the number of bytes before they are copied
}

// Staged is a model that was copied.
type Staged struct {
	Dir  string             // fresh, of mode 0700, absolute
	Path string             // of the model in Dir; its name, and so its suffix, is kept
	Tree *integrity.Tree    // the copies
	Sums []integrity.Summed // digests of the bytes that were written, sorted by name

	root *os.Root // of Dir
}

// hook is called before each step; tests change files there.
var hook = func(string) {}

// Copy makes a fresh directory and copies every regular file of a model into it,
// except what belongs to version control. Links and other special files are errors.
func Copy(ctx context.Context, model string, o Options) (*Staged, error) {
	t, err := integrity.OpenTree(model, o.Links)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	s := &Staged{}
	if err := s.fresh(o.To); err != nil {
		return nil, err
	}
	if err := s.fill(ctx, t, o); err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

// fill copies the files.
func (s *Staged) fill(ctx context.Context, t *integrity.Tree, o Options) error {
	hook("listing")
	files, refused, err := t.Files()
	if err != nil {
		return err
	}
	for _, r := range refused {
		if !integrity.UnderVersionControl(r.Name) {
			return fmt.Errorf("%s: %w", r.Name, r.Err)
		}
	}
	files = slices.DeleteFunc(files, func(f integrity.File) bool { return integrity.UnderVersionControl(f.Name) })
	if len(files) == 0 {
		return errors.New("no file to copy")
	}
	if o.Total != nil {
		o.Total(total(files))
	}
	prefix := t.Name
	if t.Single {
		prefix = "."
	}
	for _, f := range files {
		sum, err := s.copyFile(ctx, t, f.Name, path.Join(prefix, f.Name), o.Moved)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		s.Sums = append(s.Sums, sum)
	}
	s.Path = filepath.Join(s.Dir, t.Name)
	s.Tree, err = integrity.OpenTree(s.Path, integrity.Links{})
	return err
}

// fresh makes the directory, where no other user can put another in its place.
func (s *Staged) fresh(to string) error {
	if to == "" {
		to = os.TempDir()
	}
	to, err := filepath.Abs(to)
	if err == nil {
		to, err = filepath.EvalSymlinks(to)
	}
	if err != nil {
		return err
	}
	if err := private(to); err != nil {
		return err
	}
	if s.Dir, err = os.MkdirTemp(to, "kerasvet-*"); err != nil { // of mode 0700
		return err
	}
	if s.root, err = os.OpenRoot(s.Dir); err != nil {
		return errors.Join(err, os.Remove(s.Dir))
	}
	return nil
}

func total(files []integrity.File) int64 {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	return n
}

// copyFile writes a file and hashes what it writes. The copy can only be read.
func (s *Staged) copyFile(ctx context.Context, t *integrity.Tree, name, to string, moved func(int)) (sum integrity.Summed, err error) {
	hook("opening " + name)
	in, info, err := t.Open(name)
	if err != nil {
		return sum, err
	}
	defer in.Close()
	hook("copying " + name)
	if err := s.root.MkdirAll(path.Dir(to), 0o700); err != nil {
		return sum, err
	}
	out, err := s.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	h := sha256.New()
	if info.Size, err = integrity.Copy(ctx, io.MultiWriter(h, out), in, moved); err != nil {
		return sum, err
	}
	info.Link = false
	return integrity.Summed{File: info, Digest: integrity.Digest(h.Sum(nil))}, out.Chmod(0o400)
}

// Digests are the digests by name.
func (s *Staged) Digests() map[string]integrity.Digest {
	m := map[string]integrity.Digest{}
	for _, sum := range s.Sums {
		m[sum.Name] = sum.Digest
	}
	return m
}

// Scan runs rules over the copies. In the report they have the names that they have
// below model, the path that was copied.
func (s *Staged) Scan(ctx context.Context, model string, o analyzer.Options) (*analyzer.Report, error) {
	hook("scanning")
	inputs, err := analyzer.Discover([]string{s.Path})
	if err != nil {
		return nil, err
	}
	copies := path.Clean(filepath.ToSlash(s.Path))
	for i := range inputs {
		inputs[i].Name = path.Clean(filepath.ToSlash(model)) + strings.TrimPrefix(inputs[i].Name, copies)
	}
	return analyzer.AnalyzeAll(ctx, inputs, o, nil), nil
}

// Recheck makes sure that the path to be handed over still leads to the copies, and
// that these have the digests with which they were written.
func (s *Staged) Recheck(ctx context.Context, jobs int) error {
	hook("handing over")
	dir, err1 := os.Lstat(s.Dir)
	root, err2 := s.root.Stat(".")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !os.SameFile(dir, root) || dir.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s was replaced, or opened to others", s.Dir)
	}
	again, err := integrity.OpenTree(s.Path, integrity.Links{})
	if err != nil {
		return err
	}
	defer again.Close()
	files, refused, err := again.Files()
	if err != nil {
		return err
	}
	if len(refused) > 0 || len(files) != len(s.Sums) {
		return fmt.Errorf("%s has other files than were copied", s.Path)
	}
	for i, sum := range again.Sums(ctx, files, jobs, nil) {
		switch want := s.Sums[i]; {
		case sum.Err != nil:
			return fmt.Errorf("%s: %w", sum.Name, sum.Err)
		case sum.Name != want.Name || sum.Digest != want.Digest:
			return fmt.Errorf("%s was changed after it was copied", sum.Name)
		}
	}
	return nil
}

// Remove deletes the copies and their directory.
func (s *Staged) Remove() error {
	var errs []error
	if s.Tree != nil {
		errs = append(errs, s.Tree.Close())
	}
	errs = append(errs, s.root.Close(), os.RemoveAll(s.Dir))
	return errors.Join(errs...)
}

// Keep lets go of the copies without deleting them.
func (s *Staged) Keep() error { return errors.Join(s.Tree.Close(), s.root.Close()) }

// errShared is wrapped by errors about directories in which others can write.
var errShared = errors.New("others can rename what lies in it: choose a directory of your own")

func shared(dir string, mode fs.FileMode) error {
	return fmt.Errorf("%s has mode %04o: %w", dir, mode.Perm(), errShared)
}
