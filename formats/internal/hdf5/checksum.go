package hdf5

import (
	"encoding/binary"
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// lookup3 is Bob Jenkins' hash of 2006 with initial value 0: the checksum of all
// version 2 structures and the hash of names in dense storage.
func lookup3(k []byte) uint32 {
	a := 0xdeadbeef + uint32(len(k))
	b, c := a, a
	for len(k) > 12 {
		a += binary.LittleEndian.Uint32(k)
		b += binary.LittleEndian.Uint32(k[4:])
		c += binary.LittleEndian.Uint32(k[8:])
		a = (a - c) ^ bits.RotateLeft32(c, 4)
		c += b
		b = (b - a) ^ bits.RotateLeft32(a, 6)
		a += c
		c = (c - b) ^ bits.RotateLeft32(b, 8)
		b += a
		a = (a - c) ^ bits.RotateLeft32(c, 16)
		c += b
		b = (b - a) ^ bits.RotateLeft32(a, 19)
		a += c
		c = (c - b) ^ bits.RotateLeft32(b, 4)
		b += a
		k = k[12:]
	}
	if len(k) == 0 {
		return c
	}
	var t [12]byte
	copy(t[:], k)
	a += binary.LittleEndian.Uint32(t[0:])
	b += binary.LittleEndian.Uint32(t[4:])
	c += binary.LittleEndian.Uint32(t[8:])
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	c = (c ^ b) - bits.RotateLeft32(b, 24)
	return c
}

// hashStep is how many hashed bytes cost one step, so that overlapping
// structures cannot be hashed for hours.
const hashStep = 256

// verify checks the checksum that the last four bytes of b hold; off is where b
// lies in the file.
func (r *reader) verify(b []byte, off int64, what string) error {
	if len(b) < 4 {
		return bounds.Malformedf(off, "%s is too short for its checksum", what)
	}
	n := len(b) - 4
	if err := r.budget.Step(1 + int64(n/hashStep)); err != nil {
		return err
	}
	want := binary.LittleEndian.Uint32(b[n:])
	if got := lookup3(b[:n]); got != want {
		return bounds.Malformedf(off, "checksum of %s is %08x, stored is %08x", what, got, want)
	}
	return nil
}
