package pyflow

import (
	"slices"
	"strings"
)

// passing keeps what keyword arguments name: an object may have them as
// attributes.
func (f *frame) passing(args *arguments, result *set) *set {
	k := len(args.pos) - len(args.names)
	for i, name := range args.names {
		f.keep(name, args.pos[k+i])
	}
	if v := f.carriedBy(args); len(v.atoms) > 0 {
		return f.z.join(result, opaque(v))
	}
	return result
}

// carried is what of v could be carried through a call that nothing is known of:
// modules and functions by name, functions made here, and containers with what
// is in them.
func (f *frame) carried(v *set) *set {
	if v.pathless() {
		return empty
	}
	out := empty
	for _, a := range v.atoms {
		switch a.kind {
		case kindPath:
			if carries(a.path) {
				out = f.z.join(out, only(a))
			}
		case kindFunc, kindClass, kindInstance, kindPartial, kindGetter, kindNamespace:
			out = f.z.join(out, only(a))
		case kindMethod:
			if a.recv.kind != kindText && a.recv.kind != kindConst {
				out = f.z.join(out, only(a))
			}
		case kindBox:
			if inner := f.contents(a.box); f.interesting(inner) {
				out = f.z.join(out, f.z.join(only(a), inner))
			}
		}
	}
	return out
}

func (f *frame) interesting(v *set) bool {
	for _, a := range v.atoms {
		switch a.kind {
		case kindPath:
			if carries(a.path) {
				return true
			}
		case kindFunc, kindClass, kindInstance, kindPartial, kindGetter, kindNamespace, kindBox:
			return true
		}
	}
	return false
}

// carries is false for the data types of arrays: they are arguments everywhere.
func carries(path string) bool {
	last := path[strings.LastIndexByte(path, '.')+1:]
	last = strings.TrimRight(last, "0123456789")
	switch last {
	case "float", "int", "uint", "bool", "bfloat", "complex", "string", "newaxis", "pi", "str", "None":
		return false
	}
	return true
}

func (f *frame) carriedBy(args *arguments) *set {
	out := empty
	for _, v := range args.all() {
		out = f.z.join(out, f.carried(v))
	}
	return out
}

// calledBy notes a caller, which runs again when the result changes.
func (f *frame) calledBy(caller *frame) {
	f.z.spend(int64(len(f.callers) / 16))
	if !slices.Contains(f.callers, caller) {
		f.callers = append(f.callers, caller)
	}
}

// callBack is what a callee may do with functions that it is handed: call them,
// with what else it was handed.
func (f *frame) callBack(callee *set, args *arguments) {
	all := args.all()
	var others *set
	for i, v := range all {
		for _, a := range v.atoms {
			if a.kind != kindFunc {
				continue
			}
			if others == nil {
				others = f.carriedBy(args)
			}
			a.fn.calledBy(f)
			if len(all) > 1 && len(others.atoms) > 0 {
				rest := empty
				for k, w := range all {
					if k != i {
						rest = f.z.join(rest, f.carried(w))
					}
				}
				for _, name := range a.fn.parameters() {
					a.fn.receive(name, opaque(rest))
				}
			}
		}
	}
	for _, a := range callee.atoms { // functions as the results of calls: f(os) of unknown f
		if a.kind == kindUnknown && a.path == "" && len(all) > 0 {
			f.escapeAll(args)
		}
	}
}

func (f *frame) escapeAll(args *arguments) {
	for _, v := range args.all() {
		f.escape(v)
	}
}
