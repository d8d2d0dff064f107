package pyflow

import (
	"strings"

	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// The parts that a function can be given (MAKE_FUNCTION, SET_FUNCTION_ATTRIBUTE).
const (
	partDefaults = 1 << iota
	partKwDefaults
	partAnnotations
	partClosure
	partAnnotate
)

// makeFunction pops the parts of a function and pushes it.
func (f *frame) makeFunction(in *op.Instr) {
	v, arg := f.z.v, in.Arg
	if v.Major == 2 {
		f.makeFunction27(in)
		return
	}
	if v.Before(3, 11) {
		f.pop() // qualified name
	}
	fn := f.function(f.pop())
	if v.Before(3, 13) {
		for _, part := range [...]int{partClosure, partAnnotations, partKwDefaults, partDefaults} {
			if arg&part != 0 {
				f.functionPart(fn, part, f.pop())
			}
		}
		for b := arg >> 4; b != 0; b >>= 1 { // bits that no version of these defines
			if b&1 != 0 {
				f.pop()
			}
		}
	}
	f.push(fn)
}

// makeFunction27 is MAKE_FUNCTION of 2.7, where defaults lie on the stack one by
// one, and MAKE_CLOSURE.
func (f *frame) makeFunction27(in *op.Instr) {
	fn := f.function(f.pop())
	if in.Op == op.MakeClosure {
		f.functionPart(fn, partClosure, f.pop())
	}
	f.giveDefaults(fn, f.popN(in.Arg))
	f.push(fn)
}

// function is the function made from a code object. Its name in the plain view is
// that of the code.
func (f *frame) function(code *set) *set {
	out := empty
	for _, a := range code.atoms {
		if a.kind != kindCode {
			continue
		}
		if fn := f.z.of[a.code]; fn != nil {
			out = f.z.join(out, only(&atom{plain: plainDef, kind: kindFunc, text: fn.code.Name, fn: fn}))
		}
	}
	if len(out.atoms) == 0 {
		f.note("function made of something that is not code")
		return unknown
	}
	return out
}

func (f *frame) functionPart(fn *set, part int, v *set) {
	switch part {
	case partDefaults:
		if list, ok := f.sequence(v); ok {
			f.giveDefaults(fn, list)
		} else {
			f.giveAll(fn, v)
		}
	case partKwDefaults:
		for _, a := range v.atoms {
			if a.kind != kindBox {
				continue
			}
			f.peek(a.box)
			for _, k := range sortedKeys(a.box.keys) {
				if name, ok := keyText(k); ok {
					f.give(fn, name, a.box.keys[k])
				}
			}
		}
	case partClosure:
		f.closeOver(fn, v)
	}
}

// giveDefaults gives values to the last positional parameters.
func (f *frame) giveDefaults(fn *set, values []*set) {
	for _, a := range fn.atoms {
		if a.kind != kindFunc {
			continue
		}
		c := a.fn.code
		first := c.ArgCount - len(values)
		for i, v := range values {
			f.escape(v)
			if k := first + i; k >= 0 && k < len(c.VarNames) {
				a.fn.receive(c.VarNames[k], v)
			}
		}
	}
}

func (f *frame) give(fn *set, name string, v *set) {
	f.escape(v)
	for _, a := range fn.atoms {
		if a.kind == kindFunc {
			a.fn.receive(name, v)
		}
	}
}

func (f *frame) giveAll(fn, v *set) {
	e := f.elements(v)
	for _, a := range fn.atoms {
		if a.kind == kindFunc {
			for _, name := range a.fn.parameters() {
				a.fn.receive(name, e)
			}
		}
	}
}

// receive gives a parameter a value; the plain view does not see it.
func (f *frame) receive(name string, v *set) {
	v = unseen(variable(v))
	known := false
	for _, a := range v.atoms {
		known = known || a.kind != kindUnknown || a.path != ""
	}
	if !known {
		return
	}
	if changed, _ := f.env.put(f.z, name, v); changed {
		f.dirty = true
		f.inherit(name)
	}
}

// closeOver binds free variables whose cells have other names; those of the same
// name are bound by inherit.
func (f *frame) closeOver(fn, closure *set) {
	for _, a := range fn.atoms {
		if a.kind != kindFunc {
			continue
		}
		for i, name := range a.fn.code.FreeVars {
			if i >= boxLimit {
				break
			}
			for _, c := range f.itemAt(closure, i).atoms {
				if c.kind == kindCell && c.str != name {
					a.fn.receive(name, c.fn.env.get(c.str))
				}
			}
		}
	}
}

// comprehension reports whether a code object of this name is part of the
// expression that makes it.
func comprehension(name string) bool {
	switch name {
	case "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>":
		return true
	}
	return false
}

const genericPrefix = "<generic parameters of "

// generic is the name of the function that <generic parameters of name> returns.
func generic(name string) (string, bool) {
	if !strings.HasPrefix(name, genericPrefix) {
		return "", false
	}
	return strings.TrimSuffix(name[len(genericPrefix):], ">"), true
}

// classOf is the class that a body makes: name, bases, and the function or
// dictionary of its body.
func (f *frame) classOf(name, body *set, bases []*set) *set {
	text := "?"
	if a := name.plainOne(); a.kind == kindText {
		text = a.str
	}
	out := empty
	for _, a := range body.atoms {
		if a.fn == nil || a.kind != kindFunc && a.kind != kindNamespace {
			continue
		}
		c := &atom{plain: plainDef, kind: kindClass, text: text, fn: a.fn}
		for _, b := range bases {
			if f.z.v.Major == 2 {
				b = f.elements(b)
			}
			if u := f.z.join(a.fn.bases, opaque(b)); u != a.fn.bases {
				a.fn.bases = u
				f.z.stir()
			}
		}
		f.bindSelf(c)
		out = f.z.join(out, only(c))
	}
	if len(out.atoms) == 0 {
		return only(&atom{plain: plainDef, text: text})
	}
	return out
}

// bindSelf gives the first parameter of every function in a class body an
// instance of it.
func (f *frame) bindSelf(class *atom) {
	self := *class
	self.plain, self.text, self.kind = plainUnknown, "", kindInstance
	class.fn.calledBy(f)
	for _, v := range class.fn.env.vals {
		for _, m := range v.atoms {
			if m.kind == kindFunc && m.fn.code.ArgCount > 0 && len(m.fn.code.VarNames) > 0 {
				m.fn.receive(m.fn.code.VarNames[0], only(&self))
			}
		}
	}
}
