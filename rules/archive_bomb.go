package rules

import "github.com/kerasvet/kerasvet/formats"

// A member is a bomb if it is large and more than so many times as large as its
// compressed form. Keras stores members uncompressed; weights hardly compress.
const (
	expandedBytes = 64 << 20
	expandedRatio = 100
)

// ArchiveBomb finds members that take far more room than the archive does.
var ArchiveBomb = &Rule{
	ID:       "archive-bomb",
	Title:    "Archive member that expands enormously",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{409},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			if c := n.Content(); c.Expanded >= expandedBytes && float64(c.Expanded)/expandedRatio > float64(contentSize(n)) {
				p.Reportf(n, "stream", "The tar archive in %s expands from %d to %d bytes or more: a loader that reads it runs out of memory or disk.", quote(n.Name), contentSize(n), c.Expanded)
			}
		}
		for _, n := range p.Nodes(formats.KindMember) {
			if m := n.Member(); m.Size >= expandedBytes && m.Size/expandedRatio > m.Compressed {
				p.Reportf(n, n.Name, "Member %s expands from %d to %d bytes: a loader that reads it runs out of memory or disk.", quote(n.Name), m.Compressed, m.Size)
			}
		}
	},
}
