package rules

import (
	"iter"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// invocation is one call of a layer or operation by which a loader rebuilds the
// graph of a functional model: an entry of its inbound_nodes.
type invocation struct {
	callee *formats.Object
	node   *formats.Node
	// constant: the call takes arguments, but no tensor of the graph.
	constant bool
	// oversized is the argument that makes the call allocate more than mostElements.
	oversized *formats.Node
	// named: another rule reports what is called, or an argument, by its name.
	named bool
}

// inbound is the key under which the calls of a layer stand.
const inbound = "inbound_nodes"

// invocations returns every call of every layer, at any depth. The rules of one
// artifact share the slice.
func (p *Pass) invocations() []invocation {
	x := p.index
	if x.called {
		return x.calls
	}
	x.called = true
	judged, allocators := map[*formats.Node]bool{}, map[*formats.Node]bool{}
	for _, r := range p.references() {
		if r.judged() || r.layerFunction() {
			judged[r.at] = true
		}
		if r.allocates() {
			allocators[r.at] = true
		}
	}
	named, allocating := p.callersOf(judged), p.callersOf(allocators)
	objects := p.Objects()
	for i := range objects {
		o := &objects[i]
		for _, n := range o.Node.Get(inbound).Elements() {
			c := invocation{callee: o, node: n, named: named[o.Node]}
			c.constant = len(n.Children) > 0 && !symbolic(n)
			if allocating[o.Node] {
				c.oversized = oversized(o, n, allocators)
			}
			x.calls = append(x.calls, c)
		}
	}
	return x.calls
}

// callersOf returns the layer entries in whose calls or configurations marked
// nodes stand, each the nearest.
func (p *Pass) callersOf(marked map[*formats.Node]bool) map[*formats.Node]bool {
	callers := map[*formats.Node]bool{}
	if len(marked) == 0 {
		return callers
	}
	type visit struct{ node, caller *formats.Node }
	for stack := []visit{{p.index.root, nil}}; len(stack) > 0; {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if v.node.Kind == formats.KindObject && v.node.Get(inbound) != nil {
			v.caller = v.node
		}
		if marked[v.node] {
			callers[v.caller] = true
		}
		for _, c := range v.node.Children {
			stack = append(stack, visit{c, v.caller})
		}
	}
	return callers
}

// within yields n and what is below it, but no layer entries: those make calls
// of their own, and so each node is visited for one caller.
func within(n *formats.Node) iter.Seq[*formats.Node] {
	return func(yield func(*formats.Node) bool) {
		if n == nil {
			return
		}
		for stack := []*formats.Node{n}; len(stack) > 0; {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if v != n && (v.Name == inbound || v.Kind == formats.KindObject && v.Get(inbound) != nil) {
				continue
			}
			if !yield(v) {
				return
			}
			if v.Kind == formats.KindObject && isKerasTensor(v) {
				continue
			}
			for i := len(v.Children) - 1; i >= 0; i-- {
				stack = append(stack, v.Children[i])
			}
		}
	}
}

// isKerasTensor reports whether n is a tensor of the graph as Keras 3 writes it.
func isKerasTensor(n *formats.Node) bool {
	class, _ := n.GetString("class_name")
	return class == "__keras_tensor__"
}

// symbolic reports whether a call takes a tensor of the graph. Keras 3 writes
// calls as dicts of args and kwargs, with tagged tensors; older ones name tensors in lists.
func symbolic(call *formats.Node) bool {
	modern := call.Get("args") != nil || call.Get("kwargs") != nil
	for n := range within(call) {
		if isKerasTensor(n) || !modern && isTensorID(n) {
			return true
		}
	}
	return false
}

// isTensorID reports whether n is [layer, call, output] or [layer, call, output,
// arguments], as Keras 1 and 2 name a tensor. They write constants in the same
// form, under a name of their own.
func isTensorID(n *formats.Node) bool {
	if n.Kind != formats.KindArray || len(n.Children) < 3 || len(n.Children) > 4 {
		return false
	}
	layer, call, output := n.Children[0], n.Children[1], n.Children[2]
	return layer.Kind == formats.KindString && layer.Text != "_CONSTANT_VALUE" && call.Kind == formats.KindNumber && output.Kind == formats.KindNumber
}

// mostElements is more than any operation of a model asks for by a constant.
const mostElements = 1 << 27

// oversized returns the size or shape of more than mostElements that a call is
// given, among its own arguments or in the configuration of what is called; nil if
// there is none, or nothing in either makes an array of it.
func oversized(callee *formats.Object, call *formats.Node, allocators map[*formats.Node]bool) *formats.Node {
	own, given := demandOf(callee.Config, allocators), demandOf(call, allocators)
	switch {
	case !own.allocator && !given.allocator && !allocators[callee.Node]:
		return nil
	case given.oversized != nil:
		return given.oversized
	}
	return own.oversized
}

// demand is what the arguments of a call ask for.
type demand struct {
	allocator bool          // a function that makes an array is among them
	oversized *formats.Node // a size or shape of more than mostElements
}

// demandOf reads arguments. The shapes of tensors are no requests, and neither are
// the numbers that identify objects.
func demandOf(arguments *formats.Node, allocators map[*formats.Node]bool) (d demand) {
	for n := range within(arguments) {
		switch {
		case isKerasTensor(n), n.Name == "shared_object_id":
		case n.Kind == formats.KindNumber || n.Kind == formats.KindArray:
			if d.oversized == nil && elements(n) > mostElements {
				d.oversized = n
			}
		default:
			d.allocator = d.allocator || allocators[n]
		}
	}
	return d
}

// elements is how many elements a size or shape asks for.
func elements(n *formats.Node) float64 {
	if n.Kind == formats.KindArray {
		return arraySize(n)
	}
	return numberOf(n)
}

// arraySize is the product of the numbers of an array; zero unless it holds nothing else.
func arraySize(n *formats.Node) float64 {
	size := 1.0
	for _, c := range n.Children {
		if c.Kind != formats.KindNumber {
			return 0
		}
		size *= numberOf(c)
	}
	return size
}

func numberOf(n *formats.Node) float64 {
	v, _ := strconv.ParseFloat(n.Text, 64) // an error leaves zero, or infinity
	return v
}

// allocates reports whether what is named makes an array as large as it is told to:
// a function, the operation of an op layer, or what stands in the place of a layer.
func (r *reference) allocates() bool {
	switch {
	case !r.allocator || r.way == fallback:
		return false
	case r.way == operation || r.object.Function():
		return true
	}
	return !strings.HasPrefix(r.symbol, "keras.layers.") && r.object.Node.Get(inbound) != nil
}

// allocators make an array as large as one of their arguments says. Layers,
// operations and functions differ only in how they are spelled.
var allocators = oneOfSpelled("ones zeros full fill empty arange range linspace logspace geomspace eye identity tri repeat tile pad broadcast_to " +
	"one_hot multi_hot bincount bartlett blackman hamming hanning kaiser vander pad_sequences to_categorical expand resize meshgrid normal uniform " +
	"randint truncated_normal random_normal random_uniform categorical binomial beta gamma")

func oneOfSpelled(names string) func(symbol string) bool {
	known := map[string]bool{}
	for _, n := range strings.Fields(names) {
		known[spelled(n)] = true
	}
	return func(symbol string) bool { return known[spelled(lastName(symbol))] }
}

// spelled folds how classes and functions of one name are written.
func spelled(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
