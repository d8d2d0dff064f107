package rules

import "github.com/kerasvet/kerasvet/formats"

// FunctionAsLayer finds functions in the place of a layer. Keras 3 calls a bare
// name with the configuration as arguments, in HDF5 files, and up to version 3.8
// calls a reference as it would call the layer.
var FunctionAsLayer = &Rule{
	ID:       "function-as-layer",
	Title:    "Function in the place of a layer",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{470, 843},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.layerFunction() && !r.judged() {
				p.Reportf(r.at, r.symbol, "%s is the function %s and no layer: loaders call it with arguments from the file.", layerPhrase(r.at), r.symbol)
			}
		}
	},
}

// layerFunction reports whether a layer entry names a function: as a reference, or
// with a class_name that Keras knows as one. Builders of Keras's own modules stand
// beside the layers under their bare names.
func (r *reference) layerFunction() bool {
	return r.itself() && r.function && layerEntry(r.at)
}

// isFunction reports whether a layer that is spelled like m is a function.
func (m *meaning) isFunction() bool {
	if m.object.Class == "function" || bareFunctions[m.object.Class] {
		return true
	}
	if m.object.Module == "" && looksLikeClass(m.symbol) && m.object.Class != "Input" {
		return false // AtrousConvolution2D is a function now, but was a class in Keras 1
	}
	return m.exported && !m.class && m.origin == formats.OriginKeras
}

// bareFunctions are names in the module of layers that are no layers and that no
// other module of Keras owns.
var bareFunctions = map[string]bool{"deserialize": true, "serialize": true, "keras_export": true}

// layerEntry reports whether an object stands where loaders expect a layer: in the
// list of a model, which older ones write without a dict around it, or inside a wrapper.
func layerEntry(n *formats.Node) bool {
	if n.Kind != formats.KindObject || n.Parent == nil {
		return false
	}
	switch n.Name {
	case "layer", "cell", "forward_layer", "backward_layer":
		return n.Parent.Kind == formats.KindObject
	}
	if n.Parent.Kind != formats.KindArray {
		return false
	}
	name := n.Parent.Name
	return name == "layers" || name == "cells" || name == "config" && n.Parent.Parent.Get("class_name") != nil
}
