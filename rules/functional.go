package rules

import (
	"iter"
	"slices"
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// call is one use of a layer: an entry of its inbound_nodes.
type call struct {
	layer   string
	node    *formats.Node // the entry of inbound_nodes
	tensors []callID      // what it takes
}

// graph is which calls of the layers of one model each call takes its input from.
type graph struct {
	calls   []call
	inputs  [][]int
	models  map[string][]int // the calls of each model in the model
	outputs []int            // the calls that give the outputs of the model, and its added losses and metrics; empty if no output is known
}

// graphs returns the graph of every functional model, at any depth. The rules of
// one artifact share the slice.
func (p *Pass) graphs() []*graph {
	x := p.index
	if x.graphs != nil {
		return x.graphs
	}
	x.graphs = []*graph{}
	for _, layers := range p.layerLists() {
		if layers.Name == "layers" {
			x.graphs = append(x.graphs, newGraph(layers))
		}
	}
	return x.graphs
}

type callID struct {
	layer string
	index int
}

// newGraph reads the calls of the layers of a model.
func newGraph(layers *formats.Node) *graph {
	g := &graph{models: map[string][]int{}}
	ids := map[callID]int{}
	last := map[string]int{} // the highest call of a layer that is asked for
	outputs := slices.Collect(tensorIDs(layers.Parent.Get("output_layers")))
	for _, id := range outputs {
		last[id.layer] = max(last[id.layer], id.index)
	}
	for _, entry := range layers.Children {
		name, ok := entry.GetString("name")
		if !ok {
			name, ok = entry.Get("config").GetString("name")
		}
		nodes := entry.Get("inbound_nodes")
		if !ok || nodes == nil || nodes.Kind != formats.KindArray {
			continue
		}
		inner := entry.Get("config").Get("layers") != nil
		for i, n := range nodes.Children {
			ids[callID{name, i}] = len(g.calls)
			if inner {
				g.models[name] = append(g.models[name], len(g.calls))
			}
			if class, _ := entry.GetString("class_name"); addsToModel(class) {
				g.outputs = append(g.outputs, len(g.calls))
			}
			c := call{layer: name, node: n}
			for id := range tensorIDs(n) {
				c.tensors = append(c.tensors, id)
				last[id.layer] = max(last[id.layer], id.index)
			}
			g.calls = append(g.calls, c)
		}
	}
	// A model in the model that Keras 2 has written counts its own construction as call 0.
	makers := func(tensors []callID) (from []int) {
		for _, id := range tensors {
			if n := len(g.models[id.layer]); n > 0 && last[id.layer] >= n {
				id.index--
			}
			if i, ok := ids[id]; ok {
				from = append(from, i)
			}
		}
		return from
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
	return g
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

// tensorIDs yields the tensors that are named at any depth below n.
func tensorIDs(n *formats.Node) iter.Seq[callID] {
	return func(yield func(callID) bool) {
		if n == nil {
			return
		}
		for c := range n.All() {
			if id, ok := tensorID(c); ok && !yield(id) {
				return
			}
		}
	}
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
