package savedmodel

import "github.com/kerasvet/kerasvet/formats/internal/bounds"

// shifts are calls whose inputs are the arguments of what they call, but for the
// first few. The inputs of any other call may become any argument.
var shifts = map[string]int{
	"PartitionedCall": 0, "StatefulPartitionedCall": 0, "TPUPartitionedCall": 0, "SymbolicGradient": 0, "XlaLaunch": 0,
	"If": 1, "StatelessIf": 1, "_If": 1, "Case": 1, "StatelessCase": 1, "RemoteCall": 1,
	"While": 0, "StatelessWhile": 0, "_While": 0,
}

// flow follows texts through the arguments of functions, then says of every operand
// where it comes from.
func (g *MetaGraph) flow(b *bounds.Budget, constants map[string]Value) error {
	w := work{g: g, queued: map[*Function]bool{}}
	for i := range g.objects {
		for _, name := range g.objects[i].functions {
			w.bind(name, g.concrete[name], constants)
		}
	}
	for _, op := range g.Ops {
		w.call(op, nil)
	}
	for len(w.queue) > 0 {
		f := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		delete(w.queued, f)
		for _, op := range f.calls {
			if err := b.Step(1 + int64(len(op.inputs)*(1+len(op.Calls)))); err != nil {
				return err
			}
			w.call(op, f)
		}
	}
	for _, f := range g.Functions {
		for _, op := range f.Ops {
			for i := range op.Operands {
				v := &op.Operands[i].Value
				*v = v.in(f)
			}
			op.inputs = nil
		}
		f.args, f.calls = nil, nil
	}
	return nil
}

type work struct {
	g      *MetaGraph
	queue  []*Function
	queued map[*Function]bool
}

// bind gives a concrete function what its caller gives it, and behind that the
// objects it is bound to.
func (w *work) bind(name string, bound []int32, constants map[string]Value) {
	f := w.g.byName[name]
	if f == nil {
		return
	}
	free := len(f.args) - len(bound)
	changed := false
	for i := range f.args {
		v := known(FromCaller)
		if at := i - free; at >= 0 {
			v = known(FromState)
			if id := bound[at]; id >= 0 && int(id) < len(w.g.objects) {
				if o := &w.g.objects[id]; o.constant != "" {
					v = constants[o.constant]
				} else if o.from != 0 {
					v = known(o.from)
				}
			}
		}
		changed = f.args[i].join(v) || changed
	}
	w.again(f, changed || len(f.args) == 0)
}

func (w *work) again(f *Function, changed bool) {
	if changed && !w.queued[f] {
		w.queued[f] = true
		w.queue = append(w.queue, f)
	}
}

// call hands the inputs of an operation in f, nil for the main graph, to the
// functions that it calls.
func (w *work) call(op *Op, f *Function) {
	if !op.calling() {
		return
	}
	shift, aligned := shifts[op.Type]
	names := op.Calls
	if op.Def == nil {
		names, aligned = append(names[:len(names):len(names)], op.Type), true
	}
	for _, name := range names {
		to := w.g.byName[name]
		if to == nil {
			continue
		}
		changed := !to.entered
		to.entered = true
		var any Value
		for _, in := range op.inputs {
			v := in.value.in(f)
			if i := in.index - shift; !aligned {
				any.join(v)
			} else if i >= 0 && i < len(to.args) {
				changed = to.args[i].join(v) || changed
			}
		}
		for j := range to.args {
			if aligned {
				break
			}
			changed = to.args[j].join(any) || changed
		}
		w.again(to, changed)
	}
}

// in returns the value with what is known of the arguments of f in their place.
func (v Value) in(f *Function) Value {
	args := v.args
	v.args = nil
	for _, a := range args {
		var o Value
		switch {
		case f != nil && a.index < len(f.args) && f.args[a.index].From != 0:
			o = f.args[a.index]
		case f == nil || f.When == Never:
			o = known(FromCaller)
		default: // the optimizer or a gradient calls it, with what cannot be told
			o = known(FromComputed)
		}
		if a.lead {
			v.join(o)
		} else {
			v.behind(o)
		}
	}
	return v
}
