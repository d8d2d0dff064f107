package integrity

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Entry is one line of a hash list or a hash store.
type Entry struct {
	Name   string // clean and relative, unless it comes from a command line
	Digest Digest
	Binary bool      // the list says that the file was read in binary mode
	Line   int       // from 1; 0 for an entry that was not read
	Time   time.Time // when it was hashed, UTC; zero in a plain list
	Size   int64     // bytes; -1 in a plain list
}

// Style is a way to write a hash list.
type Style string

const (
	// Text is the default of coreutils: digest, two spaces, name.
	Text Style = "text"
	// Binary is coreutils with --binary: digest, space, asterisk, name.
	Binary Style = "binary"
	// BSD is coreutils with --tag, and the tools of the BSDs: SHA256 (name) = digest.
	BSD Style = "bsd"
)

// Styles are the names of all styles.
var Styles = []string{string(Text), string(Binary), string(BSD)}

// Format writes an entry as one line without its end. A name with a line break or a
// backslash is escaped as coreutils does, with a backslash before the line.
func (e Entry) Format(s Style) string {
	name, escaped := escape(e.Name)
	switch s {
	case BSD:
		return fmt.Sprintf("%sSHA256 (%s) = %s", escaped, name, e.Digest)
	case Binary:
		return fmt.Sprintf("%s%s *%s", escaped, e.Digest, name)
	default:
		return fmt.Sprintf("%s%s  %s", escaped, e.Digest, name)
	}
}

func escape(name string) (text, mark string) {
	text = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(name)
	if text != name {
		mark = `\`
	}
	return text, mark
}

// unescape reads the name of a line that begins with a backslash.
func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", errors.New("a backslash stands at the end of a name")
		}
		switch s[i] {
		case '\\':
			b.WriteByte('\\')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		default:
			return "", fmt.Errorf(`\%c is no escape in a name: want \\, \n or \r`, s[i])
		}
	}
	return b.String(), nil
}

const (
	maxLine    = 64 << 10  // bytes: a path is at most 4096
	maxEntries = 1_000_000 // files in one list
)

// ParseList reads a hash list in any of these forms, also mixed: coreutils text and
// binary, BSD, OpenSSL, and the lines of a hash store. Lines may end in CR LF; empty
// lines and those that begin with # are passed over. A line that is none of these, a
// name that is not clean and relative, and a name that has two digests are errors:
// nothing in such a list is to be trusted. In a hash store the last line of a name
// counts, since it is the history of the models.
func ParseList(r io.Reader) ([]Entry, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	var entries []Entry
	seen := map[string]int{} // index in entries
	n := 0
	for in.Scan() {
		n++
		line := strings.TrimSuffix(in.Text(), "\r")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseLine(line)
		if err == nil {
			e.Name, err = CleanName(e.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		e.Line = n
		i, again := seen[e.Name]
		switch {
		case !again:
			seen[e.Name] = len(entries)
			entries = append(entries, e)
		case !e.Time.IsZero() && !entries[i].Time.IsZero():
			entries[i] = e
		case entries[i].Digest != e.Digest:
			return nil, fmt.Errorf("line %d: %q has another digest than on line %d: do not trust the list", n, e.Name, entries[i].Line)
		}
		if len(entries) > maxEntries {
			return nil, fmt.Errorf("line %d: more than %d files: split the list", n, maxEntries)
		}
	}
	if err := in.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d bytes", maxLine)
		}
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if len(entries) == 0 {
		return nil, errors.New("no line with a SHA-256: want a list as sha256sum writes it, or a hash store")
	}
	return entries, nil
}

// hexLen is the length of a SHA-256 in hexadecimal digits.
const hexLen = 2 * len(Digest{})

func parseLine(line string) (Entry, error) {
	if e, ok, err := parseStoreLine(line); ok || err != nil {
		return e, err
	}
	body, escaped := strings.CutPrefix(line, `\`)
	e := Entry{Size: -1}
	var digest string
	switch {
	case tagged(body) != "":
		tag := tagged(body)
		if tag != "SHA256" && tag != "SHA2-256" {
			return e, fmt.Errorf("digest %s: only SHA256 is read; make the list anew with sha256sum --tag", short(tag))
		}
		i := strings.LastIndex(body, "= ")
		if i < 0 {
			return e, errors.New(`no "= " after the name: want SHA256 (name) = digest`)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(body, tag), " ")
		name = name[:len(name)-len(body)+i]
		name = strings.TrimSuffix(name, " ")
		if !strings.HasPrefix(name, "(") || !strings.HasSuffix(name, ")") || len(name) < 2 {
			return e, errors.New("want SHA256 (name) = digest")
		}
		e.Name, digest = name[1:len(name)-1], body[i+2:]
	case len(body) > hexLen+2 && body[hexLen] == ' ' && (body[hexLen+1] == ' ' || body[hexLen+1] == '*'):
		digest, e.Name, e.Binary = body[:hexLen], body[hexLen+2:], body[hexLen+1] == '*'
	default:
		return e, fmt.Errorf("%q is no line of a SHA-256 list: want 64 hexadecimal digits, two spaces and a name", short(line))
	}
	var err error
	if e.Digest, err = ParseDigest(digest); err != nil {
		return e, err
	}
	if escaped {
		e.Name, err = unescape(e.Name)
	}
	return e, err
}

// tagged is the name of the algorithm at the beginning of a BSD or OpenSSL line,
// empty for other lines.
func tagged(body string) string {
	i := strings.IndexByte(body, '(')
	if i <= 0 {
		return ""
	}
	tag := strings.TrimSuffix(body[:i], " ")
	for _, c := range tag {
		if c != '-' && c != '/' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return tag
}
