package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5Reference finds datasets whose elements point to other objects of the file.
var HDF5Reference = &Rule{
	ID:       "hdf5-reference",
	Title:    "HDF5 dataset of references",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{843},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindDataset) {
			if n.Dataset().Type == "reference" {
				p.Reportf(n, n.Name, "Dataset %s holds references to other objects: Keras never writes such data and no loader reads it as weights.", quote(n.Name))
			}
		}
	},
}
