package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// maxExpansion is how much larger than what is stored a dataset may be. Deflate
// reaches 1032 on zeros.
const maxExpansion = 1100

// HDF5ShapeBomb finds datasets that claim to be far larger than what the file
// stores of them: whoever reads one asks for all of it.
var HDF5ShapeBomb = &Rule{
	ID:       "hdf5-shape-bomb",
	Title:    "HDF5 dataset far larger than what is stored of it",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789, 770},
	Refs:     []string{"CVE-2026-0897", "CVE-2026-12570"},
	Check: func(p *Pass) {
		var declared, stored float64
		var small []*formats.Node
		for _, n := range p.Nodes(formats.KindDataset) {
			if elsewhere(n) {
				continue
			}
			d, s := declaredBytes(n.Dataset()), storedBytes(n)
			if d > bombBytes && d > maxExpansion*s {
				p.Reportf(n, strconv.FormatFloat(d, 'g', -1, 64), "Dataset %s has a shape of %s, of which the file stores %s: a loader asks for that much memory.", quote(n.Name), size(d), size(s))
				continue
			}
			declared, stored = declared+d, stored+s
			if d > maxExpansion*s {
				small = append(small, n)
			}
		}
		if declared > bombBytes && declared > maxExpansion*stored && len(small) > 0 {
			p.Report(Finding{At: small[0], Related: small[1:], Evidence: strconv.FormatFloat(declared, 'g', -1, 64),
				Message: "The datasets have shapes of " + size(declared) + " together, of which the file stores " + size(stored) + ": a loader asks for that much memory."})
		}
	},
}
