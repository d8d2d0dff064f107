package loaders

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// Limits on lock files. The largest real ones have a few megabytes.
const (
	// MaxLockBytes is the largest lock file that is read.
	MaxLockBytes = 16 << 20
	// maxLockValues bounds what a file can unfold to: the separators in it.
	maxLockValues = 1 << 20
	// maxDepth bounds nesting; real files nest four deep.
	maxDepth = 64
	// maxIncluded bounds the files that requirement files name, all together.
	maxIncluded = 64
)

// ReadLock reads the file or environment called name in fsys. Requirement files
// that others name (-r, -c) are read too if the path is relative and stays in
// fsys; all others are listed in Lock.Unread. A directory is an environment: its
// *.dist-info directories are read, or those of its site-packages.
func ReadLock(fsys fs.FS, name string) (Lock, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return Lock{}, fileError(name, err)
	}
	if info.IsDir() {
		return readEnvironment(fsys, name)
	}
	lock, includes, err := readFile(fsys, name)
	if err != nil {
		return Lock{}, err
	}
	err = lock.follow(fsys, name, includes)
	return lock, err
}

// follow reads the files that the file called first names, and those that they name.
func (l *Lock) follow(fsys fs.FS, first string, includes []include) error {
	read := map[string]bool{first: true}
	for len(includes) > 0 {
		in := includes[0]
		includes = includes[1:]
		target := path.Join(path.Dir(in.File), in.path)
		// A file that is named both ways is read as one that installs.
		key := target
		if in.constraint {
			key = "-c " + target
		}
		if read[key] || read[target] {
			continue
		}
		in.Why = in.refused(target)
		if in.Why == "" && len(read) > maxIncluded {
			in.Why = fmt.Sprintf("more than %d files are named", maxIncluded)
		}
		if in.Why != "" {
			l.Unread = append(l.Unread, in.Unread)
			continue
		}
		read[key] = true
		more, err := l.include(fsys, target, in.constraint)
		if errors.Is(err, fs.ErrNotExist) {
			in.Why = "there is no such file"
			l.Unread = append(l.Unread, in.Unread)
		} else if err != nil {
			*l = Lock{}
			return err
		}
		includes = append(includes, more...)
	}
	return nil
}

// include reads one more requirements file, and returns which others it names.
func (l *Lock) include(fsys fs.FS, name string, constraint bool) ([]include, error) {
	lock, more, err := readFile(fsys, name)
	if err != nil {
		return nil, err
	}
	if lock.Format != "requirements.txt" {
		return nil, &Error{File: name, What: "a requirements file is expected, this is " + lock.Format}
	}
	for i := range lock.Pins {
		lock.Pins[i].Constraint = constraint
	}
	for i := range more {
		more[i].constraint = more[i].constraint || constraint
	}
	l.Pins = append(l.Pins, lock.Pins...)
	l.Unread = append(l.Unread, lock.Unread...)
	return more, nil
}

// ParseLock reads the text of one lock file called name. It follows nothing: files
// that it names are in Lock.Unread.
func ParseLock(name string, data []byte) (Lock, error) {
	lock, includes, err := parse(&source{name: name, data: data})
	for _, in := range includes {
		in.Why = "another file, which was not read"
		lock.Unread = append(lock.Unread, in.Unread)
	}
	return lock, err
}

// include is a file that a requirements file names.
type include struct {
	Unread
	path       string // as written
	constraint bool
}

// refused says why an include is not followed, "" if it is.
func (in include) refused(target string) string {
	switch {
	case strings.Contains(in.path, "://"):
		return "a URL is not followed"
	case strings.Contains(in.path, "${"):
		return "an environment variable is not known"
	case path.IsAbs(in.path), strings.ContainsAny(in.path, "\\:"), !fs.ValidPath(target):
		return "only a relative path below the first file's directory is followed"
	}
	return ""
}

func fileError(name string, err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func readFile(fsys fs.FS, name string) (Lock, []include, error) {
	data, err := readBounded(fsys, name, MaxLockBytes)
	if err != nil {
		return Lock{}, nil, err
	}
	return parse(&source{name: name, data: data})
}

func readBounded(fsys fs.FS, name string, most int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fileError(name, err)
	}
	if int64(len(data)) > most {
		return nil, &Error{File: name, What: fmt.Sprintf("larger than %d bytes", most)}
	}
	return data, nil
}

// parse reads one file in the format that its name, or else its content, shows.
func parse(s *source) (Lock, []include, error) {
	if len(s.data) > MaxLockBytes {
		return Lock{}, nil, &Error{File: s.name, What: fmt.Sprintf("larger than %d bytes", MaxLockBytes)}
	}
	for i := 0; i < len(s.data); {
		r, n := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && n == 1 || r == 0 {
			return Lock{}, nil, s.errorf(i, "not a text in UTF-8")
		}
		i += n
	}
	switch format(s) {
	case "toml":
		lock, err := parseTOMLLock(s)
		return lock, nil, err
	case "json":
		lock, err := parsePipfile(s)
		return lock, nil, err
	case "yaml":
		return parseConda(s)
	}
	return parseRequirements(s)
}

func format(s *source) string {
	base := strings.ToLower(path.Base(strings.ReplaceAll(s.name, "\\", "/")))
	switch {
	case base == "pipfile.lock":
		return "json"
	case strings.HasSuffix(base, ".lock"), strings.HasSuffix(base, ".toml"):
		return "toml"
	case strings.HasSuffix(base, ".yml"), strings.HasSuffix(base, ".yaml"):
		return "yaml"
	case strings.HasSuffix(base, ".txt"), strings.HasSuffix(base, ".in"):
		return "requirements"
	}
	first := bytes.TrimLeft(bytes.TrimPrefix(s.data, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(first, []byte("{")):
		return "json"
	case tomlPattern.Match(s.data):
		return "toml"
	case condaPattern.Match(s.data):
		return "yaml"
	}
	return "requirements"
}
