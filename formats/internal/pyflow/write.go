package pyflow

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// writeItem is v[key] = value, or its deletion if value is nil.
func (f *frame) writeItem(v, key, value *set) {
	v.eachPlain(func(a *atom) {
		if a.plain == plainPath && a.text[0] != '?' {
			f.writes = append(f.writes, a.text+"[]")
		}
	})
	for _, a := range v.atoms {
		if base, ok := namespace(a); ok {
			f.writeName(base, key, value)
			continue
		}
		switch a.kind {
		case kindPath, kindUnknown:
			if a.plain != plainPath && named(a.path) {
				f.rwrites = append(f.rwrites, a.path+"[]")
			}
		case kindBox:
			switch {
			case value == nil:
			case isSlice(key):
				f.putRest(a.box, f.elements(value))
			default:
				f.putPair(a.box, key, value)
			}
		case kindInstance:
			if value != nil {
				f.methodCall(a, "__setitem__", []*set{key, value})
			}
		}
	}
}

// named reports whether a path is a name with attributes, not what a call or an
// item gives: such things are most often made by the code itself.
func named(p string) bool { return p != "" && p[0] != '?' && !strings.ContainsAny(p, "()[]") }

// writeName is a write into the dictionary of something: of the attribute base
// and key name.
func (f *frame) writeName(base string, key, value *set) {
	for _, k := range key.atoms {
		name := "?"
		if k.kind == kindText && k.known {
			name = k.str
		}
		if base != "" {
			f.rwrites = append(f.rwrites, base+"."+name)
			continue
		}
		f.rwrites = append(f.rwrites, "global "+name)
		if value != nil && name != "?" {
			f.z.store(&f.z.globals, name, variable(value))
		}
	}
}

// writeSlice is v[a:b] = value, or its deletion.
func (f *frame) writeSlice(o op.Op) {
	var x []*set
	at, value := 0, empty
	switch o {
	case op.StoreSlice:
		x, at = f.popN(4), 1
	case op.StoreSlice0:
		x, at = f.popN(2), 1
	case op.StoreSlice1, op.StoreSlice2:
		x, at = f.popN(3), 1
	case op.StoreSlice3:
		x, at = f.popN(4), 1
	case op.DeleteSlice0:
		x = f.popN(1)
	case op.DeleteSlice1, op.DeleteSlice2:
		x = f.popN(2)
	case op.DeleteSlice3:
		x = f.popN(3)
	}
	if at == 1 {
		value = f.elements(x[0])
	}
	v := x[at]
	v.eachPlain(func(a *atom) {
		if a.plain == plainPath && a.text[0] != '?' {
			f.writes = append(f.writes, a.text+"[]")
		}
	})
	for _, a := range v.atoms {
		switch {
		case a.kind == kindBox:
			f.putRest(a.box, value)
		case (a.kind == kindPath || a.kind == kindUnknown) && a.plain != plainPath && named(a.path):
			f.rwrites = append(f.rwrites, a.path+"[]")
		}
	}
}

// writeAttr is v.name = value, or its deletion.
func (f *frame) writeAttr(del bool, name string) {
	v := f.pop()
	prefix := "del "
	if !del {
		prefix = ""
		value := f.pop()
		f.escape(value)
		f.keep(name, value)
		switch name {
		case "__defaults__", "func_defaults":
			f.functionPart(v, partDefaults, value)
		case "__kwdefaults__":
			f.functionPart(v, partKwDefaults, value)
		}
	}
	v.eachPlain(func(a *atom) {
		p := "?"
		if a.plain == plainPath {
			p = a.text
		}
		f.writes = append(f.writes, prefix+p+"."+name)
	})
	f.resolvedWrite(v, name, prefix)
}

func (f *frame) resolvedWrite(v *set, name, prefix string) {
	for _, a := range v.atoms {
		if (a.kind == kindPath || a.kind == kindUnknown) && named(a.path) && (a.plain != plainPath || a.path != a.text) {
			f.rwrites = append(f.rwrites, prefix+a.path+"."+name)
		}
	}
}

// importName is IMPORT_NAME: the level and the names to import lie on the stack.
func (f *frame) importName(name string) {
	fromlist := f.pop()
	f.pop()
	f.imports = append(f.imports, name)
	whole := only(pathAtom(name))
	first := only(pathAtom(head(name)))
	var v *set
	switch a := fromlist.plainOne(); {
	case a.kind == kindConst && a.value.Kind == pymarshal.KindNone:
		v = first
	case len(fromlist.atoms) == 1 && (a.kind == kindConst || a.kind == kindText):
		v = whole
	default:
		v = f.z.join(first, whole)
	}
	for _, a := range v.atoms {
		f.ref(a.text)
	}
	f.push(v)
}

func head(path string) string {
	for i := range len(path) {
		if path[i] == '.' {
			return path[:i]
		}
	}
	return path
}

// importStar is from v import *.
func (f *frame) importStar(v *set) {
	v.eachPlain(func(a *atom) {
		p := "?"
		if a.plain == plainPath {
			p = a.text
		}
		f.ref(clip(p + ".*"))
	})
	for _, a := range v.atoms {
		if a.path != "" && !slices.Contains(f.z.stars, a.path) && len(f.z.stars) < boxLimit {
			f.z.stars = append(f.z.stars, a.path)
			f.z.stir()
			f.again = true
		}
	}
}
