package rules

import (
	"slices"
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// layer is an entry in the list of a model's layers.
type layer struct {
	node    *formats.Node
	config  *formats.Node
	inbound *formats.Node
	build   *formats.Node
	name    string // by which the calls of others name it
	named   bool
	calls   []call // a part of those of the graph
}

// call is one use of a layer: an entry of its inbound_nodes.
type call struct {
	layer   string
	node    *formats.Node // the entry of inbound_nodes
	tensors []callID      // what it takes
}

// graph is the layers of one model, and which of their calls each call takes its
// input from.
type graph struct {
	list    *formats.Node // the list of layers
	layers  []layer
	calls   []call
	inputs  [][]int
	models  map[string][]int // the calls of each model in the model
	outputs []int            // the calls that give the outputs of the model, and its added losses and metrics; empty if no output is known
}

// graphs returns the graph of every model, at any depth: its layers stand under
// "layers", or in a Sequential of Keras 1 under "config". The rules of one artifact
// share the slice.
func (p *Pass) graphs() []*graph {
	x := p.index
	if x.graphs != nil {
		return x.graphs
	}
	x.graphs = []*graph{}
	for _, key := range []key{keyLayers, keyConfig} {
		for _, list := range p.keyed(key) {
			if list.Kind == formats.KindArray && effective(list) {
				x.graphs = append(x.graphs, newGraph(list))
			}
		}
	}
	return x.graphs
}

type callID struct {
	layer string
	index int
}

// newGraph reads the calls of the layers of a model.
func newGraph(list *formats.Node) *graph {
	g := &graph{list: list, layers: make([]layer, len(list.Children)), models: map[string][]int{}}
	outputs := tensorIDs(nil, list.Parent.Get("output_layers"))
	n := 0
	for i, entry := range list.Children {
		g.layers[i] = newLayer(entry)
		n += len(g.layers[i].inbound.Elements())
	}
	ids := make(map[callID]int, n)
	g.calls = make([]call, 0, n)
	var tensors []callID // of all calls
	for i := range g.layers {
		l := &g.layers[i]
		if !l.named {
			continue
		}
		first := len(g.calls)
		for i, n := range l.inbound.Elements() {
			ids[callID{l.name, i}] = len(g.calls)
			from := len(tensors)
			tensors = tensorIDs(tensors, n)
			g.calls = append(g.calls, call{layer: l.name, node: n, tensors: tensors[from:len(tensors):len(tensors)]})
		}
		l.calls = g.calls[first:]
		if len(l.calls) == 0 {
			continue
		}
		class, _ := l.node.GetString("class_name")
		inner, adds := l.config.Get("layers") != nil, addsToModel(class)
		for i := range l.calls {
			if inner {
				g.models[l.name] = append(g.models[l.name], first+i)
			}
			if adds {
				g.outputs = append(g.outputs, first+i)
			}
		}
	}
	g.connect(ids, outputs)
	return g
}

// newLayer reads an entry in one pass over its keys; of several of one name the
// last counts.
func newLayer(entry *formats.Node) layer {
	l := layer{node: entry}
	for _, c := range entry.Children {
		switch c.Name {
		case "config":
			l.config = c
		case inbound:
			l.inbound = c
		case buildConfig:
			l.build = c
		case "name":
			l.name, l.named = c.Text, c.Kind == formats.KindString
		}
	}
	if !l.named {
		l.name, l.named = l.config.GetString("name")
	}
	return l
}

// connect finds the calls that make the tensors that calls and outputs take.
func (g *graph) connect(ids map[callID]int, outputs []callID) {
	last := map[string]int{} // the highest call of each model in the model that is asked for
	if len(g.models) > 0 {
		for _, id := range outputs {
			last[id.layer] = max(last[id.layer], id.index)
		}
		for _, c := range g.calls {
			for _, id := range c.tensors {
				last[id.layer] = max(last[id.layer], id.index)
			}
		}
	}
	var all []int
	makers := func(tensors []callID) []int {
		from := len(all)
		for _, id := range tensors {
			// A model in the model that Keras 2 has written counts its own construction as call 0.
			if n := len(g.models[id.layer]); n > 0 && last[id.layer] >= n {
				id.index--
			}
			if i, ok := ids[id]; ok {
				all = append(all, i)
			}
		}
		return all[from:len(all):len(all)]
	}
	g.inputs = make([][]int, len(g.calls))
	for i, c := range g.calls {
		g.inputs[i] = makers(c.tensors)
	}
	if from := makers(outputs); len(from) > 0 {
		g.outputs = append(g.outputs, from...)
	} else { // as in a model whose outputs cannot be read
		g.outputs = nil
	}
}

// reachable says of each call whether one of the roots needs what it gives. Keras 3
// counts the calls of a model in the model in two ways in one document, so where
// one is needed, all are.
func (g *graph) reachable(roots []int) []bool {
	needed := make([]bool, len(g.calls))
	whole := map[string]bool{}
	for stack := slices.Clone(roots); len(stack) > 0; {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !needed[i] {
			needed[i] = true
			stack = append(stack, g.inputs[i]...)
			if layer := g.calls[i].layer; !whole[layer] {
				whole[layer] = true
				stack = append(stack, g.models[layer]...)
			}
		}
	}
	return needed
}

// tensorIDs adds to ids the tensors that are named at any depth below n.
func tensorIDs(ids []callID, n *formats.Node) []callID {
	if n == nil {
		return ids
	}
	for c := range n.All() {
		if id, ok := tensorID(c); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// tensorID reads [layer, call, output] as both node formats write it, in Keras 3
// as the keras_history of a tensor.
func tensorID(n *formats.Node) (callID, bool) {
	if n.Kind != formats.KindArray || len(n.Children) < 3 {
		return callID{}, false
	}
	name, index, output := n.Children[0], n.Children[1], n.Children[2]
	if name.Kind != formats.KindString || index.Kind != formats.KindNumber || output.Kind != formats.KindNumber {
		return callID{}, false
	}
	i, err := strconv.Atoi(index.Text)
	return callID{name.Text, i}, err == nil
}

// cycle returns calls that wait for each other, nil if there are none. It keeps
// its own stack: the graph is as deep as the input made it.
func (g *graph) cycle() []call {
	const fresh, active, done = 0, 1, 2
	state := make([]int, len(g.calls))
	next := make([]int, len(g.calls))
	for start := range g.calls {
		if state[start] != fresh {
			continue
		}
		stack := []int{start}
		state[start] = active
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if next[top] == len(g.inputs[top]) {
				state[top] = done
				stack = stack[:len(stack)-1]
				continue
			}
			from := g.inputs[top][next[top]]
			next[top]++
			switch state[from] {
			case fresh:
				state[from] = active
				stack = append(stack, from)
			case active:
				var found []call
				for i := len(stack) - 1; ; i-- {
					found = append(found, g.calls[stack[i]])
					if stack[i] == from {
						return found
					}
				}
			}
		}
	}
	return nil
}

// addsToModel knows the layers that Keras 2 puts at the end of a branch that gives
// no output: those of model.add_loss and model.add_metric.
var addsToModel = oneOf("AddLoss", "AddMetric")
