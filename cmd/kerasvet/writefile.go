package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile replaces a file by what write writes, or leaves what was there: a
// reader never sees half a report. A device or a pipe is written to directly.
func writeFile(file string, write func(io.Writer) error) error {
	mode := fs.FileMode(0o666) // before the umask
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	tmp := fmt.Sprintf("%s.%d.tmp", file, os.Getpid())
	f, openErr := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if openErr != nil {
		return openErr
	}
	writeErr := write(f)
	if err == nil && writeErr == nil {
		writeErr = f.Chmod(info.Mode().Perm())
	}
	err = errors.Join(writeErr, f.Close())
	if err == nil {
		err = os.Rename(tmp, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return nil
}

func writeError(file string, err error) error {
	return fmt.Errorf("cannot write report %s: %w", file, bare(err))
}

// bare drops the path from an error of package os, which may be that of a
// temporary file.
func bare(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}
