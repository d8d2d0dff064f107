package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// HDF5ExternalStorage finds datasets whose values lie in other files, which the
// reader opens and whose bytes become weights.
var HDF5ExternalStorage = &Rule{
	ID:       "hdf5-external-storage",
	Title:    "HDF5 dataset stored in another file",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73, 200},
	Refs:     []string{"CVE-2026-1669"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindDataset) {
			if files := sources(n, formats.KindExternal); files != nil {
				p.Reportf(n, strings.Join(files, "\x00"), "Dataset %s takes its values from %s: a loader reads that file into the weights.", quote(n.Name), list(files))
			}
		}
	},
}

// sources returns the other files that a dataset names in children of one kind,
// each once.
func sources(n *formats.Node, kind formats.Kind) []string {
	var files []string
	seen := map[string]bool{}
	for _, c := range n.Children {
		if c.Kind == kind && !seen[c.Text] {
			seen[c.Text] = true
			files = append(files, c.Text)
		}
	}
	return files
}
