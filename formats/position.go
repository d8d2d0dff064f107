package formats

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// document is what the root value of a JSON document knows of its text.
type document struct {
	text     string // UTF-8, whatever the encoding in the file
	encoding string // as Python names it, such as "utf-8" or "utf-16-le"

	keys   sortedKeys // of the root value, if it has many
	tag    string     // of the root value, in YAML
	tagged bool       // a value has a tag of Python, in YAML

	// Made when a position is first asked for, so that many findings in one long
	// line cost no more than a few.
	lines []int // offsets at which lines begin
	runes []int // code points before each stride of the text
}

// stride is how many bytes of a text lie between two counts of code points.
const stride = 1024

func (d *document) measure() {
	if d.lines != nil {
		return
	}
	d.lines = []int{0}
	count := 0
	for i := 0; i < len(d.text); i++ {
		if i%stride == 0 {
			d.runes = append(d.runes, count)
		}
		if d.text[i] == '\n' {
			d.lines = append(d.lines, i+1)
		}
		if utf8.RuneStart(d.text[i]) {
			count++
		}
	}
	d.runes = append(d.runes, count)
}

// runesBefore counts the code points before an offset.
func (d *document) runesBefore(off int) int {
	n := d.runes[off/stride]
	for i := off - off%stride; i < off; i++ {
		if utf8.RuneStart(d.text[i]) {
			n++
		}
	}
	return n
}

func (d *document) position(off int) Position {
	d.measure()
	line, found := slices.BinarySearch(d.lines, off)
	if !found {
		line--
	}
	return Position{line + 1, d.runesBefore(off) - d.runesBefore(d.lines[line]) + 1}
}

// Position is a place in the text of a document. Lines and columns count from 1,
// columns in Unicode code points.
type Position struct{ Line, Column int }

// Document returns the root value of the document that holds the JSON value n,
// nil for nodes outside of documents.
func (n *Node) Document() *Node {
	if !n.Kind.JSON() {
		return nil
	}
	for n.Parent != nil && n.Parent.Kind.JSON() {
		n = n.Parent
	}
	return n
}

// Position returns where a JSON value begins; ok is false for other nodes.
func (n *Node) Position() (p Position, ok bool) {
	return n.position(n.Span.Start)
}

// EndPosition returns the place after a JSON value.
func (n *Node) EndPosition() (p Position, ok bool) {
	return n.position(n.Span.End)
}

func (n *Node) position(off int64) (Position, bool) {
	root := n.Document()
	if root == nil {
		return Position{}, false
	}
	d, ok := root.facts.(*document)
	if !ok || off > int64(len(d.text)) {
		return Position{}, false
	}
	return d.position(int(off)), true
}

// Encoding returns the encoding of the document that holds n, as Python names it;
// empty outside of documents.
func (n *Node) Encoding() string {
	if root := n.Document(); root != nil {
		if d, ok := root.facts.(*document); ok {
			return d.encoding
		}
	}
	return ""
}

// SurrogateFree reports whether n is the root value of a document in which no string
// can have a surrogate: its text has none, and no escape that could stand for one.
func (n *Node) SurrogateFree() bool {
	d, ok := n.facts.(*document)
	return ok && strings.IndexByte(d.text, 0xed) < 0 && !strings.Contains(d.text, `\u`) && !strings.Contains(d.text, `\U`)
}

// Excerpt returns the text of the document around the beginning of a JSON value,
// on one line: at most before bytes in front of it and after bytes from it on, cut
// at whole characters. Both are empty for other nodes.
func (n *Node) Excerpt(before, after int) (left, right string) {
	root := n.Document()
	if root == nil {
		return "", ""
	}
	d, ok := root.facts.(*document)
	if !ok || n.Span.Start > int64(len(d.text)) {
		return "", ""
	}
	start := int(n.Span.Start)
	left = d.text[max(0, start-before):start]
	left = left[strings.LastIndexAny(left, "\r\n")+1:]
	right, _, _ = strings.Cut(d.text[start:min(len(d.text), start+after)], "\n")
	return strings.TrimLeft(strings.ToValidUTF8(left, ""), " \t"), strings.TrimRight(strings.ToValidUTF8(right, ""), " \t\r")
}

// source returns the text of a JSON value as it is written; empty for other nodes,
// and for none.
func (n *Node) source() string {
	if n == nil {
		return ""
	}
	if root := n.Document(); root != nil {
		if d, ok := root.facts.(*document); ok && n.Span.End <= int64(len(d.text)) {
			return d.text[n.Span.Start:n.Span.End]
		}
	}
	return ""
}
