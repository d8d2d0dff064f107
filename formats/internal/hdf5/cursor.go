package hdf5

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// undefined is the undefined address: all ones, whatever its size in the file.
const undefined = ^uint64(0)

// cursor reads fields from the bytes of one structure. A field that does not
// fit reads as zero and sets short; check it before believing anything.
type cursor struct {
	b     []byte
	pos   int
	off   int64 // file offset of b[0]; -1 for bytes that do not lie in the file as such
	sizes sizes
	short bool
}

// sizes are the widths of addresses and lengths, in bytes (section II.A).
type sizes struct{ offset, length int }

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b)-c.pos {
		c.short = true
		c.pos = len(c.b)
		return nil
	}
	c.pos += n
	return c.b[c.pos-n : c.pos : c.pos]
}

func (c *cursor) skip(n int) { c.take(n) }

// left is the number of bytes not yet read.
func (c *cursor) left() int { return len(c.b) - c.pos }

// here is the file offset of the next field.
func (c *cursor) here() int64 {
	if c.off < 0 {
		return -1
	}
	return c.off + int64(c.pos)
}

func (c *cursor) u8() uint8 {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// uint reads a little-endian number of n bytes, n at most 8.
func (c *cursor) uint(n int) uint64 {
	b := c.take(n)
	if len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

func (c *cursor) length() uint64 { return c.uint(c.sizes.length) }

func (c *cursor) addr() uint64 {
	v := c.uint(c.sizes.offset)
	if n := c.sizes.offset; n < 8 && v == 1<<(8*n)-1 {
		return undefined
	}
	return v
}

// text reads a string that ends with NUL.
func (c *cursor) text() []byte {
	for i := c.pos; i < len(c.b); i++ {
		if c.b[i] == 0 {
			s := c.b[c.pos:i]
			c.pos = i + 1
			return s
		}
	}
	c.short = true
	c.pos = len(c.b)
	return nil
}

// err reports fields that did not fit.
func (c *cursor) err(what string) error {
	if c.short {
		return bounds.Malformedf(c.off, "%s is cut short after %d bytes", what, len(c.b))
	}
	return nil
}

// signature reads four bytes that must be s.
func (c *cursor) signature(s string) error {
	at := c.here()
	if b := c.take(4); string(b) != s {
		return bounds.Malformedf(at, "signature %q, want %q", b, s)
	}
	return nil
}
