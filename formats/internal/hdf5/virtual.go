package hdf5

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Flags of an entry in a version 1 list of virtual sources: its file or its
// dataset has the name that an earlier entry has, or its file is this one.
const (
	virtualSharedFile    = 1 << 0
	virtualSharedDataset = 1 << 1
	virtualSameFile      = 1 << 2
)

// virtual reads the list of virtual sources, which lies in the global heap
// (section IV.A.2.i, virtual storage; III.E, virtual dataset global heap block).
func (r *reader) virtual(o *Object, c *cursor) error {
	o.Data.Layout, o.Data.Stored = Virtual, 0
	addr, index := c.addr(), c.u32()
	if err := c.err("layout"); err != nil || addr == undefined {
		return err
	}
	data, off, err := r.globalObject(addr, index)
	if err != nil {
		return err
	}
	if err := r.verify(data, off, "list of virtual sources"); err != nil {
		return err
	}
	b := r.cursor(data[:len(data)-4], off)
	version, count := b.u8(), b.length()
	if version > 1 {
		return bounds.Unsupportedf(off, "list of virtual sources of version %d", version)
	}
	for range count {
		if err := r.budget.Node(1); err != nil {
			return err
		}
		v, err := r.virtualSource(&b, version, o.Data.Virtual)
		if err != nil {
			return err
		}
		o.Data.Virtual = append(o.Data.Virtual, v)
	}
	return b.err("list of virtual sources")
}

func (r *reader) virtualSource(c *cursor, version uint8, before []VirtualSource) (v VirtualSource, err error) {
	var flags uint8
	if version == 1 {
		flags = c.u8()
	}
	if flags&virtualSameFile != 0 {
		v.File = "."
	} else {
		e, err := r.virtualName(c, flags&virtualSharedFile != 0, before)
		if err != nil {
			return v, err
		}
		v.File = e.File
	}
	e, err := r.virtualName(c, flags&virtualSharedDataset != 0, before)
	if err != nil {
		return v, err
	}
	v.Dataset = e.Dataset
	if err := skipSelection(c); err != nil { // in the source
		return v, err
	}
	return v, skipSelection(c) // in the virtual dataset
}

// virtualName reads a name, or the number of the entry that has it too. The
// name comes back as file and dataset both.
func (r *reader) virtualName(c *cursor, shared bool, before []VirtualSource) (VirtualSource, error) {
	if !shared {
		s, err := r.keep(c.text())
		return VirtualSource{s, s}, err
	}
	i := c.length()
	if i >= uint64(len(before)) {
		return VirtualSource{}, bounds.Malformedf(c.off, "virtual source shares the name of entry %d, which does not come before it", i)
	}
	return before[i], nil
}

// Selection types (the serialised dataspace selections of section III.E).
const (
	selectNone = iota
	selectPoints
	selectHyperslab
	selectAll
)

// skipSelection skips a selection, whose fields only tell how long it is.
func skipSelection(c *cursor) error {
	at := c.here()
	kind, version := c.u32(), c.u32()
	var count, width uint64
	switch {
	case (kind == selectNone || kind == selectAll) && version == 1:
		c.skip(8)
	case kind == selectPoints && version == 1, kind == selectHyperslab && version == 1:
		c.skip(8)
		rank := uint64(c.u32())
		count, width = rank*uint64(c.u32()), 4
		if kind == selectHyperslab {
			width = 8
		}
	case kind == selectPoints && version == 2:
		n := uint64(c.u8())
		rank := uint64(c.u32())
		count, width = c.uint(int(min(n, 8))), rank*n
	case kind == selectHyperslab && version == 2:
		c.skip(1 + 4)
		count, width = uint64(c.u32()), 32
	case kind == selectHyperslab && version == 3:
		flags, n := c.u8(), uint64(c.u8())
		rank := uint64(c.u32())
		count, width = 4*n, rank
		if flags&1 == 0 {
			count, width = c.uint(int(min(n, 8))), 2*rank*n
		}
	default:
		if err := c.err("selection"); err != nil {
			return err
		}
		return bounds.Unsupportedf(at, "selection of type %d and version %d", kind, version)
	}
	if left := uint64(c.left()); count > 0 && width > left/count {
		c.short = true
	} else {
		c.skip(int(count * width))
	}
	return c.err("selection")
}
