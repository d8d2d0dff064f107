package savedmodel

import "slices"

// From says where a text comes from; it is a set.
type From uint16

const (
	FromConst    From = 1 << iota // it stands in the graph
	FromAsset                     // the path of a file that the model names
	FromSaver                     // the path of the checkpoint, which a loader gives
	FromCaller                    // whoever calls the model gives it
	FromState                     // a variable, table, queue or iterator holds it
	FromComputed                  // operations make it
	FromDefault                   // a loader replaces it while it initializes, restores or saves; a call finds the text that stands there
)

// Value is what is known of a text.
type Value struct {
	From From
	Lead From     // of the piece that it begins with
	Text []string // constants in it, in no order; the first few
	args []argument
}

// argument is an argument of the function in hand that a value comes from.
type argument struct {
	index int
	lead  bool
}

func known(f From) Value { return Value{From: f, Lead: f} }

// join adds another value that it may be as well; it reports whether that is new.
func (v *Value) join(o Value) bool {
	before, lead, texts, args := v.From, v.Lead, len(v.Text), len(v.args)
	v.From |= o.From
	v.Lead |= o.Lead
	v.include(o)
	return v.From != before || v.Lead != lead || len(v.Text) != texts || len(v.args) != args
}

// include adds the constants and arguments of another value.
func (v *Value) include(o Value) {
	for _, t := range o.Text {
		if len(v.Text) < maxTexts && !slices.Contains(v.Text, t) {
			v.Text = append(v.Text[:len(v.Text):len(v.Text)], t)
		}
	}
	for _, a := range o.args {
		if !slices.Contains(v.args, a) && len(v.args) < maxArguments {
			v.args = append(v.args[:len(v.args):len(v.args)], a)
		}
	}
}

// maxArguments is how many arguments a value is followed to.
const maxArguments = 64

// behind adds a value that does not come first in it.
func (v *Value) behind(o Value) {
	v.From |= o.From
	for i := range o.args {
		o.args = slices.Clone(o.args)
		o.args[i].lead = false
	}
	v.include(o)
}

// maxTrace is how many operations text is followed through, one behind another.
const maxTrace = 200

// value follows text back from the node or argument that an input names.
func (s *scope) value(ref uint64) Value {
	if i, ok := s.args[ref]; ok {
		return Value{args: []argument{{i, true}}}
	}
	r := s.records[ref]
	switch {
	case r == nil: // no text comes from there
		return Value{}
	case r.value != nil:
		return *r.value
	case r.active: // a loop makes it
		return known(FromComputed)
	}
	if s.depth++; s.depth > maxTrace || s.budget.Step(1) != nil {
		s.depth--
		return known(FromComputed)
	}
	r.active = true
	v := s.follow(ref, r)
	r.active = false
	s.depth--
	r.value = &v
	return v
}

func (s *scope) follow(ref uint64, r *record) Value {
	if s.meta != nil {
		if f := s.meta.fed[ref]; f != 0 {
			v := s.origin(r)
			if v.From != FromCaller {
				f |= FromDefault
			}
			return Value{From: f, Lead: f, Text: v.Text}
		}
	}
	return s.origin(r)
}

// origin is the text that a node itself gives.
func (s *scope) origin(r *record) Value {
	var v Value
	switch r.kind {
	case holds:
		v = known(FromConst)
		v.Text = r.texts
		return v
	case enters:
		return known(FromCaller)
	case reads:
		return s.variable(r)
	case recalls:
		v = known(FromState)
	case makes:
		v = known(FromComputed)
	case defaults:
		v = known(FromCaller)
	case joins:
		return s.joined(r)
	}
	for _, in := range r.inputs {
		v.join(s.value(in))
	}
	return v
}

// variable is what a variable holds: what it is assigned in the scope, and if
// others get at it, whatever they leave there.
func (s *scope) variable(r *record) Value {
	s.assignments()
	v := known(FromState)
	if len(r.inputs) == 0 || len(s.assigned[r.inputs[0]]) == 0 {
		return v
	}
	if !s.shared[r.inputs[0]] {
		v = Value{}
	}
	for _, in := range s.assigned[r.inputs[0]] {
		v.join(s.value(in))
	}
	return v
}

// assignments collects what is assigned to variables by their handles.
func (s *scope) assignments() {
	if s.assigned != nil {
		return
	}
	s.assigned, s.shared = map[uint64][]uint64{}, map[uint64]bool{}
	for i, op := range s.ops {
		refs := s.refs[i]
		switch op.Type {
		case "ReadVariableOp", "VarIsInitializedOp", "DisableCopyOnRead":
		case "VarHandleOp":
			if s.meta == nil || s.meta.handles(op.variable()) > 1 {
				s.shared[nodeHash(op.Name)] = true
			}
		case "AssignVariableOp":
			if len(refs) > 1 {
				s.assigned[refs[0]] = append(s.assigned[refs[0]], refs[1])
			}
		default:
			for _, ref := range refs {
				if s.records[ref] != nil {
					s.shared[ref] = true
				}
			}
		}
	}
}

// variable is the name by which a VarHandleOp shares its variable with others.
func (op *Op) variable() string {
	for _, o := range op.Operands {
		if o.Name == "shared_name" && len(o.Value.Text) > 0 && o.Value.Text[0] != "" {
			return o.Value.Text[0]
		}
	}
	return op.Name
}

// handles counts the operations that get at a variable by its name.
func (g *MetaGraph) handles(name string) int {
	if g.variables == nil {
		g.variables = map[string]int{}
		count := func(ops []*Op) {
			for _, op := range ops {
				if op.Type == "VarHandleOp" || op.Type == "_VarHandlesOp" {
					g.variables[op.variable()]++
				}
			}
		}
		count(g.graph.ops)
		for _, f := range g.Functions {
			count(f.Ops)
		}
	}
	return g.variables[name]
}

// joined is a text made of pieces.
func (s *scope) joined(r *record) Value {
	var v Value
	begun := false
	for _, in := range r.inputs {
		piece := s.value(in)
		switch {
		case piece.From == FromConst && len(piece.args) == 0 && len(piece.Text) == 1 && piece.Text[0] == "":
		case !begun:
			v, begun = piece, true
		default:
			v.behind(piece)
		}
	}
	return v
}
