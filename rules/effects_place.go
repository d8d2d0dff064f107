package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// place is where in a document a finding is, told by the objects around it.
type place struct {
	node     *formats.Node
	owner    *formats.Node // the nearest object with a class_name above the node, nil if there is none
	slot     string        // the way from the owner, or from the root of the document, to the node; list indexes are left out
	steps    []step        // the ways from object to object down to the owner
	top      *formats.Node // the root of the document
	shadowed bool          // Python never sees it: a later key of the same name does
}

// step is one object and the way from it to the next.
type step struct {
	object *formats.Node
	way    string
}

// placeOf describes where a node is; ok is false where it is too deep to look.
func placeOf(n *formats.Node) (p *place, ok bool) {
	var chain []*formats.Node // from the root of the document to n
	for at := n; at != nil && at.Kind.JSON(); at = at.Parent {
		if len(chain) == deepest {
			return nil, false
		}
		chain = append(chain, at)
	}
	slices.Reverse(chain)
	p = &place{node: n, top: chain[0]}
	var way []string
	for i, at := range chain {
		if i > 0 {
			switch parent := chain[i-1]; {
			case parent.Kind == formats.KindObject:
				p.shadowed = p.shadowed || parent.Get(at.Name) != at
				way = append(way, at.Name)
			case len(way) > 0 && (way[0] == inbound || indexed[way[len(way)-1]]):
				way = append(way, argumentIndex(parent, at))
			}
		}
		if at != n && at.Kind == formats.KindObject && at.Get("class_name") != nil {
			if p.owner != nil {
				p.steps = append(p.steps, step{p.owner, strings.Join(way, "/")})
			} else if len(way) > 0 {
				p.steps = append(p.steps, step{nil, strings.Join(way, "/")})
			}
			p.owner, way = at, nil
		}
	}
	p.slot = strings.Join(way, "/")
	return p, true
}

// indexed are the keys of which the first index says which argument it is.
var indexed = map[string]bool{"args": true}

func argumentIndex(parent, child *formats.Node) string {
	for i := range min(len(parent.Children), 10) {
		if parent.Children[i] == child {
			return string(rune('0' + i))
		}
	}
	return "n"
}

// transparent reports whether a way is one by which layers hold layers. Lists of
// layers change nothing for what is in them; wrappers were tried with functions
// that are called in any case.
func (p *place) transparent(s step) bool {
	switch {
	case s.object != nil && bareClass(s.object) == "deserialize":
		return false
	case s.way == "config/layers":
		return true
	case s.way == "config/layer", s.way == "config/cell":
		at := p.at()
		return at == "Lambda.function" || at == "ResidualWrapper.residual_fn"
	}
	return false
}

// via names the ways to the owner that are not transparent.
func (p *place) via() string {
	var parts []string
	for _, s := range p.steps {
		if !p.transparent(s) {
			way := describe(s.object, s.way)
			if s.object != nil && strings.HasPrefix(s.way, inbound) && !strings.Contains(way, "operand") {
				way = "call"
			}
			parts = append(parts, way)
		}
	}
	return strings.Join(parts, ">")
}

// at names the place itself.
func (p *place) at() string {
	if p.owner == nil {
		if p.slot == "" {
			return "top"
		}
		first, _, _ := strings.Cut(p.slot, "/")
		return first
	}
	return describe(p.owner, p.slot)
}

// containers hold layers; which of them it is makes no difference.
var containers = map[string]bool{"Sequential": true, "Functional": true, "Model": true}

// describe names a way from an object, folded as far as loaders treat ways alike.
func describe(owner *formats.Node, way string) string {
	argument, isArgument := strings.CutPrefix(way, "config/")
	switch {
	case owner == nil:
		return way
	case way == "config/layers":
		return "entry"
	case strings.HasPrefix(way, inbound+"/") && !strings.Contains(way[len(inbound)+1:], "/"):
		return "call"
	case strings.HasPrefix(way, inbound):
		return callPlace(owner, strings.TrimPrefix(strings.TrimPrefix(way, inbound), "/"))
	case strings.HasPrefix(way, "compile_config/"):
		return way
	case strings.HasPrefix(way, "build_config/"), way == "registered_name":
		return way
	case isArgument:
		argument, _, _ = strings.Cut(argument, "/")
		for _, s := range []string{"initializer", "regularizer", "constraint"} {
			if strings.HasSuffix(argument, "_"+s) {
				return s
			}
		}
		switch argument {
		case "activation", "dtype": // of any layer
			return argument
		}
		return bareClass(owner) + "." + argument
	}
	// A key beside the known ones: loaders do not look at it.
	holder := bareClass(owner)
	if containers[holder] {
		holder = "model"
	}
	first, _, _ := strings.Cut(way, "/")
	if known[first] {
		return holder + "/" + way
	}
	return "beside-" + holder
}

// known are the keys that loaders look at in a serialized object.
var known = map[string]bool{"class_name": true, "module": true, "config": true, "registered_name": true, "name": true, "inbound_nodes": true,
	"build_config": true, "compile_config": true, "shared_object_id": true, "spec_name": true}

// callPlace names an argument of a call in the graph. What a Switch does with its
// operands depends on the function that is its branch.
func callPlace(owner *formats.Node, way string) string {
	parts := strings.Split(way, "/") // call index, then "args" and index as Keras 3 writes it
	holder := bareClass(owner)
	if len(parts) < 3 || parts[1] != "args" && parts[1] != "kwargs" {
		return holder + ".call"
	}
	at := holder + ".call/" + parts[2]
	if holder == "Switch" && parts[1] == "args" && parts[2] > "1" {
		calls := owner.Get(inbound)
		if calls == nil || len(calls.Children) != 1 {
			return at
		}
		if branches := element(calls.Children[0].Get("args"), 1); branches != nil && len(branches.Children) == 1 {
			if o, ok := formats.ObjectAt(branches.Children[0]); ok {
				at = holder + ".operand:" + written(&o)
			}
		}
	}
	return at
}

// element returns an element of a list, nil if it has none there.
func element(list *formats.Node, i int) *formats.Node {
	if list == nil || list.Kind != formats.KindArray || i >= len(list.Children) {
		return nil
	}
	return list.Children[i]
}

// bareClass is the class of an object without its module.
func bareClass(n *formats.Node) string {
	o, ok := formats.ObjectAt(n)
	if !ok {
		return ""
	}
	if o.Function() {
		return lastName(o.Name)
	}
	return lastName(o.Class)
}

// holder is the class of the owner; empty if there is none.
func (p *place) holder() string {
	if p.owner == nil {
		return ""
	}
	return bareClass(p.owner)
}

// form is how the thing at the place is written.
func (p *place) form() string {
	n := p.node
	o, ok := formats.ObjectAt(n)
	switch {
	case !ok && n.Kind == formats.KindArray:
		return "list"
	case !ok || n.Kind == formats.KindString:
		return ""
	case o.Class == "__lambda__":
		return "tag"
	case o.Class == "__typespec__":
		return "typespec"
	case o.Class == "function":
		return "function"
	case n.Get("module") == nil:
		return "bare"
	}
	return "class"
}

// spelled says which of the entry and the top object name a module. An HDF5 file
// whose top object does not is read with the older deserializer.
func (p *place) spelled() string {
	entry := p.owner
	if entry == nil {
		entry = p.node
	}
	top := p.top
	if top.Get("class_name") == nil {
		top = entry // training_config has no top object
	}
	own, outer := entry.Get("module") != nil, top.Get("module") != nil
	for _, s := range p.steps {
		if m := s.object; m != nil && m != top && (m.Get("module") != nil) != own && own == outer {
			return "mixed" // not tried, and loaders go by each entry
		}
	}
	switch {
	case own && outer:
		return "modern"
	case own:
		return "modern-in-legacy"
	case outer:
		return "legacy-in-modern"
	}
	return "legacy"
}

// operation reports whether the place is an argument of a TensorFlow op layer that
// names what it calls.
func (p *place) operation() bool {
	if p.owner == nil || p.node.Kind != formats.KindString {
		return false
	}
	o, ok := formats.ObjectAt(p.owner)
	if !ok {
		return false
	}
	_, at := o.Operation()
	return at == p.node
}

// symbol is the Python name that decides, for the rules that go by names. Keras
// from 3.11 on resolves some export paths and not others, so it is the name as
// written that counts.
func (p *place) symbol(f *Finding) string {
	switch f.Rule.ID {
	case DangerousReference.ID, KerasGadget.ID, KerasStateChange.ID, StdlibReference.ID, ForeignReference.ID, ClassAsFunction.ID, UnlistedTensorFlowSymbol.ID,
		KerasFunctionPath.ID, FunctionAsLayer.ID:
		if p.operation() {
			return f.Evidence
		}
		if o, ok := formats.ObjectAt(p.node); ok {
			return written(&o)
		}
		return f.Evidence
	case AttributeByName.ID:
		return f.Evidence
	case OversizedBuild.ID:
		return bareClass(f.At)
	}
	if p.holder() == "Lambda" && strings.HasPrefix(p.slot, "config/arguments") {
		// What becomes of an argument is for the function to say.
		if o, ok := formats.ObjectAt(or(p.owner.Get("config").Get("function"), p.owner)); ok {
			return written(&o)
		}
	}
	return ""
}

// written is the dotted name of an object as the file has it.
func written(o *formats.Object) string {
	name := o.Class
	if o.Function() {
		name = o.Name
	}
	if o.Class == "__typespec__" {
		name, _ = o.Node.GetString("spec_name")
	}
	if o.Module == "" {
		return name
	}
	switch topModule(o.Module) {
	case "keras", "tf_keras", "tensorflow", "builtins", "__builtin__":
		return o.Module + "." + name
	}
	return foreign // to every measured loader one foreign module is like another
}

// foreign stands in keys for the names of all modules that are not Keras's,
// TensorFlow's or Python's builtins.
const foreign = "foreign"

// or returns the first node that is not nil.
func or(n, other *formats.Node) *formats.Node {
	if n != nil {
		return n
	}
	return other
}
