package formatstest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
)

// The constants of the ZIP format (APPNOTE 6.3.10) that this writer uses.
const (
	localSignature      = 0x04034b50
	centralSignature    = 0x02014b50
	descriptorSignature = 0x08074b50
	endSignature        = 0x06054b50
	end64Signature      = 0x06064b50
	locator64Signature  = 0x07064b50

	flagDescriptor = 0x8
	flagUTF8       = 0x800

	zipDate  = 0x21 // 1980-01-01, so that output never changes
	in64     = 0xffffffff
	madeUnix = 0x0300
)

// zipHeader holds the fields that a member's local header, its central record
// and its data descriptor each state for themselves.
type zipHeader struct {
	flags, method    uint16
	crc              uint32
	compressed, size uint64
	extra            []byte
	name             []byte
}

type zipEntry struct {
	ref        string
	plain      []byte // what the member holds
	stored     []byte // what the file holds
	version    uint16
	mode       uint32 // Unix st_mode
	descriptor bool
	zip64      bool
	at         uint64  // offset of the local header, known once written
	claimed    *uint64 // offset that the central record states instead

	local, central, trailer zipHeader
}

// zipFile is an archive in parts, each of which may lie about the others.
type zipFile struct {
	local    []*zipEntry // in the order of the file
	central  []centralRecord
	preamble []byte // before the first local header; offsets count it
	gap      []byte // between the last member and the central directory
	comment  []byte
	zip64    bool
	noEnd    bool
	end      map[string]uint64 // fields of the end record that lie
}

// centralRecord is a line of the central directory about an entry; for an
// overlap, name differs from the entry's own.
type centralRecord struct {
	entry *zipEntry
	name  []byte // nil: the entry's
}

func newZip(members []member) *zipFile {
	z := &zipFile{end: map[string]uint64{}}
	for _, m := range members {
		z.add(m.ref, m.name, m.data)
	}
	return z
}

func (z *zipFile) add(ref, name string, data []byte) *zipEntry {
	e := &zipEntry{ref: ref, plain: data, mode: 0o100644}
	h := zipHeader{name: []byte(name), crc: crc32.ChecksumIEEE(data), size: uint64(len(data))}
	if strings.HasSuffix(name, "/") {
		e.mode = 0o040755
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f }) {
		h.flags = flagUTF8
	}
	e.local, e.central, e.trailer = h, h, h
	e.store(0, data, 20)
	z.local = append(z.local, e)
	z.central = append(z.central, centralRecord{entry: e})
	return e
}

// store sets the stored bytes and makes every header agree with them.
func (e *zipEntry) store(method uint16, stored []byte, version uint16) {
	e.stored, e.version = stored, version
	for _, h := range []*zipHeader{&e.local, &e.central, &e.trailer} {
		h.method, h.compressed = method, uint64(len(stored))
	}
}

// honest writes an archive that no verb has touched.
func (z *zipFile) honest() []byte {
	data, err := z.bytes()
	if err != nil {
		panic(err) // only absurd names, sizes and numbers of members fail
	}
	return data
}

func (z *zipFile) bytes() ([]byte, error) {
	out := bytes.Clone(z.preamble)
	for _, e := range z.local {
		e.at = uint64(len(out))
		local, err := e.localHeader()
		if err != nil {
			return nil, err
		}
		out = append(out, local...)
		out = append(out, e.stored...)
		out = append(out, e.dataDescriptor()...)
	}
	out = append(out, z.gap...)
	if len(z.central) > 0xffff && !z.zip64 {
		return nil, fmt.Errorf("%d members need the line: zip64", len(z.central))
	}
	start := uint64(len(out))
	for _, r := range z.central {
		record, err := r.bytes()
		if err != nil {
			return nil, err
		}
		out = append(out, record...)
	}
	if z.noEnd {
		return out, nil
	}
	return append(out, z.endRecords(start, uint64(len(out))-start)...), nil
}

// sizes returns the two 32-bit size fields and the zip64 extra field, if any.
func (e *zipEntry) sizes(h zipHeader) (compressed, size uint32, extra []byte, err error) {
	if len(h.name) > 0xffff || len(h.extra) > 0xffff-20 {
		return 0, 0, nil, fmt.Errorf("member %q: the name or the extra field is longer than its length can say", e.ref)
	}
	if e.zip64 {
		extra = binary.LittleEndian.AppendUint16(nil, 1)
		extra = binary.LittleEndian.AppendUint16(extra, 16)
		extra = binary.LittleEndian.AppendUint64(extra, h.size)
		extra = binary.LittleEndian.AppendUint64(extra, h.compressed)
		return in64, in64, append(extra, h.extra...), nil
	}
	if h.size > in64 || h.compressed > in64 {
		return 0, 0, nil, fmt.Errorf("member %q: a size above 32 bits needs the line: zip64 %s", e.ref, e.ref)
	}
	return uint32(h.compressed), uint32(h.size), h.extra, nil
}

func (e *zipEntry) localHeader() ([]byte, error) {
	h := e.local
	if e.descriptor {
		h.crc, h.compressed, h.size = 0, 0, 0
		h.flags |= flagDescriptor
	}
	compressed, size, extra, err := e.sizes(h)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	b := le.AppendUint32(nil, localSignature)
	b = le.AppendUint16(b, e.neededVersion())
	b = le.AppendUint16(b, h.flags)
	b = le.AppendUint16(b, h.method)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, zipDate)
	b = le.AppendUint32(b, h.crc)
	b = le.AppendUint32(b, compressed)
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(h.name)))
	b = le.AppendUint16(b, uint16(len(extra)))
	return append(append(b, h.name...), extra...), nil
}

func (e *zipEntry) dataDescriptor() []byte {
	if !e.descriptor {
		return nil
	}
	le, h := binary.LittleEndian, e.trailer
	b := le.AppendUint32(nil, descriptorSignature)
	b = le.AppendUint32(b, h.crc)
	if e.zip64 {
		return le.AppendUint64(le.AppendUint64(b, h.compressed), h.size)
	}
	return le.AppendUint32(le.AppendUint32(b, uint32(h.compressed)), uint32(h.size))
}

func (r centralRecord) bytes() ([]byte, error) {
	e, h := r.entry, r.entry.central
	if r.name != nil {
		h.name = r.name
	}
	if e.descriptor {
		h.flags |= flagDescriptor
	}
	compressed, size, extra, err := e.sizes(h)
	if err != nil {
		return nil, err
	}
	at := e.at
	if e.claimed != nil {
		at = *e.claimed
	}
	le := binary.LittleEndian
	b := le.AppendUint32(nil, centralSignature)
	b = le.AppendUint16(b, madeUnix|20)
	b = le.AppendUint16(b, e.neededVersion())
	b = le.AppendUint16(b, h.flags)
	b = le.AppendUint16(b, h.method)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, zipDate)
	b = le.AppendUint32(b, h.crc)
	b = le.AppendUint32(b, compressed)
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(h.name)))
	b = le.AppendUint16(b, uint16(len(extra)))
	b = le.AppendUint16(b, 0) // comment
	b = le.AppendUint16(b, 0) // disk
	b = le.AppendUint16(b, 0) // internal attributes
	b = le.AppendUint32(b, e.mode<<16)
	b = le.AppendUint32(b, uint32(at))
	return append(append(b, h.name...), extra...), nil
}

func (e *zipEntry) neededVersion() uint16 {
	if e.zip64 {
		return max(e.version, 45)
	}
	return e.version
}

// endRecords writes the end of central directory, after its zip64 form if the
// script asks for that.
func (z *zipFile) endRecords(start, length uint64) []byte {
	field := func(name string, honest uint64) uint64 {
		if lie, ok := z.end[name]; ok {
			return lie
		}
		return honest
	}
	le := binary.LittleEndian
	entries := field("entries", uint64(len(z.central)))
	size, offset := field("size", length), field("offset", start)
	disk := field("disk", 0)
	var b []byte
	if z.zip64 {
		b = le.AppendUint32(b, end64Signature)
		b = le.AppendUint64(b, 44)
		b = le.AppendUint16(b, madeUnix|45)
		b = le.AppendUint16(b, 45)
		b = le.AppendUint32(b, uint32(disk))
		b = le.AppendUint32(b, uint32(disk))
		b = le.AppendUint64(le.AppendUint64(b, entries), entries)
		b = le.AppendUint64(le.AppendUint64(b, size), offset)
		b = le.AppendUint32(b, locator64Signature)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, start+length)
		b = le.AppendUint32(b, 1)
		entries, size, offset = 0xffff, in64, in64
	}
	b = le.AppendUint32(b, endSignature)
	b = le.AppendUint16(le.AppendUint16(b, uint16(disk)), uint16(disk))
	b = le.AppendUint16(le.AppendUint16(b, uint16(entries)), uint16(entries))
	b = le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(offset))
	b = le.AppendUint16(b, uint16(field("comment", uint64(len(z.comment)))))
	return append(b, z.comment...)
}
