package hdf5

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// signature is the format signature (section II.A).
const signature = "\x89HDF\r\n\x1a\n"

// Find returns the offset of the superblock signature, which libhdf5 looks for
// at 0, 512, 1024, 2048 and so on. The error is one of reading.
func Find(src *bounds.Source) (off int64, ok bool, err error) {
	const n = int64(len(signature))
	for off <= src.Size()-n {
		b, err := src.Bytes(off, n)
		if err != nil {
			return 0, false, err
		}
		if string(b) == signature {
			return off, true, nil
		}
		off = max(512, 2*off)
	}
	return 0, false, nil
}

// Default B-tree parameters where the superblock has none (section IV.A.2.t).
const (
	defaultLeafK = 4
	defaultNodeK = 16
)

// superblock reads the superblock and returns the address of the root group's
// object header.
func (r *reader) superblock() (uint64, error) {
	off, ok, err := Find(r.src)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, bounds.Malformedf(0, "no HDF5 signature")
	}
	r.base, r.file.Base = off, off
	n := min(maxSuperblock, r.src.Size()-off)
	b, err := r.src.Bytes(off, n)
	if err != nil {
		return 0, err
	}
	c := r.cursor(b, off)
	c.skip(len(signature))
	version := c.u8()
	r.file.SuperblockVersion = int(version)
	r.leafK, r.nodeK = defaultLeafK, defaultNodeK
	switch {
	case c.short:
		return 0, c.err("superblock")
	case version <= 1:
		return r.superblock01(&c, version)
	case version <= 3:
		return r.superblock23(&c, version)
	}
	return 0, bounds.Unsupportedf(off, "superblock version %d", version)
}

// flagsOpen are the file consistency flags of version 3 that a writer sets, and
// a writer with readers at the same time.
const flagsOpen = 1<<0 | 1<<2

// maxSuperblock holds the longest superblock: version 1 with 8-byte addresses.
const maxSuperblock = 128

// setSizes takes the sizes of addresses and lengths. libhdf5 allows 16 and 32
// too, which no file needs.
func (r *reader) setSizes(c *cursor, offset, length uint8) error {
	for _, n := range [2]uint8{offset, length} {
		switch n {
		case 2, 4, 8:
		case 16, 32:
			return bounds.Unsupportedf(c.off, "superblock with addresses or lengths of %d bytes", n)
		default:
			return bounds.Malformedf(c.off, "superblock with addresses or lengths of %d bytes", n)
		}
	}
	r.sizes = sizes{int(offset), int(length)}
	c.sizes = r.sizes
	return nil
}

// superblock01 reads a superblock of version 0 or 1 from behind the version.
func (r *reader) superblock01(c *cursor, version uint8) (uint64, error) {
	free, table := c.u8(), c.u8()
	c.skip(1)
	header := c.u8()
	if err := r.setSizes(c, c.u8(), c.u8()); err != nil {
		return 0, err
	}
	c.skip(1)
	r.leafK, r.nodeK = int(c.u16()), int(c.u16())
	c.skip(4)
	if version == 1 {
		c.skip(4)
	}
	base := c.addr()
	c.skip(r.sizes.offset) // free-space index: undefined in every version
	end, driver := c.addr(), c.addr()
	entry := c.symbolEntry()
	if err := c.err("superblock"); err != nil {
		return 0, err
	}
	if free|table|header != 0 {
		r.problem("", "", bounds.Malformedf(c.off, "superblock names versions %d, %d and %d of its parts, want 0", free, table, header))
	}
	if r.leafK == 0 || r.nodeK == 0 {
		r.problem("", "", bounds.Malformedf(c.off, "superblock has a group B-tree parameter of 0"))
	}
	r.setEnd(base, end)
	if driver != undefined {
		r.problem("", "", bounds.Unsupportedf(c.off, "driver information block: the file is one of several"))
	}
	if entry.cache == cacheTable {
		if root, err := r.object(entry.header); err == nil {
			r.cached = append(r.cached, cachedTable{object: root, table: entry.table})
		}
	}
	return entry.header, nil
}

// superblock23 reads a superblock of version 2 or 3 from behind the version.
func (r *reader) superblock23(c *cursor, version uint8) (uint64, error) {
	if err := r.setSizes(c, c.u8(), c.u8()); err != nil {
		return 0, err
	}
	flags := c.u8()
	base, extension, end, root := c.addr(), c.addr(), c.addr(), c.addr()
	c.skip(4)
	if err := c.err("superblock"); err != nil {
		return 0, err
	}
	if err := r.verify(c.b[:c.pos], c.off, "superblock"); err != nil {
		r.problem("", "", err)
	}
	if version == 3 && flags&flagsOpen != 0 {
		r.problem("", "", bounds.Malformedf(c.off, "file is marked as open for writing, so that libhdf5 refuses it"))
	}
	r.setEnd(base, end)
	if extension != undefined {
		r.extension(extension)
	}
	return root, nil
}

// setEnd takes the base and end-of-file addresses. Like libhdf5 it believes the
// place of the signature rather than the base address, and moves the end along.
func (r *reader) setEnd(base, end uint64) {
	size := r.src.Size()
	if base != 0 && base != uint64(r.base) {
		r.problem("", "", bounds.Malformedf(r.base, "superblock says that it lies at %d", base))
	}
	// Both are relative to the stored base, so the difference is the length.
	length := end - base
	if end < base || end == undefined || length > uint64(1<<62) {
		r.problem("", "", bounds.Malformedf(r.base, "end-of-file address %d", end))
		r.file.End, r.end = size, size
		return
	}
	r.file.End = r.base + int64(length)
	r.end = min(r.file.End, size)
	if r.file.End > size {
		r.problem("", "", bounds.Malformedf(r.base, "file is truncated: it has %d bytes, its superblock says %d", size, r.file.End))
	}
}

// extension reads the superblock extension (section II.C), an object header
// with messages about the file.
func (r *reader) extension(addr uint64) {
	h, err := r.header(addr, nil)
	if err != nil {
		r.problem("", "", err)
		return
	}
	for _, m := range h.messages {
		c := r.cursor(m.data, m.off)
		switch m.kind {
		case msgSharedTable:
			err = r.sharedTable(&c)
		case msgTreeK:
			c.skip(3) // version, indexed storage K
			r.nodeK, r.leafK = int(c.u16()), int(c.u16())
			err = c.err("B-tree parameters")
		case msgDriver:
			err = bounds.Unsupportedf(m.off, "driver information: the file is one of several")
		case msgCacheImage:
			// libhdf5 takes metadata from the image rather than from its place.
			c.skip(1)
			if c.addr() != undefined {
				err = bounds.Unsupportedf(m.off, "metadata cache image")
			}
		default:
			err = m.unknown()
		}
		if err != nil {
			r.problem("", "", err)
			err = nil
		}
	}
}
