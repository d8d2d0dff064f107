package formatstest

import "math/bits"

// lookup3 is Bob Jenkins's hash of that name with initial value 0, which HDF5
// uses as the checksum of its newer structures and to order names in dense
// storage (HDF5 File Format Specification 3.0, "checksum").
func lookup3(data []byte) uint32 {
	a := 0xdeadbeef + uint32(len(data))
	b, c := a, a
	for len(data) > 12 {
		a, b, c = a+word(data), b+word(data[4:]), c+word(data[8:])
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
		data = data[12:]
	}
	if len(data) == 0 {
		return c
	}
	var last [12]byte
	copy(last[:], data)
	a, b, c = a+word(last[:]), b+word(last[4:]), c+word(last[8:])
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}

func word(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// fletcher32 is the checksum of HDF5's filter 3: over big-endian 16-bit words,
// an odd last byte being the high half of one.
func fletcher32(data []byte) uint32 {
	var low, high uint32
	for len(data) > 0 {
		w := uint32(data[0]) << 8
		if len(data) > 1 {
			w |= uint32(data[1])
		}
		low = (low + w) % 0xffff
		high = (high + low) % 0xffff
		data = data[min(2, len(data)):]
	}
	return high<<16 | low
}
