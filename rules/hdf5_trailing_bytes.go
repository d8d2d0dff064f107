package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5TrailingBytes finds bytes behind the end that an HDF5 file states.
var HDF5TrailingBytes = &Rule{
	ID:       "hdf5-trailing-bytes",
	Title:    "Bytes behind the end of the HDF5 file",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{506},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			for _, o := range unaccounted(n, true, formats.Behind) {
				p.Reportf(n, o.Begins, "%s behind the end of the HDF5 file%s: no loader reads them.", sentence(outsidePhrase(o)), beginsPhrase(o))
			}
		}
	},
}
