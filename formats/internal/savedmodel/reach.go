package savedmodel

import (
	"fmt"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// resolve works out what runs when and where texts come from.
func (g *MetaGraph) resolve(b *bounds.Budget) error {
	s := g.graph
	if s == nil {
		s = &scope{budget: b, meta: g, edges: &edges{}}
	}
	s.edges.close()
	g.objectRoots()
	slices.SortStableFunc(g.fetches, func(a, b fetch) int { return int(b.on) - int(a.on) })
	for _, f := range g.fetches {
		s.edges.run(f)
	}
	constants := map[string]Value{}
	for i := range g.objects {
		if o := &g.objects[i]; o.constant != "" {
			constants[o.constant] = s.value(nodeHash(o.constant))
		}
	}
	s.operands()
	g.Ops = s.ops
	g.graph = nil
	g.reach(s.edges)
	return g.flow(b, constants)
}

// objectRoots collects the functions that the object graph names: by names that a
// loader knows, by others, which a caller uses, or not at all. A function names its
// own traces, which run when it does.
func (g *MetaGraph) objectRoots() {
	causes := make([][]root, len(g.objects)) // without functions
	var queue []int32
	cause := func(id int32, c root) {
		if id < 0 || int(id) >= len(g.objects) || slices.ContainsFunc(causes[id], func(o root) bool { return o.on == c.on }) {
			return
		}
		causes[id] = append(causes[id], c)
		queue = append(queue, id)
	}
	for i := range g.objects {
		if len(g.objects[i].functions) > 0 {
			continue
		}
		for _, c := range g.objects[i].children {
			cause(c.id, c.root())
		}
	}
	for i := range g.objects {
		if len(g.objects[i].functions) > 0 && len(causes[i]) == 0 {
			cause(int32(i), root{on: onCall, why: "a function of the model"})
		}
	}
	for at := 0; at < len(queue); at++ {
		o := &g.objects[queue[at]]
		if len(o.functions) == 0 {
			continue
		}
		for _, c := range causes[queue[at]] {
			for _, child := range o.children {
				cause(child.id, c)
			}
		}
	}
	for i := range g.objects {
		for _, c := range causes[i] {
			for _, f := range g.objects[i].functions {
				g.roots = append(g.roots, root{f, c.on, c.why})
			}
		}
	}
}

// root is why a child runs, if it is a function.
func (c *child) root() root {
	switch {
	case c.why == restorers:
		return root{on: c.on, why: "restoring an object"}
	case c.why == savers:
		return root{on: c.on, why: "saving an object"}
	case c.on != 0:
		return root{on: c.on, why: special[c.why].why}
	}
	return root{on: onCall, why: fmt.Sprintf("the function %q", c.why)}
}

// occasion is when something runs, and whether a loader then replaces what it feeds.
// The zero occasion is none; later ones are worse.
type occasion uint8

const (
	onSave occasion = iota + 1 // a checkpoint is saved, at the path that is fed
	onCall                     // somebody calls, or trains
	onUse                      // a resource is made or freed
	onLoad                     // the model is loaded, with what is fed
)

// whens is what an occasion is to others.
var whens = map[occasion]When{onSave: AtCall, onCall: AtCall, onUse: AtUse, onLoad: AtLoad}

// runs records that the operation runs on an occasion; the worst is recorded first.
func (op *Op) runs(on occasion, why string) {
	if op.When == Never {
		op.When, op.Why = whens[on], why
	}
	op.Called = op.Called || on == onCall || on == onUse
}

// runs records that the function runs on an occasion; the worst is recorded first.
func (f *Function) runs(on occasion, why string) {
	if f.When == Never {
		f.When, f.Why = whens[on], why
	}
	f.Called = f.Called || on == onCall || on == onUse
}

// reach marks the functions that run, those that run earliest first.
func (g *MetaGraph) reach(e *edges) {
	swaps := map[string][]string{}
	for _, f := range g.Functions {
		if f.implements != "" {
			swaps[f.implements] = append(swaps[f.implements], f.Name)
		}
	}
	for on := onLoad; on > 0; on-- {
		var queue []root
		for _, r := range g.roots {
			if r.on == on {
				queue = append(queue, r)
			}
		}
		for i, op := range e.ops {
			if op != nil && e.marks[i]&(1<<on) != 0 {
				queue = g.callees(queue, op, on, op.Why)
			}
		}
		g.spread(queue, swaps)
	}
	g.reachGradients()
	for _, f := range g.Functions {
		for _, op := range f.Ops {
			op.When, op.Called, op.Why = f.When, f.Called, f.Why
		}
	}
}

// spread marks what runs on one occasion, from the functions of a queue on.
func (g *MetaGraph) spread(queue []root, swaps map[string][]string) {
	reached, swapped := map[*Function]bool{}, map[string]bool{}
	for at := 0; at < len(queue); at++ { // first come, first named
		r := queue[at]
		f := g.byName[r.function]
		if f == nil || reached[f] {
			continue
		}
		reached[f] = true
		f.runs(r.on, r.why)
		for _, op := range f.calls {
			queue = g.callees(queue, op, r.on, r.why)
		}
		if f.implements != "" && !swapped[f.implements] {
			swapped[f.implements] = true
			for _, name := range swaps[f.implements] {
				queue = append(queue, root{name, r.on, r.why})
			}
		}
	}
}

// reachGradients marks what runs only where a gradient is asked for: when somebody
// trains the model.
func (g *MetaGraph) reachGradients() {
	var queue []root
	add := func(names ...string) {
		for _, n := range names {
			if n != "" {
				queue = append(queue, root{n, onCall, "the gradient of a function"})
			}
		}
	}
	visit := func(f *Function) {
		add(g.gradients[f.Name])
		add(f.alternates...)
		for _, op := range f.calls {
			add(g.registered[op.Gradient])
		}
	}
	for _, op := range g.Ops {
		if op.When != Never {
			add(g.registered[op.Gradient])
		}
	}
	for _, f := range g.Functions {
		if f.When != Never {
			visit(f)
		}
	}
	for len(queue) > 0 {
		r := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		f := g.byName[r.function]
		if f == nil || f.When != Never {
			continue
		}
		f.runs(onCall, r.why)
		visit(f)
		for _, op := range f.calls {
			queue = g.callees(queue, op, onCall, r.why)
		}
	}
}

// callees adds the functions that an operation calls: by an attribute, or by being
// called as they are.
func (g *MetaGraph) callees(to []root, op *Op, on occasion, why string) []root {
	for _, c := range op.Calls {
		to = append(to, root{c, on, why})
	}
	if op.Def == nil {
		to = append(to, root{op.Type, on, why})
	}
	return to
}
