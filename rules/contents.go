package rules

import (
	"fmt"
	"slices"

	"github.com/kerasvet/kerasvet/formats"
)

// contents returns the nodes that have bytes of their own: the file and the
// members of archives.
func contents(p *Pass) []*formats.Node {
	var nodes []*formats.Node
	if p.Artifact.Root.Content() != nil {
		nodes = append(nodes, p.Artifact.Root)
	}
	return append(nodes, p.Nodes(formats.KindMember)...)
}

// contentSize is how many bytes a file or member has.
func contentSize(n *formats.Node) int64 {
	if m := n.Member(); m != nil {
		return m.Size
	}
	return n.Span.End - n.Span.Start
}

// unaccounted returns the ranges of bytes on certain sides of a node's format, which is
// HDF5 or a zip archive.
func unaccounted(n *formats.Node, hdf5 bool, sides ...formats.Side) []formats.Outside {
	var found []formats.Outside
	for _, o := range n.Content().Outside {
		if o.HDF5 == hdf5 && slices.Contains(sides, o.Side) {
			found = append(found, o)
		}
	}
	return found
}

// outsidePhrase counts the bytes of a range and says that they are there.
func outsidePhrase(o formats.Outside) string {
	if n := o.Span.End - o.Span.Start; n != 1 {
		return fmt.Sprintf("%d bytes are", n)
	}
	return "1 byte is"
}

// beginsPhrase says what the bytes of a range look like, if that is known.
func beginsPhrase(o formats.Outside) string {
	if o.Begins == "" {
		return ""
	}
	return " and begin as " + o.Begins
}
