package rules

import "github.com/kerasvet/kerasvet/formats"

// ArchiveStrayBytes finds bytes of an archive that belong to no member: between
// the entries, behind the end, in the comment. A comment of text is what packing
// programs write: GitHub's archives have one.
var ArchiveStrayBytes = &Rule{
	ID:       "archive-stray-bytes",
	Title:    "Bytes of the archive that belong to no member",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			for _, o := range unaccounted(n, false, formats.Between, formats.Behind, formats.Comment) {
				if o.Side == formats.Comment && o.Text {
					continue
				}
				where := map[formats.Side]string{formats.Between: "between the entries", formats.Behind: "behind the end", formats.Comment: "in the comment"}[o.Side]
				p.Reportf(n, where+o.Begins, "%s %s of the archive%s: Keras never writes any, and no loader reads them.", sentence(outsidePhrase(o)), where, beginsPhrase(o))
			}
		}
	},
}
