package loaders

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseYAML reads the YAML that environment files and conda-lock are written in:
// block mappings and sequences, flow ones on one line, and plain and quoted
// scalars on one line. Anything else (anchors, tags, block scalars, several
// documents) is an error that says where. A library that reads all of YAML was
// tried and needs quadratic time: 22 s for a mapping of 100,000 keys.
func parseYAML(s *source) (*node, error) {
	if err := tooMany(s, ",:-\n"); err != nil {
		return nil, err
	}
	r := &yamlReader{s: s}
	if err := r.split(); err != nil {
		return nil, err
	}
	if len(r.lines) == 0 {
		return &node{kind: table}, nil
	}
	n, err := r.block(r.lines[0].indent, 0)
	if err != nil {
		return nil, err
	}
	if len(r.lines) > 0 {
		return nil, s.errorf(r.lines[0].start, "indentation that fits no line above")
	}
	return n, nil
}

// yamlLine is what is left of a line without indentation and comment.
type yamlLine struct {
	indent     int
	start, end int
}

type yamlReader struct {
	s     *source
	lines []yamlLine
}

func (r *yamlReader) text(l yamlLine) string { return string(r.s.data[l.start:l.end]) }

// split finds the lines that say something.
func (r *yamlReader) split() error {
	data := r.s.data
	at := len(data) - len(bytes.TrimPrefix(data, []byte("\ufeff")))
	for at < len(data) {
		end := len(data)
		next := end
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		if end > at && data[end-1] == '\r' {
			end--
		}
		for i := at; i < end; {
			c, n := utf8.DecodeRune(data[i:end])
			if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff' {
				return r.s.errorf(i, "%s is not expected in this YAML", strconv.QuoteRune(c))
			}
			i += n
		}
		l := yamlLine{start: at, end: end}
		for l.start < l.end && data[l.start] == ' ' {
			l.start++
		}
		l.indent = l.start - at
		at = next
		if l.start == l.end || data[l.start] == '#' {
			continue
		}
		if err := r.trim(&l); err != nil {
			return err
		}
		switch text := r.text(l); {
		case text == "---" && l.indent == 0 && len(r.lines) == 0:
			continue
		case l.indent == 0 && (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") || strings.HasPrefix(text, "%")):
			return r.s.errorf(l.start, "one document without directives is expected")
		}
		r.lines = append(r.lines, l)
	}
	return nil
}

// trim cuts the comment and the white space at the end. A quote begins a quoted
// scalar only where a scalar begins.
func (r *yamlReader) trim(l *yamlLine) error {
	data := r.s.data
	begins := true
	for i := l.start; i < l.end; i++ {
		switch c := data[i]; {
		case begins && (c == '"' || c == '\''):
			n := quoted(data[i:l.end])
			if n == 0 {
				return r.s.errorf(i, "a quoted text without an end on its line")
			}
			i += n - 1
			begins = false
		case c == '#' && data[i-1] == ' ':
			l.end = i
		case c == ' ':
		default:
			next := i+1 == l.end || data[i+1] == ' '
			begins = strings.IndexByte("[{,", c) >= 0 || next && (c == ':' || c == '-' && begins)
		}
	}
	for l.end > l.start && data[l.end-1] == ' ' {
		l.end--
	}
	return nil
}

// quoted returns the length of the quoted scalar that b begins with, 0 if it has
// no end.
func quoted(b []byte) int {
	q := b[0]
	for i := 1; i < len(b); i++ {
		switch {
		case q == '"' && b[i] == '\\':
			i++
		case b[i] == q && q == '\'' && i+1 < len(b) && b[i+1] == q:
			i++
		case b[i] == q:
			return i + 1
		}
	}
	return 0
}

// block reads the lines that are indented by indent: one sequence or mapping.
func (r *yamlReader) block(indent, depth int) (*node, error) {
	first := r.lines[0]
	if depth > maxDepth {
		return nil, r.s.errorf(first.start, "nested deeper than %d levels", maxDepth)
	}
	n := &node{start: first.start}
	isList := isItem(r.text(first))
	n.kind = table
	if isList {
		n.kind = list
	} else if _, _, ok := r.splitKey(first); !ok {
		r.lines = r.lines[1:]
		return r.scalar(first.start, first.end)
	}
	for len(r.lines) > 0 && r.lines[0].indent == indent {
		l := r.lines[0]
		if isItem(r.text(l)) != isList {
			if isList {
				break // the next key of the mapping that holds this sequence
			}
			return nil, r.s.errorf(l.start, "an item of a list among the keys of a mapping")
		}
		var err error
		if isList {
			err = r.item(n, l, depth)
		} else {
			err = r.pair(n, l, depth)
		}
		if err != nil {
			return nil, err
		}
		n.end = l.end
	}
	if len(r.lines) > 0 && r.lines[0].indent > indent {
		return nil, r.s.errorf(r.lines[0].start, "indentation that fits no line above, or a text of several lines")
	}
	return n, nil
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// item reads "- value". What stands behind the dash is a block of its own, as if
// the dash were a space.
func (r *yamlReader) item(n *node, l yamlLine, depth int) error {
	rest := l
	rest.start++
	for rest.start < rest.end && r.s.data[rest.start] == ' ' {
		rest.start++
	}
	rest.indent += rest.start - l.start
	if rest.start == rest.end {
		r.lines = r.lines[1:]
		v, err := r.below(l, l.indent+1, depth)
		n.items = append(n.items, v)
		return err
	}
	r.lines[0] = rest
	v, err := r.block(rest.indent, depth+1)
	n.items = append(n.items, v)
	return err
}

// pair reads "key: value".
func (r *yamlReader) pair(n *node, l yamlLine, depth int) error {
	key, at, ok := r.splitKey(l)
	if !ok {
		return r.s.errorf(l.start, "a key and a colon are expected")
	}
	name, err := r.scalar(key.start, key.end)
	if err != nil {
		return err
	}
	if n.get(name.text).value != nil {
		return r.s.errorf(key.start, "key %q stands twice", excerpt(name.text))
	}
	r.lines = r.lines[1:]
	f := field{key: name.text, start: key.start, end: key.end}
	if at == l.end {
		// A sequence may stand at the indentation of its key.
		least := l.indent + 1
		if len(r.lines) > 0 && isItem(r.text(r.lines[0])) {
			least = l.indent
		}
		f.value, err = r.below(l, least, depth)
	} else {
		f.value, err = r.scalar(at, l.end)
	}
	n.add(f)
	return err
}

// below reads the block under a line, nothing if the next line is not indented.
func (r *yamlReader) below(l yamlLine, least, depth int) (*node, error) {
	if len(r.lines) == 0 || r.lines[0].indent < least {
		return &node{start: l.end, end: l.end}, nil
	}
	return r.block(r.lines[0].indent, depth+1)
}

// splitKey finds the colon behind a key, and where the value begins.
func (r *yamlReader) splitKey(l yamlLine) (key yamlLine, value int, ok bool) {
	data := r.s.data
	i := l.start
	if data[i] == '"' || data[i] == '\'' {
		i += quoted(data[i:l.end])
	} else if strings.IndexByte("[{", data[i]) >= 0 {
		return key, 0, false
	}
	for ; i < l.end; i++ {
		if data[i] == ':' && (i+1 == l.end || data[i+1] == ' ') {
			key = yamlLine{start: l.start, end: i}
			for key.end > key.start && data[key.end-1] == ' ' {
				key.end--
			}
			for value = i + 1; value < l.end && data[value] == ' '; {
				value++
			}
			return key, value, key.end > key.start
		}
	}
	return key, 0, false
}

// scalar reads a value that stands in one line: plain, quoted or a flow collection.
func (r *yamlReader) scalar(start, end int) (*node, error) {
	f := &flow{s: r.s, at: start, end: end}
	n, err := f.value(0, false)
	if err != nil {
		return nil, err
	}
	if f.at != end {
		return nil, r.s.errorf(f.at, "the end of the value is expected")
	}
	return n, nil
}
