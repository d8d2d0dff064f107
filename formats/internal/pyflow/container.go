package pyflow

import (
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// container are the instructions that build containers and take them apart.
func (f *frame) container(in *op.Instr) bool {
	n := in.Arg
	switch in.Op {
	case op.BuildTuple:
		f.push(f.build("tuple", f.popN(n)))
	case op.BuildList:
		f.push(f.build("list", f.popN(n)))
	case op.BuildSet:
		f.push(f.build("set", f.popN(n)))
	case op.BuildMap:
		f.buildMap(n)
	case op.BuildConstKeyMap:
		keys := f.pop()
		values := f.popN(n)
		b, _ := f.boxAt("dict", 0)
		for i, v := range values {
			f.putPair(b, f.itemAt(keys, i), v)
		}
		f.push(only(boxAtom(b)))
	case op.BuildListUnpack, op.BuildTupleUnpack, op.BuildTupleUnpackWithCall, op.BuildSetUnpack, op.BuildMapUnpack, op.BuildMapUnpackWithCall:
		f.unpackInto(in.Op, f.popN(n))
	case op.ListToTuple:
		f.push(opaque(f.pop()))
	case op.ListAppend, op.SetAdd:
		v := f.pop()
		f.each(f.top(n), func(b *box) { f.putRest(b, v) })
	case op.ListExtend, op.SetUpdate, op.DictUpdate, op.DictMerge:
		v := f.pop()
		f.each(f.top(n), func(b *box) { f.pour(b, v) })
	case op.MapAdd:
		pair := f.popN(2)
		if f.z.v.Before(3, 8) {
			pair[0], pair[1] = pair[1], pair[0]
		}
		f.each(f.top(n), func(b *box) { f.putPair(b, pair[0], pair[1]) })
	case op.StoreMap: // 2.7: value below key
		pair := f.popN(2)
		f.each(f.top(1), func(b *box) { f.putPair(b, pair[1], pair[0]) })
	case op.UnpackSequence:
		item := f.items(f.pop())
		f.pushN(n, func(i int) *set { return item(n - 1 - i) })
	case op.UnpackEx:
		f.unpackEx(f.pop(), n&0xff, n>>8)
	case op.BinarySubscr:
		x := f.popN(2)
		f.push(f.subscript(x[0], x[1]))
	case op.BinarySlice, op.Slice0, op.Slice1, op.Slice2, op.Slice3:
		f.slice(in.Op)
	case op.StoreSubscr:
		x := f.popN(3) // value, container, key
		f.escape(x[0])
		f.writeItem(x[1], x[2], x[0])
	case op.DeleteSubscr:
		x := f.popN(2)
		f.writeItem(x[0], x[1], nil)
	case op.StoreSlice, op.StoreSlice0, op.StoreSlice1, op.StoreSlice2, op.StoreSlice3, op.DeleteSlice0, op.DeleteSlice1,
		op.DeleteSlice2, op.DeleteSlice3:
		f.writeSlice(in.Op)
	case op.BuildSlice:
		if n != 3 {
			n = 2
		}
		parts := f.popN(n)
		b, _ := f.boxAt("slice", 0)
		for i, p := range parts {
			f.putElem(b, i, p)
		}
		f.push(only(boxAtom(b)))
	case op.GetIter, op.GetYieldFromIter, op.GetAiter:
		f.push(opaque(f.pop()))
		if in.Op == op.GetIter && f.z.v.AtLeast(3, 15) {
			f.push(unknown)
		}
	case op.ForIter, op.GetAnext:
		if in.Op == op.ForIter && f.z.v.AtLeast(3, 15) {
			f.iterate315()
			break
		}
		v := opaque(f.pop())
		f.push(v)
		f.push(opaque(f.elements(v)))
	case op.MatchKeys:
		f.matchKeys()
	case op.MatchClass:
		f.matchClass(n)
	case op.MatchMapping, op.MatchSequence, op.GetLen:
		f.push(opaque(f.pop()))
		f.push(unknown)
	default:
		return false
	}
	return true
}

// iterate315 is FOR_ITER of 3.15, which keeps an index above the iterator.
func (f *frame) iterate315() {
	f.pop()
	v := opaque(f.top(1))
	f.push(unknown)
	f.push(opaque(f.elements(v)))
}

func (f *frame) each(v *set, put func(*box)) {
	for _, a := range v.atoms {
		if a.kind == kindBox {
			put(a.box)
		}
	}
}

func (f *frame) putPair(b *box, key, v *set) {
	f.escape(v)
	if k, ok := keyOf(key); ok {
		f.putKey(b, k, v)
		return
	}
	f.putRest(b, key)
	f.putRest(b, v)
}

func (f *frame) buildMap(n int) {
	b, _ := f.boxAt("dict", 0)
	if f.z.v.Major > 2 {
		pairs := f.popN(2 * n)
		for i := 0; i+1 < len(pairs); i += 2 {
			f.putPair(b, pairs[i], pairs[i+1])
		}
	}
	f.push(only(boxAtom(b)))
}

func (f *frame) unpackInto(o op.Op, parts []*set) {
	typ := "tuple"
	switch o {
	case op.BuildListUnpack:
		typ = "list"
	case op.BuildSetUnpack:
		typ = "set"
	case op.BuildMapUnpack, op.BuildMapUnpackWithCall:
		typ = "dict"
	}
	b, _ := f.boxAt(typ, 0)
	for _, p := range parts {
		f.pour(b, p)
	}
	f.push(only(boxAtom(b)))
}

// unpackEx is a, b, *rest, c = v: before of them come first, after last.
func (f *frame) unpackEx(v *set, before, after int) {
	length := -1
	if len(v.atoms) == 1 && v.atoms[0].kind == kindBox && len(v.atoms[0].box.rest.atoms) == 0 && !v.atoms[0].box.loose {
		length = len(v.atoms[0].box.elems)
	}
	b, _ := f.boxAt("list", 0)
	switch {
	case v.pathless():
		b.loose = true
	case length >= before+after:
		for i := before; i < length-after; i++ {
			f.putElem(b, i-before, f.itemAt(v, i))
		}
	default:
		f.putRest(b, f.elements(v))
		b.loose = true
	}
	item := f.items(v)
	f.pushN(after, func(i int) *set { return item(length - 1 - i) }) // of unknown length, any
	f.push(only(boxAtom(b)))
	f.pushN(before, func(i int) *set { return item(before - 1 - i) })
}

// matchKeys is MATCH_KEYS: subject and keys stay, the values come.
func (f *frame) matchKeys() {
	x := f.popN(2)
	b, _ := f.boxAt("tuple", 0)
	n := 0
	for _, a := range x[1].atoms {
		switch {
		case a.kind == kindConst:
			n = max(n, min(len(a.value.Items), boxLimit))
		case a.kind == kindBox:
			n = max(n, len(a.box.elems))
		}
	}
	for i := range n {
		f.putElem(b, i, f.subscript(x[0], f.itemAt(x[1], i)))
	}
	f.push(opaque(x[0]))
	f.push(opaque(x[1]))
	f.push(only(boxAtom(b)))
	if f.z.v.Before(3, 11) {
		f.push(unknown)
	}
}

// matchClass is MATCH_CLASS: a tuple of what the attributes of the subject hold,
// positional patterns first.
func (f *frame) matchClass(positional int) {
	x := f.popN(3) // subject, class, names
	b, _ := f.boxAt("tuple", 0)
	positional = max(0, min(positional, boxLimit))
	for _, a := range x[2].atoms {
		if a.kind != kindConst {
			continue
		}
		for i, n := range a.value.Items {
			if i >= boxLimit || n.Kind != pymarshal.KindText {
				break
			}
			f.attributes = append(f.attributes, n.Text)
			f.putElem(b, positional+i, f.quietAttr(x[0], n.Text))
		}
	}
	for i := range positional { // a class can be matched by the subject itself
		f.putElem(b, i, f.z.join(unknown, opaque(x[0])))
	}
	if f.z.v.Before(3, 11) {
		f.push(f.z.join(opaque(x[0]), only(boxAtom(b))))
		f.push(unknown)
		return
	}
	f.push(only(boxAtom(b)))
}

// quietAttr is v.name without a reference in the plain view.
func (f *frame) quietAttr(v *set, name string) *set {
	out := empty
	for _, a := range v.atoms {
		if a.kind == kindUnknown && (a.path == "" || a.path == "?") {
			a = &atom{path: "?"}
		}
		out = f.z.join(out, opaque(f.attrOf(a, plainNone, name)))
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return out
}

// slice is v[a:b].
func (f *frame) slice(o op.Op) {
	n := 1
	switch o {
	case op.BinarySlice, op.Slice3:
		n = 3
	case op.Slice1, op.Slice2:
		n = 2
	}
	x := f.popN(n)
	if x[0].pathless() {
		f.push(unknown)
		return
	}
	none := constant(&pymarshal.Value{Kind: pymarshal.KindNone})
	from, to := none, none
	switch o {
	case op.BinarySlice, op.Slice3:
		from, to = x[1], x[2]
	case op.Slice1:
		from = x[1]
	case op.Slice2:
		to = x[1]
	}
	b := &box{typ: "slice", elems: []*set{from, to}, rest: empty}
	f.push(f.subscript(x[0], only(boxAtom(b))))
}
