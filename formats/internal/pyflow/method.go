package pyflow

// methodResult is the result of calling a method of something known.
func (f *frame) methodResult(a *atom, args *arguments) *set {
	if a.fn != nil { // of an instance made here
		return f.callFunction(a.fn, append([]*set{only(a.recv)}, args.positional()...), args)
	}
	switch a.recv.kind {
	case kindText:
		return f.textMethod(a.recv, a.str, args)
	case kindNamespace:
		return f.namespaceMethod(a, args)
	case kindBox:
		return f.boxMethod(a.recv.box, a.str, args)
	case kindPartial:
		f.peek(a.recv.box)
		if a.str == "__call__" {
			return f.callPartial(a.recv, args)
		}
	case kindGetter:
		if a.str == "__call__" {
			return f.getter(a.recv, args)
		}
	case kindConst:
		if a.str == "__getitem__" && args.arg(0, "") != nil {
			return f.subscript(only(a.recv), args.arg(0, ""))
		}
	}
	return f.passing(args, unknown)
}

func (f *frame) namespaceMethod(a *atom, args *arguments) *set {
	key := args.arg(0, "")
	switch a.str {
	case "get", "__getitem__", "pop", "setdefault":
		if key == nil {
			return unknown
		}
		out := f.lookup(a.recv.path, key)
		if a.recv.fn != nil {
			out = f.z.join(out, f.localsOf(a.recv.fn, key))
		}
		if other := args.arg(1, ""); other != nil {
			out = f.z.join(out, opaque(other))
			if a.str == "setdefault" {
				f.writeName(a.recv.path, key, other)
			}
		}
		return out
	case "__setitem__":
		if key != nil && args.arg(1, "") != nil {
			f.writeName(a.recv.path, key, args.arg(1, ""))
		}
	case "update", "__ior__":
		for i, n := range args.names {
			f.writeName(a.recv.path, only(textAtom(n, plainUnknown)), args.pos[len(args.pos)-len(args.names)+i])
		}
		if key != nil {
			f.writeName(a.recv.path, computed, nil)
		}
	case "values", "items", "popitem", "copy":
		return only(origin(joinPath(a.recv.path, "?")))
	}
	return unknown
}

func joinPath(base, name string) string {
	if base == "" {
		return name
	}
	return base + "." + name
}

// localsOf are the variables of a code object by name.
func (f *frame) localsOf(fn *frame, key *set) *set {
	out := empty
	for _, k := range key.atoms {
		if k.kind == kindText && k.known {
			if i := fn.env.find(k.str); i >= 0 {
				fn.env.loaded[i] = true
				out = f.z.join(out, opaque(fn.env.vals[i]))
			}
		}
	}
	return out
}

// boxMethod is a method of a list, tuple, set or dict.
func (f *frame) boxMethod(b *box, name string, args *arguments) *set {
	pos := args.positional()
	switch name {
	case "append", "add", "insert", "__setitem__", "setdefault":
		if len(pos) > 1 && b.typ == "dict" {
			f.putPair(b, pos[0], pos[1])
			return f.contents(b)
		}
		for _, v := range pos {
			f.putRest(b, v)
		}
		return unknown
	case "extend", "update", "__iadd__", "__ior__":
		for _, v := range pos {
			f.pour(b, v)
		}
		k := len(args.pos) - len(args.names)
		for i, n := range args.names {
			f.putKey(b, "'"+n, args.pos[k+i])
		}
		return only(boxAtom(b))
	case "__getitem__", "get", "pop":
		if len(pos) == 0 {
			return f.contents(b)
		}
		out := f.subscript(only(boxAtom(b)), pos[0])
		if len(pos) > 1 {
			out = f.z.join(out, opaque(pos[1]))
		}
		return out
	case "values", "copy", "__iter__", "items":
		return f.z.join(only(boxAtom(b)), f.contents(b))
	case "send", "asend":
		if b.of != nil && len(pos) > 0 {
			if u := f.z.join(b.of.sent, variable(pos[0])); u != b.of.sent {
				b.of.sent, b.of.dirty = u, true
			}
		}
		return f.elementsOf(boxAtom(b))
	case "keys", "popitem", "__next__":
		return f.elementsOf(boxAtom(b))
	case "index", "count", "sort", "reverse", "clear", "__len__", "__contains__":
		return unknown
	}
	return f.passing(args, f.contents(b))
}
