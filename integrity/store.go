package integrity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// StoreName is the file of a hash store that is a directory.
const StoreName = "kerasvet.sha256"

// storeHead is the first line of a store; lists pass over lines that begin with #.
const storeHead = "# kerasvet hash store: time, SHA-256, bytes, name; the last line of a name counts\n"

// StoreLine writes an entry as a line of a hash store, without its end:
//
//	2026-05-01T10:00:00Z  <64 hex>  <bytes>  <name>
func (e Entry) StoreLine() string {
	name, escaped := escape(e.Name)
	return fmt.Sprintf("%s%s  %s  %d  %s", escaped, e.Time.UTC().Format(time.RFC3339), e.Digest, e.Size, name)
}

// parseStoreLine reads a line of a store; ok is false if it is none.
func parseStoreLine(line string) (e Entry, ok bool, err error) {
	body, escaped := strings.CutPrefix(line, `\`)
	stamp, rest, _ := strings.Cut(body, "  ")
	if !strings.HasSuffix(stamp, "Z") || len(stamp) != len("2006-01-02T15:04:05Z") {
		return e, false, nil
	}
	if e.Time, err = time.Parse(time.RFC3339, stamp); err != nil {
		return e, false, nil
	}
	fields := strings.SplitN(rest, "  ", 3)
	if len(fields) != 3 {
		return e, true, errors.New("want time, digest, bytes and name with two spaces between them")
	}
	if e.Digest, err = ParseDigest(fields[0]); err != nil {
		return e, true, err
	}
	if e.Size, err = strconv.ParseInt(fields[1], 10, 64); err != nil || e.Size < 0 {
		return e, true, fmt.Errorf("%q is no number of bytes", short(fields[1]))
	}
	e.Name = fields[2]
	if escaped {
		e.Name, err = unescape(e.Name)
	}
	return e, true, err
}

// StoreFile is the file of a hash store: the path itself, or StoreName in it if it
// is a directory.
func StoreFile(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() || strings.HasSuffix(path, string(filepath.Separator)) {
		return filepath.Join(path, StoreName)
	}
	return path
}

// ReadList reads a hash list, or a hash store that may be a directory.
func ReadList(path string) ([]Entry, error) {
	f, err := os.Open(StoreFile(path))
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	return ParseList(f)
}

// Replaced is a model that the store has with another digest.
type Replaced struct{ Old, New Entry }

// Append adds entries to a hash store, which it makes if need be. Entries that the
// store has already, with the same digest, are left out. Entries that the store has
// with another digest are returned and nothing is written, unless update is set.
func Append(path string, entries []Entry, update bool) (added int, replaced []Replaced, err error) {
	file := StoreFile(path)
	known := map[string]Entry{}
	old, err := ReadList(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil && !blank(file):
		return 0, nil, err
	}
	for _, e := range old {
		known[e.Name] = e
	}
	var b strings.Builder
	for _, e := range entries {
		if have, ok := known[e.Name]; ok && have.Digest == e.Digest {
			continue
		} else if ok {
			replaced = append(replaced, Replaced{have, e})
		}
		added++
		b.WriteString(e.StoreLine() + "\n")
	}
	if len(replaced) > 0 && !update {
		return 0, replaced, nil
	}
	if added == 0 {
		return 0, replaced, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return 0, replaced, bare(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return 0, replaced, bare(err)
	}
	text := b.String()
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		text = storeHead + text
	}
	_, err = f.WriteString(text) // one write: lines of two writers do not mix
	return added, replaced, errors.Join(err, f.Close())
}

// blank reports whether a file has no lines but comments.
func blank(file string) bool {
	data, err := os.ReadFile(file)
	if err != nil || len(data) > maxLine {
		return false
	}
	for line := range strings.Lines(string(data)) {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
			return false
		}
	}
	return true
}
