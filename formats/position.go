package formats

import (
	"strings"
	"unicode/utf8"
)

// document is what the root value of a JSON document knows of its text.
type document struct {
	text     string // UTF-8, whatever the encoding in the file
	encoding string // as Python names it, such as "utf-8" or "utf-16-le"
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
	before := d.text[:off]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return Position{line, column}, true
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
