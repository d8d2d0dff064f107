package pyflow

import (
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// boxLimit is how many elements of a container are told apart.
const boxLimit = 64

// box is a container. There is one for each instruction that makes one, for all
// runs of that instruction; it only grows.
type box struct {
	typ    string          // tuple, list, set or dict
	elems  []*set          // by position, while order is known
	keys   map[string]*set // by constant key
	rest   *set            // by unknown position or key
	loose  bool            // whether there may be elements that nothing is known of
	read   bool
	of     *frame           // of a generator: the code that it runs
	poured *pymarshal.Value // the constant that the elements came from
	all    *set             // what contents gave, until it changes
}

// boxAt is the container that the instruction in hand makes; slot tells several
// of one instruction apart.
func (f *frame) boxAt(typ string, slot int) (b *box, isNew bool) {
	key := f.pos<<3 | slot
	if b := f.boxes[key]; b != nil {
		return b, false
	}
	if f.boxes == nil {
		f.boxes = map[int]*box{}
	}
	b = &box{typ: typ, rest: empty}
	f.boxes[key] = b
	return b, true
}

// build makes a container of elements in order.
func (f *frame) build(typ string, elems []*set) *set {
	b, _ := f.boxAt(typ, 0)
	for i, e := range elems {
		f.escape(e)
		f.putElem(b, i, e)
	}
	return only(boxAtom(b))
}

func boxAtom(b *box) *atom { return &atom{plain: plainUnknown, kind: kindBox, box: b} }

func (f *frame) putElem(b *box, i int, v *set) {
	if i >= boxLimit {
		f.putRest(b, v)
		return
	}
	for len(b.elems) <= i {
		b.elems = append(b.elems, empty)
	}
	f.grow(b, &b.elems[i], v)
}

func (f *frame) putKey(b *box, key string, v *set) {
	if b.keys == nil {
		b.keys = map[string]*set{}
	}
	old, ok := b.keys[key]
	if !ok && len(b.keys) >= boxLimit {
		f.putRest(b, v)
		return
	}
	if !ok {
		old = empty
	}
	f.grow(b, &old, v)
	b.keys[key] = old
}

func (f *frame) putRest(b *box, v *set) { f.grow(b, &b.rest, v) }

func (f *frame) grow(b *box, slot **set, v *set) {
	v = opaque(v)
	u := f.z.join(*slot, v)
	if u == *slot {
		return
	}
	*slot, b.all = u, nil
	if b.read {
		f.z.stir()
		f.again = true
	}
}

// contents is everything that is in a container, without order.
func (f *frame) contents(b *box) *set {
	f.peek(b)
	if b.all != nil {
		return b.all
	}
	v := b.rest
	for _, e := range b.elems {
		v = f.z.join(v, e)
	}
	for _, k := range sortedKeys(b.keys) {
		v = f.z.join(v, b.keys[k])
	}
	b.all = v
	return v
}

func (f *frame) peek(b *box) {
	b.read = true
	f.reads()
}

// pour puts the contents of v, whatever it is, into a container.
func (f *frame) pour(b *box, v *set) {
	for _, a := range v.atoms {
		if a.kind == kindConst && len(a.value.Items) > 0 {
			f.pourConst(b, a.value)
			continue
		}
		if a.kind != kindBox || a.box == b {
			b.loose = b.loose || a.kind != kindBox
			continue
		}
		f.peek(a.box)
		b.loose = b.loose || a.box.loose
		for _, k := range sortedKeys(a.box.keys) {
			f.putKey(b, k, a.box.keys[k])
		}
		if len(b.elems) == 0 && b.rest == empty {
			for i, e := range a.box.elems {
				f.putElem(b, i, e)
			}
		} else {
			for _, e := range a.box.elems {
				f.putRest(b, e)
			}
		}
		f.putRest(b, a.box.rest)
	}
	if b.loose {
		f.putRest(b, f.elements(v))
	}
}

func (f *frame) pourConst(b *box, v *pymarshal.Value) {
	if v.Kind == pymarshal.KindDict || len(v.Items) > boxLimit {
		b.loose = true
		return
	}
	for i, x := range v.Items {
		if b.poured == nil || b.poured == v {
			f.putElem(b, i, constant(x))
		} else {
			f.putRest(b, constant(x))
		}
	}
	b.poured = v
}

// elements is what iteration over v gives.
func (f *frame) elements(v *set) *set {
	if v.pathless() {
		return unknown
	}
	out := empty
	for _, a := range v.atoms {
		out = f.z.join(out, f.elementsOf(a))
	}
	return out
}

func (f *frame) elementsOf(a *atom) *set {
	switch a.kind {
	case kindBox:
		f.peek(a.box)
		if a.box.typ != "dict" {
			return f.contents(a.box)
		}
		out := f.contents(a.box) // of a dict as of d.items(), d.values() and next(d.keys())
		for _, k := range sortedKeys(a.box.keys) {
			if text, ok := keyText(k); ok {
				out = f.z.join(out, only(textAtom(text, plainUnknown)))
			}
		}
		return out
	case kindConst:
		out := empty
		for i, x := range a.value.Items {
			if i >= boxLimit {
				return f.z.join(out, unknown)
			}
			out = f.z.join(out, opaque(constant(x)))
		}
		return out
	case kindText:
		return computed
	case kindPath, kindUnknown:
		if a.path != "" && a.path != "?" {
			v := only(origin(further(a.path, "[]")))
			if a.kind == kindPath && a.plain != plainPath {
				// it may be what a container holds of which not even the shape is known
				v = f.z.join(v, opaque(only(a)))
			}
			return v
		}
	case kindInstance:
		v := f.implicit(only(a))
		return f.z.join(v, f.inner(v))
	}
	return unknown
}

// inner are the elements of the containers in v.
func (f *frame) inner(v *set) *set {
	out := empty
	for _, a := range v.atoms {
		if a.kind == kindBox {
			out = f.z.join(out, f.contents(a.box))
		}
	}
	return out
}

// further is what path gives when it is called or taken an item of. After two
// levels of the same nothing more is told apart.
func further(path, step string) string {
	if strings.HasSuffix(path, step+step) {
		return path
	}
	return path + step
}

// itemAt is v[i] of a container or constant whose order is known.
func (f *frame) itemAt(v *set, i int) *set {
	if v.pathless() {
		return unknown
	}
	out := empty
	for _, a := range v.atoms {
		switch {
		case a.kind == kindBox:
			f.peek(a.box)
			if i < 0 {
				i += len(a.box.elems)
			}
			switch {
			case i >= 0 && i < len(a.box.elems) && !a.box.loose:
				out = f.z.join(out, f.z.join(a.box.elems[i], a.box.rest))
			default:
				out = f.z.join(out, f.contents(a.box))
			}
			if k, ok := a.box.keys["="+strconv.Itoa(i)]; ok {
				out = f.z.join(out, k)
			}
		case a.kind == kindConst && len(a.value.Items) > 0 && a.value.Kind != pymarshal.KindDict:
			if i < 0 {
				i += len(a.value.Items)
			}
			if i >= 0 && i < len(a.value.Items) {
				out = f.z.join(out, opaque(constant(a.value.Items[i])))
			}
		default:
			out = f.z.join(out, f.elementsOf(a))
		}
	}
	if len(out.atoms) == 0 {
		return unknown
	}
	return out
}

// items is itemAt for many positions of one value.
func (f *frame) items(v *set) func(i int) *set {
	ordered := false
	for _, a := range v.atoms {
		ordered = ordered || a.kind == kindBox && len(a.box.elems) > 0 || a.kind == kindConst && len(a.value.Items) > 0
	}
	rest := opaque(f.elements(v))
	return func(i int) *set {
		if ordered && i >= 0 && i < boxLimit {
			return opaque(f.itemAt(v, i))
		}
		return rest
	}
}

// subscript is v[key].
func (f *frame) subscript(v, key *set) *set {
	if v.pathless() {
		return unknown
	}
	if i, ok := index(key); ok {
		if v.has(kindBox) || v.has(kindConst) {
			return opaque(f.itemAt(v, i))
		}
	}
	out := empty
	for _, a := range v.atoms {
		out = f.z.join(out, f.subscriptOf(a, key))
	}
	return opaque(out)
}

func (f *frame) subscriptOf(a *atom, key *set) *set {
	if base, ok := namespace(a); ok {
		v := f.lookup(base, key)
		if a.fn != nil {
			v = f.z.join(v, f.localsOf(a.fn, key))
		}
		return v
	}
	switch a.kind {
	case kindText:
		return f.textSlice(a, key)
	case kindBox:
		f.peek(a.box)
		out := a.box.rest
		if k, ok := keyOf(key); ok && a.box.keys != nil {
			if v, ok := a.box.keys[k]; ok {
				return f.z.join(out, v)
			}
			if a.box.typ == "dict" && !a.box.loose && len(out.atoms) > 0 {
				return out
			}
		}
		if isSlice(key) {
			return f.boxSlice(a.box, key)
		}
		return f.contents(a.box)
	case kindInstance:
		return f.z.join(f.elementsOf(a), f.methodCall(a, "__getitem__", []*set{key}))
	case kindClass:
		return f.z.join(only(a), f.methodCall(a, "__class_getitem__", []*set{key}))
	}
	return f.elementsOf(a)
}

// boxSlice is a slice of a list or tuple.
func (f *frame) boxSlice(b *box, key *set) *set {
	cut, _ := f.boxAt(b.typ, 1)
	list, ok := f.sequence(only(boxAtom(b)))
	from, to, step, known := bounds3(key, len(list))
	if !ok || !known || len(list) > boxLimit {
		f.putRest(cut, f.contents(b))
		return only(boxAtom(cut))
	}
	n := 0
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		f.putElem(cut, n, list[i])
		n++
	}
	return only(boxAtom(cut))
}

// keyOf is a constant key as box.keys holds it.
func keyOf(key *set) (string, bool) {
	if len(key.atoms) != 1 {
		return "", false
	}
	switch a := key.atoms[0]; a.kind {
	case kindText:
		return "'" + a.str, a.known
	case kindConst:
		if len(a.value.Items) == 0 {
			return "=" + a.value.Text, true
		}
	}
	return "", false
}

func keyText(key string) (string, bool) {
	if key[0] == '\'' {
		return key[1:], true
	}
	return "", false
}

// index is a constant int.
func index(key *set) (int, bool) {
	if len(key.atoms) != 1 || key.atoms[0].kind != kindConst {
		return 0, false
	}
	v := key.atoms[0].value
	if v.Kind != pymarshal.KindInt && v.Kind != pymarshal.KindBool {
		return 0, false
	}
	i, err := strconv.Atoi(v.Text)
	return i, err == nil && i > -1<<30 && i < 1<<30
}
