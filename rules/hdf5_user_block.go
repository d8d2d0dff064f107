package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5UserBlock finds bytes in front of an HDF5 file. The format allows them, and
// a reader that goes by the first bytes takes the file for what they are.
var HDF5UserBlock = &Rule{
	ID:       "hdf5-user-block",
	Title:    "Bytes in front of the HDF5 file",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			for _, o := range unaccounted(n, true, formats.Before) {
				p.Reportf(n, o.Begins, "%s in front of the HDF5 superblock%s: loaders skip them, readers that go by the first bytes do not.", sentence(outsidePhrase(o)), beginsPhrase(o))
			}
		}
	},
}
