package hdf5

import (
	"bytes"
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// value reads the elements of an attribute. b, which lies at off, is a whole
// number of them.
func (r *reader) value(a *Attr, b []byte, off int64) error {
	t := a.Type
	if t.Class != String && t.Class != VarLen {
		if err := r.budget.Text(int64(len(b))); err != nil {
			return err
		}
		a.Raw = bytes.Clone(b)
	}
	if !t.text {
		return nil
	}
	v := values{r: r, a: a}
	sequences := t.Class == VarLen && !t.VarString
	for size := int(t.Size); len(b) >= size; b = b[size:] {
		if err := v.element(t, b[:size], off); err != nil {
			return err
		}
		if sequences {
			if err := r.budget.Text(int64(len(v.sequence)) + sliceCost); err != nil {
				return err
			}
			a.Sequences = append(a.Sequences, bytes.Clone(v.sequence))
		}
		if off >= 0 {
			off += int64(size)
		}
	}
	return nil
}

// Bytes that a kept string or slice costs beyond its text.
const (
	stringCost = 16
	sliceCost  = 24
)

// values collects the strings of one attribute.
type values struct {
	r        *reader
	a        *Attr
	sequence []byte // what the last sequence held
}

// element finds the strings in one element of type t, which lies at off. It
// recurses as deep as the type does, which parseType has bounded.
func (v *values) element(t *Datatype, b []byte, off int64) error {
	if err := v.r.budget.Step(1); err != nil {
		return err
	}
	switch t.Class {
	case String:
		s, hidden := fixedString(t.Pad, b)
		return v.add(s, hidden, off)
	case VarLen:
		return v.varLen(t, b)
	case Array:
		return v.each(t.Base, b, off)
	case Compound:
		for i := range t.Members {
			m := &t.Members[i]
			if !m.Type.text {
				continue
			}
			at := off
			if at >= 0 {
				at += int64(m.Offset)
			}
			if err := v.element(m.Type, b[m.Offset:m.Offset+m.Type.Size], at); err != nil {
				return err
			}
		}
	}
	return nil
}

// each finds the strings in elements of type t that follow one another.
func (v *values) each(t *Datatype, b []byte, off int64) error {
	if !t.text {
		return nil
	}
	for size := int(t.Size); len(b) >= size; b = b[size:] {
		if err := v.element(t, b[:size], off); err != nil {
			return err
		}
		if off >= 0 {
			off += int64(size)
		}
	}
	return nil
}

func (v *values) add(s []byte, hidden bool, off int64) error {
	if err := v.r.budget.Text(stringCost); err != nil {
		return err
	}
	text, err := v.r.keep(s)
	if err != nil {
		return err
	}
	if len(v.a.Strings) == 0 {
		v.a.Off = off
	}
	v.a.Strings = append(v.a.Strings, text)
	v.a.Hidden = v.a.Hidden || hidden
	return nil
}

// varLen reads a variable-length element: a length, and a reference to an object
// of the global heap (section III.E).
func (v *values) varLen(t *Datatype, b []byte) error {
	c := v.r.cursor(b, -1)
	count, addr, index := uint64(c.u32()), c.addr(), c.u32()
	v.sequence = nil
	size := uint64(1)
	if !t.VarString {
		size = uint64(t.Base.Size)
	}
	if count == 0 || addr == 0 {
		// libhdf5 returns nothing for a length or an address of 0.
		if t.VarString {
			return v.add(nil, false, -1)
		}
		return nil
	}
	data, off, err := v.r.globalObject(addr, index)
	if err != nil {
		return err
	}
	hi, n := bits.Mul64(count, size)
	if hi != 0 || n > uint64(len(data)) {
		return bounds.Malformedf(off, "variable-length value of %d bytes in a heap object of %d", n, len(data))
	}
	rest := data[n:]
	data = data[:n]
	if !t.VarString {
		v.sequence = data
		return v.each(t.Base, data, off)
	}
	s, tail, _ := bytes.Cut(data, []byte{0})
	return v.add(s, !blank(tail) || !blank(rest), off)
}

// fixedString returns what h5py makes of a fixed string, and whether bytes other
// than NUL stand behind it.
func fixedString(pad Padding, b []byte) (s []byte, hidden bool) {
	switch pad {
	case NullTerm:
		s, tail, _ := bytes.Cut(b, []byte{0})
		return s, !blank(tail)
	case SpacePad:
		b = bytes.TrimRight(b, " ")
	}
	return bytes.TrimRight(b, "\x00"), false
}

// blank says that b is all NUL.
func blank(b []byte) bool {
	return len(bytes.Trim(b, "\x00")) == 0
}
