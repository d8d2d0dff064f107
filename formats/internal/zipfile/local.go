package zipfile

import (
	"fmt"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// localHeader is a local file header, APPNOTE 4.3.7.
type localHeader struct {
	flags, method     uint16
	crc               uint32
	packed, size      uint64
	nameLen, extraLen int64
}

func parseLocal(b []byte) localHeader {
	return localHeader{
		flags:    le.Uint16(b[6:]),
		method:   le.Uint16(b[8:]),
		crc:      le.Uint32(b[14:]),
		packed:   uint64(le.Uint32(b[18:])),
		size:     uint64(le.Uint32(b[22:])),
		nameLen:  int64(le.Uint16(b[26:])),
		extraLen: int64(le.Uint16(b[28:])),
	}
}

// readLocal reads the local header of e as ZipFile.open does, and compares it with
// the directory. The error is that of the source; what CPython would raise on
// opening the member is kept in e.local.
func (a *Archive) readLocal(e *Entry) error {
	if err := a.src.Budget.Step(1); err != nil {
		return err
	}
	off, size := e.HeaderOff, a.src.Size()
	if off < 0 || off > size-sizeLocal {
		e.local = bounds.Malformedf(off, "no room for a local header in a file of %d bytes", size)
		a.disagree(LocalHeader, e, off, "the directory points outside the file")
		return nil
	}
	b, err := a.src.Bytes(off, sizeLocal)
	if err != nil {
		return err
	}
	if string(b[:4]) != sigLocal {
		e.local = bounds.Malformedf(off, "no local header where the directory points")
		a.disagree(LocalHeader, e, off, "the directory points to something other than a local header")
		return nil
	}
	h := parseLocal(b)
	off += sizeLocal
	e.DataOff = off + h.nameLen + h.extraLen
	e.descriptor = (h.flags|e.Flags)&flagDescriptor != 0
	variable, err := a.src.Bytes(off, min(h.nameLen+h.extraLen, size-off))
	if err != nil {
		return err
	}
	n := min(h.nameLen, int64(len(variable)))
	a.compareLocalName(e, h, variable[:n])
	a.compareFields(e, h, variable[n:])
	return nil
}

// compareLocalName decodes by the local flags, as ZipFile.open does, and compares
// with the name before it is cut at a NUL.
func (a *Archive) compareLocalName(e *Entry, h localHeader, raw []byte) {
	name, ok := decodeName(raw, h.flags)
	if ok && name == e.orig {
		return
	}
	e.LocalName = name
	e.local = bounds.Malformedf(e.HeaderOff, "name in the local header differs from the directory's")
	what := "the name in the local header differs"
	if !ok {
		what = "the name in the local header is flagged as UTF-8 and is not"
	}
	a.disagree(LocalName, e, e.HeaderOff, what)
}

// compareFields compares what decides which bytes a streaming reader yields.
func (a *Archive) compareFields(e *Entry, h localHeader, extra []byte) {
	h.zip64(extra)
	deferred := h.flags&flagDescriptor != 0
	same := func(local, central uint64) bool {
		// Sizes and CRC may be left to the data descriptor (APPNOTE 4.4.4 bit 3).
		return local == central || deferred && (local == 0 || local == math.MaxUint32)
	}
	const decisive = flagEncrypted | flagPatched | flagStrong
	var what string
	switch {
	case h.method != e.Method:
		what = fmt.Sprintf("compression method %d in the local header, %d in the directory", h.method, e.Method)
	case h.flags&decisive != e.Flags&decisive:
		what = fmt.Sprintf("flags %#04x in the local header, %#04x in the directory", h.flags, e.Flags)
	case !same(uint64(h.crc), uint64(e.CRC)):
		what = fmt.Sprintf("CRC %08x in the local header, %08x in the directory", h.crc, e.CRC)
	case !same(h.packed, uint64(e.Packed)):
		what = fmt.Sprintf("compressed size %d in the local header, %d in the directory", h.packed, e.Packed)
	case !same(h.size, uint64(e.Size)):
		what = fmt.Sprintf("size %d in the local header, %d in the directory", h.size, e.Size)
	}
	if what != "" {
		a.disagree(LocalFields, e, e.HeaderOff, what)
	}
	if e.Method == 0 && e.Packed != e.Size && !e.Encrypted() {
		a.disagree(StoredSize, e, e.HeaderOff, fmt.Sprintf("stored, but %d bytes compressed and %d not", e.Packed, e.Size))
	}
}

// zip64 replaces sizes of all ones with those of the zip64 extra field.
func (h *localHeader) zip64(extra []byte) {
	for len(extra) >= 4 {
		n := int(le.Uint16(extra[2:]))
		if n+4 > len(extra) {
			return
		}
		data := extra[4 : 4+n]
		if le.Uint16(extra) == extraZip64 {
			if h.size == math.MaxUint32 && len(data) >= 8 {
				h.size, data = le.Uint64(data), data[8:]
			}
			if h.packed == math.MaxUint32 && len(data) >= 8 {
				h.packed = le.Uint64(data)
			}
			return
		}
		extra = extra[4+n:]
	}
}
