package zipfile

import (
	"hash/crc32"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// maxExtractVersion is MAX_EXTRACT_VERSION: 6.3, in tenths.
const maxExtractVersion = 63

// readDirectories reads the entries of every directory in a.dirs. A directory that
// CPython refuses is dropped if another can be read.
func (a *Archive) readDirectories() error {
	var refused error
	var broken []*Entry
	kept := a.dirs[:0:0]
	for _, d := range a.dirs {
		entries, err := a.walk(d)
		if err == nil {
			a.Entries = append(a.Entries, entries...)
			kept = append(kept, d)
			continue
		}
		if spentOrUnread(err) {
			a.Entries = append(a.Entries, entries...)
			return err
		}
		if refused == nil {
			refused, broken = err, entries
		}
	}
	if len(kept) == 0 {
		a.Entries = broken
		return refused
	}
	a.dirs = kept
	a.Shift = kept[0].start - clamp(kept[0].offset)
	return nil
}

// walk is the loop of ZipFile._RealGetContents. It goes by the size of the
// directory and ignores the count.
func (a *Archive) walk(d directory) ([]*Entry, error) {
	if err := a.src.Budget.Structure(d.size); err != nil {
		return nil, err
	}
	dir, err := a.src.Section(d.start, d.size)
	if err != nil {
		return nil, err
	}
	var entries []*Entry
	for pos := int64(0); pos < d.size; {
		e, n, err := a.central(d, dir, pos)
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
		pos += n
	}
	return entries, nil
}

// central reads the entry at pos of the directory, and how long it claims to be.
func (a *Archive) central(d directory, dir *bounds.Source, pos int64) (*Entry, int64, error) {
	if err := a.src.Budget.Step(1); err != nil {
		return nil, 0, err
	}
	at := d.start + pos
	if d.size-pos < sizeCentral {
		return nil, 0, bounds.Malformedf(at, "truncated central directory")
	}
	h, err := dir.Bytes(pos, sizeCentral)
	if err != nil {
		return nil, 0, err
	}
	if string(h[:4]) != sigCentral {
		return nil, 0, bounds.Malformedf(at, "no central directory entry where one is expected")
	}
	nameLen, extraLen, commentLen := int64(le.Uint16(h[28:])), int64(le.Uint16(h[30:])), int64(le.Uint16(h[32:]))
	claimed := sizeCentral + nameLen + extraLen + commentLen
	// The last entry may claim more than there is: CPython's reads fall short and
	// the loop ends.
	b, err := dir.Bytes(pos, min(claimed, d.size-pos))
	if err != nil {
		return nil, 0, err
	}
	if err := a.src.Budget.Text(int64(len(b))); err != nil {
		return nil, 0, err
	}
	b = b[sizeCentral:]
	take := func(n int64) []byte {
		n = min(n, int64(len(b)))
		part := b[:n:n]
		b = b[n:]
		return part
	}
	e := &Entry{
		Readings:   d.readings,
		Raw:        take(nameLen),
		Extra:      take(extraLen),
		Comment:    take(commentLen),
		Creator:    h[5],
		Flags:      le.Uint16(h[8:]),
		Method:     le.Uint16(h[10:]),
		DOSTime:    le.Uint16(h[12:]),
		DOSDate:    le.Uint16(h[14:]),
		CRC:        le.Uint32(h[16:]),
		Attributes: le.Uint32(h[38:]),
		DataOff:    -1,
		src:        a.src,
	}
	var ok bool
	if e.orig, ok = decodeName(e.Raw, e.Flags); !ok {
		return nil, 0, bounds.Malformedf(at, "name flagged as UTF-8 is not")
	}
	e.Name = cutAtNUL(e.orig)
	if version := h[6]; version > maxExtractVersion {
		return nil, 0, bounds.Unsupportedf(at, "zip version %d.%d is needed", version/10, version%10)
	}
	x := extended{
		size:   uint64(le.Uint32(h[24:])),
		packed: uint64(le.Uint32(h[20:])),
		header: uint64(le.Uint32(h[42:])),
	}
	if err := x.decode(e, at); err != nil {
		return nil, 0, err
	}
	e.Size, e.Packed, e.HeaderOff = clamp(x.size), clamp(x.packed), d.shifted(x.header)
	return e, claimed, nil
}

func clamp(v uint64) int64 { return int64(min(v, math.MaxInt64)) }

// Extra fields, APPNOTE 4.5.3 and 4.6.9.
const (
	extraZip64       = 0x0001
	extraUnicodePath = 0x7075
)

// extended are the fields that a zip64 extra field can replace.
type extended struct{ size, packed, header uint64 }

// decode is ZipInfo._decodeExtra as it is since 3.9. Release 3.8 also refuses a
// zip64 field of an odd length, but reads what it accepts alike.
func (x *extended) decode(e *Entry, at int64) error {
	name := ""
	for extra := e.Extra; len(extra) >= 4; {
		tag, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if n+4 > len(extra) {
			return bounds.Malformedf(at, "extra field %#04x of %d bytes reaches past its end", tag, n)
		}
		data := extra[4 : 4+n]
		extra = extra[4+n:]
		switch tag {
		case extraZip64:
			if err := x.zip64(data, at); err != nil {
				return err
			}
		case extraUnicodePath:
			if n := unicodePath(data, e.Raw); n != "" {
				name = n
			}
		}
	}
	if name != e.Name {
		e.UnicodeName = name
	}
	return nil
}

// zip64 takes the fields that are all ones from data, in this order.
func (x *extended) zip64(data []byte, at int64) error {
	take := func(field *uint64, name string) error {
		if len(data) < 8 {
			return bounds.Malformedf(at, "zip64 extra field without the %s", name)
		}
		*field = le.Uint64(data)
		data = data[8:]
		return nil
	}
	if x.size == math.MaxUint64 || x.size == math.MaxUint32 {
		if err := take(&x.size, "size"); err != nil {
			return err
		}
	}
	if x.packed == math.MaxUint32 {
		if err := take(&x.packed, "compressed size"); err != nil {
			return err
		}
	}
	if x.header == math.MaxUint32 {
		return take(&x.header, "header offset")
	}
	return nil
}

// unicodePath returns the name in a 0x7075 field if it applies to raw. CPython
// since 3.12 refuses the archive if the field is corrupt; older ones never look, so
// that is no obstacle here.
func unicodePath(data, raw []byte) string {
	if len(data) < 5 || data[0] != 1 || le.Uint32(data[1:]) != crc32.ChecksumIEEE(raw) {
		return ""
	}
	name, ok := decodeName(data[5:], flagUTF8)
	if !ok {
		return ""
	}
	return cutAtNUL(name)
}
