package rules

import "github.com/kerasvet/kerasvet/formats"

// inputChannels returns the last dimension of the input of every layer of the
// models in an artifact for which it is written down: in the shape the layer was
// built for, in its tensors, or as what the layers before it give.
func inputChannels(p *Pass) map[*formats.Node]float64 {
	channels := map[*formats.Node]float64{}
	for _, layers := range p.layerLists() {
		spread(layers, modelInput(layers), channels)
	}
	return channels
}

// modelInput returns the channels for which the model is built that has the layers.
func modelInput(layers *formats.Node) float64 {
	model := layers.Parent
	if layers.Name == "layers" && model.Parent != nil { // in its configuration
		model = model.Parent
	}
	return builtFor(model)
}

// spread follows the width of tensors through the layers of one model.
// The first takes what the model takes.
func spread(layers *formats.Node, previous float64, channels map[*formats.Node]float64) {
	widths := map[string]float64{}
	for _, entry := range layers.Children {
		config := entry.Get("config")
		in := builtFor(entry)
		nodes := entry.Get("inbound_nodes")
		switch {
		case in > 0:
		case nodes == nil:
			in = previous
		default:
			for id := range tensorIDs(nodes) {
				in = max(in, widths[id.layer])
			}
		}
		channels[entry] = in
		out := width(config)
		for _, inner := range []string{"layer", "forward_layer", "backward_layer", "cell"} { // of wrappers
			if l := config.Get(inner); l != nil {
				channels[l] = max(builtFor(l), in)
				out = max(out, width(l.Get("config")))
			}
		}
		if previous = out; out == 0 {
			previous = in
		}
		if name, ok := config.GetString("name"); ok {
			widths[name] = previous
		}
		if name, ok := entry.GetString("name"); ok {
			widths[name] = previous
		}
	}
}

// width returns the last dimension of what a layer gives, 0 if its arguments do
// not say.
func width(config *formats.Node) float64 {
	for _, key := range []string{"units", "filters", "output_dim"} {
		if n := magnitude(config.Get(key)); n > 0 {
			return n
		}
	}
	for _, key := range []string{"target_shape", "output_shape"} {
		if n := dimension(config.Get(key), -1); n > 0 {
			return n
		}
	}
	return 0
}

// builtFor returns the channels of the shape that a layer was built for, 0 if
// there is none: the last dimension, or the second where they come first.
func builtFor(layer *formats.Node) float64 {
	config := layer.Get("config")
	shapes := [...]*formats.Node{
		layer.Get("build_config").Get("input_shape"), config.Get("batch_input_shape"), config.Get("batch_shape"), config.Get("input_shape"),
	}
	if shapes == [len(shapes)]*formats.Node{} {
		return 0
	}
	at := -1
	if format, _ := config.GetString("data_format"); format == "channels_first" {
		at = 1
	}
	for _, shape := range shapes {
		if n := dimension(shape, at); n > 0 {
			return n
		}
	}
	return 0
}

// dimension returns one number of a shape, the last for -1; 0 if there is none.
// Keras 2 also writes a shape as a dict with its items.
func dimension(shape *formats.Node, at int) float64 {
	if shape != nil && shape.Kind == formats.KindObject {
		shape = shape.Get("items")
	}
	if shape == nil {
		return 0
	}
	if shape.Kind == formats.KindNumber && at < 0 {
		return magnitude(shape)
	}
	if at < 0 {
		at = len(shape.Children) - 1
	}
	if shape.Kind != formats.KindArray || at < 0 || at >= len(shape.Children) || shape.Children[at].Kind != formats.KindNumber {
		return 0
	}
	return max(magnitude(shape.Children[at]), 0)
}
