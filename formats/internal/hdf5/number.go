package hdf5

import (
	"math"
	"math/big"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// floatShape says where in a float which bits are.
type floatShape struct {
	sign             uint8
	expAt, expSize   uint8
	mantAt, mantSize uint8
	normalization    uint8 // 2: the first bit of the mantissa is implied
	bias             uint32
}

func (t *Datatype) parseFloat(p typePrefix, c *cursor) error {
	t.BigEndian, t.vax = p.bits&1 != 0, p.bits&0x40 != 0
	f := &t.float
	f.normalization, f.sign = uint8(p.bits>>4&3), uint8(p.bits>>8)
	t.bitOffset, t.precision = c.u16(), c.u16()
	f.expAt, f.expSize = c.u8(), c.u8()
	f.mantAt, f.mantSize = c.u8(), c.u8()
	f.bias = c.u32()
	if err := c.err("datatype"); err != nil {
		return err
	}
	end := uint64(t.bitOffset) + uint64(t.precision)
	if uint64(f.sign) >= end || uint64(f.expAt)+uint64(f.expSize) > end || uint64(f.mantAt)+uint64(f.mantSize) > end {
		return bounds.Malformedf(p.off, "float datatype with fields outside its %d bits", t.precision)
	}
	return t.checkBits(p)
}

// Int returns the integer, enumeration value or bit field that an element of
// the type holds; nil if it holds none. Bits of the element outside its
// precision do not count.
func (t *Datatype) Int(element []byte) *big.Int {
	if t.Class == Enum {
		t = t.Base
	}
	if t.Class != Integer && t.Class != Bitfield || uint64(len(element)) < uint64(t.Size) {
		return nil
	}
	b := slices.Clone(element[:t.Size])
	if !t.BigEndian {
		slices.Reverse(b)
	}
	v := new(big.Int).SetBytes(b)
	v.Rsh(v, uint(t.bitOffset))
	limit := new(big.Int).Lsh(big.NewInt(1), uint(t.precision))
	v.And(v, new(big.Int).Sub(limit, big.NewInt(1)))
	if t.Signed && v.Bit(int(t.precision)-1) == 1 {
		v.Sub(v, limit)
	}
	return v
}

// Float returns the number that an element of a float type of at most 8 bytes
// holds; ok is false for other types, and for VAX byte order. Types without
// infinities (as 8-bit ones may be) are read as if they had them.
func (t *Datatype) Float(element []byte) (v float64, ok bool) {
	f := &t.float
	if t.Class != Float || t.vax || t.Size > 8 || len(element) < int(t.Size) || f.expSize > 15 || f.mantSize > 52 {
		return 0, false
	}
	var raw uint64
	for i := range int(t.Size) {
		at := i
		if !t.BigEndian {
			at = int(t.Size) - 1 - i
		}
		raw = raw<<8 | uint64(element[at])
	}
	field := func(at, size uint8) uint64 { return raw >> at & (1<<size - 1) }
	exp, mant := int(field(f.expAt, f.expSize)), field(f.mantAt, f.mantSize)
	switch {
	case exp == 1<<f.expSize-1 && f.expSize > 0 && mant != 0:
		v = math.NaN()
	case exp == 1<<f.expSize-1 && f.expSize > 0:
		v = math.Inf(1)
	default:
		if f.normalization == 2 && exp > 0 {
			mant |= 1 << f.mantSize
		} else if f.normalization == 2 {
			exp = 1
		}
		v = math.Ldexp(float64(mant), exp-int(f.bias)-int(f.mantSize))
	}
	if field(f.sign, 1) == 1 {
		v = -v
	}
	return v, true
}
