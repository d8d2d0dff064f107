package pyflow

import (
	"strings"
)

// result is what the resolved view knows of the result of calling a.
func (f *frame) result(a *atom, args *arguments) *set {
	if f.nest++; f.nest > nestLimit || !f.z.spend(1) {
		f.nest--
		return unknown
	}
	defer func() { f.nest-- }()
	switch a.kind {
	case kindPath, kindUnknown:
		if a.path == "" || a.path == "?" {
			return f.passing(args, unknown)
		}
		return opaque(f.namedResult(a.path, args))
	case kindFunc:
		return f.callFunction(a.fn, args.positional(), args)
	case kindClass:
		return f.instantiate(a, args)
	case kindInstance:
		return f.methodCall(a, "__call__", args.positional())
	case kindMethod:
		return opaque(f.methodResult(a, args))
	case kindPartial:
		return f.callPartial(a, args)
	case kindGetter:
		return opaque(f.getter(a, args))
	}
	return unknown
}

// builtinName is p without the module in which built-in functions lie.
func builtinName(p string) string {
	for _, prefix := range [...]string{"builtins.", "__builtins__.", "__builtin__."} {
		if s, ok := strings.CutPrefix(p, prefix); ok {
			return s
		}
		if i := strings.LastIndex(p, "."+prefix); i >= 0 {
			return p[i+1+len(prefix):]
		}
	}
	for _, m := range [...]string{"operator", "functools", "importlib", "itertools"} {
		if i := strings.LastIndex(p, "."+m+"."); i >= 0 {
			return p[i+1:]
		}
	}
	return p
}

// namedResult is the result of a function known by its path.
func (f *frame) namedResult(path string, args *arguments) *set {
	name := builtinName(path)
	if fn, ok := known[name]; ok {
		if v := fn(f, name, args); v != nil {
			return v
		}
	}
	if fn, ok := textFunctions[name]; ok {
		if v := fn(f, args); v != nil {
			return v
		}
	}
	for _, suffix := range [...]string{".__getattribute__", ".__getattr__"} {
		if base, ok := strings.CutSuffix(path, suffix); ok {
			return f.getattribute(base, args)
		}
	}
	for _, suffix := range [...]string{".__getitem__", ".get", ".pop", ".setdefault"} {
		if base, ok := strings.CutSuffix(path, suffix); ok {
			if space, ok := namespace(&atom{kind: kindPath, path: base}); ok && args.arg(0, "") != nil {
				return f.lookup(space, args.arg(0, ""))
			}
		}
	}
	return f.passing(args, only(origin(further(path, "()"))))
}

// known are the functions whose results are modelled. They return nil for
// arguments that they have no meaning for.
var known map[string]func(f *frame, name string, args *arguments) *set

func init() {
	known = map[string]func(f *frame, name string, args *arguments) *set{
		"getattr": resultGetattr, "setattr": resultSetattr,
		"__import__": resultImport, "importlib.import_module": resultImport, "importlib.__import__": resultImport,
		"vars": resultVars, "globals": resultGlobals, "locals": resultLocals,
		"functools.partial": resultPartial, "functools.partialmethod": resultPartial,
		"operator.attrgetter": resultGetter, "operator.itemgetter": resultGetter, "operator.methodcaller": resultGetter,
		"operator.getitem": resultGetitem, "operator.call": resultApply, "apply": resultApply,
		"map": resultMap, "itertools.starmap": resultMap, "imap": resultMap, "itertools.imap": resultMap,
		"functools.reduce": resultReduce, "reduce": resultReduce,
		"type":  resultType,
		"tuple": resultCopy, "list": resultCopy, "set": resultCopy, "frozenset": resultCopy, "dict": resultDict, "reversed": resultReversed,
		"iter": resultCopy, "sorted": resultCopy,
	}
}

func resultGetattr(f *frame, _ string, args *arguments) *set {
	base, name := args.arg(0, ""), args.arg(1, "")
	if base == nil || name == nil {
		return nil
	}
	out := f.attrBy(base, name)
	if fallback := args.arg(2, ""); fallback != nil {
		out = f.z.join(out, opaque(fallback))
	}
	return out
}

// attrBy is the attribute of base whose name is a value.
func (f *frame) attrBy(base, name *set) *set {
	out := empty
	for _, n := range name.atoms {
		if n.kind == kindText && n.known {
			f.attributes = append(f.attributes, n.str)
			out = f.z.join(out, f.quietAttr(base, n.str))
			continue
		}
		for _, b := range base.atoms {
			if (b.kind == kindPath || b.kind == kindUnknown) && b.path != "" {
				p := clip(b.path + ".?")
				f.rrefs = append(f.rrefs, p)
				out = f.z.join(out, only(origin(p)))
			}
		}
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return out
}

func (f *frame) getattribute(base string, args *arguments) *set {
	x, y := args.arg(0, ""), args.arg(1, "")
	switch {
	case y != nil:
		return f.attrBy(x, y)
	case x != nil:
		return f.attrBy(only(&atom{kind: kindPath, path: base}), x)
	}
	return unknown
}

func resultSetattr(f *frame, _ string, args *arguments) *set {
	base, name, value := args.arg(0, ""), args.arg(1, ""), args.arg(2, "")
	if base == nil || name == nil || value == nil {
		return nil
	}
	for _, n := range name.atoms {
		key := "?"
		if n.kind == kindText && n.known {
			key = n.str
			f.keep(key, value)
		}
		f.resolvedWrite(base, key, "")
	}
	return unknown
}

func resultImport(f *frame, name string, args *arguments) *set {
	m := args.arg(0, "name")
	if m == nil {
		return nil
	}
	out := empty
	for _, a := range m.atoms {
		if a.kind != kindText || !a.known {
			out = f.z.join(out, only(origin("?")))
			continue
		}
		f.rimports = append(f.rimports, a.str)
		paths := []string{a.str}
		if name != "importlib.import_module" {
			paths = []string{head(a.str)}
			if args.arg(3, "fromlist") != nil {
				paths = append(paths, a.str)
			}
		}
		for _, p := range paths {
			f.rrefs = append(f.rrefs, clip(p))
			out = f.z.join(out, only(&atom{kind: kindPath, path: clip(p)}))
		}
	}
	return out
}

func resultVars(f *frame, _ string, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return resultLocals(f, "", args)
	}
	out := empty
	for _, a := range x.atoms {
		switch {
		case (a.kind == kindPath || a.kind == kindUnknown) && a.path != "":
			out = f.z.join(out, only(&atom{plain: plainUnknown, kind: kindNamespace, path: a.path}))
		case a.kind == kindClass || a.kind == kindInstance:
			out = f.z.join(out, only(&atom{plain: plainUnknown, kind: kindNamespace, path: "?", fn: a.fn}))
		}
	}
	if len(out.atoms) == 0 {
		return only(origin("vars()"))
	}
	return out
}

func resultGlobals(*frame, string, *arguments) *set {
	return only(&atom{plain: plainUnknown, kind: kindNamespace})
}

func resultLocals(f *frame, _ string, _ *arguments) *set {
	return only(&atom{plain: plainUnknown, kind: kindNamespace, fn: f})
}

func resultGetitem(f *frame, _ string, args *arguments) *set {
	if x, k := args.arg(0, ""), args.arg(1, ""); x != nil && k != nil {
		return f.subscript(x, k)
	}
	return nil
}

func resultType(f *frame, _ string, args *arguments) *set {
	pos := args.positional()
	if len(pos) == 3 { // a class made from a dictionary
		for _, a := range pos[2].atoms {
			if a.kind != kindBox {
				continue
			}
			f.peek(a.box)
			for _, k := range sortedKeys(a.box.keys) {
				if name, ok := keyText(k); ok {
					f.keep(name, a.box.keys[k])
				}
			}
		}
	}
	if len(pos) != 1 {
		return nil
	}
	out := empty
	for _, a := range pos[0].atoms {
		switch a.kind {
		case kindFunc:
			f.rrefs = append(f.rrefs, "types.FunctionType")
			out = f.z.join(out, only(&atom{kind: kindPath, path: "types.FunctionType"}))
		case kindCode:
			f.rrefs = append(f.rrefs, "types.CodeType")
			out = f.z.join(out, only(&atom{kind: kindPath, path: "types.CodeType"}))
		case kindInstance:
			class := *a
			class.kind = kindClass
			out = f.z.join(out, only(&class))
		case kindText:
			out = f.z.join(out, only(&atom{kind: kindPath, path: typeName(a)}))
		default:
			if strings.HasSuffix(a.path, ".__code__") || strings.HasSuffix(a.path, ".func_code") {
				f.rrefs = append(f.rrefs, "types.CodeType")
				out = f.z.join(out, only(&atom{kind: kindPath, path: "types.CodeType"}))
				break
			}
			out = f.z.join(out, only(origin("type()")))
		}
	}
	return out
}

func resultCopy(f *frame, name string, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil || x.pathless() {
		return nil
	}
	for _, a := range x.atoms {
		if a.kind != kindBox && (a.kind != kindConst || a.value.Items == nil) {
			return f.z.join(opaque(f.carriedBy(args)), only(origin(name+"()")))
		}
	}
	if name == "iter" {
		return x
	}
	b, _ := f.boxAt(name, 1)
	f.pour(b, x)
	return only(boxAtom(b))
}

func resultDict(f *frame, _ string, args *arguments) *set {
	b, _ := f.boxAt("dict", 1)
	for i, name := range args.names {
		f.putKey(b, "'"+name, args.pos[len(args.pos)-len(args.names)+i])
	}
	if x := args.arg(0, ""); x != nil {
		f.pour(b, x)
		f.putRest(b, f.elements(f.elements(x))) // of pairs
	}
	b.loose = b.loose || args.open
	return only(boxAtom(b))
}

func resultReversed(f *frame, _ string, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return nil
	}
	list, ok := f.sequence(x)
	if !ok {
		return nil
	}
	b, _ := f.boxAt("list", 1)
	for i := range list {
		f.putElem(b, i, list[len(list)-1-i])
	}
	return only(boxAtom(b))
}
