package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5UserLink finds links of a class that a program must register before HDF5 can
// follow them.
var HDF5UserLink = &Rule{
	ID:       "hdf5-user-link",
	Title:    "HDF5 user-defined link",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{59},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindLink) {
			if n.Link().Type == formats.LinkUser {
				p.Reportf(n, n.Name, "Link %s is of a user-defined class: where it leads is up to the program that reads it; Keras never writes one.", quote(n.Name))
			}
		}
	},
}
