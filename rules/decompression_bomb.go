package rules

import "github.com/kerasvet/kerasvet/formats"

// maxRatio is how much larger than the file the members of an archive may be
// together. Keras stores its members, and weights hardly compress.
const maxRatio = 100

// DecompressionBomb finds archives whose members become far larger than the file
// together, by their number or by archives in archives, while none does alone:
// single ones are archive-bomb's.
var DecompressionBomb = &Rule{
	ID:       "decompression-bomb",
	Title:    "Archive that expands enormously in total",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{409},
	Check: func(p *Pass) {
		var total float64
		var n int
		for _, member := range p.Nodes(formats.KindMember) {
			m := member.Member()
			if m.Size >= bombBytes && m.Size/maxRatio > m.Compressed {
				return
			}
			if m.Size > m.Compressed {
				n++
				total += float64(m.Size)
			}
		}
		if whole := containerBytes(p.Artifact.Root); total >= bombBytes && total > maxRatio*whole {
			p.Reportf(p.Artifact.Root, "total", "%s expand to %s together, the file has %s: a loader that unpacks them runs out of memory or disk.", sentence(plural(n, "member")), size(total), size(whole))
		}
	},
}
