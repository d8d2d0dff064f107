package hdf5

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// directPrefix is the length of a direct block's header.
func (h *fractalHeap) directPrefix() int {
	n := 5 + h.r.sizes.offset + h.offsetLen()
	if h.checked {
		n += 4
	}
	return n
}

// blockPrefix reads the fields that direct and indirect blocks begin with.
func (h *fractalHeap) blockPrefix(c *cursor, sign string, start uint64) error {
	if err := c.signature(sign); err != nil {
		return err
	}
	version, owner, at := c.u8(), c.addr(), c.uint(h.offsetLen())
	if err := c.err("fractal heap block"); err != nil {
		return err
	}
	if version != 0 {
		return bounds.Unsupportedf(c.off, "fractal heap block version %d", version)
	}
	if owner != h.addr || at != start {
		return bounds.Malformedf(c.off, "fractal heap block of heap %#x at %d, want heap %#x at %d", owner, at, h.addr, start)
	}
	return nil
}

// indirect reads an indirect block (section III.G.3).
func (h *fractalHeap) indirect(addr, start uint64, rows int) (heapBlock, error) {
	if b, ok, err := h.known(addr, start); ok || err != nil {
		if err == nil && len(b.entries) < rows*int(h.width) {
			err = bounds.Malformedf(h.off, "fractal heap has one block as direct and as indirect")
		}
		return b, err
	}
	r := h.r
	filtered := len(h.filters) > 0
	direct := min(rows, h.directRows()) * int(h.width)
	total := rows * int(h.width)
	entry := r.sizes.offset
	if filtered {
		entry += r.sizes.length + 4
	}
	size := uint64(5 + r.sizes.offset + h.offsetLen() + direct*entry + (total-direct)*r.sizes.offset + 4)
	c, err := r.bytes(addr, size, "fractal heap indirect block")
	if err != nil {
		return heapBlock{}, err
	}
	if err := r.verify(c.b, c.off, "fractal heap indirect block"); err != nil {
		return heapBlock{}, err
	}
	if err := h.blockPrefix(&c, "FHIB", start); err != nil {
		return heapBlock{}, err
	}
	if err := r.budget.Step(int64(total)); err != nil {
		return heapBlock{}, err
	}
	b := heapBlock{start: start, entries: make([]heapEntry, total)}
	for i := range b.entries {
		b.entries[i].addr = c.addr()
		if filtered && i < direct {
			b.entries[i].stored, b.entries[i].mask = c.length(), c.u32()
		}
	}
	h.remember(addr, b, uint64(total)*24)
	return b, nil
}

// direct reads a direct block (section III.G.2), whose size is that of its row.
func (h *fractalHeap) direct(at heapEntry, start, size uint64) (heapBlock, error) {
	if b, ok, err := h.known(at.addr, start); ok || err != nil {
		if err == nil && uint64(len(b.data)) != size {
			err = bounds.Malformedf(h.off, "fractal heap has one block as direct and as indirect")
		}
		return b, err
	}
	r := h.r
	if err := r.budget.Structure(int64(min(size, 1<<62))); err != nil {
		return heapBlock{}, err
	}
	stored := size
	if len(h.filters) > 0 {
		stored = at.stored
	}
	c, err := r.bytes(at.addr, stored, "fractal heap direct block")
	if err != nil {
		return heapBlock{}, err
	}
	b := heapBlock{start: start, data: c.b, off: c.off}
	if len(h.filters) > 0 {
		if b.data, err = r.unfilter(c, h.filters, at.mask, size); err != nil {
			return heapBlock{}, err
		}
		b.off = -1
	}
	c = r.cursor(b.data, c.off)
	if err := h.blockPrefix(&c, "FHDB", start); err != nil {
		return heapBlock{}, err
	}
	if h.checked {
		if err := h.verifyDirect(b.data, c); err != nil {
			return heapBlock{}, err
		}
	}
	h.remember(at.addr, b, size)
	return b, nil
}

// verifyDirect checks the checksum of a direct block, which is taken with the
// checksum itself, behind the prefix, as zero.
func (h *fractalHeap) verifyDirect(data []byte, c cursor) error {
	if err := h.r.budget.Step(1 + int64(len(data)/hashStep)); err != nil {
		return err
	}
	want := c.u32()
	if err := c.err("fractal heap direct block"); err != nil {
		return err
	}
	blank := append([]byte(nil), data...)
	clear(blank[c.pos-4 : c.pos])
	if got := lookup3(blank); got != want {
		return bounds.Malformedf(c.off, "checksum of fractal heap direct block is %08x, stored is %08x", got, want)
	}
	return nil
}

// hugeObject is an object that is stored outside the blocks.
type hugeObject struct {
	addr, stored uint64
	size         uint64 // after unfiltering
	mask         uint32 // filters that were left out
}

// object returns the bytes of the object with an id (section III.G.4), and where
// in the file they are; -1 if they do not lie there as such.
func (h *fractalHeap) object(id []byte) ([]byte, int64, error) {
	if len(id) < h.idLen {
		return nil, 0, bounds.Malformedf(h.off, "fractal heap has ids of %d bytes, want at most %d", h.idLen, len(id))
	}
	id = id[:h.idLen]
	if err := h.r.budget.Step(1); err != nil {
		return nil, 0, err
	}
	if version := id[0] >> 6; version != 0 {
		return nil, 0, bounds.Unsupportedf(h.off, "fractal heap id version %d", version)
	}
	c := h.r.cursor(id[1:], -1)
	switch kind := id[0] >> 4 & 3; kind {
	case 0:
		offset, n := c.uint(h.offsetLen()), c.uint(h.lengthLen())
		if err := c.err("fractal heap id"); err != nil {
			return nil, 0, err
		}
		if n == 0 {
			return nil, 0, bounds.Malformedf(h.off, "fractal heap id of an object of %d bytes at %d", n, offset)
		}
		return h.managed(offset, n)
	case 1:
		return h.hugeObject(c)
	case 2:
		return h.tiny(id)
	default:
		return nil, 0, bounds.Malformedf(h.off, "fractal heap id of type %d", kind)
	}
}

// tiny returns an object that lies in its id (section III.G.4, type 2).
func (h *fractalHeap) tiny(id []byte) ([]byte, int64, error) {
	n, data := int(id[0]&15)+1, id[1:]
	if h.idLen-1 > 17 { // ids too long for a length of 4 bits have one of 12
		n, data = int(binary.BigEndian.Uint16([]byte{id[0] & 15, id[1]}))+1, id[2:]
	}
	if n > len(data) {
		return nil, 0, bounds.Malformedf(h.off, "fractal heap id of %d bytes with an object of %d", len(id), n)
	}
	return data[:n], -1, nil
}

// hugeObject returns an object stored on its own. Its id has the place itself
// if that fits, else a key of the B-tree of huge objects.
func (h *fractalHeap) hugeObject(id cursor) ([]byte, int64, error) {
	r := h.r
	filtered := len(h.filters) > 0
	direct := r.sizes.offset + r.sizes.length
	if filtered {
		direct += 4 + r.sizes.length
	}
	var o hugeObject
	if len(id.b) >= direct {
		o = hugePlace(&id, filtered)
	} else {
		if err := h.loadHuge(filtered); err != nil {
			return nil, 0, err
		}
		key := id.uint(min(len(id.b), 8))
		var ok bool
		if o, ok = h.hugeByID[key]; !ok {
			return nil, 0, bounds.Malformedf(h.off, "fractal heap has no huge object %d", key)
		}
	}
	if err := r.budget.Structure(int64(min(o.size, 1<<62))); err != nil {
		return nil, 0, err
	}
	c, err := r.bytes(o.addr, o.stored, "huge object of a fractal heap")
	if err != nil || !filtered {
		return c.b, c.off, err
	}
	b, err := r.unfilter(c, h.filters, o.mask, o.size)
	return b, -1, err
}

// hugePlace reads the fields that direct ids and B-tree records begin with.
func hugePlace(c *cursor, filtered bool) hugeObject {
	o := hugeObject{addr: c.addr(), stored: c.length()}
	o.size = o.stored
	if filtered {
		o.mask, o.size = c.u32(), c.length()
	}
	return o
}

// loadHuge reads the B-tree of huge objects once.
func (h *fractalHeap) loadHuge(filtered bool) error {
	if h.hugeByID != nil {
		return nil
	}
	h.hugeByID = make(map[uint64]hugeObject)
	kind := uint8(treeHuge)
	if filtered {
		kind = treeHugeFiltered
	}
	return h.r.tree2(h.huge, kind, func(rec []byte) error {
		c := h.r.cursor(rec, -1)
		o := hugePlace(&c, filtered)
		key := c.length()
		if _, ok := h.hugeByID[key]; ok {
			return bounds.Malformedf(h.off, "fractal heap with two huge objects %d", key)
		}
		h.hugeByID[key] = o
		return nil
	})
}
