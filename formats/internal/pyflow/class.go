package pyflow

import (
	"slices"
	"strings"
)

// buildClass is the call of __build_class__: the function of the body, the name,
// the bases.
func (f *frame) buildClass(args arguments) *set {
	f.sites = append(f.sites, Site{Off: f.offset(), Targets: []string{"<local>"}})
	p := args.positional()
	for _, v := range args.all()[min(1, len(p)):] {
		f.escape(v)
	}
	if len(p) < 2 {
		return unknown
	}
	for _, a := range p[0].atoms {
		if a.kind == kindFunc {
			a.fn.calledBy(f)
		}
	}
	class := f.classOf(p[1], p[0], p[2:])
	if k := len(args.pos) - len(args.names); k < len(args.pos) { // metaclass and its arguments
		f.callAll(args.pos[k], &arguments{pos: []*set{p[1], class}, open: true})
	}
	return class
}

// instantiate is the call of a class made here.
func (f *frame) instantiate(a *atom, args *arguments) *set {
	self := *a
	self.plain, self.text, self.kind = plainUnknown, "", kindInstance
	f.methodCall(&self, "__init__", args.positional())
	f.methodCall(&self, "__new__", append([]*set{only(a)}, args.positional()...))
	k := len(args.pos) - len(args.names)
	for i, name := range args.names {
		f.keep(name, args.pos[k+i])
	}
	return only(&self)
}

// methodCall is the result of calling a method of an instance or class made
// here, if it has it.
func (f *frame) methodCall(self *atom, name string, pos []*set) *set {
	out := empty
	if f.nest > nestLimit {
		return unknown
	}
	for _, m := range f.member(self, name).atoms {
		switch {
		case m.kind == kindMethod && m.fn != nil:
			out = f.z.join(out, f.callFunction(m.fn, append([]*set{only(self)}, pos...), &arguments{}))
		case m.kind != kindUnknown:
			out = f.z.join(out, f.callAll(only(m), &arguments{pos: pos}))
		}
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return opaque(out)
}

// implicit is what the special methods of instances made here give, which
// operators, iteration and the like call: all of them, whichever is meant.
func (f *frame) implicit(v *set, args ...*set) *set {
	out := empty
	for _, a := range v.atoms {
		if a.kind != kindInstance {
			continue
		}
		for _, name := range a.fn.env.names {
			if strings.HasPrefix(name, "__") && name != "__init__" && name != "__new__" {
				out = f.z.join(out, f.methodCall(a, name, args))
			}
		}
	}
	return opaque(out)
}

// entered is what a with statement binds.
func (f *frame) entered(v *set) *set {
	if v.pathless() {
		return unknown
	}
	out := empty
	for _, a := range v.atoms {
		if a.kind == kindInstance {
			out = f.z.join(out, f.methodCall(a, "__enter__", nil))
			out = f.z.join(out, f.elements(f.methodCall(a, "__aenter__", nil)))
			f.methodCall(a, "__exit__", nil)
			continue
		}
		out = f.z.join(out, opaque(only(a)))
	}
	return out
}

// loadSpecial is LOAD_SPECIAL of 3.14: a method of a with statement, called later.
func (f *frame) loadSpecial(v *set, which int) {
	b, _ := f.boxAt("tuple", 0)
	f.putRest(b, v)
	f.push(only(&atom{plain: plainMark, kind: kindWith, box: b, known: which&1 == 0}))
	f.push(selfMark)
}

// enteredLate is the call of what loadSpecial pushed.
func (f *frame) enteredLate(callee *set) *set {
	out := empty
	for _, a := range callee.atoms {
		if a.kind == kindWith && a.box != nil {
			f.peek(a.box)
			out = f.z.join(out, f.entered(a.box.rest))
		}
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return out
}

// superAttr is LOAD_SUPER_ATTR: super, class and self lie on the stack.
func (f *frame) superAttr(name string, method bool) {
	x := f.popN(3)
	s := Site{Off: f.offset()}
	x[0].eachPlain(func(a *atom) {
		if a.plain == plainPath || a.plain == plainUnknown {
			t := "?"
			if a.plain == plainPath {
				t = a.text
			}
			s.Targets = append(s.Targets, t)
		}
	})
	slices.Sort(s.Targets)
	if len(s.Targets) == 0 {
		s.Targets = []string{"?"}
	}
	if len(s.Targets) != 1 || s.Targets[0] != "super" {
		s.Open = true
		f.note("LOAD_SUPER_ATTR of something that is not super")
		f.callAll(x[0], &arguments{pos: x[1:]})
	}
	f.sites = append(f.sites, s)
	f.push(f.attr(unknown, name))
	if method {
		f.push(selfMark)
	}
}
