package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// HDF5WeightPath finds layer and weight names that are paths out of the group they
// stand in. Loaders take such a name as a path to the weights.
var HDF5WeightPath = &Rule{
	ID:       "hdf5-weight-path",
	Title:    "Weight name that leads out of its group",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{22},
	Refs:     []string{"CVE-2026-9335"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindAttribute) {
			if !nameList(n.Name) {
				continue
			}
			for _, name := range n.Strings() {
				if strings.HasPrefix(name, "/") || slices.Contains(strings.Split(name, "/"), "..") {
					p.Reportf(n, name, "Attribute %s names %s: a loader takes the weights from that path, not from the group of the layer. Keras never writes such a name.", n.Name, quote(name))
				}
			}
		}
	},
}

// nameList reports whether an attribute lists layers or weights; a long list goes
// on in attributes with a number.
func nameList(attribute string) bool {
	switch strings.TrimRight(attribute, "0123456789") {
	case "layer_names", "weight_names":
		return true
	}
	return false
}
