package hdf5

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// sharedIndex is one index of the shared message table (section II.C, the
// master table): where the messages of some types are stored.
type sharedIndex struct {
	types uint16 // bit n: messages of type n
	addr  uint64
	heap  *fractalHeap // nil until first used
}

// Kinds of shared messages (section IV.A.2, shared message record).
const (
	sharedInHeap    = 1
	sharedCommitted = 2
)

// sharedTable reads a shared message table message (section IV.A.2.p) and the
// table it leads to.
func (r *reader) sharedTable(m *cursor) error {
	m.skip(1)
	addr, n := m.addr(), int(m.u8())
	if err := m.err("shared message table message"); err != nil {
		return err
	}
	entry := 1 + 1 + 2 + 4 + 3*2 + 2*r.sizes.offset
	c, err := r.bytes(addr, uint64(4+n*entry+4), "shared message table")
	if err != nil {
		return err
	}
	if err := c.signature("SMTB"); err != nil {
		return err
	}
	if err := r.verify(c.b, c.off, "shared message table"); err != nil {
		return err
	}
	for range n {
		at := c.here()
		if version := c.u8(); version != 0 {
			return bounds.Unsupportedf(at, "shared message index version %d", version)
		}
		c.skip(1) // list or B-tree: only writers look messages up
		types := c.u16()
		c.skip(4 + 3*2 + r.sizes.offset)
		r.shared = append(r.shared, sharedIndex{types: types, addr: c.addr()})
	}
	return nil
}

// inSharedHeap returns the message of a type that the shared message heap holds
// under id.
func (r *reader) inSharedHeap(kind uint16, id []byte) ([]byte, int64, error) {
	for i := range r.shared {
		x := &r.shared[i]
		if x.types>>kind&1 == 0 {
			continue
		}
		if x.heap == nil {
			h, err := r.fractalHeap(x.addr)
			if err != nil {
				return nil, 0, err
			}
			x.heap = h
		}
		return x.heap.object(id)
	}
	return nil, 0, bounds.Malformedf(-1, "shared message of type %#x, for which the file has no shared message index", kind)
}

// reference is where a shared message is: in the shared heap, or in the header
// of a committed datatype.
type reference struct {
	kind uint8
	addr uint64
	id   []byte
}

// reference reads a shared message record.
func (r *reader) reference(c *cursor) (reference, error) {
	at := c.here()
	version, kind := c.u8(), c.u8()
	ref := reference{kind: sharedCommitted}
	switch version {
	case 1:
		c.skip(6 + r.sizes.length)
		ref.addr = c.addr()
	case 2:
		ref.addr = c.addr()
	case 3:
		ref.kind = kind
		if kind == sharedInHeap {
			ref.id = c.take(8)
		} else {
			ref.addr = c.addr()
		}
	default:
		return ref, bounds.Unsupportedf(at, "shared message version %d", version)
	}
	if ref.kind != sharedInHeap && ref.kind != sharedCommitted {
		return ref, bounds.Malformedf(at, "shared message of kind %d", ref.kind)
	}
	return ref, c.err("shared message")
}

// resolve replaces a shared message by the message in the shared heap. One that
// refers to a committed datatype stays as it is.
func (r *reader) resolve(m *message) error {
	if m.flags&flagShared == 0 {
		return nil
	}
	if m.flags&flagDontShare != 0 {
		return bounds.Malformedf(m.off, "header message of type %#x is both shared and never to be shared", m.kind)
	}
	c := r.cursor(m.data, m.off)
	ref, err := r.reference(&c)
	if err != nil {
		return err
	}
	if ref.kind == sharedCommitted {
		if m.kind != msgDatatype {
			return bounds.Unsupportedf(m.off, "header message of type %#x that another object holds", m.kind)
		}
		return nil
	}
	data, off, err := r.inSharedHeap(m.kind, ref.id)
	if err != nil {
		return err
	}
	m.data, m.off, m.flags = data, off, m.flags&^flagShared
	return nil
}

// part reads a datatype or dataspace that may be a shared message record: in
// attributes, and in datatype messages. It returns the bytes of the part, or the
// address of the committed datatype that has it.
func (r *reader) part(kind uint16, c cursor) (cursor, uint64, error) {
	ref, err := r.reference(&c)
	if err != nil {
		return c, 0, err
	}
	if ref.kind == sharedCommitted {
		if kind != msgDatatype {
			return c, 0, bounds.Unsupportedf(c.off, "dataspace that another object holds")
		}
		return c, ref.addr, nil
	}
	data, off, err := r.inSharedHeap(kind, ref.id)
	return r.cursor(data, off), undefined, err
}

// namedType is a committed datatype that others use. It is in the map while it
// is being read, so that one that leads to itself is found.
type namedType struct {
	t   *Datatype
	err error
}

// committed returns the datatype of the committed datatype at addr.
func (r *reader) committed(addr uint64) (*Datatype, error) {
	if n := r.named[addr]; n != nil {
		return n.t, n.err
	}
	if err := r.budget.Node(1); err != nil {
		return nil, err
	}
	n := &namedType{err: bounds.Malformedf(-1, "committed datatype leads to itself")}
	if r.named == nil {
		r.named = make(map[uint64]*namedType)
	}
	r.named[addr] = n
	n.t, n.err = r.readCommitted(addr)
	return n.t, n.err
}

func (r *reader) readCommitted(addr uint64) (*Datatype, error) {
	h, err := r.header(addr, nil)
	if err != nil {
		return nil, err
	}
	for i := range h.messages {
		if m := &h.messages[i]; m.kind == msgDatatype {
			return r.typeMessage(m)
		}
	}
	off, err := r.offset(addr, 0, "committed datatype")
	if err != nil {
		return nil, err
	}
	return nil, bounds.Malformedf(off, "committed datatype without a datatype message")
}

// typeMessage reads a datatype message, shared or not.
func (r *reader) typeMessage(m *message) (*Datatype, error) {
	if err := r.resolve(m); err != nil {
		return nil, err
	}
	return r.datatype(r.cursor(m.data, m.off), m.flags&flagShared != 0)
}

// datatype reads a datatype from the bytes of c; shared says that they are a
// shared message record.
func (r *reader) datatype(c cursor, shared bool) (*Datatype, error) {
	if shared {
		part, addr, err := r.part(msgDatatype, c)
		if err != nil {
			return nil, err
		}
		if addr != undefined {
			return r.committed(addr)
		}
		c = part
	}
	return r.internedType(c)
}

// internKey is the length up to which equal datatypes are read only once: long
// enough for all atomic ones.
const internKey = 64

// internMax is how many datatypes are kept for that.
const internMax = 256

func (r *reader) internedType(c cursor) (*Datatype, error) {
	key := c.b
	if t := r.types[string(key)]; t != nil {
		return t, nil
	}
	t, err := r.parseType(&c, 0)
	if err == nil && len(key) <= internKey && len(r.types) < internMax {
		if r.types == nil {
			r.types = make(map[string]*Datatype)
		}
		r.types[string(key)] = t
	}
	return t, err
}
