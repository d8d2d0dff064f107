package rules

import "github.com/kerasvet/kerasvet/formats"

// inputChannels returns the last dimension of the input of every layer of the
// models in an artifact for which it is written down: in the shape the layer was
// built for, in its tensors, or as what the layers before it give.
func inputChannels(p *Pass) map[*formats.Node]float64 {
	channels := make(map[*formats.Node]float64, len(p.Objects())/4)
	for _, g := range p.graphs() {
		g.spread(channels)
	}
	return channels
}

// modelInput returns the channels for which the model is built that has the layers.
func modelInput(list *formats.Node) float64 {
	model := list.Parent
	if list.Name == "layers" && model.Parent != nil { // in its configuration
		model = model.Parent
	}
	var given arguments
	given.read(model.Get("config"))
	return builtFor(model.Get(buildConfig), &given)
}

// spread follows the width of tensors through the layers of one model.
// The first takes what the model takes.
func (g *graph) spread(channels map[*formats.Node]float64) {
	previous := modelInput(g.list)
	widths := make(map[string]float64, len(g.layers))
	for i := range g.layers {
		l := &g.layers[i]
		var given arguments
		given.read(l.config)
		in := builtFor(l.build, &given)
		switch {
		case in > 0:
		case l.inbound == nil:
			in = previous
		default:
			for _, c := range l.calls {
				for _, id := range c.tensors {
					in = max(in, widths[id.layer])
				}
			}
		}
		channels[l.node] = in
		out := given.width()
		for _, inner := range [...]argument{argLayer, argForward, argBackward, argCell} { // of wrappers
			if n := given[inner]; n != nil {
				var own arguments
				own.read(n.Get("config"))
				channels[n] = max(builtFor(n.Get(buildConfig), &own), in)
				out = max(out, own.width())
			}
		}
		if previous = out; out == 0 {
			previous = in
		}
		if l.named {
			widths[l.name] = previous
		}
		if name, ok := l.config.GetString("name"); ok && name != l.name {
			widths[name] = previous
		}
	}
}

// width returns the last dimension of what a layer gives, 0 if its arguments do
// not say.
func (given *arguments) width() float64 {
	for _, i := range [...]argument{argUnits, argFilters, argOutputDim} {
		if n := magnitude(given[i]); n > 0 {
			return n
		}
	}
	for _, i := range [...]argument{argTargetShape, argOutputShape} {
		if n := dimension(given[i], -1); n > 0 {
			return n
		}
	}
	return 0
}

// buildConfig is the key under which Keras 3 writes the shape that a layer was built for.
const buildConfig = "build_config"

// builtFor returns the channels of the shape that a layer with a build_config and the
// arguments given was built for, 0 if there is none: the last dimension, or the second where they come
// first.
func builtFor(build *formats.Node, given *arguments) float64 {
	shapes := [...]*formats.Node{build.Get("input_shape"), given[argBatchInputShape], given[argBatchShape], given[argInputShape]}
	at := -1
	if format := given[argDataFormat]; format != nil && format.Kind == formats.KindString && format.Text == "channels_first" {
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
