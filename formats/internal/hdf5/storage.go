package hdf5

import (
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// readDataset reads the messages that say how a dataset is stored.
func (r *reader) readDataset(o *Object, p *parts) {
	s := &Storage{Offset: -1, Stored: -1}
	o.Data = s
	r.storagePart(o, p[msgDataspace], (*reader).readSpace)
	r.storagePart(o, p[msgFilters], (*reader).readFilters)
	r.storagePart(o, p[msgExternal], (*reader).readExternal)
	r.storagePart(o, p[msgLayout], (*reader).readLayout) // needs the others
	if p[msgLayout] == nil {
		r.problem("", "", bounds.Malformedf(o.Addr, "dataset without a layout"))
	}
}

// storagePart reads one of the messages, if there is one.
func (r *reader) storagePart(o *Object, m *message, read func(*reader, *Object, cursor) error) {
	if m == nil {
		return
	}
	err := r.resolve(m)
	if err == nil {
		err = read(r, o, r.cursor(m.data, m.off))
	}
	if err != nil {
		r.problem("", "", err)
	}
}

func (r *reader) readSpace(o *Object, c cursor) (err error) {
	o.Data.Space, err = r.dataspace(c)
	return err
}

func (r *reader) readFilters(o *Object, c cursor) (err error) {
	o.Data.Filters, err = r.filterMessage(&c)
	return err
}

// readExternal reads an external data files message (section IV.A.2.h).
func (r *reader) readExternal(o *Object, c cursor) error {
	if version := c.u8(); version != 1 {
		return bounds.Unsupportedf(c.off, "external data files version %d", version)
	}
	c.skip(3 + 2)
	count := int(c.u16())
	addr := c.addr()
	if err := c.err("external data files"); err != nil {
		return err
	}
	heap, err := r.localHeap(addr)
	if err != nil {
		return err
	}
	for range count {
		name, f := c.length(), ExternalFile{Offset: c.length(), Size: c.length()}
		if err := c.err("external data files"); err != nil {
			return err
		}
		text, err := heap.text(name)
		if err != nil {
			return err
		}
		if f.Name, err = r.keep(text); err != nil {
			return err
		}
		o.Data.External = append(o.Data.External, f)
	}
	return nil
}

// Layout classes (section IV.A.2.i).
const (
	layoutCompact = iota
	layoutContiguous
	layoutChunked
	layoutVirtual
)

func (r *reader) readLayout(o *Object, c cursor) error {
	version := c.u8()
	switch {
	case version == 1 || version == 2:
		return r.layout12(o, c)
	case version >= 3 && version <= 5:
		return r.layout345(o, c, version)
	}
	if err := c.err("layout"); err != nil {
		return err
	}
	return bounds.Unsupportedf(c.off, "layout version %d", version)
}

// layout12 reads a layout message of version 1 or 2. It does not tell how long
// contiguous data are; libhdf5 computes that.
func (r *reader) layout12(o *Object, c cursor) error {
	rank, class := int(c.u8()), c.u8()
	c.skip(5)
	addr := undefined
	if class != layoutCompact {
		addr = c.addr()
	}
	if rank < 1 || rank > maxRank+1 {
		return bounds.Malformedf(c.off, "layout of %d dimensions", rank)
	}
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = uint64(c.u32())
	}
	switch class {
	case layoutCompact:
		return r.compact(o, &c, uint64(c.u32()))
	case layoutContiguous:
		if err := c.err("layout"); err != nil {
			return err
		}
		return r.contiguous(o, &c, addr, o.declared())
	case layoutChunked:
		return r.chunked(o, &c, addr, dims)
	}
	return bounds.Malformedf(c.off, "layout of class %d", class)
}

func (r *reader) layout345(o *Object, c cursor, version uint8) error {
	switch class := c.u8(); class {
	case layoutCompact:
		return r.compact(o, &c, uint64(c.u16()))
	case layoutContiguous:
		addr, size := c.addr(), c.length()
		if err := c.err("layout"); err != nil {
			return err
		}
		return r.contiguous(o, &c, addr, size)
	case layoutChunked:
		if version == 3 {
			rank := int(c.u8())
			return r.chunked(o, &c, c.addr(), r.chunkDims(&c, rank, 4))
		}
		return r.chunked4(o, &c)
	case layoutVirtual:
		if version == 3 {
			return bounds.Malformedf(c.off, "virtual layout in a message of version 3")
		}
		return r.virtual(o, &c)
	default:
		return bounds.Malformedf(c.off, "layout of class %d", class)
	}
}

// declared is the number of bytes that type and dataspace ask for; all ones if
// that exceeds 64 bits.
func (o *Object) declared() uint64 {
	n, ok := o.Data.Space.Elements()
	if o.Type == nil {
		return 0
	}
	if hi, size := bits.Mul64(n, uint64(o.Type.Size)); ok && hi == 0 {
		return size
	}
	return ^uint64(0)
}

func (r *reader) compact(o *Object, c *cursor, size uint64) error {
	o.Data.Layout, o.Data.Offset, o.Data.Stored = Compact, c.here(), int64(size)
	c.take(int(size))
	if err := c.err("layout"); err != nil {
		return err
	}
	if size < o.declared() {
		return bounds.Malformedf(c.off, "compact data of %d bytes, dataset needs %d", size, o.declared())
	}
	return nil
}

func (r *reader) contiguous(o *Object, c *cursor, addr, size uint64) error {
	s := o.Data
	s.Layout, s.Stored = Contiguous, 0
	if addr == undefined || len(s.External) > 0 {
		return nil // not yet allocated, or in other files
	}
	off, err := r.offset(addr, size, "raw data")
	if err != nil {
		return err
	}
	s.Offset, s.Stored = off, int64(size)
	if size < o.declared() {
		return bounds.Malformedf(c.off, "contiguous data of %d bytes, dataset needs %d", size, o.declared())
	}
	return nil
}

// chunkDims reads the dimensions of a chunk, of n bytes each.
func (r *reader) chunkDims(c *cursor, rank, n int) []uint64 {
	if rank > c.left()/n {
		c.short = true
		return nil
	}
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = c.uint(n)
	}
	return dims
}

// chunked takes the dimensions of a chunk, the last of which is the size of an
// element, and the address of the chunk index.
func (r *reader) chunked(o *Object, c *cursor, addr uint64, dims []uint64) error {
	s := o.Data
	s.Layout = Chunked
	if err := c.err("layout"); err != nil {
		return err
	}
	if addr == undefined {
		s.Stored = 0
	}
	if n := len(dims) - 1; n < 1 || n > maxRank || n != len(s.Space.Dims) {
		return bounds.Malformedf(c.off, "chunks of %d dimensions in a dataset of %d", n, len(s.Space.Dims))
	}
	for _, d := range dims {
		if d == 0 {
			return bounds.Malformedf(c.off, "chunk with a dimension of 0")
		}
	}
	s.ChunkDims = dims[:len(dims)-1]
	return nil
}

// Chunk index types of version 4 layouts.
const (
	indexSingle = 1 + iota
	indexImplicit
	indexFixedArray
	indexExtensibleArray
	indexTree2
)

// chunked4 reads the chunked properties of layout versions 4 and 5.
func (r *reader) chunked4(o *Object, c *cursor) error {
	flags, rank, width := c.u8(), int(c.u8()), int(c.u8())
	if width < 1 || width > 8 {
		return bounds.Malformedf(c.off, "chunk dimensions of %d bytes", width)
	}
	dims := r.chunkDims(c, rank, width)
	switch kind := c.u8(); kind {
	case indexSingle:
		if flags&2 != 0 { // filtered: size and filter mask
			c.skip(r.sizes.length + 4)
		}
	case indexImplicit:
	case indexFixedArray:
		c.skip(1)
	case indexExtensibleArray:
		c.skip(5)
	case indexTree2:
		c.skip(6)
	default:
		if err := c.err("layout"); err != nil {
			return err
		}
		return bounds.Unsupportedf(c.off, "chunk index of type %d", kind)
	}
	return r.chunked(o, c, c.addr(), dims)
}
