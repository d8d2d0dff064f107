package pyflow

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// nestLimit is how deep a call that a call makes is followed: a partial of a
// partial, a class whose base is a class.
const nestLimit = 16

// call records a site and gives what the call returns.
func (f *frame) call(callee *set, args arguments) *set {
	if callee.has(kindWith) {
		return f.enteredLate(callee)
	}
	if callee.has(kindBuild) {
		return f.buildClass(args)
	}
	for _, v := range args.all() {
		f.escape(v)
	}
	if name, ok := f.genericCall(callee); ok {
		return name
	}
	f.site(callee, args)
	result := empty
	for _, a := range callee.atoms {
		result = f.z.join(result, f.result(a, &args))
	}
	if plain := f.plainResult(callee, args); plain != nil {
		result = f.z.beside(plain, result)
	} else {
		result = opaque(result)
	}
	f.callBack(callee, &args)
	return result
}

// beside is a value of the plain view with what the resolved view knows of it
// beyond that.
func (z *analysis) beside(plain, resolved *set) *set {
	var more []*atom
	for _, a := range resolved.atoms {
		if a.kind == kindUnknown && a.path == "" {
			continue
		}
		known := false
		for _, b := range plain.atoms {
			known = known || a.kind == b.kind && a.path == b.path && a.fn == b.fn && a.box == b.box && a.str == b.str && a.recv == b.recv
		}
		if !known {
			more = append(more, a)
		}
	}
	if len(more) == 0 {
		return plain
	}
	return z.join(plain, unseen(&set{atoms: more}))
}

// genericCall is the call of <generic parameters of g> of 3.12, which returns g
// at once; the plain view has no site for it.
func (f *frame) genericCall(callee *set) (*set, bool) {
	for _, a := range callee.atoms {
		if a.plain != plainDef {
			continue
		}
		if name, ok := generic(a.text); ok {
			out := only(&atom{plain: plainDef, text: name})
			if a.fn != nil {
				a.fn.calledBy(f)
				out = f.z.join(out, unseen(a.fn.ret))
			}
			return out, true
		}
	}
	return nil, false
}

// site records a place that calls.
func (f *frame) site(callee *set, args arguments) {
	s := Site{Off: f.offset(), Star: args.star, Open: args.open}
	callee.eachPlain(func(a *atom) {
		switch {
		case a.kind == kindNull || a.kind == kindSelf:
		case a.plain == plainPath:
			s.Targets = append(s.Targets, a.text)
		case a.plain == plainDef && comprehension(a.text):
		case a.plain == plainDef:
			s.Targets = append(s.Targets, "<local>")
		default:
			s.Targets = append(s.Targets, "?")
		}
	})
	slices.Sort(s.Targets)
	s.Targets = slices.Compact(s.Targets)
	for _, a := range callee.atoms {
		if name := targetName(a); name != "" && name != "?" && !slices.Contains(s.Targets, name) {
			s.Resolved = append(s.Resolved, name)
		}
	}
	slices.Sort(s.Resolved)
	s.Resolved = slices.Compact(s.Resolved)
	if len(s.Targets) == 0 {
		f.rcalls = append(f.rcalls, s.Resolved...)
		return
	}
	if n := len(args.pos); n > 0 {
		all := make([]Arg, n)
		for i, v := range args.pos {
			all[i] = argument(v)
		}
		n -= len(args.names)
		s.Args = all[:n:n]
		for i, name := range args.names {
			s.Keywords = append(s.Keywords, Keyword{Name: name, Arg: all[n+i]})
		}
	}
	if args.self != nil {
		self := argument(args.self)
		s.Self = &self
	}
	f.sites = append(f.sites, s)
}

// targetName is what the resolved view calls a callee; "" if it has no name.
func targetName(a *atom) string {
	switch a.kind {
	case kindPath, kindUnknown:
		return a.path
	case kindFunc, kindClass:
		if comprehension(a.text) || a.kind == kindFunc && comprehension(a.fn.code.Name) {
			return ""
		}
		return "<local>"
	case kindMethod:
		return typeName(a.recv) + "." + a.str
	case kindPartial:
		return "functools.partial()"
	case kindGetter:
		return a.path + "()"
	}
	return ""
}

// typeName is the built-in type of something known.
func typeName(a *atom) string {
	switch a.kind {
	case kindText:
		if a.value != nil && a.value.Kind == pymarshal.KindBytes {
			return "bytes"
		}
		return "str"
	case kindBox:
		return a.box.typ
	case kindNamespace:
		return "dict"
	case kindConst:
		switch a.value.Kind {
		case pymarshal.KindInt, pymarshal.KindBool:
			return "int"
		case pymarshal.KindTuple:
			return "tuple"
		case pymarshal.KindFloat:
			return "float"
		}
		return "constant"
	case kindInstance:
		return "<local>()"
	case kindPartial:
		return "functools.partial()"
	case kindGetter:
		return a.path + "()"
	}
	return "?"
}

// argument is how a site records an argument.
func argument(v *set) Arg {
	a := v.plainOne()
	out := Arg{}
	switch {
	case a.plain == plainPath:
		out = Arg{Kind: ArgPath, Text: a.text}
	case a.plain == plainText:
		out = Arg{Kind: ArgText, Text: a.str, Const: a.value}
	case a.plain == plainConst:
		out = Arg{Kind: ArgConst, Const: a.value}
	case a.plain == plainDef:
		out = Arg{Kind: ArgLocal}
	}
	if len(v.atoms) == 1 && out.Kind != ArgUnknown && (v.atoms[0].kind != kindPath && v.atoms[0].kind != kindUnknown || v.atoms[0].path == v.atoms[0].text) {
		return out
	}
	for _, a := range v.atoms {
		if also, ok := resolvedArg(a); ok && (also.Kind != out.Kind || also.Text != out.Text) {
			out.Also = append(out.Also, also)
		}
	}
	return out
}

func resolvedArg(a *atom) (Arg, bool) {
	switch a.kind {
	case kindPath, kindUnknown:
		return Arg{Kind: ArgPath, Text: a.path}, a.path != "" && a.path != "?"
	case kindText:
		if a.known {
			return Arg{Kind: ArgText, Text: a.str, Const: a.value}, true
		}
		return Arg{Kind: ArgOther, Text: "str"}, true
	case kindConst:
		return Arg{Kind: ArgConst, Const: a.value}, true
	case kindFunc, kindClass:
		return Arg{Kind: ArgLocal}, true
	case kindBox, kindMethod, kindPartial, kindGetter, kindNamespace, kindInstance:
		return Arg{Kind: ArgOther, Text: typeName(a)}, true
	}
	return Arg{}, false
}

// plainResult is what the plain view knows of a result: modules by name and
// attributes by constant name. nil if it knows nothing.
func (f *frame) plainResult(callee *set, args arguments) *set {
	var out *set
	if args.star {
		return nil
	}
	pos := args.pos[:len(args.pos)-len(args.names)]
	unknownToo := false
	callee.eachPlain(func(a *atom) {
		var r *set
		switch {
		case a.plain == plainPath && a.text == "__import__" && len(pos) > 0:
			if m := pos[0].plainOne(); m.plain == plainText {
				f.imports = append(f.imports, m.str)
				r = only(pathAtom(head(m.str)))
			}
		case a.plain == plainPath && a.text == "importlib.import_module" && len(pos) > 0:
			if m := pos[0].plainOne(); m.plain == plainText {
				f.imports = append(f.imports, m.str)
				r = only(pathAtom(m.str))
			}
		case a.plain == plainPath && a.text == "getattr" && len(pos) > 1:
			base, name := pos[0].plainOne(), pos[1].plainOne()
			if name.plain == plainText && (base.plain == plainPath || base.plain == plainUnknown) {
				r = f.attrOf(base, base.plain, name.str)
			}
		}
		switch {
		case r == nil:
			unknownToo = true
		case out == nil:
			out = r
		default:
			out = f.z.join(out, r)
		}
	})
	if out == nil {
		return nil
	}
	for _, a := range out.atoms {
		if a.plain == plainPath && !strings.HasPrefix(a.text, "?") {
			f.ref(a.text)
		}
	}
	if unknownToo {
		out = f.z.join(unknown, out)
	}
	return out
}
