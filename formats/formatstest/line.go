package formatstest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A line is one statement of a script: a verb and its arguments.
type line struct {
	file string
	no   int
	verb string
	args []string
}

func (c *Case) parseLine(no int, text string) (line, error) {
	words, err := splitWords(text)
	if err != nil {
		return line{}, c.errorf(no, "%v", err)
	}
	if len(words) == 0 {
		return line{}, c.errorf(no, "a value is missing")
	}
	return line{file: c.Name, no: no, verb: words[0], args: words[1:]}, nil
}

// lineError is a mistake whose place is known.
type lineError struct{ text string }

func (e *lineError) Error() string { return e.text }

func (l line) errorf(format string, args ...any) error {
	return &lineError{fmt.Sprintf("%s:%d: %s", l.file, l.no, fmt.Sprintf(format, args...))}
}

// at adds the place to an error that does not have it yet.
func (l line) at(err error) error {
	if e := new(lineError); errors.As(err, &e) {
		return e
	}
	return l.errorf("%s: %v", l.verb, err)
}

func (l line) words() []string { return append([]string{l.verb}, l.args...) }

// under makes all words arguments of a verb.
func (l line) under(verb string) line {
	l.verb, l.args = verb, l.words()
	return l
}

// want checks the number of arguments; most < 0 means no upper bound.
func (l line) want(least, most int) error {
	switch n := len(l.args); {
	case n < least:
		return l.errorf("%s needs at least %d words after it, found %d", l.verb, least, n)
	case most >= 0 && n > most:
		return l.errorf("%s takes at most %d words after it, found %d", l.verb, most, n)
	}
	return nil
}

func (l line) number(i int) (uint64, error) {
	n, err := strconv.ParseUint(l.args[i], 0, 64)
	if err != nil {
		return 0, l.errorf("%q is not a number", l.args[i])
	}
	return n, nil
}

// splitWords cuts at blanks. A word that starts with a quote is a Go string
// literal; any other word is taken as it stands.
func splitWords(text string) ([]string, error) {
	var words []string
	for {
		text = strings.TrimLeft(text, " \t")
		switch {
		case text == "":
			return words, nil
		case text[0] == '"' || text[0] == '`':
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, fmt.Errorf("%s is not a Go string", text)
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("%s is not a Go string", quoted)
			}
			words, text = append(words, word), text[len(quoted):]
		default:
			end := strings.IndexAny(text, " \t")
			if end < 0 {
				end = len(text)
			}
			words, text = append(words, text[:end]), text[end:]
		}
	}
}

// scriptLines reads the lines of a section that is a script.
func (c *Case) scriptLines(s *section, body string, first int) ([]line, error) {
	var lines []line
	for i, raw := range strings.Split(body, "\n") {
		raw = strings.TrimSpace(raw)
		if raw == "" || raw[0] == '#' {
			continue
		}
		l, err := c.parseLine(first+i, raw)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// cutCopy splits "config.json#2" into the name to write and whether it is a
// further copy. Only #2 and above count, so that "a#1" is a name.
func cutCopy(ref string) (name string, isCopy bool) {
	i := strings.LastIndexByte(ref, '#')
	if i < 0 {
		return ref, false
	}
	n, err := strconv.Atoi(ref[i+1:])
	if err != nil || n < 2 {
		return ref, false
	}
	return ref[:i], true
}

// isAttribute reports whether a section is an HDF5 attribute rather than a
// member: "@model_config", "/group@attr", and the two names without "@" that
// every Keras file has.
func isAttribute(ref string) bool {
	name, _ := cutCopy(ref)
	return slices.Contains([]string{"model_config", "training_config"}, name) ||
		strings.HasPrefix(name, "@") || strings.HasPrefix(name, "/") && strings.Contains(name, "@")
}

// cutAttribute splits the name of an attribute section into the path of the
// object and the name of the attribute.
func cutAttribute(ref string) (path, name string) {
	name, _ = cutCopy(ref)
	if path, attr, found := strings.Cut(name, "@"); found {
		if path == "" {
			path = "/"
		}
		return path, attr
	}
	return "/", name
}
