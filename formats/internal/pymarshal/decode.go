package pymarshal

import (
	"encoding/binary"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// maxDepth is how deep CPython follows objects in objects
// (MAX_MARSHAL_STACK_DEPTH in Python/marshal.c).
const maxDepth = 2000

// flagRef on a type code gives the object a number by which TYPE_REF names it.
const flagRef = 0x80

// Decode decodes the object at the beginning of data as marshal.loads of version
// v does. What stands after the object is ignored, as CPython does; the End of
// the value says where it begins.
//
// It accepts a little more than CPython: keys and members that have no hash, and
// the numbers of a code object that contradict each other.
//
// b pays one node for each object, and text for what is copied.
func Decode(data []byte, v Version, b *bounds.Budget) (*Value, error) {
	l := layoutOf(v)
	d := newDecoder(data, l, b)
	root, err := d.top()
	if err != nil {
		return nil, err
	}
	if !v.AtLeast(d.since.Major, d.since.Minor) {
		return nil, bounds.Malformedf(int64(root.Off), "marshal data with an object that Python has from %s on, read as %s", d.since, v)
	}
	return root, nil
}

// decoder reads one stream in one layout.
type decoder struct {
	data   []byte
	pos    int
	layout layout
	budget *bounds.Budget
	depth  int
	// refs are the numbered objects, nil for one that is not finished and may
	// not be named until then.
	refs []*Value
	// stack holds the items of the containers that are being read, so that
	// nothing is allocated from a count that the stream claims.
	stack []*Value
	slab  []Value
	codes []*Code   // in the order in which they end
	names nameCache // what code objects share
	// since is the first version whose reader knows all that was met.
	since Version
	// trial says that repair tries out a change; levers then are the offsets of
	// bytes 0x2f in lengths and numbers.
	trial  bool
	levers []int
}

func newDecoder(data []byte, l layout, b *bounds.Budget) *decoder {
	return &decoder{data: data, layout: l, budget: b, since: l.first()}
}

func (d *decoder) top() (*Value, error) {
	root, err := d.object("object")
	if err == nil && root == nil {
		err = bounds.Malformedf(0, "NULL in marshal data for object")
	}
	return root, err
}

// item reads one object, which must not be NULL; what names the place for
// messages.
func (d *decoder) item(what string) (*Value, error) {
	off := d.pos
	v, err := d.object(what)
	if err == nil && v == nil {
		err = bounds.Malformedf(int64(off), "NULL in marshal data for %s", what)
	}
	return v, err
}

// object reads one object; it returns nil for NULL.
func (d *decoder) object(what string) (*Value, error) {
	off := d.pos
	if off >= len(d.data) {
		return nil, bounds.Malformedf(int64(off), "marshal data ends where %s is expected", what)
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > maxDepth {
		return nil, bounds.Malformedf(int64(off), "marshal data nested more than %d deep, as CPython refuses", maxDepth)
	}
	if err := d.budget.Depth(d.depth); err != nil {
		return nil, err
	}
	if err := d.pay(); err != nil {
		return nil, err
	}
	code := d.data[off]
	d.pos++
	numbered := false
	if d.layout != layout27 {
		numbered = code&flagRef != 0
		code &^= flagRef
	}
	switch code {
	case '0':
		return nil, nil
	case 'r', 'R':
		return d.reference(code, off)
	}
	v := d.value(off)
	if err := d.content(v, code, numbered); err != nil {
		return nil, err
	}
	v.End = d.pos
	return v, nil
}

// pay spends what one object costs: memory, or time where it is not kept.
func (d *decoder) pay() error {
	if d.trial {
		return d.budget.Step(1)
	}
	return d.budget.Node(1)
}

// content reads what follows the type code into v, and numbers v if it is to be:
// before its content if that may name it, else in its place, to be found there
// only once it is finished.
func (d *decoder) content(v *Value, code byte, numbered bool) error {
	var err error
	switch code {
	case 'N':
		v.Kind = KindNone
		return nil // the singletons are never numbered
	case 'F', 'T':
		v.Kind, v.Text = KindBool, "False"
		if code == 'T' {
			v.Text = "True"
		}
		return nil
	case 'S':
		v.Kind = KindStopIteration
		return nil
	case '.':
		v.Kind = KindEllipsis
		return nil
	case '(', ')', '[', '{', '<':
		if numbered {
			d.refs = append(d.refs, v)
		}
		return d.container(v, code)
	case '>', 'c', ':', '}':
		at := len(d.refs)
		if numbered {
			d.refs = append(d.refs, nil)
		}
		if code == 'c' {
			err = d.code(v)
		} else {
			err = d.container(v, code)
		}
		if numbered && err == nil {
			d.refs[at] = v
		}
		return err
	case 'i', 'I', 'l':
		err = d.integer(v, code)
	case 'f', 'g', 'x', 'y':
		err = d.float(v, code)
	case 's', 't', 'u', 'a', 'A', 'z', 'Z':
		err = d.text(v, code)
		numbered = numbered || code == 't' && d.layout == layout27
	default:
		return d.unknown(v, code)
	}
	if numbered && err == nil {
		d.refs = append(d.refs, v)
	}
	return err
}

func (d *decoder) unknown(v *Value, code byte) error {
	return bounds.Malformedf(int64(v.Off), "marshal data with the unknown type code %#02x in the layout of %s", code, d.layout)
}

// reference reads the number of an object that was read before.
func (d *decoder) reference(code byte, off int) (*Value, error) {
	if (code == 'R') != (d.layout == layout27) {
		return nil, d.unknown(&Value{Off: off}, code)
	}
	n, err := d.int32()
	if err != nil {
		return nil, err
	}
	if n < 0 || int(n) >= len(d.refs) || d.refs[n] == nil {
		return nil, bounds.Malformedf(int64(off), "marshal data that refers to object %d, of %d finished", n, len(d.refs))
	}
	return d.refs[n], nil
}

// container reads the items of v.
func (d *decoder) container(v *Value, code byte) error {
	base := len(d.stack)
	defer func() { d.stack = d.stack[:base] }()
	switch code {
	case '{', '}':
		v.Kind = KindDict
		if code == '}' {
			v.Kind = KindFrozenDict
			d.need(v3_15)
		}
		if code == '}' && d.layout != layout311 {
			return d.unknown(v, code)
		}
		if err := d.pairs(); err != nil {
			return err
		}
	default:
		n, err := d.count(v, code)
		if err != nil {
			return err
		}
		for range n {
			item, err := d.item(v.Kind.String())
			if err != nil {
				return err
			}
			d.stack = append(d.stack, item)
		}
	}
	if items := d.stack[base:]; len(items) > 0 {
		v.Items = append(make([]*Value, 0, len(items)), items...)
	}
	return nil
}

// pairs reads keys and values onto the stack up to the NULL that ends a dict.
func (d *decoder) pairs() error {
	for {
		key, err := d.object("a key or the end of a dict")
		if err != nil || key == nil {
			return err
		}
		value, err := d.object("a value of a dict")
		if err != nil || value == nil { // CPython takes NULL here for the end too
			return err
		}
		d.stack = append(d.stack, key, value)
	}
}

// count sets the kind of a container and reads how many items it has.
func (d *decoder) count(v *Value, code byte) (int, error) {
	switch code {
	case ')':
		v.Kind = KindTuple
		if d.layout == layout27 {
			return 0, d.unknown(v, code)
		}
		n, err := d.byte()
		return int(n), err
	case ':':
		v.Kind = KindSlice
		d.need(v3_14)
		if d.layout != layout311 {
			return 0, d.unknown(v, code)
		}
		return 3, nil
	case '(':
		v.Kind = KindTuple
	case '[':
		v.Kind = KindList
	case '<':
		v.Kind = KindSet
	case '>':
		v.Kind = KindFrozenSet
	}
	return d.length(v.Kind.String())
}

// need notes that older versions than v do not read this stream.
func (d *decoder) need(v Version) {
	if d.since.Before(v.Major, v.Minor) {
		d.since = v
	}
}

// length reads a count or a length in four bytes. Each thing counted takes at
// least a byte, so a count beyond the end is refused at once.
func (d *decoder) length(what string) (int, error) {
	off := d.pos
	n, err := d.int32()
	if err != nil {
		return 0, err
	}
	if n < 0 || int(n) > len(d.data)-d.pos {
		return 0, bounds.Malformedf(int64(off), "%s of %d items or bytes, with %d bytes left of the marshal data", what, n, len(d.data)-d.pos)
	}
	return int(n), nil
}

func (d *decoder) byte() (byte, error) {
	p, err := d.bytes(1)
	if err != nil {
		return 0, err
	}
	d.lever(1)
	return p[0], nil
}

func (d *decoder) int32() (int32, error) {
	p, err := d.bytes(4)
	if err != nil {
		return 0, err
	}
	d.lever(4)
	return int32(binary.LittleEndian.Uint32(p)), nil
}

// bytes returns the next n bytes, which are part of the input.
func (d *decoder) bytes(n int) ([]byte, error) {
	if n > len(d.data)-d.pos {
		return nil, bounds.Malformedf(int64(d.pos), "marshal data ends %d bytes before the end of what is read", n-(len(d.data)-d.pos))
	}
	p := d.data[d.pos : d.pos+n : d.pos+n]
	d.pos += n
	return p, nil
}

// slabSize is how many values are allocated together: as many as a small lambda
// has.
const slabSize = 32

func (d *decoder) value(off int) *Value {
	if len(d.slab) == 0 {
		d.slab = make([]Value, slabSize)
	}
	v := &d.slab[0]
	d.slab = d.slab[1:]
	v.Off = off
	return v
}

// float64 reads a binary float.
func (d *decoder) float64() (float64, error) {
	p, err := d.bytes(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(p)), nil
}

// lever notes which of the last n bytes, a length or a number, repair may change.
func (d *decoder) lever(n int) {
	if !d.trial {
		return
	}
	for at := d.pos - n; at < d.pos; at++ {
		if d.data[at] == slash {
			d.levers = append(d.levers, at)
		}
	}
}
