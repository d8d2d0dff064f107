package pyflow

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// Strings that are put together from constants are evaluated where that is
// simple, so that a report can name what is meant. Otherwise they are computed
// strings, and nothing is concluded from what they hold.

// text is the content of a value that is one known string.
func text(v *set) (string, bool) {
	if v == nil || len(v.atoms) != 1 {
		return "", false
	}
	a := v.atoms[0]
	return a.str, a.kind == kindText && a.known
}

// made is a string that was put together.
func (f *frame) made(s string) *set {
	if strings.Contains(s, "{") && strings.ContainsAny(s, ".[") {
		f.formats = append(f.formats, s)
	}
	return only(textAtom(s, plainUnknown))
}

// concat is the string of several values one after the other.
func (f *frame) concat(parts []*set) *set {
	var b strings.Builder
	for _, p := range parts {
		s, ok := text(p)
		if !ok || b.Len()+len(s) > textLimit {
			return computed
		}
		b.WriteString(s)
	}
	return f.made(b.String())
}

// formatted is a part of an f-string; only strings without a format are known.
func (f *frame) formatted(in *op.Instr) {
	n := 1
	simple := true
	switch in.Op {
	case op.FormatValue:
		simple = in.Arg == 0
		if in.Arg&4 != 0 {
			n = 2
		}
	case op.FormatWithSpec:
		n, simple = 2, false
	case op.ConvertValue:
		simple = in.Arg == 1 // !s
	case op.BuildInterpolation:
		n, simple = 2+in.Arg&1, false
	}
	x := f.popN(n)
	switch s, ok := text(x[0]); {
	case ok && simple:
		f.push(f.made(s))
	case in.Op == op.ConvertValue && !ok:
		f.push(opaque(x[0]))
	default:
		f.push(f.shown(x[0]))
	}
}

// shown is str of a value.
func (f *frame) shown(v *set) *set {
	if len(v.atoms) == 1 {
		switch a := v.atoms[0]; {
		case a.kind == kindText && a.known && (a.value == nil || a.value.Kind == pymarshal.KindText || f.z.v.Major == 2):
			return f.made(a.str)
		case a.kind == kindConst && a.value.Kind == pymarshal.KindInt:
			return f.made(a.value.Text)
		}
	}
	return computed
}

// Numbers of BINARY_OP (Include/opcode.h); the augmented ones follow.
const (
	opAdd       = 0
	opMultiply  = 5
	opRemainder = 6
	opOr        = 7
	opInplace   = 13
	opSubscript = 26 // 3.14
)

// binary is an operation of two values.
func (f *frame) binary(in *op.Instr) {
	n := in.Arg
	if in.Op == op.BinaryOp && n == opSubscript {
		x := f.popN(2)
		f.push(f.subscript(x[0], x[1]))
		return
	}
	inplace := isInplace(in.Op) || in.Op == op.BinaryOp && n >= opInplace
	if inplace && (n == opInplace+opAdd || n == opInplace+opOr || in.Op == op.InplaceAdd || in.Op == op.InplaceOr) {
		f.inplace(f.top(2))
	}
	switch in.Op {
	case op.BinaryAdd, op.InplaceAdd:
		n = opAdd
	case op.BinaryModulo, op.InplaceModulo:
		n = opRemainder
	case op.BinaryMultiply, op.InplaceMultiply:
		n = opMultiply
	case op.BinaryOr, op.InplaceOr:
		n = opOr
	default:
		n %= opInplace
	}
	x := f.popN(2)
	f.push(f.operate(n, x[0], x[1]))
}

func (f *frame) operate(n int, a, b *set) *set {
	if a.pathless() && b.pathless() {
		return unknown
	}
	switch {
	case a.has(kindInstance) || b.has(kindInstance):
		return f.z.join(f.implicit(a, b), f.implicit(b, a))
	case a.has(kindBox) || b.has(kindBox):
		return f.operateBoxes(n, a, b)
	case n == opRemainder && a.has(kindText):
		return f.percent(a, b)
	case n == opAdd && (a.has(kindText) || b.has(kindText)):
		return f.concat([]*set{a, b})
	case n == opMultiply && (a.has(kindText) || b.has(kindText)):
		s, ok := text(a)
		k, isInt := index(b)
		if ok && isInt && k >= 0 && len(s)*k <= textLimit {
			return f.made(strings.Repeat(s, k))
		}
		return computed
	}
	return unknown
}

func (f *frame) operateBoxes(n int, a, b *set) *set {
	if n == opRemainder && a.has(kindText) {
		return f.percent(a, b)
	}
	if n != opAdd && n != opMultiply && n != opOr {
		return unknown
	}
	typ := "list"
	for _, x := range append(slices.Clone(a.atoms), b.atoms...) {
		if x.kind == kindBox {
			typ = x.box.typ
		}
	}
	sum, _ := f.boxAt(typ, 1)
	x, okA := f.sequence(a)
	y, okB := f.sequence(b)
	if n == opAdd && okA && okB {
		for i, e := range append(slices.Clone(x), y...) {
			f.putElem(sum, i, e)
		}
		return only(boxAtom(sum))
	}
	f.pour(sum, a)
	f.pour(sum, b)
	return only(boxAtom(sum))
}

// inplace notes |= and += on something of a system module, which may change it:
// e = os.environ; e |= {...}. Numbers and arrays of other modules are common there.
func (f *frame) inplace(v *set) {
	for _, a := range v.atoms {
		if a.kind != kindPath || !named(a.path) {
			continue
		}
		for part := range strings.SplitSeq(a.path, ".") {
			if part == "os" || part == "posix" || part == "nt" || part == "sys" {
				f.rwrites = append(f.rwrites, a.path+" op=")
				break
			}
		}
	}
}

// percent is format % args with the verbs that need no width.
func (f *frame) percent(format, args *set) *set {
	s, ok := text(format)
	list, complete := f.sequence(args)
	if !ok || len(s) > textLimit {
		return computed
	}
	if !complete {
		list = []*set{args}
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return computed
		}
		if s[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if len(list) == 0 || !strings.ContainsRune("sdic", rune(s[i])) {
			return computed
		}
		part, ok := text(f.shown(list[0]))
		if k, isInt := index(list[0]); s[i] == 'c' && isInt && k >= 0 && k <= utf8.MaxRune {
			part, ok = string(rune(k)), true
		}
		if !ok || b.Len()+len(part) > textLimit {
			return computed
		}
		b.WriteString(part)
		list = list[1:]
	}
	return f.made(b.String())
}

func isSlice(v *set) bool {
	if len(v.atoms) != 1 {
		return false
	}
	a := v.atoms[0]
	return a.kind == kindBox && a.box.typ == "slice" || a.kind == kindConst && a.value.Kind == pymarshal.KindSlice
}

// textSlice is a[key] of a string.
func (f *frame) textSlice(a *atom, key *set) *set {
	if !a.known {
		return computed
	}
	letters := []rune(a.str)
	isBytes := a.value != nil && a.value.Kind == pymarshal.KindBytes
	if i, ok := index(key); ok {
		if i < 0 {
			i += len(letters)
		}
		if i < 0 || i >= len(letters) || isBytes && f.z.v.Major > 2 {
			return computed
		}
		return f.made(string(letters[i]))
	}
	from, to, step, ok := bounds3(key, len(letters))
	if !ok || isBytes && utf8.RuneCountInString(a.str) != len(a.str) {
		return computed
	}
	var b strings.Builder
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		b.WriteRune(letters[i])
	}
	return f.made(b.String())
}

// bounds3 are start, stop and step of a constant slice of n elements, as
// PySlice_AdjustIndices gives them.
func bounds3(key *set, n int) (from, to, step int, ok bool) {
	if !isSlice(key) {
		return 0, 0, 0, false
	}
	var parts []*set
	if a := key.atoms[0]; a.kind == kindBox {
		parts = a.box.elems
	} else {
		for _, x := range a.value.Items {
			parts = append(parts, constant(x))
		}
	}
	part := func(i, ifNone int) (int, bool) {
		if i >= len(parts) || len(parts[i].atoms) == 1 && parts[i].atoms[0].kind == kindConst && parts[i].atoms[0].value.Kind == pymarshal.KindNone {
			return ifNone, true
		}
		k, ok := index(parts[i])
		if i < 2 && k < 0 {
			k += n
		}
		return k, ok
	}
	step, okStep := part(2, 1)
	first, last := 0, n
	if step < 0 {
		first, last = n-1, -1
	}
	from, okFrom := part(0, first)
	to, okTo := part(1, last)
	if step > 0 {
		from, to = max(0, min(from, n)), max(0, min(to, n))
	} else {
		from, to = max(-1, min(from, n-1)), max(-1, min(to, n-1))
	}
	return from, to, step, okStep && okFrom && okTo && step != 0
}
