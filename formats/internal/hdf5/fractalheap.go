package hdf5

import (
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// fractalHeap is the header of a fractal heap (section III.G) and what of its
// blocks has been read.
type fractalHeap struct {
	r    *reader
	addr uint64
	off  int64

	idLen     int
	maxObject uint32
	checked   bool // direct blocks have a checksum
	filters   []Filter
	rootEntry heapEntry
	huge      uint64 // address of the B-tree of huge objects

	width     uint64 // columns of the doubling table
	start     uint64 // size of a block in the first two rows
	maxDirect uint64 // size of the largest direct block
	heapBits  uint   // bits of an offset in the heap
	rows      int    // of the root indirect block; 0: the root is a direct block

	blocks   map[uint64]heapBlock
	kept     uint64 // bytes in blocks
	hugeByID map[uint64]hugeObject
}

// heapBlock is a block that has been read: the addresses in an indirect block,
// or the bytes of a direct block.
type heapBlock struct {
	start   uint64 // its place in the heap
	entries []heapEntry
	data    []byte
	off     int64 // of data in the file; -1 if filtered
}

type heapEntry struct {
	addr   uint64
	stored uint64 // stored size of a filtered direct block
	mask   uint32 // filters that were left out of it
}

// fractalHeap reads the header of a fractal heap (section III.G.1).
func (r *reader) fractalHeap(addr uint64) (*fractalHeap, error) {
	so, sl := r.sizes.offset, r.sizes.length
	size := 26 + 12*sl + 3*so
	c, err := r.bytes(addr, uint64(size), "fractal heap header")
	if err != nil {
		return nil, err
	}
	if err := c.signature("FRHP"); err != nil {
		return nil, err
	}
	if version := c.u8(); version != 0 {
		return nil, bounds.Unsupportedf(c.off, "fractal heap version %d", version)
	}
	h := &fractalHeap{r: r, addr: addr, off: c.off}
	h.idLen = int(c.u16())
	filters := int(c.u16())
	if filters > 0 { // sections of their own before the checksum
		long, err := r.bytes(addr, uint64(size+sl+4+filters), "fractal heap header")
		if err != nil {
			return nil, err
		}
		c.b = long.b
	}
	if err := r.verify(c.b, c.off, "fractal heap header"); err != nil {
		return nil, err
	}
	h.checked = c.u8()&2 != 0
	h.maxObject = c.u32()
	c.skip(sl) // next huge id
	h.huge = c.addr()
	c.skip(sl + so + 8*sl) // free space and statistics
	h.width, h.start, h.maxDirect = uint64(c.u16()), c.length(), c.length()
	h.heapBits = uint(c.u16())
	c.skip(2) // starting rows
	h.rootEntry.addr, h.rows = c.addr(), int(c.u16())
	if filters > 0 {
		h.rootEntry.stored, h.rootEntry.mask = c.length(), c.u32()
		message := r.cursor(c.take(filters), c.off)
		if h.filters, err = r.filterMessage(&message); err != nil {
			return nil, err
		}
	}
	if err := c.err("fractal heap header"); err != nil {
		return nil, err
	}
	return h, h.check()
}

// check refuses doubling tables that make no sense, so that what is computed
// from them cannot overflow.
func (h *fractalHeap) check() error {
	power := func(n uint64) bool { return n != 0 && n&(n-1) == 0 }
	switch {
	case !power(h.width) || !power(h.start) || !power(h.maxDirect) || h.maxDirect < h.start:
		return bounds.Malformedf(h.off, "fractal heap with %d columns of blocks of %d to %d bytes", h.width, h.start, h.maxDirect)
	case h.heapBits > 64 || log2(h.start)+log2(h.width) > h.heapBits || log2(h.maxDirect) > h.heapBits:
		return bounds.Malformedf(h.off, "fractal heap with offsets of %d bits and blocks of %d bytes", h.heapBits, h.maxDirect)
	case h.rows > int(h.heapBits-log2(h.start)-log2(h.width))+1:
		return bounds.Malformedf(h.off, "fractal heap with a root of %d rows", h.rows)
	case h.idLen < 2:
		return bounds.Malformedf(h.off, "fractal heap with ids of %d bytes", h.idLen)
	}
	return nil
}

// log2 is the exponent of a power of two.
func log2(n uint64) uint { return uint(bits.TrailingZeros64(n)) }

func (h *fractalHeap) offsetLen() int { return int(h.heapBits+7) / 8 }

// lengthLen is the length of an object's length in its id.
func (h *fractalHeap) lengthLen() int {
	return min(int(log2(h.maxDirect)+7)/8, numberLen(uint64(h.maxObject)))
}

// directRows is the number of rows with direct blocks.
func (h *fractalHeap) directRows() int { return int(log2(h.maxDirect)-log2(h.start)) + 2 }

// rowSize is the size of the blocks in a row: the first two rows are equal, each
// other one is twice the one before it.
func (h *fractalHeap) rowSize(row int) uint64 {
	return h.start << max(row-1, 0)
}

// rowStart is where in its indirect block a row begins.
func (h *fractalHeap) rowStart(row int) uint64 {
	if row == 0 {
		return 0
	}
	return h.width * h.start << (row - 1)
}

// row is the row of an indirect block that holds an offset.
func (h *fractalHeap) row(offset uint64) int {
	first := log2(h.width) + log2(h.start)
	if n := uint(bits.Len64(offset)); n > first {
		return int(n - first)
	}
	return 0
}

// managed returns n bytes at an offset in the heap, which counts the headers of
// the blocks too.
func (h *fractalHeap) managed(offset, n uint64) ([]byte, int64, error) {
	if h.rootEntry.addr == undefined {
		return nil, 0, bounds.Malformedf(h.off, "fractal heap without blocks has no object at %d", offset)
	}
	at, rows, start := h.rootEntry, h.rows, uint64(0)
	size := h.start
	for direct := rows == 0; !direct; {
		b, err := h.indirect(at.addr, start, rows)
		if err != nil {
			return nil, 0, err
		}
		row := h.row(offset - start)
		if row >= rows {
			return nil, 0, bounds.Malformedf(h.off, "fractal heap has no object at %d", offset)
		}
		size = h.rowSize(row)
		column := (offset - start - h.rowStart(row)) / size
		at = b.entries[uint64(row)*h.width+column]
		start += h.rowStart(row) + column*size
		if direct = row < h.directRows(); direct {
			break
		}
		if size < h.start*h.width {
			return nil, 0, bounds.Malformedf(h.off, "fractal heap with indirect blocks of less than a row")
		}
		rows = int(log2(size)-log2(h.start)-log2(h.width)) + 1
	}
	b, err := h.direct(at, start, size)
	if err != nil {
		return nil, 0, err
	}
	from := offset - start
	if from < uint64(h.directPrefix()) || from > size || n > size-from {
		return nil, 0, bounds.Malformedf(h.off, "fractal heap object of %d bytes at %d does not fit its block", n, offset)
	}
	off := int64(-1)
	if b.off >= 0 {
		off = b.off + int64(from)
	}
	return b.data[from : from+n], off, nil
}

// keptBlocks is how many bytes of blocks a heap keeps before it forgets them:
// more than any heap of names has.
const keptBlocks = 16 << 20

func (h *fractalHeap) remember(addr uint64, b heapBlock, n uint64) {
	if h.kept+n > keptBlocks || h.blocks == nil {
		h.blocks, h.kept = make(map[uint64]heapBlock), 0
	}
	h.blocks[addr] = b
	h.kept += n
}

// known returns a block read before. At another place of the heap it cannot be
// the same block.
func (h *fractalHeap) known(addr, start uint64) (heapBlock, bool, error) {
	b, ok := h.blocks[addr]
	if ok && b.start != start {
		return b, false, bounds.Malformedf(h.off, "fractal heap has one block at two places")
	}
	return b, ok, nil
}
