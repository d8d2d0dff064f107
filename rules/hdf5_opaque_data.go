package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// minOpaque is the smallest element of opaque bytes that is reported. NumPy types
// that HDF5 lacks (bfloat16, the 8-bit floats) are stored as opaque elements of a
// few bytes.
const minOpaque = 16

// HDF5OpaqueData finds datasets of raw bytes without a number format: something
// that somebody stored in the file, and nothing that Keras reads as weights.
var HDF5OpaqueData = &Rule{
	ID:       "hdf5-opaque-data",
	Title:    "HDF5 dataset of opaque bytes",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{506},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindDataset) {
			if d := n.Dataset(); d.Type == "opaque" && d.ItemSize >= minOpaque {
				p.Reportf(n, strconv.FormatInt(d.ItemSize, 10), "Dataset %s holds opaque elements of %d bytes: Keras never writes such data and no loader reads it as weights.", quote(n.Name), d.ItemSize)
			}
		}
	},
}
