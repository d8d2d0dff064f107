package pyflow

import (
	"slices"
	"strings"
)

// resultApply is operator.call(f, ...) and apply(f, args) of 2.7.
func resultApply(f *frame, name string, args *arguments) *set {
	fn := args.arg(0, "")
	if fn == nil {
		return nil
	}
	rest := arguments{pos: args.positional()[1:]}
	if name == "apply" {
		rest = arguments{}
		if x := args.arg(1, ""); x != nil {
			rest.pos, _ = f.sequence(x)
		}
	}
	return f.callAll(fn, &rest)
}

// callAll is the result of calling every alternative of fn, without a site.
func (f *frame) callAll(fn *set, args *arguments) *set {
	out := empty
	for _, a := range fn.atoms {
		if name := targetName(a); name != "" && name[0] != '?' && name != "<local>" {
			f.rcalls = append(f.rcalls, name)
		}
		out = f.z.join(out, f.result(a, args))
	}
	return out
}

func resultMap(f *frame, name string, args *arguments) *set {
	pos := args.positional()
	if len(pos) < 2 {
		return nil
	}
	b, _ := f.boxAt("list", 1)
	var lists [][]*set
	longest := 0
	for _, v := range pos[1:] {
		list, ok := f.sequence(v)
		if !ok || len(list) == 0 {
			list = []*set{f.elements(v)}
		}
		lists, longest = append(lists, list), max(longest, len(list))
	}
	for i := range min(longest, boxLimit) {
		var call arguments
		for _, l := range lists {
			call.pos = append(call.pos, l[min(i, len(l)-1)])
		}
		if strings.HasSuffix(name, "starmap") {
			call.pos, _ = f.sequence(call.pos[0])
		}
		f.putElem(b, i, f.callAll(pos[0], &call))
	}
	return only(boxAtom(b))
}

func resultReduce(f *frame, _ string, args *arguments) *set {
	pos := args.positional()
	if len(pos) < 2 {
		return nil
	}
	list, _ := f.sequence(pos[1])
	if len(pos) > 2 {
		list = append([]*set{pos[2]}, list...)
	}
	if len(list) == 0 {
		return unknown
	}
	v := list[0]
	for _, e := range list[1:] {
		v = f.callAll(pos[0], &arguments{pos: []*set{v, e}})
	}
	return f.z.join(v, opaque(f.carriedBy(args)))
}

func resultGetter(f *frame, name string, args *arguments) *set {
	if args.arg(0, "") == nil {
		return nil
	}
	b, _ := f.boxAt("tuple", 1)
	for i, v := range args.positional() {
		f.putElem(b, i, v)
	}
	for i, n := range args.names {
		f.putKey(b, "'"+n, args.pos[len(args.pos)-len(args.names)+i])
	}
	return only(&atom{plain: plainUnknown, kind: kindGetter, path: name, box: b})
}

// getter is the call of what operator.attrgetter and its relatives return.
func (f *frame) getter(a *atom, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return unknown
	}
	f.peek(a.box)
	switch a.path {
	case "operator.itemgetter":
		out := empty
		for _, k := range a.box.elems {
			out = f.z.join(out, f.subscript(x, k))
		}
		return out
	case "operator.methodcaller":
		fn := f.attrBy(x, a.box.elems[0])
		return f.callAll(fn, &arguments{pos: a.box.elems[1:], open: len(a.box.keys) > 0})
	}
	out := empty
	for _, k := range a.box.elems {
		for _, n := range k.atoms {
			v := x
			if n.kind != kindText || !n.known {
				out = f.z.join(out, f.attrBy(x, k))
				continue
			}
			for _, part := range strings.SplitN(n.str, ".", nestLimit) {
				f.attributes = append(f.attributes, part)
				v = f.quietAttr(v, part)
			}
			out = f.z.join(out, v)
		}
	}
	return out
}

func resultPartial(f *frame, _ string, args *arguments) *set {
	if args.arg(0, "") == nil {
		return nil
	}
	b, _ := f.boxAt("tuple", 1)
	for i, v := range args.positional() {
		f.putElem(b, i, v)
	}
	for i, n := range args.names {
		f.putKey(b, "'"+n, args.pos[len(args.pos)-len(args.names)+i])
	}
	out := &atom{plain: plainUnknown, kind: kindPartial, box: b}
	f.callPartial(out, &arguments{open: true}) // it may be called where it is handed to
	return only(out)
}

func (f *frame) callPartial(a *atom, args *arguments) *set {
	f.peek(a.box)
	if len(a.box.elems) == 0 {
		return unknown
	}
	call := arguments{open: args.open}
	call.pos = append(append(call.pos, a.box.elems[1:]...), args.positional()...)
	for _, k := range sortedKeys(a.box.keys) {
		if name, ok := keyText(k); ok {
			call.names, call.pos = append(call.names, name), append(call.pos, a.box.keys[k])
		}
	}
	call.names = append(call.names, args.names...)
	call.pos = append(call.pos, args.pos[len(args.pos)-len(args.names):]...)
	return f.callAll(a.box.elems[0], &call)
}

// callFunction is the call of a function made here.
func (f *frame) callFunction(fn *frame, pos []*set, args *arguments) *set {
	fn.calledBy(f)
	c := fn.code
	for i, v := range pos {
		switch {
		case i < c.ArgCount && i < len(c.VarNames):
			fn.receive(c.VarNames[i], v)
		case c.Flags&flagVarArgs != 0:
			if k := c.ArgCount + c.KwOnlyArgCount; k >= 0 && k < len(c.VarNames) {
				fn.receiveIn(c.VarNames[k], "tuple", v)
			}
		}
	}
	k := len(args.pos) - len(args.names)
	for i, name := range args.names {
		if slices.Contains(c.VarNames[:max(0, min(c.ArgCount+c.KwOnlyArgCount, len(c.VarNames)))], name) {
			fn.receive(name, args.pos[k+i])
		} else if p := fn.parameters(); c.Flags&flagVarKw != 0 && len(p) > 0 {
			fn.receiveIn(p[len(p)-1], "dict", args.pos[k+i])
		}
	}
	if args.star && args.open {
		for _, v := range args.pos {
			for _, name := range fn.parameters() {
				fn.receive(name, v)
			}
		}
	}
	out := opaque(fn.ret)
	if c.Flags&(flagGenerator|flagCoroutine|flagAsyncGen) != 0 {
		b, _ := fn.boxOf("generator")
		b.of = fn
		f.putRest(b, fn.yields)
		f.putRest(b, fn.ret)
		out = only(boxAtom(b))
	}
	return out
}

// receiveIn gives a * or ** parameter one more value.
func (f *frame) receiveIn(name, typ string, v *set) {
	if v.pathless() {
		return
	}
	b, _ := f.boxOf(typ)
	f.putRest(b, v)
	f.receive(name, only(boxAtom(b)))
}

// boxOf is a container that belongs to a code object, not to an instruction.
func (f *frame) boxOf(typ string) (*box, bool) {
	hold := f.pos
	f.pos = -1
	defer func() { f.pos = hold }()
	return f.boxAt(typ, map[string]int{"generator": 1, "tuple": 2, "dict": 3}[typ])
}
