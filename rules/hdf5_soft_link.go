package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5SoftLink finds links by path within a file. Keras writes none; one can lead
// on to an external link or make one layer's weights another's.
var HDF5SoftLink = &Rule{
	ID:       "hdf5-soft-link",
	Title:    "HDF5 soft link",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{59},
	Refs:     []string{"CVE-2026-9335"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindLink) {
			if l := n.Link(); l.Type == formats.LinkSoft {
				p.Reportf(n, l.Path, "Link %s leads to %s; Keras never writes soft links.", quote(n.Name), quote(l.Path))
			}
		}
	},
}
