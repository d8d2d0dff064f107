package pyflow

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

func (f *frame) push(v *set) { f.stack = append(f.stack, v) }

func (f *frame) pop() *set {
	n := len(f.stack)
	if n == 0 {
		if f.exact {
			f.note("stack underflow")
		}
		return unknown
	}
	v := f.stack[n-1]
	f.stack = f.stack[:n-1]
	return v
}

// popN pops n values and gives them in the order in which they were pushed.
func (f *frame) popN(n int) []*set {
	if n < 0 || n > stackLimit {
		f.note("argument out of range")
		n = 0
	}
	out := make([]*set, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = f.pop()
	}
	return out
}

// pushN pushes n times what get gives.
func (f *frame) pushN(n int, get func(i int) *set) {
	if n < 0 || n > stackLimit {
		f.note("argument out of range")
		n = 1
	}
	if !f.z.spend(int64(n) / 2) {
		return
	}
	for i := range n {
		f.push(get(i))
	}
}

// top is the value i below the top of the stack, counted from 1.
func (f *frame) top(i int) *set {
	if i < 1 || i > len(f.stack) {
		if f.exact {
			f.note("stack underflow")
		}
		return unknown
	}
	return f.stack[len(f.stack)-i]
}

// name is what the argument of an instruction names.
func (f *frame) name(list []string, i int) string {
	if i < 0 || i >= len(list) {
		f.note("index out of range")
		return "?"
	}
	return list[i]
}

func (f *frame) variable(in *op.Instr, kind op.Kind, i int) string {
	c := f.code
	switch {
	case f.z.v.AtLeast(3, 11):
		return f.name(c.LocalsPlus, i)
	case kind != op.Free:
		return f.name(c.VarNames, i)
	case i >= 0 && i < len(c.CellVars):
		return c.CellVars[i]
	default:
		return f.name(c.FreeVars, i-len(c.CellVars))
	}
}

// step is the effect of one instruction on the stack and on variables. What is
// not listed pops and pushes unknown values, as effect says.
func (f *frame) step(in *op.Instr) {
	kind, i, second := f.z.table.Operand(*in)
	switch in.Op {
	case op.LoadConst:
		f.push(f.constAt(i))
	case op.LoadSmallInt:
		f.push(constant(&pymarshal.Value{Kind: pymarshal.KindInt, Text: strconv.Itoa(i)}))
	case op.LoadCommonConstant:
		f.push(f.commonConstant(i))
	case op.LoadAssertionError:
		f.push(f.named("AssertionError"))
	case op.LoadBuildClass:
		f.push(buildMark)
	case op.LoadGlobal:
		f.loadGlobal(f.name(f.code.Names, i), in.Arg)
	case op.LoadName:
		f.loadName(f.name(f.code.Names, i))
	case op.LoadFromDictOrGlobals:
		f.pop()
		f.push(f.hiddenName(f.name(f.code.Names, i)))
	case op.LoadFast, op.LoadFastCheck, op.LoadFastBorrow, op.LoadFastAndClear, op.LoadDeref, op.LoadClassderef, op.LoadClosure:
		f.push(f.load(in.Op, f.variable(in, kind, i)))
	case op.LoadFromDictOrDeref:
		f.pop()
		f.push(opaque(f.env.get(f.variable(in, kind, i))))
	case op.LoadFastLoadFast, op.LoadFastBorrowLoadFastBorrow:
		f.push(f.load(op.LoadFast, f.variable(in, kind, i)))
		f.push(f.load(op.LoadFast, f.variable(in, kind, second)))
	case op.StoreFast, op.StoreDeref:
		f.store(f.variable(in, kind, i), f.pop())
	case op.StoreFastLoadFast:
		f.store(f.variable(in, kind, i), f.pop())
		f.push(f.load(op.LoadFast, f.variable(in, kind, second)))
	case op.StoreFastStoreFast:
		f.store(f.variable(in, kind, i), f.pop())
		f.store(f.variable(in, kind, second), f.pop())
	case op.StoreName:
		f.store(f.name(f.code.Names, i), f.pop())
	case op.StoreGlobal:
		f.storeGlobal(f.name(f.code.Names, i), f.pop())
	case op.DeleteGlobal, op.DeleteName:
		f.writes = append(f.writes, "del "+f.name(f.code.Names, i))
	case op.LoadAttr:
		f.push(f.attr(f.pop(), f.name(f.code.Names, i)))
		if f.z.v.AtLeast(3, 12) && in.Arg&1 != 0 {
			f.push(selfMark)
		}
	case op.LoadMethod:
		f.push(f.attr(f.pop(), f.name(f.code.Names, i)))
		f.push(selfMark)
	case op.LoadSuperAttr:
		f.superAttr(f.name(f.code.Names, i), in.Arg&1 != 0)
	case op.StoreAttr, op.DeleteAttr:
		f.writeAttr(in.Op == op.DeleteAttr, f.name(f.code.Names, i))
	case op.ImportName:
		f.importName(f.name(f.code.Names, i))
	case op.ImportFrom:
		f.push(f.attr(f.top(1), f.name(f.code.Names, i)))
	case op.ImportStar:
		f.importStar(f.pop())
	default:
		if !f.shuffle(in) && !f.container(in) && !f.invoke(in) {
			f.other(in)
		}
	}
}

// shuffle are the instructions that move what is on the stack.
func (f *frame) shuffle(in *op.Instr) bool {
	switch in.Op {
	case op.PopTop:
		f.pop()
	case op.PushNull:
		f.push(nullMark)
	case op.DupTop:
		v := f.pop()
		f.push(v)
		f.push(v)
	case op.DupTopTwo:
		v := f.popN(2)
		f.stack = append(f.stack, v[0], v[1], v[0], v[1])
	case op.DupTopx:
		v := f.popN(in.Arg)
		f.stack = append(append(f.stack, v...), v...)
	case op.Copy:
		f.push(f.top(in.Arg))
	case op.RotTwo:
		f.rotate(2)
	case op.RotThree:
		f.rotate(3)
	case op.RotFour:
		f.rotate(4)
	case op.RotN:
		f.rotate(in.Arg)
	case op.Swap:
		if in.Arg < 1 || in.Arg > stackLimit {
			f.note("argument out of range")
			return true
		}
		for len(f.stack) < in.Arg {
			if f.exact {
				f.note("stack underflow")
			}
			f.stack = append([]*set{unknown}, f.stack...)
		}
		n := len(f.stack)
		f.stack[n-1], f.stack[n-in.Arg] = f.stack[n-in.Arg], f.stack[n-1]
	default:
		return false
	}
	return true
}

func (f *frame) rotate(n int) {
	if n < 2 {
		return
	}
	v := f.popN(n)
	if len(v) != n {
		return
	}
	f.push(v[n-1])
	f.stack = append(f.stack, v[:n-1]...)
}

func (f *frame) constAt(i int) *set {
	if i < 0 || i >= len(f.code.Consts) || f.code.Consts[i] == nil {
		f.note("index out of range")
		return unknown
	}
	if f.consts == nil {
		f.consts = make([]*set, len(f.code.Consts))
	}
	if f.consts[i] == nil {
		f.consts[i] = constant(f.code.Consts[i])
	}
	return f.consts[i]
}

// commonConstant is LOAD_COMMON_CONSTANT of 3.14; 3.15 has more of them.
func (f *frame) commonConstant(i int) *set {
	names := [...]string{"AssertionError", "NotImplementedError", "tuple", "all", "any", "list", "set"}
	values := [...]pymarshal.Value{{Kind: pymarshal.KindNone}, {Kind: pymarshal.KindText}, {Kind: pymarshal.KindBool, Text: "True"},
		{Kind: pymarshal.KindBool, Text: "False"}, {Kind: pymarshal.KindInt, Text: "-1"}}
	switch {
	case i >= 0 && i < len(names):
		return f.named(names[i])
	case i >= len(names) && i < len(names)+len(values):
		return constant(&values[i-len(names)])
	}
	f.note("argument out of range")
	return unknown
}

// named is a global name: a reference.
func (f *frame) named(name string) *set {
	a := pathAtom(name)
	f.ref(a.text)
	if p, ok := f.z.env.Names[name]; ok {
		a.path = p
		f.resolvedRef(p, name)
	}
	return only(a)
}

func (f *frame) loadGlobal(name string, arg int) {
	v := f.globalName(name)
	switch {
	case f.z.v.Before(3, 11) || arg&1 == 0:
		f.push(v)
	case f.z.v.AtLeast(3, 13):
		f.push(v)
		f.push(nullMark)
	default:
		f.push(nullMark)
		f.push(v)
	}
}

func (f *frame) globalName(name string) *set {
	if f.z.v.Major == 2 && (name == "True" || name == "False") { // names in 2.7
		return constant(&pymarshal.Value{Kind: pymarshal.KindBool, Text: name})
	}
	if name == "?" { // an index out of range
		return unknown
	}
	v := f.named(name)
	if i := f.genv.find(name); i >= 0 {
		f.genv.loaded[i] = true
		v = f.z.join(v, f.genv.vals[i])
	}
	if g := f.global(name); len(g.atoms) > 0 {
		v = f.z.join(v, g)
	}
	return v
}

func (f *frame) loadName(name string) {
	if v := f.env.get(name); len(v.atoms) > 0 {
		f.push(f.z.join(v, f.global(name)))
		return
	}
	f.push(f.globalName(name))
}

// hiddenName is a name that the plain view does not see.
func (f *frame) hiddenName(name string) *set {
	p := name
	if q, ok := f.z.env.Names[name]; ok {
		p = q
	}
	f.rrefs = append(f.rrefs, clip(p))
	v := only(&atom{plain: plainUnknown, kind: kindPath, path: clip(p)})
	return f.z.join(f.z.join(v, unseen(f.env.get(name))), f.global(name))
}

// load is a variable. Of a cell it is also known which cell it is, for it can
// become the free variable of another name.
func (f *frame) load(o op.Op, name string) *set {
	v := f.env.get(name)
	cell := o == op.LoadClosure
	if o == op.LoadFast && f.z.v.AtLeast(3, 13) {
		cell = f.cells[name] != 0
	}
	if !cell {
		return v
	}
	return f.z.join(v, only(&atom{kind: kindCell, str: name, fn: f}))
}

// store binds a variable. What is stored in a free variable is seen by the code
// that made it, but not in the plain view.
func (f *frame) store(name string, v *set) {
	f.bind(name, v)
	if f.cells[name]&isFree == 0 {
		return
	}
	for _, p := range f.parents {
		if i := p.env.find(name); i >= 0 && p != f {
			if changed, used := p.env.put(f.z, name, unseen(variable(v))); changed {
				p.dirty = p.dirty || used
				p.inherit(name)
			}
		}
	}
}

func (f *frame) storeGlobal(name string, v *set) {
	f.escape(v)
	f.writes = append(f.writes, "global "+name)
	v = variable(v)
	changed, used := f.genv.put(f.z, name, v)
	if !changed {
		return
	}
	f.again = f.again || used
	f.z.store(&f.z.globals, name, v)
}
