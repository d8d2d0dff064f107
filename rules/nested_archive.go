package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// NestedArchive finds archives among the members of what Keras or NumPy writes. Archives
// that pack whole directories may well hold archives.
var NestedArchive = &Rule{
	ID:       "nested-archive",
	Title:    "Archive in an archive",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{506},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			if c := n.Content(); !programName(n) && nested(c) && !packs(p, n.Parent) {
				p.Reportf(n, string(c.Format), "Member %s is an archive or compressed: Keras never writes one, and no loader looks into it.", quote(n.Name))
			}
		}
	},
}

// nested reports whether a member holds further files. NumPy arrays in an archive
// are weights of Keras.
func nested(c *formats.Content) bool {
	switch c.Format {
	case formats.FormatZip, formats.FormatKeras, formats.FormatTar, formats.FormatCompressed, formats.FormatArchive:
		return true
	}
	return strings.HasSuffix(c.Begins, "archive")
}

// packs reports whether an archive is one of whole directories, and not a model by
// itself: a tar archive, or a compressed file.
func packs(p *Pass, archive *formats.Node) bool {
	format := p.Artifact.Format
	if archive != p.Artifact.Root {
		format = archive.Content().Format
	}
	return format == formats.FormatTar || format == formats.FormatCompressed || format == formats.FormatZip
}
