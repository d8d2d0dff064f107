package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5HiddenText finds bytes behind the end of a string in an attribute.
var HDF5HiddenText = &Rule{
	ID:       "hdf5-hidden-text",
	Title:    "Bytes behind the end of an HDF5 string",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindAttribute) {
			if a := n.Attribute(); a != nil && a.Hidden {
				p.Reportf(n, n.Name, "A string of attribute %s goes on behind the NUL that ends it: loaders never see those bytes, other readers do.", quote(n.Name))
			}
		}
	},
}
