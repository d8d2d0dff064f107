package zipfile

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var le = binary.LittleEndian

// Sizes and signatures, APPNOTE 4.3.
const (
	sizeEnd       = 22
	sizeLocator64 = 20
	sizeEnd64     = 56
	sizeCentral   = 46
	sizeLocal     = 30

	sigEnd       = "PK\x05\x06"
	sigLocator64 = "PK\x06\x07"
	sigEnd64     = "PK\x06\x06"
	sigCentral   = "PK\x01\x02"
	sigLocal     = "PK\x03\x04"
)

// How far from the end of the file the end record may begin: the longest comment
// and the record. Releases before gh-139700 look one byte further.
const (
	windowNewer = math.MaxUint16 + sizeEnd
	windowOlder = windowNewer + 1
)

// endRecord is the end of central directory record, APPNOTE 4.3.16.
type endRecord struct {
	at       int64
	count    uint16
	size     uint32
	offset   uint32
	comment  []byte // cut where the file ends
	claimed  int64  // the comment's length in the record
	trailing int64
	readings Reading // which generations find it
}

// directory is where a generation of CPython reads the central directory.
type directory struct {
	readings Reading
	start    int64
	size     int64
	offset   uint64 // of the directory, as claimed
	count    uint64
	zip64    bool
}

// findEnd is _EndRecData without its zip64 part.
func findEnd(src *bounds.Source) (endRecord, error) {
	size := src.Size()
	if size < sizeEnd {
		return endRecord{}, bounds.Malformedf(-1, "not a zip file: shorter than an end record")
	}
	// A record without a comment at the very end is taken unseen.
	b, err := src.Bytes(size-sizeEnd, sizeEnd)
	if err != nil {
		return endRecord{}, err
	}
	if string(b[:4]) == sigEnd && le.Uint16(b[20:]) == 0 {
		return parseEnd(b, size-sizeEnd, nil, size), nil
	}
	window := min(size, windowOlder)
	tail, err := src.Bytes(size-window, window)
	if err != nil {
		return endRecord{}, err
	}
	i := bytes.LastIndex(tail, []byte(sigEnd))
	if i < 0 {
		return endRecord{}, bounds.Malformedf(-1, "not a zip file: no end record in the last %d bytes", window)
	}
	if len(tail)-i < sizeEnd {
		// CPython looks no further back.
		return endRecord{}, bounds.Malformedf(size-window+int64(i), "not a zip file: truncated end record")
	}
	return parseEnd(tail[i:], size-window+int64(i), tail[i+sizeEnd:], size), nil
}

func parseEnd(b []byte, at int64, rest []byte, size int64) endRecord {
	end := endRecord{
		at:       at,
		count:    le.Uint16(b[10:]),
		size:     le.Uint32(b[12:]),
		offset:   le.Uint32(b[16:]),
		claimed:  int64(le.Uint16(b[20:])),
		readings: Older | Newer,
	}
	end.comment = rest[:min(end.claimed, int64(len(rest)))]
	end.trailing = int64(len(rest) - len(end.comment))
	if size-at == windowOlder {
		end.readings = Older
	}
	return end
}

// end64 is the zip64 end of central directory record, APPNOTE 4.3.14.
type end64 struct {
	recordSize, count, size, offset uint64
}

// readEnd64 reads the record at off; ok is false if there is none.
func readEnd64(src *bounds.Source, off int64) (rec end64, ok bool, err error) {
	if off < 0 || off > src.Size()-sizeEnd64 {
		return end64{}, false, nil
	}
	b, err := src.Bytes(off, sizeEnd64)
	if err != nil || string(b[:4]) != sigEnd64 {
		return end64{}, false, err
	}
	return end64{
		recordSize: le.Uint64(b[4:]),
		count:      le.Uint64(b[32:]),
		size:       le.Uint64(b[40:]),
		offset:     le.Uint64(b[48:]),
	}, true, nil
}

// locate sets a.dirs to the directory of every generation that finds one, and
// returns why there is none for a generation that does not (_EndRecData64 and the
// beginning of ZipFile._RealGetContents).
func (a *Archive) locate(end endRecord) error {
	locator, err := a.locator(end)
	if err != nil {
		return err
	}
	if locator == nil {
		d := directory{offset: uint64(end.offset), count: uint64(end.count)}
		return a.place(d, end.readings, end.at, uint64(end.size))
	}
	reloff := le.Uint64(locator[8:])
	if le.Uint32(locator[4:]) != 0 || le.Uint32(locator[16:]) > 1 {
		return bounds.Malformedf(end.at-sizeLocator64, "the archive spans several disks")
	}
	older, err := a.locateOlder(end)
	if err != nil {
		return err
	}
	newer, err := a.locateNewer(end, reloff)
	if err != nil {
		return err
	}
	if older != nil {
		return older
	}
	return newer
}

// locator returns the zip64 locator, nil if there is none.
func (a *Archive) locator(end endRecord) ([]byte, error) {
	if end.at < sizeLocator64 {
		return nil, nil
	}
	b, err := a.src.Bytes(end.at-sizeLocator64, sizeLocator64)
	if err != nil || string(b[:4]) != sigLocator64 {
		return nil, err
	}
	return b, nil
}

// place adds the directory of size bytes that ends at location.
func (a *Archive) place(d directory, readings Reading, location int64, size uint64) error {
	if size > uint64(location) {
		return bounds.Malformedf(location, "central directory of %d bytes before offset %d", size, location)
	}
	d.readings, d.size, d.start = readings, int64(size), location-int64(size)
	for i := range a.dirs {
		if have := &a.dirs[i]; have.start == d.start && have.size == d.size && have.offset == d.offset {
			have.readings |= readings
			return nil
		}
	}
	a.dirs = append(a.dirs, d)
	return nil
}

// locateOlder returns as refused why the Older reading has no directory, and as err
// what the source could not do.
func (a *Archive) locateOlder(end endRecord) (refused, err error) {
	at := end.at - sizeLocator64 - sizeEnd64
	if at < 0 {
		return bounds.Malformedf(0, "no room for a zip64 end record before its locator"), nil
	}
	rec, ok, err := readEnd64(a.src, at)
	if err != nil {
		return nil, err
	}
	if !ok { // the locator is ignored
		d := directory{offset: uint64(end.offset), count: uint64(end.count)}
		return a.place(d, Older, end.at, uint64(end.size)), nil
	}
	d := directory{offset: rec.offset, count: rec.count, zip64: true}
	return a.place(d, Older, at, rec.size), nil
}

func (a *Archive) locateNewer(end endRecord, reloff uint64) (refused, err error) {
	if end.readings&Newer == 0 {
		return nil, nil
	}
	at := end.at - sizeLocator64 - sizeEnd64
	if at < 0 || reloff > uint64(at) {
		return bounds.Malformedf(end.at-sizeLocator64, "zip64 locator points to %d, behind itself", reloff), nil
	}
	location := int64(reloff)
	rec, ok, err := readEnd64(a.src, location)
	if err == nil && !ok && location != at { // bytes were put before the archive
		location = at
		rec, ok, err = readEnd64(a.src, location)
	}
	if err != nil {
		return nil, err
	}
	extensible := uint64(at - location)
	switch {
	case !ok:
		return bounds.Malformedf(location, "no zip64 end record where its locator points"), nil
	case rec.offset > reloff || reloff-rec.offset != rec.size, rec.recordSize+12 != sizeEnd64+extensible:
		return bounds.Malformedf(location, "zip64 end record contradicts its locator"), nil
	}
	d := directory{offset: rec.offset, count: rec.count, zip64: true}
	return a.place(d, Newer, location, rec.size), nil
}

// shifted returns off moved as the directory itself was moved, without overflow;
// -1 where that lies before the file, and the end of int64 where far behind it.
func (d directory) shifted(off uint64) int64 {
	if off >= d.offset {
		if delta := off - d.offset; delta <= uint64(math.MaxInt64-d.start) {
			return d.start + int64(delta)
		}
		return math.MaxInt64
	}
	if delta := d.offset - off; delta <= uint64(d.start) {
		return d.start - int64(delta)
	}
	return -1
}

// compareEnds records where other readers would find another directory.
func (a *Archive) compareEnds(end endRecord) error {
	d := a.dirs[0]
	if len(a.dirs) > 1 {
		a.disagree(SecondDirectory, nil, a.dirs[1].start, "the zip64 locator leads newer releases of CPython to another directory")
	}
	count := uint64(0)
	for _, e := range a.Entries {
		if e.Readings&d.readings != 0 {
			count++
		}
	}
	// Writers without zip64 let the 16-bit count wrap.
	if d.count != count && (d.zip64 || end.count != uint16(count)) {
		a.disagree(EntryCount, nil, end.at, "the end record's count differs from the entries in the directory")
	}
	// Readers that follow the APPNOTE use a 32-bit field unless it is all ones.
	if d.zip64 && (end.size != math.MaxUint32 && uint64(end.size) != uint64(d.size) ||
		end.offset != math.MaxUint32 && uint64(end.offset) != d.offset) {
		a.disagree(SecondDirectory, nil, end.at, "the end record contradicts the zip64 end record")
	}
	if err := a.compareUnshifted(d); err != nil {
		return err
	}
	if err := a.compareLocator(end, d); err != nil {
		return err
	}
	return a.compareTail(end)
}

// compareUnshifted looks for a directory where the end record literally says, which
// is where readers that know no prefix look (Go, Java).
func (a *Archive) compareUnshifted(d directory) error {
	off := clamp(d.offset)
	if off == d.start || off > a.src.Size()-sizeCentral {
		return nil
	}
	b, err := a.src.Bytes(off, 4)
	if err == nil && string(b) == sigCentral {
		a.disagree(SecondDirectory, nil, off, "a directory also lies where the end record literally points")
	}
	return err
}

// compareLocator looks for a zip64 end record where the locator literally points.
func (a *Archive) compareLocator(end endRecord, d directory) error {
	locator, err := a.locator(end)
	if err != nil || locator == nil {
		return err
	}
	reloff := clamp(le.Uint64(locator[8:]))
	rec, ok, err := readEnd64(a.src, reloff)
	if ok && (rec.size != uint64(d.size) || rec.offset != d.offset || rec.count != d.count) {
		a.disagree(SecondDirectory, nil, reloff, "another zip64 end record lies where the locator points")
	}
	return err
}

// compareTail looks for an earlier end record that fits the end of the file, which
// strict readers prefer if the last one does not fit.
func (a *Archive) compareTail(end endRecord) error {
	size := a.src.Size()
	if end.at+sizeEnd+end.claimed == size {
		return nil
	}
	from := max(0, size-windowOlder)
	tail, err := a.src.Bytes(from, end.at-from)
	if err != nil {
		return err
	}
	for i := bytes.LastIndex(tail, []byte(sigEnd)); i >= 0; i = bytes.LastIndex(tail[:i], []byte(sigEnd)) {
		if len(tail)-i < sizeEnd {
			continue
		}
		if at := from + int64(i); at+sizeEnd+int64(le.Uint16(tail[i+20:])) == size {
			a.disagree(SecondEndRecord, nil, at, "an earlier end record fits the end of the file, the last one does not")
			return nil
		}
	}
	return nil
}
