package hdf5

import (
	"bytes"
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Class is the class of a datatype (section IV.A.2.d).
type Class uint8

// The classes, numbered as in the file.
const (
	Integer Class = iota
	Float
	Time
	String // of fixed length
	Bitfield
	Opaque
	Compound
	Reference
	Enum
	VarLen // sequences and strings
	Array
	Complex
)

// Datatype is the type of an element (section IV.A.2.d). Equal types may share
// one Datatype; do not change it.
type Datatype struct {
	Class     Class
	Size      uint32 // bytes of an element in the file
	BigEndian bool   // integers, bit fields, floats
	Signed    bool   // integers
	VarString bool   // a VarLen that is a string rather than a sequence
	UTF8      bool   // a string whose character set is UTF-8 rather than ASCII
	Pad       Padding
	Tag       string    // of Opaque
	Base      *Datatype // of Enum, VarLen, Array and Complex
	Dims      []uint32  // of Array
	Members   []Member  // of Compound, and of Enum with their Value

	bitOffset, precision uint16     // integers, bit fields, floats
	float                floatShape // floats
	vax                  bool       // floats in VAX byte order
	text                 bool       // holds strings or sequences somewhere
}

// Padding is how a fixed string fills its room.
type Padding uint8

const (
	// NullTerm ends at the first NUL.
	NullTerm Padding = iota
	// NullPad fills up with NULs.
	NullPad
	// SpacePad fills up with spaces.
	SpacePad
)

// Member is one field of a compound type or one value of an enumeration.
type Member struct {
	Name   string
	Offset uint32    // of a field, in the element
	Type   *Datatype // of a field
	Value  []byte    // of an enumeration, in its base type
}

// typePrefix is the fixed part of a datatype message.
type typePrefix struct {
	version uint8
	bits    uint32 // the class bit field
	off     int64
}

// parseType reads one datatype; those it consists of are read by recursion.
func (r *reader) parseType(c *cursor, depth int) (*Datatype, error) {
	if err := r.budget.Depth(depth); err != nil {
		return nil, err
	}
	if err := r.budget.Step(1); err != nil {
		return nil, err
	}
	p := typePrefix{off: c.here()}
	head := c.u8()
	p.version = head >> 4
	t := &Datatype{Class: Class(head & 15)}
	p.bits = uint32(c.uint(3))
	t.Size = c.u32()
	if err := c.err("datatype"); err != nil {
		return nil, err
	}
	if p.version < 1 || p.version > 5 {
		return nil, bounds.Unsupportedf(p.off, "datatype version %d", p.version)
	}
	if t.Size == 0 {
		return nil, bounds.Malformedf(p.off, "datatype of size 0")
	}
	if err := r.typeProperties(t, p, c, depth); err != nil {
		return nil, err
	}
	return t, c.err("datatype")
}

func (r *reader) typeProperties(t *Datatype, p typePrefix, c *cursor, depth int) error {
	switch t.Class {
	case Integer, Bitfield:
		t.BigEndian, t.Signed = p.bits&1 != 0, p.bits&8 != 0
		t.bitOffset, t.precision = c.u16(), c.u16()
		return t.checkBits(p)
	case Float:
		return t.parseFloat(p, c)
	case Time:
		t.BigEndian = p.bits&1 != 0
		c.skip(2)
	case String:
		t.text = true
		return t.setString(p, p.bits)
	case Opaque:
		tag, _, _ := bytes.Cut(c.take(int(p.bits&0xff)), []byte{0})
		s, err := r.keep(tag)
		t.Tag = s
		return err
	case Compound:
		return r.parseCompound(t, p, c, depth)
	case Reference:
	case Enum:
		return r.parseEnum(t, p, c, depth)
	case VarLen:
		return r.parseVarLen(t, p, c, depth)
	case Array:
		return r.parseArray(t, p, c, depth)
	case Complex:
		base, err := r.parseType(c, depth+1)
		t.Base = base
		return err
	default:
		return bounds.Unsupportedf(p.off, "datatype class %d", t.Class)
	}
	return nil
}

func (t *Datatype) checkBits(p typePrefix) error {
	if t.precision == 0 || int64(t.bitOffset)+int64(t.precision) > 8*int64(t.Size) {
		return bounds.Malformedf(p.off, "datatype of %d bytes with bits %d to %d", t.Size, t.bitOffset, int(t.bitOffset)+int(t.precision))
	}
	return nil
}

// setString takes padding and character set, which fixed strings keep in the
// low byte of the class bits and variable-length ones four bits higher.
func (t *Datatype) setString(p typePrefix, field uint32) error {
	pad, set := field&15, field>>4&15
	if pad > uint32(SpacePad) || set > 1 {
		return bounds.Malformedf(p.off, "string datatype with padding %d and character set %d", pad, set)
	}
	t.Pad, t.UTF8 = Padding(pad), set == 1
	return nil
}

func (r *reader) parseVarLen(t *Datatype, p typePrefix, c *cursor, depth int) error {
	t.text = true
	switch kind := p.bits & 15; kind {
	case 0:
	case 1:
		t.VarString = true
		if err := t.setString(p, p.bits>>4); err != nil {
			return err
		}
	default:
		return bounds.Malformedf(p.off, "variable-length datatype of kind %d", kind)
	}
	if want := uint32(8 + r.sizes.offset); t.Size != want {
		return bounds.Malformedf(p.off, "variable-length datatype of %d bytes, want %d", t.Size, want)
	}
	base, err := r.parseType(c, depth+1)
	t.Base = base
	return err
}

func (r *reader) parseArray(t *Datatype, p typePrefix, c *cursor, depth int) error {
	rank := int(c.u8())
	if rank > maxRank {
		return bounds.Malformedf(p.off, "array datatype of %d dimensions", rank)
	}
	if p.version < 3 {
		c.skip(3)
	}
	t.Dims = make([]uint32, rank)
	count, overflow := uint64(1), false
	for i := range t.Dims {
		t.Dims[i] = c.u32()
		hi, lo := bits.Mul64(count, uint64(t.Dims[i]))
		count, overflow = lo, overflow || hi != 0
	}
	if p.version < 3 {
		c.skip(4 * rank) // permutation indexes
	}
	base, err := r.parseType(c, depth+1)
	if err != nil {
		return err
	}
	t.Base, t.text = base, base.text
	if hi, n := bits.Mul64(count, uint64(base.Size)); overflow || hi != 0 || n != uint64(t.Size) {
		return bounds.Malformedf(p.off, "array datatype of %d bytes holds %d elements of %d", t.Size, count, base.Size)
	}
	return nil
}

// memberName reads the name of a member. Up to version 2 it is padded to a
// multiple of 8 bytes with its terminator.
func (r *reader) memberName(p typePrefix, c *cursor) (string, error) {
	from := c.pos
	name := c.text()
	if p.version < 3 {
		c.skip(-(c.pos - from) & 7)
	}
	if err := c.err("datatype"); err != nil {
		return "", err
	}
	if err := r.budget.Step(1); err != nil {
		return "", err
	}
	return r.keep(name)
}

func (r *reader) parseCompound(t *Datatype, p typePrefix, c *cursor, depth int) error {
	count := int(p.bits & 0xffff)
	width := 4
	if p.version >= 3 {
		width = (bits.Len32(t.Size) + 7) / 8
	}
	for range count {
		name, err := r.memberName(p, c)
		if err != nil {
			return err
		}
		m := Member{Name: name, Offset: uint32(c.uint(width))}
		var dims []uint32
		if p.version == 1 {
			if dims, err = oldDims(p, c); err != nil {
				return err
			}
		}
		if m.Type, err = r.parseType(c, depth+1); err != nil {
			return err
		}
		size := uint64(m.Type.Size)
		for _, d := range dims {
			if hi, lo := bits.Mul64(size, uint64(d)); hi != 0 || lo > uint64(t.Size) {
				return bounds.Malformedf(p.off, "compound datatype of %d bytes with a longer field", t.Size)
			} else {
				size = lo
			}
		}
		if uint64(m.Offset)+size > uint64(t.Size) {
			return bounds.Malformedf(p.off, "compound datatype of %d bytes with a field of %d at %d", t.Size, size, m.Offset)
		}
		if dims != nil {
			m.Type = &Datatype{Class: Array, Size: uint32(size), Base: m.Type, Dims: dims, text: m.Type.text}
		}
		t.text = t.text || m.Type.text
		t.Members = append(t.Members, m)
	}
	return nil
}

// oldDims reads the dimensions that a version 1 compound member has of its own.
func oldDims(p typePrefix, c *cursor) ([]uint32, error) {
	rank := int(c.u8())
	if rank > 4 {
		return nil, bounds.Malformedf(p.off, "compound datatype with a field of %d dimensions", rank)
	}
	c.skip(3 + 4 + 4)
	var all [4]uint32
	for i := range all {
		all[i] = c.u32()
	}
	if rank == 0 {
		return nil, nil
	}
	return append([]uint32(nil), all[:rank]...), nil
}

func (r *reader) parseEnum(t *Datatype, p typePrefix, c *cursor, depth int) error {
	base, err := r.parseType(c, depth+1)
	if err != nil {
		return err
	}
	t.Base = base
	if base.Class != Integer || base.Size != t.Size {
		return bounds.Malformedf(p.off, "enumeration of %d bytes over a type of class %d and %d bytes", t.Size, base.Class, base.Size)
	}
	for range int(p.bits & 0xffff) {
		name, err := r.memberName(p, c)
		if err != nil {
			return err
		}
		t.Members = append(t.Members, Member{Name: name})
	}
	for i := range t.Members {
		v := c.take(int(t.Size))
		if err := r.budget.Text(int64(len(v))); err != nil {
			return err
		}
		t.Members[i].Value = bytes.Clone(v)
	}
	return nil
}
