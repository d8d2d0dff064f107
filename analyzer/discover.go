package analyzer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Discover returns the inputs that the paths stand for: a file itself, a directory
// every regular file below it in sorted order, whatever its name; which of those
// are models shows when they are read. Symbolic links are followed, each
// directory is entered once. It fails if a path does not exist.
func Discover(paths []string) ([]Input, error) {
	d := &discovery{entered: map[string]bool{}}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, unwrapPath(err))
		}
		if info.IsDir() {
			d.scanned = p
			d.directory(p, surroundings{})
		} else {
			in := fileInput(p, true)
			in.Stream = !info.Mode().IsRegular() // a pipe, as in <(curl ...)
			if strings.HasSuffix(p, indexEnding) {
				entries, _ := os.ReadDir(filepath.Dir(p)) // without it no data file is known
				in.DataFiles = dataFiles(p, entries)
			}
			d.inputs = append(d.inputs, in)
		}
	}
	return d.inputs, nil
}

type discovery struct {
	inputs  []Input
	entered map[string]bool
	scanned string // the directory that the user named
}

// surroundings is what is known of a directory.
type surroundings struct {
	linked string // where it leads, if it is or lies below a link out of the one scanned
	part   bool   // it is a model, or lies in one
}

// directory adds what lies below a directory. One that cannot be listed becomes
// an input that cannot be opened: it is not passed over in silence.
func (d *discovery) directory(dir string, at surroundings) {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil && d.entered[real] {
		return
	}
	d.entered[real] = true
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(dir) // sorted
	}
	if err != nil {
		d.inputs = append(d.inputs, failedInput(dir, unwrapPath(err)))
		return
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.Name()] = true
	}
	at.part = at.part || isModelDir(names)
	for _, e := range entries {
		p := filepath.Join(dir, e.Name())
		mode := e.Type()
		at := at
		if mode&fs.ModeSymlink != 0 {
			info, err := os.Stat(p)
			if err != nil {
				continue // a dangling link: nothing that a loader could open
			}
			mode = info.Mode().Type()
			if out := linkedOut(d.scanned, p); out != "" || at.linked == "" {
				at.linked = out
			}
		} else if at.linked != "" {
			at.linked += "/" + e.Name()
		}
		switch {
		case mode.IsDir():
			if at.part && e.Type()&fs.ModeSymlink != 0 && at.linked != "" {
				d.inputs = append(d.inputs, Input{Name: name(p), LinkedTo: at.linked, Directory: true})
				at.part = false // what is not a model there needs no finding of its own
			}
			if !skipDirs[e.Name()] {
				d.directory(p, at)
			}
		case mode.IsRegular():
			in := fileInput(p, false)
			in.LinkedTo, in.Part = at.linked, at.part
			in.DataFiles = dataFiles(p, entries)
			if e.Name() == "saved_model.pbtxt" && names["saved_model.pb"] {
				in.Shadowed = "saved_model.pb"
			}
			d.inputs = append(d.inputs, in)
		}
	}
}

// skipDirs hold no models but copies and objects of version control.
var skipDirs = map[string]bool{".git": true, ".hg": true, ".svn": true}

// name is how reports call a path: relative as given, with forward slashes and no
// leading "./".
func name(path string) string {
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "./")
}

func fileInput(path string, explicit bool) Input {
	return Input{Name: name(path), Explicit: explicit, Open: func(ctx context.Context) (io.ReaderAt, int64, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, 0, unwrapPath(err)
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, 0, unwrapPath(err)
		}
		if !info.Mode().IsRegular() {
			defer f.Close()
			return Spool(ctx, f)
		}
		return f, info.Size(), nil
	}}
}

func failedInput(path string, err error) Input {
	return Input{Name: name(path), Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) { return nil, 0, err }}
}

// unwrapPath drops the path from a *fs.PathError: reports name it anyway.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// StreamInput reads r to its end when the input is opened; it can be opened once.
func StreamInput(streamName string, r io.Reader) Input {
	return Input{Name: streamName, Explicit: true, Stream: true, Open: func(ctx context.Context) (io.ReaderAt, int64, error) { return Spool(ctx, r) }}
}

const (
	// spoolMemory is how many bytes of a stream stay in memory; more go to a temporary file.
	spoolMemory = 8 << 20
	// maxStream is the longest stream: larger than any single model file, small
	// enough that an endless one does not fill a disk.
	maxStream = 32 << 30
)

// Spool makes a stream readable at any offset. What it returns removes its
// temporary file, if it needed one, when it is closed. It fails when the context
// ends first; a Read that then still blocks is left to itself.
func Spool(ctx context.Context, r io.Reader) (io.ReaderAt, int64, error) {
	type result struct {
		content io.ReaderAt
		size    int64
		err     error
	}
	done := make(chan result, 1)
	go func() {
		content, size, err := spool(ctx, r)
		done <- result{content, size, err}
	}()
	select {
	case res := <-done:
		return res.content, res.size, res.err
	case <-ctx.Done():
		return nil, 0, fmt.Errorf("reading the stream: %w", ctx.Err())
	}
}

func spool(ctx context.Context, r io.Reader) (io.ReaderAt, int64, error) {
	r = &until{ctx, r}
	head, err := io.ReadAll(io.LimitReader(r, spoolMemory))
	if err != nil {
		return nil, 0, err
	}
	if len(head) < spoolMemory {
		return bytes.NewReader(head), int64(len(head)), nil
	}
	f, err := os.CreateTemp("", "kerasvet-*")
	if err != nil {
		return nil, 0, err
	}
	// Where a file can be removed while it is open, nothing stays behind however
	// the process ends.
	s := &spooled{File: f, removed: os.Remove(f.Name()) == nil}
	n, err := io.Copy(f, io.LimitReader(io.MultiReader(bytes.NewReader(head), r), maxStream+1))
	if err == nil && n > maxStream {
		err = fmt.Errorf("a stream of more than %d bytes", int64(maxStream))
	}
	if err == nil {
		err = ctx.Err() // nobody waits for the file any more
	}
	if err != nil {
		return nil, 0, errors.Join(err, s.Close())
	}
	return s, n, nil
}

// until is a reader that fails once its context has ended.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

type spooled struct {
	*os.File
	removed bool
}

func (s *spooled) Close() error {
	err := s.File.Close()
	if !s.removed {
		err = errors.Join(err, os.Remove(s.Name()))
	}
	return err
}
