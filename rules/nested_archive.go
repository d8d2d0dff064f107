package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// NestedArchive finds archives among the members of an archive.
var NestedArchive = &Rule{
	ID:       "nested-archive",
	Title:    "Archive in an archive",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{506},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			if c := n.Content(); !programName(n) && nested(c) {
				p.Reportf(n, string(c.Format), "Member %s is an archive or compressed: Keras never writes one, and no loader looks into it.", quote(n.Name))
			}
		}
	},
}

// nested reports whether a member holds further files. NumPy arrays in an archive
// are weights of Keras.
func nested(c *formats.Content) bool {
	switch c.Format {
	case formats.FormatZip, formats.FormatKeras, formats.FormatTar, formats.FormatCompressed:
		return true
	}
	return strings.HasSuffix(c.Begins, "archive")
}
