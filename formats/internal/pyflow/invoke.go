package pyflow

import (
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// arguments are those of one call.
type arguments struct {
	self  *set // what stands in the second slot of the callee: the first argument, from 3.11
	pos   []*set
	names []string // of the last of pos, which are given by keyword
	star  bool
	open  bool // there may be more than is known
}

// positional are those without a name.
func (a *arguments) positional() []*set {
	p := a.pos[:len(a.pos)-len(a.names)]
	if a.self != nil {
		return append([]*set{a.self}, p...)
	}
	return p
}

// all are all arguments.
func (a *arguments) all() []*set {
	if a.self != nil {
		return append([]*set{a.self}, a.pos...)
	}
	return a.pos
}

// arg is the i-th positional argument or the keyword name; nil if not given.
func (a *arguments) arg(i int, name string) *set {
	for k, n := range a.names {
		if n == name && name != "" {
			return a.pos[len(a.pos)-len(a.names)+k]
		}
	}
	if p := a.positional(); i >= 0 && i < len(p) {
		return p[i]
	}
	return nil
}

// invoke are the instructions that call, make functions or leave the code.
func (f *frame) invoke(in *op.Instr) bool {
	switch in.Op {
	case op.KwNames:
		f.kwNames = f.nameTuple(f.constAt(in.Arg))
	case op.CallFunction, op.CallFunctionKw, op.CallFunctionVar, op.CallFunctionVarKw, op.CallMethod, op.Call, op.CallKw, op.CallFunctionEx:
		f.push(f.callInstr(in))
	case op.MakeFunction, op.MakeClosure:
		f.makeFunction(in)
	case op.SetFunctionAttribute:
		fn := f.pop()
		f.functionPart(fn, in.Arg, f.pop())
		f.push(fn)
	case op.BuildClass: // 2.7: name, bases, and the dictionary that the body returned
		x := f.popN(3)
		f.push(f.classOf(x[0], x[2], x[1:2]))
	case op.SetupWith, op.BeforeWith, op.SetupAsyncWith, op.BeforeAsyncWith:
		v := f.pop()
		f.push(withMark)
		f.push(f.entered(v))
	case op.LoadSpecial:
		f.loadSpecial(f.pop(), in.Arg)
	case op.ExecStmt:
		x := f.popN(3)
		f.statement("exec", x)
	case op.PrintItem, op.PrintNewlineTo:
		f.statement("print", f.popN(1))
	case op.PrintItemTo:
		f.statement("print", f.popN(2))
	case op.PrintNewline:
		f.statement("print", nil)
	case op.CallIntrinsic1:
		v := f.pop()
		if in.Arg == intrinsicImportStar {
			f.importStar(v)
			v = unknown
		}
		f.push(opaque(v))
	case op.ReturnValue:
		f.returns(f.pop())
	case op.ReturnConst:
		f.returns(f.constAt(in.Arg))
	case op.YieldValue, op.YieldFrom:
		f.yield(in)
	case op.RaiseVarargs:
		for _, v := range f.popN(in.Arg) {
			f.raise(v)
		}
	case op.GetAwaitable:
		f.push(opaque(f.pop()))
	case op.Send:
		x := f.popN(2)
		f.push(opaque(x[0]))
		f.push(opaque(f.elements(x[0])))
	case op.EndSend:
		n := 2
		if f.z.v.AtLeast(3, 15) {
			n = 3
		}
		x := f.popN(n)
		f.push(opaque(x[n-1]))
	default:
		return false
	}
	return true
}

const intrinsicImportStar = 2 // INTRINSIC_IMPORT_STAR of pycore_intrinsics.h, 3.12 on

func (f *frame) returns(v *set) {
	f.escape(v)
	if u := f.z.join(f.ret, variable(v)); u != f.ret {
		f.ret = u
		f.recall()
	}
}

func (f *frame) yield(in *op.Instr) {
	v := f.pop()
	f.escape(v)
	if in.Op == op.YieldFrom {
		v = f.elements(f.pop())
	}
	if u := f.z.join(f.yields, variable(opaque(v))); u != f.yields {
		f.yields = u
		f.recall()
	}
	if in.Op == op.YieldFrom {
		f.push(opaque(v))
	} else {
		f.push(opaque(f.sent))
	}
}

// recall makes the callers run again.
func (f *frame) recall() {
	f.z.spend(int64(len(f.callers) / 16))
	for _, c := range f.callers {
		if c == f {
			f.again = true
		}
		c.dirty = true
	}
}

func (f *frame) raise(v *set) {
	if v = f.carried(v); len(v.atoms) > 0 {
		f.z.store(&f.z.globals, raised, opaque(v))
	}
}

// statement is exec or print of 2.7.
func (f *frame) statement(name string, args []*set) {
	f.ref(name)
	for _, v := range args {
		f.escape(v)
	}
	f.sites = append(f.sites, Site{Off: f.offset(), Targets: []string{name}, Open: len(args) > 0})
}

// callInstr takes callee and arguments off the stack and calls.
func (f *frame) callInstr(in *op.Instr) *set {
	n, v := in.Arg, f.z.v
	var callee *set
	var args arguments
	switch in.Op {
	case op.CallFunctionEx:
		return f.callEx(in)
	case op.CallFunctionVar, op.CallFunctionVarKw, op.CallFunctionKw:
		if v.Major == 2 {
			return f.callVar27(in)
		}
		args.names = f.nameTuple(f.pop())
		args.pos = f.popN(n)
		callee = f.pop()
	case op.CallFunction:
		if v.Major > 2 {
			args.pos = f.popN(n)
		} else {
			args = f.args27(n)
		}
		callee = f.pop()
	default: // CALL, CALL_KW, CALL_METHOD: two slots, one of which may be empty
		if in.Op == op.CallKw {
			args.names = f.nameTuple(f.pop())
		} else if in.Op == op.Call {
			args.names, f.kwNames = f.kwNames, nil
		}
		args.pos = f.popN(n)
		slots := f.popN(2)
		callee = f.calleeOf(slots, &args)
	}
	if len(args.names) > len(args.pos) {
		f.note("more keywords than arguments")
		args.names = args.names[:len(args.pos)]
	}
	return f.call(callee, args)
}

// calleeOf picks the callee out of the two slots of a call: NULL or self may
// stand in either, depending on the version.
func (f *frame) calleeOf(slots []*set, args *arguments) *set {
	for _, s := range slots {
		if s.has(kindWith) {
			return s
		}
	}
	if !slots[0].has(kindNull) && !slots[0].has(kindSelf) {
		if !slots[1].has(kindNull) && !slots[1].has(kindSelf) {
			args.self = slots[1] // decorators and comprehensions are called so
		}
		return slots[0]
	}
	if !slots[1].has(kindNull) && !slots[1].has(kindSelf) {
		return slots[1]
	}
	return slots[0]
}

// args27 is the argument of CALL_FUNCTION in 2.7: positional arguments, then
// pairs of name and value.
func (f *frame) args27(n int) arguments {
	pairs := f.popN(2 * (n >> 8 & 0xff))
	a := arguments{pos: f.popN(n & 0xff)}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := "?"
		if k := pairs[i].plainOne(); k.kind == kindText {
			name = k.str
		}
		a.names = append(a.names, name)
		a.pos = append(a.pos, pairs[i+1])
	}
	return a
}

func (f *frame) callVar27(in *op.Instr) *set {
	var pos, kw *set
	if in.Op != op.CallFunctionVar {
		kw = f.pop()
	}
	if in.Op != op.CallFunctionKw {
		pos = f.pop()
	}
	args := f.args27(in.Arg)
	f.spread(&args, pos, kw)
	return f.call(f.pop(), args)
}

func (f *frame) callEx(in *op.Instr) *set {
	v := f.z.v
	var pos, kw *set
	if v.AtLeast(3, 14) || in.Arg&1 != 0 {
		kw = f.pop()
	}
	pos = f.pop()
	var args arguments
	var callee *set
	if v.Before(3, 11) {
		callee = f.pop()
	} else {
		callee = f.calleeOf(f.popN(2), &args)
	}
	args.open = false
	f.spread(&args, pos, kw)
	return f.call(callee, args)
}

// spread adds what * and ** give, as far as it is known.
func (f *frame) spread(args *arguments, pos, kw *set) {
	args.star = true
	named := args.names
	tail := append([]*set(nil), args.pos[len(args.pos)-len(named):]...)
	head := append([]*set(nil), args.pos[:len(args.pos)-len(named)]...)
	if pos != nil && !f.none(pos) {
		list, complete := f.sequence(pos)
		head = append(head, list...)
		args.open = args.open || !complete
	}
	if kw != nil && !f.none(kw) {
		for _, a := range kw.atoms {
			if a.kind != kindBox {
				args.open = true
				continue
			}
			f.peek(a.box)
			args.open = args.open || a.box.loose || len(a.box.rest.atoms) > 0
			for _, k := range sortedKeys(a.box.keys) {
				if name, ok := keyText(k); ok {
					named, tail = append(named, name), append(tail, a.box.keys[k])
				}
			}
			if len(a.box.rest.atoms) > 0 {
				named, tail = append(named, "?"), append(tail, a.box.rest)
			}
		}
	}
	args.pos, args.names = append(head, tail...), named
}

func (f *frame) none(v *set) bool {
	return len(v.atoms) == 1 && (v.atoms[0].kind == kindNull || v.atoms[0].kind == kindConst && v.atoms[0].value.Kind == pymarshal.KindNone)
}

// sequence are the elements of v in order; if the order is not known in full,
// one element that stands for all.
func (f *frame) sequence(v *set) (list []*set, complete bool) {
	if len(v.atoms) == 1 {
		switch a := v.atoms[0]; {
		case a.kind == kindBox && a.box.typ != "dict" && !a.box.loose:
			f.peek(a.box)
			if len(a.box.rest.atoms) == 0 {
				return a.box.elems, true
			}
		case a.kind == kindConst && a.value.Kind == pymarshal.KindTuple && len(a.value.Items) <= boxLimit:
			for _, x := range a.value.Items {
				list = append(list, opaque(constant(x)))
			}
			return list, true
		}
	}
	e := f.elements(v)
	if e.pathless() {
		return nil, false
	}
	return []*set{e, e, e}, false
}

// nameTuple are the names in a constant tuple.
func (f *frame) nameTuple(v *set) []string {
	a := v.plainOne()
	if a.kind != kindConst || a.value.Kind != pymarshal.KindTuple || len(a.value.Items) > stackLimit {
		f.note("keyword names that are no tuple")
		return nil
	}
	names := make([]string, 0, len(a.value.Items))
	for _, x := range a.value.Items {
		if x.Kind != pymarshal.KindText {
			f.note("keyword name that is no text")
		}
		names = append(names, x.Text)
	}
	return names
}
