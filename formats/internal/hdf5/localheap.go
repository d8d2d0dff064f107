package hdf5

import (
	"bytes"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// localHeap is the data segment of a local heap (section III.D), which holds
// the names of an old-style group or the file names of a dataset.
type localHeap struct {
	r    *reader
	data []byte
	off  int64
}

func (r *reader) localHeap(addr uint64) (localHeap, error) {
	c, err := r.bytes(addr, uint64(8+2*r.sizes.length+r.sizes.offset), "local heap")
	if err != nil {
		return localHeap{}, err
	}
	if err := c.signature("HEAP"); err != nil {
		return localHeap{}, err
	}
	if version := c.u8(); version != 0 {
		return localHeap{}, bounds.Unsupportedf(c.off, "local heap version %d", version)
	}
	c.skip(3)
	size := c.length()
	c.skip(r.sizes.length) // free list
	if err := r.budget.Structure(int64(min(size, 1<<62))); err != nil {
		return localHeap{}, err
	}
	data, err := r.bytes(c.addr(), size, "local heap data")
	if err != nil {
		return localHeap{}, err
	}
	return localHeap{r, data.b, data.off}, nil
}

// text returns the string at an offset in the heap.
func (h *localHeap) text(offset uint64) ([]byte, error) {
	if offset >= uint64(len(h.data)) {
		return nil, bounds.Malformedf(h.off, "local heap of %d bytes has no string at %d", len(h.data), offset)
	}
	s := h.data[offset:]
	n := bytes.IndexByte(s, 0)
	if err := h.r.budget.Step(1 + int64(max(n, 0)/hashStep)); err != nil {
		return nil, err
	}
	if n < 0 {
		if err := h.r.budget.Step(int64(len(s) / hashStep)); err != nil {
			return nil, err
		}
		return nil, bounds.Malformedf(h.off+int64(offset), "string in a local heap has no end")
	}
	return s[:n], nil
}
