package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// HDF5VirtualDataset finds datasets that are assembled from other datasets, in
// this file or in others.
var HDF5VirtualDataset = &Rule{
	ID:       "hdf5-virtual-dataset",
	Title:    "HDF5 virtual dataset",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73},
	Refs:     []string{"CVE-2026-12480"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindDataset) {
			if n.Dataset().Layout != "virtual" {
				continue
			}
			files := sources(n, formats.KindVirtual)
			if len(files) == 0 {
				p.Reportf(n, "", "Dataset %s is virtual: it has no values of its own.", quote(n.Name))
				continue
			}
			p.Reportf(n, strings.Join(files, "\x00"), "Dataset %s is virtual: a loader assembles its values from %s.%s", quote(n.Name), list(files), insideArchive(n, "virtual datasets"))
		}
	},
}
