package pyflow

import (
	"maps"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

func sortedKeys(m map[string]*set) []string { return slices.Sorted(maps.Keys(m)) }

// ref records a path of the plain view.
func (f *frame) ref(path string) { f.refs = append(f.refs, path) }

// escape records that named things are handed on as values.
func (f *frame) escape(v *set) {
	for _, a := range v.atoms {
		if a.kind == kindPath {
			f.escapes = append(f.escapes, a.path)
		}
	}
}

// constant is the value of a constant.
func constant(v *pymarshal.Value) *set {
	a := &atom{plain: plainUnknown, kind: kindConst, value: v}
	switch v.Kind {
	case pymarshal.KindText, pymarshal.KindBytes:
		a.plain, a.kind, a.known, a.str = plainText, kindText, true, v.Text
	case pymarshal.KindCode:
		a.plain, a.kind, a.code, a.value = plainMark, kindCode, v.Code, nil
	default:
		left := 1 << 10
		if sayable(v, &left) {
			a.plain = plainConst
		}
	}
	return only(a)
}

// sayable reports whether JSON has a word for a constant; left bounds how much
// of it is looked at, as tuples may share their elements.
func sayable(v *pymarshal.Value, left *int) bool {
	*left--
	switch v.Kind {
	case pymarshal.KindNone, pymarshal.KindBool, pymarshal.KindInt, pymarshal.KindText, pymarshal.KindBytes:
		return true
	case pymarshal.KindFloat:
		return !strings.Contains(v.Text, "n") // nan and inf
	case pymarshal.KindTuple:
		for _, x := range v.Items {
			if *left < 0 || !sayable(x, left) {
				return false
			}
		}
		return true
	}
	return false
}

// attr is v.name, recorded as a reference.
func (f *frame) attr(v *set, name string) *set {
	if f.z.readsObj { // AttributeError.obj is what had no such attribute
		f.keep("obj", v)
	}
	out := empty
	for i, a := range v.atoms {
		p := a.plain
		if v.wide {
			p = plainNone
			if i == 0 {
				out = f.z.join(out, f.attrOf(unknownAtom, plainUnknown, name))
			}
		}
		r := f.attrOf(a, p, name)
		if len(v.atoms) == 1 && !v.wide {
			return r
		}
		out = f.z.join(out, r)
	}
	return out
}

// attrOf is the attribute of one alternative, which is p in the plain view.
func (f *frame) attrOf(a *atom, p plain, name string) *set {
	b := &atom{path: ""}
	switch p {
	case plainNone:
	case plainPath:
		b.plain, b.text = plainPath, clip(a.text+"."+name)
	default:
		b.plain, b.text = plainPath, clip("?."+name)
	}
	if p != plainNone {
		f.ref(b.text)
	}
	more := empty
	switch a.kind {
	case kindPath:
		b.kind = kindPath
		fallthrough
	case kindUnknown:
		b.path = b.text
		if (a.path != a.text || p != plainPath) && a.path != "" {
			b.path = clip(a.path + "." + name)
			f.resolvedRef(b.path, b.text)
		} else if p == plainNone {
			b.path = clip("?." + name)
		}
		if a.kind == kindUnknown {
			more = f.stored(name)
		}
	case kindText, kindConst, kindBox, kindPartial, kindGetter:
		b.kind, b.recv, b.str = kindMethod, a, name
	case kindNamespace:
		b.kind, b.recv, b.str = kindMethod, a, name
	case kindClass, kindInstance:
		b.path = clip("?." + name)
		more = f.z.join(f.member(a, name), f.stored(name))
	default:
		b.path = clip("?." + name)
		more = f.stored(name)
	}
	if len(more.atoms) == 0 {
		return only(b)
	}
	return f.z.join(only(b), unseen(more))
}

func (f *frame) resolvedRef(path, plain string) {
	if path != plain {
		f.rrefs = append(f.rrefs, path)
	}
}

// stored is what any object was given as an attribute of this name.
func (f *frame) stored(name string) *set {
	f.reads()
	if v, ok := f.z.heap[name]; ok {
		return v
	}
	return empty
}

// keep gives every object an attribute. Values of which nothing is known are not
// kept.
func (f *frame) keep(name string, v *set) {
	v = f.carried(v)
	if len(v.atoms) == 0 {
		return
	}
	z := f.z
	if z.heap == nil {
		z.heap = map[string]*set{}
	}
	old, ok := z.heap[name]
	if !ok {
		old = empty
	}
	if u := z.join(old, unseen(v)); u != old {
		z.heap[name] = u
		z.stir()
		f.again = true
	}
}

// member is what a class made here, or an instance of it, has under a name.
func (f *frame) member(a *atom, name string) *set {
	body := a.fn
	out := empty
	if f.nest++; f.nest > nestLimit || !f.z.spend(1) {
		f.nest--
		return out
	}
	defer func() { f.nest-- }()
	body.calledBy(f)
	if i := body.env.find(name); i >= 0 {
		wrapped := wrapper(body.env.vals[i])
		for _, m := range body.env.vals[i].atoms {
			if a.kind == kindInstance && m.kind == kindFunc {
				if wrapped == "property()" {
					out = f.z.join(out, f.callFunction(m.fn, []*set{only(a)}, &arguments{}))
				}
				if wrapped == "staticmethod()" {
					out = f.z.join(out, only(m))
				}
				m = &atom{plain: plainUnknown, kind: kindMethod, recv: a, fn: m.fn, str: name}
			}
			out = f.z.join(out, only(m))
		}
	}
	if len(out.atoms) == 0 && name != "__getattr__" {
		if i := body.env.find("__getattr__"); i >= 0 && a.kind == kindInstance {
			out = f.methodCall(a, "__getattr__", []*set{only(textAtom(name, plainUnknown))})
		}
	}
	suffix := ""
	if a.kind == kindInstance {
		suffix = "()"
	}
	for _, b := range body.bases.atoms {
		switch b.kind {
		case kindPath, kindUnknown:
			if b.path == "" || b.path == "object" {
				continue
			}
			p := clip(b.path + suffix + "." + name)
			f.rrefs = append(f.rrefs, p)
			out = f.z.join(out, only(&atom{plain: plainUnknown, path: p}))
		case kindClass:
			if b.fn != body {
				inherited := *a
				inherited.fn = b.fn
				out = f.z.join(out, f.member(&inherited, name))
			}
		}
	}
	return out
}

// wrapper is the decorator that changes what a function in a class is.
func wrapper(v *set) string {
	for _, a := range v.atoms {
		switch {
		case a.path == "staticmethod()":
			return a.path
		case strings.HasSuffix(a.path, "property()"):
			return "property()"
		}
	}
	return ""
}

// namespace is the path whose attributes a is the dictionary of: "" for the
// globals and for sys.modules.
func namespace(a *atom) (base string, ok bool) {
	if a.kind == kindNamespace {
		return a.path, true
	}
	if a.kind != kindPath && a.kind != kindUnknown {
		return "", false
	}
	p := a.path
	switch {
	case p == "__builtins__" || strings.HasSuffix(p, ".__builtins__") || strings.HasSuffix(p, ".f_builtins"):
		return "builtins", true
	case p == "sys.modules" || strings.HasSuffix(p, ".sys.modules") || strings.HasSuffix(p, ".__globals__") ||
		strings.HasSuffix(p, ".func_globals") || strings.HasSuffix(p, ".f_globals"):
		return "", true
	case strings.HasSuffix(p, ".__dict__"):
		return strings.TrimSuffix(p, ".__dict__"), true
	}
	return "", false
}

// lookup is what a namespace has under key.
func (f *frame) lookup(base string, key *set) *set {
	out := empty
	for _, k := range key.atoms {
		name := "?"
		if k.kind == kindText && k.known {
			name = k.str
		}
		p := name
		if base != "" {
			p = base + "." + name
		}
		a := &atom{plain: plainUnknown, path: clip(p)}
		if name != "?" {
			a.kind = kindPath
		}
		f.rrefs = append(f.rrefs, a.path)
		out = f.z.join(out, only(a))
		if base == "" && name != "?" {
			out = f.z.join(out, opaque(f.global(name)))
		}
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return out
}

// global is what the code itself, the loader or a star import binds to a global
// name, apart from the name itself; no part of the plain view.
func (f *frame) global(name string) *set {
	out := empty
	f.reads()
	if i := f.z.globals.find(name); i >= 0 {
		out = unseen(f.z.globals.vals[i])
	}
	for _, list := range [2][]string{f.z.env.Modules, f.z.stars} {
		for _, m := range list {
			if m == "" {
				continue
			}
			p := clip(m + "." + name)
			f.rrefs = append(f.rrefs, p)
			out = f.z.join(out, only(&atom{kind: kindPath, path: p}))
		}
	}
	return out
}
