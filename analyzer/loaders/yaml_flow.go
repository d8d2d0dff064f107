package loaders

import (
	"bytes"
	"strconv"
	"strings"
)

// flow reads values within one line of YAML.
type flow struct {
	s       *source
	at, end int
}

func (f *flow) skip() {
	for f.at < f.end && f.s.data[f.at] == ' ' {
		f.at++
	}
}

func (f *flow) peek() byte {
	f.skip()
	if f.at == f.end {
		return 0
	}
	return f.s.data[f.at]
}

// value reads one value; inside is set within brackets, where plain text ends at
// commas and brackets.
func (f *flow) value(depth int, inside bool) (*node, error) {
	if depth > maxDepth {
		return nil, f.s.errorf(f.at, "nested deeper than %d levels", maxDepth)
	}
	switch c := f.peek(); c {
	case '[', '{':
		return f.collection(c, depth)
	case '"', '\'':
		return f.quoted()
	default:
		return f.plain(inside)
	}
}

func (f *flow) collection(open byte, depth int) (*node, error) {
	n := &node{kind: list, start: f.at}
	closing := byte(']')
	if open == '{' {
		n.kind, closing = table, '}'
	}
	f.at++
	for f.peek() != closing {
		v, err := f.value(depth+1, true)
		if err != nil {
			return nil, err
		}
		if n.kind == list {
			n.items = append(n.items, v)
		} else if err := f.pair(n, v, depth); err != nil {
			return nil, err
		}
		switch c := f.peek(); {
		case c == ',':
			f.at++
		case c != closing:
			return nil, f.s.errorf(f.at, "%q or a comma is expected, on the same line", closing)
		}
	}
	f.at++
	n.end = f.at
	return n, nil
}

func (f *flow) pair(n, key *node, depth int) error {
	if key.kind != scalar || f.peek() != ':' {
		return f.s.errorf(f.at, "a key and a colon are expected")
	}
	f.at++
	v, err := f.value(depth+1, true)
	if err != nil {
		return err
	}
	if n.get(key.text).value != nil {
		return f.s.errorf(key.start, "key %q stands twice", excerpt(key.text))
	}
	n.add(field{key: key.text, start: key.start, end: key.end, value: v})
	return nil
}

func (f *flow) quoted() (*node, error) {
	n := quoted(f.s.data[f.at:f.end])
	if n == 0 {
		return nil, f.s.errorf(f.at, "a quoted text without an end on its line")
	}
	v := &node{start: f.at, end: f.at + n}
	text := string(f.s.data[f.at+1 : v.end-1])
	switch {
	case f.s.data[f.at] == '\'':
		v.text = strings.ReplaceAll(text, "''", "'")
	case strings.Contains(text, `\`):
		// Escapes that Go and YAML have in common; others are refused.
		s, err := strconv.Unquote(`"` + text + `"`)
		if err != nil {
			return nil, f.s.errorf(f.at, "an escape that is not read")
		}
		v.text = s
	default:
		v.text = text
	}
	f.at = v.end
	return v, nil
}

// plain reads text without quotes. YAML's indicators cannot begin it.
func (f *flow) plain(inside bool) (*node, error) {
	data := f.s.data[:f.end]
	start := f.at
	if start < f.end && (bytes.IndexByte([]byte(",]}#&*!|>%@`"), data[start]) >= 0 || indicator(data[start:]) || inside && data[start] == ':') {
		return nil, f.s.errorf(start, "%q does not begin a value that is read here", data[start])
	}
	for f.at < f.end {
		c := data[f.at]
		if inside && bytes.IndexByte([]byte(",[]{}"), c) >= 0 {
			break
		}
		if inside && c == '?' {
			return nil, f.s.errorf(f.at, "a question mark within brackets, which some read as a key")
		}
		if c == ':' && (f.at+1 == f.end || data[f.at+1] == ' ' || inside && bytes.IndexByte([]byte(",[]{}"), data[f.at+1]) >= 0) {
			if !inside {
				return nil, f.s.errorf(f.at, "a second colon in one line")
			}
			break
		}
		f.at++
	}
	end := f.at
	for end > start && data[end-1] == ' ' {
		end--
	}
	if inside && end == start {
		return nil, f.s.errorf(start, "a value is expected")
	}
	n := &node{text: string(data[start:end]), start: start, end: end}
	if n.text == "~" || n.text == "null" {
		n.text = ""
	}
	return n, nil
}

// indicator tells whether b begins with a dash, question mark or colon that is one.
func indicator(b []byte) bool {
	return bytes.IndexByte([]byte("-?:"), b[0]) >= 0 && (len(b) == 1 || b[1] == ' ')
}
