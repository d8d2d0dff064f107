package rules

import (
	"iter"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// GraphCycle finds functional models in which a layer waits for its own output.
var GraphCycle = &Rule{
	ID:       "graph-cycle",
	Title:    "Layer that takes its own output as input",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{835},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindObject) {
			layers := n.Get("layers")
			if layers == nil || layers.Kind != formats.KindArray {
				continue
			}
			if cycle := newGraph(layers).cycle(); cycle != nil {
				var names []string
				for _, c := range cycle {
					names = append(names, c.layer)
				}
				at := cycle[0].node
				p.Reportf(at, strings.Join(names, "\x00"), "Layer %s waits for its own output, by way of %s: some loaders never finish rebuilding the graph.", quote(names[0]), list(names))
			}
		}
	},
}

// call is one use of a layer: an entry of its inbound_nodes.
type call struct {
	layer string
	node  *formats.Node // the entry of inbound_nodes
}

// graph is which calls of layers each call takes its input from.
type graph struct {
	calls  []call
	inputs [][]int
}

type callID struct {
	layer string
	index int
}

// newGraph reads the calls of the layers of a model. A model in the model that
// Keras 2 has written counts its own construction as call 0.
func newGraph(layers *formats.Node) *graph {
	g := &graph{}
	ids := map[callID]int{}
	last := map[string]int{} // the highest call of a layer that is asked for
	shifted := map[string]int{}
	for id := range tensorIDs(layers.Parent.Get("output_layers")) {
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
		if entry.Get("config").Get("layers") != nil {
			shifted[name] = len(nodes.Children)
		}
		for i, n := range nodes.Children {
			ids[callID{name, i}] = len(g.calls)
			g.calls = append(g.calls, call{name, n})
			for id := range tensorIDs(n) {
				last[id.layer] = max(last[id.layer], id.index)
			}
		}
	}
	g.inputs = make([][]int, len(g.calls))
	for i, c := range g.calls {
		for id := range tensorIDs(c.node) {
			if n := shifted[id.layer]; n > 0 && last[id.layer] >= n {
				id.index--
			}
			if from, ok := ids[id]; ok {
				g.inputs[i] = append(g.inputs[i], from)
			}
		}
	}
	return g
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
