package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// lzfFilter is the one registered filter that h5py has built in.
const lzfFilter = 32000

// HDF5PluginFilter finds datasets whose bytes pass a filter that is no part of
// HDF5: the library looks for a plugin on disk and loads it.
var HDF5PluginFilter = &Rule{
	ID:       "hdf5-plugin-filter",
	Title:    "HDF5 filter that needs a plugin",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{829},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindDataset) {
			for _, id := range n.Dataset().Filters {
				if id >= 256 && id != lzfFilter {
					p.Reportf(n, strconv.Itoa(id), "Dataset %s passes filter %d, which is no part of HDF5: reading it loads a plugin library from the plugin path, or fails.", quote(n.Name), id)
					break
				}
			}
		}
	},
}
