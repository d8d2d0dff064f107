package hdf5

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Attr is an attribute (section IV.A.2.m) with its value.
type Attr struct {
	Name  string
	Type  *Datatype
	Space Dataspace
	// Strings are all strings in the value, in the order of the elements; those
	// in arrays, sequences and compound fields are among them. Each is what h5py
	// returns for it: fixed ones without their padding, variable-length ones up
	// to the first NUL. Bytes are as stored, whatever the character set.
	Strings []string
	// Hidden is set if a string is followed by bytes other than NUL that the
	// reader of the attribute never sees.
	Hidden bool
	// Raw is the elements as stored, Type.Size bytes each, for types other than
	// String and VarLen.
	Raw []byte
	// Sequences are the elements of a VarLen that is no string, each as the
	// stored elements of its base type. Sequences deeper in the value are not
	// resolved, but for the strings in them.
	Sequences [][]byte
	// Off is where the bytes of the first string begin in the file; -1 if there
	// is none or if they do not lie there as such.
	Off int64

	order uint32
}

// readAttributes reads all attributes of o, compact and dense ones.
func (r *reader) readAttributes(o *Object, h *header, p *parts, compact int) {
	if m := p[msgAttrInfo]; m != nil {
		dense, err := r.attrInfo(o, m)
		if err != nil {
			r.problem("", "", err)
		}
		if dense && compact > 0 {
			r.problem("", "", bounds.Malformedf(m.off, "object with both compact and dense attributes"))
		}
		if dense && h.version == 1 {
			r.problem("", "", bounds.Malformedf(m.off, "dense attributes in an object header of version 1"))
		}
	}
	for i := range h.messages {
		m := &h.messages[i]
		if m.kind != msgAttribute || r.spent {
			continue
		}
		if err := r.resolve(m); err != nil {
			r.problem("", "", err)
			continue
		}
		if _, err := r.attribute(o, r.cursor(m.data, m.off), uint32(m.order)); err != nil {
			r.problem("", "", err)
		}
	}
	r.sortAttrs(o, h.tracked)
}

// attrInfo reads an attribute info message (section IV.A.2.v) and the dense
// attributes that it leads to; dense says that there are any.
func (r *reader) attrInfo(o *Object, m *message) (dense bool, err error) {
	c := r.cursor(m.data, m.off)
	if version := c.u8(); version != 0 {
		return false, bounds.Unsupportedf(m.off, "attribute info version %d", version)
	}
	flags := c.u8()
	if flags&1 != 0 {
		c.skip(2)
	}
	heap, byName, byOrder := c.addr(), c.addr(), undefined
	if flags&2 != 0 {
		byOrder = c.addr()
	}
	if err := c.err("attribute info"); err != nil || heap == undefined {
		return false, err
	}
	d := denseStorage{heapAddr: heap, byName: byName, byOrder: byOrder, nameType: treeAttrName, orderType: treeAttrOrder}
	return true, r.dense(&d, func(rec denseRecord) ([]byte, error) {
		read := d.heap.object
		if rec.flags&flagShared != 0 {
			read = func(id []byte) ([]byte, int64, error) { return r.inSharedHeap(msgAttribute, id) }
		}
		data, off, err := read(rec.id)
		if err != nil {
			return nil, err
		}
		return r.attribute(o, r.cursor(data, off), rec.order)
	})
}

// sortAttrs puts attributes into the order of h5py and reports names that come
// twice, of which libhdf5 finds the first.
func (r *reader) sortAttrs(o *Object, tracked bool) {
	slices.SortStableFunc(o.Attrs, func(a, b Attr) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(o.Attrs); i++ {
		if name := o.Attrs[i].Name; name == o.Attrs[i-1].Name {
			r.problem(name, "", bounds.Malformedf(o.Addr, "object with two attributes of one name"))
		}
	}
	if tracked {
		slices.SortStableFunc(o.Attrs, func(a, b Attr) int { return cmp.Compare(a.order, b.order) })
	}
}

// attribute reads an attribute message (section IV.A.2.m) and adds the attribute
// to o. It returns the name if it could be read; a problem with what follows is
// recorded under it.
func (r *reader) attribute(o *Object, c cursor, order uint32) ([]byte, error) {
	if err := r.budget.Node(1); err != nil {
		return nil, err
	}
	version, flags := c.u8(), c.u8()
	nameLen, typeLen, spaceLen := int(c.u16()), int(c.u16()), int(c.u16())
	pad := func(n int) int { return n }
	switch version {
	case 1:
		flags = 0 // reserved
		pad = func(n int) int { return (n + 7) &^ 7 }
	case 2:
	case 3:
		c.skip(1) // character set of the name
	default:
		if err := c.err("attribute"); err != nil {
			return nil, err
		}
		return nil, bounds.Unsupportedf(c.off, "attribute message version %d", version)
	}
	name := c.take(pad(nameLen))
	typ := r.cursor(nil, c.here())
	typ.b = c.take(pad(typeLen))
	space := r.cursor(nil, c.here())
	space.b = c.take(pad(spaceLen))
	if err := c.err("attribute"); err != nil {
		return nil, err
	}
	name = name[:nameLen]
	if n := bytes.IndexByte(name, 0); n < 0 || n != nameLen-1 {
		return nil, bounds.Malformedf(c.off, "attribute name %.100q, which must end with its only NUL", name)
	}
	name = name[:nameLen-1]
	if flags&1 == 0 {
		typ.b = typ.b[:typeLen]
	}
	a := Attr{order: order, Off: -1}
	var err error
	if a.Name, err = r.keep(name); err != nil {
		return name, err
	}
	if err := r.attrValue(&a, flags, typ, space, c); err != nil {
		r.problem(a.Name, "", err)
		return name, nil
	}
	o.Attrs = append(o.Attrs, a)
	return name, nil
}

// attrValue reads type, dataspace and value. Flags say which of the first two
// are shared.
func (r *reader) attrValue(a *Attr, flags uint8, typ, space, value cursor) error {
	var err error
	if a.Type, err = r.datatype(typ, flags&1 != 0); err != nil {
		return err
	}
	if flags&2 != 0 {
		if space, _, err = r.part(msgDataspace, space); err != nil {
			return err
		}
	}
	if a.Space, err = r.dataspace(space); err != nil {
		return err
	}
	n, _ := a.Space.Elements()
	hi, size := bits.Mul64(n, uint64(a.Type.Size))
	if hi != 0 || size > uint64(value.left()) {
		return bounds.Malformedf(value.off, "attribute of %d elements of %d bytes has only %d bytes", n, a.Type.Size, value.left())
	}
	at := value.here()
	return r.value(a, value.take(int(size)), at)
}
