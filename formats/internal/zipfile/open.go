package zipfile

import (
	"errors"
	"hash/crc32"
	"io"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/expand"
)

// maxStoredCheck is the largest stored member whose CRC is verified. Checking it
// means reading it whole, and weights are never read. What is not verified costs
// nothing but the report that CPython would refuse the member.
const maxStoredCheck = 1 << 20

// Open returns what CPython reads from the member (ZipExtFile): at most Size bytes.
//
// A stored member is a section of the archive and costs nothing. Any other is
// decompressed into memory, paid for as it grows.
//
// A source together with an error (Malformed) is a member that has bytes but on
// which readers disagree: another name in the local header, a CRC that does not
// match, a stream that breaks or ends early (the bytes up to there are returned),
// that holds more than Size, or that ends before Packed. CPython raises on the
// first three, unless the stream just ends early and the CRC is that of what there
// is, and says nothing about the last two. An error alone is a member that CPython
// does not read either (Unsupported: encryption, method), that is not there
// (Malformed), or for which a budget ran out.
func (e *Entry) Open() (*bounds.Source, error) {
	packed, problem, err := e.packed()
	if err != nil {
		return nil, err
	}
	var data *bounds.Source
	var broken error
	if e.Method == methodStored {
		data, broken = e.stored(packed)
	} else {
		data, broken, err = e.decompress(packed)
	}
	if err != nil {
		return nil, err
	}
	if broken == nil && (e.Method != methodStored || data.Size() <= maxStoredCheck) {
		broken, err = e.checkCRC(data)
		if err != nil {
			return nil, err
		}
	}
	if problem == nil {
		problem = broken
	}
	return data, problem
}

// Head returns up to the first n bytes that Open would return, without reading or
// decompressing the rest and without checking anything. It returns fewer where the
// member ends, and what there is, with an error, where the stream breaks.
func (e *Entry) Head(n int) ([]byte, error) {
	packed, _, err := e.packed()
	if err != nil {
		return nil, err
	}
	limit := min(int64(n), e.Size)
	if e.Method == methodStored {
		return packed.Bytes(0, min(limit, packed.Size()))
	}
	out := &expand.Output{Budget: e.src.Budget, Limit: limit, Passing: true}
	_, err = decompress(e.Method, packed, out, e.Size)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return out.Data, e.failure(err)
}

// packed returns the compressed bytes, cut where the archive ends. The error is
// what leaves the member unread, the problem what CPython refuses it for.
func (e *Entry) packed() (src *bounds.Source, problem, err error) {
	switch {
	case e.DataOff < 0:
		return nil, nil, e.local
	case e.Flags&flagPatched != 0:
		return nil, nil, bounds.Unsupportedf(e.HeaderOff, "member is compressed patched data")
	case e.Flags&flagStrong != 0:
		return nil, nil, bounds.Unsupportedf(e.HeaderOff, "member has strong encryption")
	case e.Flags&flagEncrypted != 0:
		return nil, nil, bounds.Unsupportedf(e.HeaderOff, "member is encrypted")
	}
	if !supported(e.Method) {
		return nil, nil, bounds.Unsupportedf(e.HeaderOff, "compression method %s", methodName(e.Method))
	}
	off := min(e.DataOff, e.src.Size())
	src, err = e.src.Section(off, min(e.Packed, e.src.Size()-off))
	return src, e.local, err
}

// stored cuts a stored member to the smaller of its sizes.
func (e *Entry) stored(packed *bounds.Source) (*bounds.Source, error) {
	want := min(e.Packed, e.Size)
	data, err := packed.Section(0, min(want, packed.Size()))
	if err == nil && data.Size() < want {
		err = bounds.Malformedf(e.DataOff, "member of %d bytes reaches past the end of the file", want)
	}
	return data, err
}

// maxFlushed is more than an LZMA encoder writes after the last byte of text: five
// bytes of its range coder, and an end marker that the flags do not tell of.
const maxFlushed = 16

// decompress returns the member's text and, as broken, what is wrong with it.
func (e *Entry) decompress(packed *bounds.Source) (data *bounds.Source, broken, err error) {
	// One byte more shows whether the stream holds more; except in an LZMA stream
	// without an end marker, where what the encoder flushed would decode too.
	limit, flushed := e.Size, int64(0)
	if e.Method == methodLZMA && e.Flags&flagEndMarker == 0 {
		flushed = maxFlushed
	} else if limit < maxLimit {
		limit++
	}
	out := &expand.Output{Budget: e.src.Budget, Limit: limit}
	used, err := decompress(e.Method, packed, out, e.Size)
	size := int64(len(out.Data))
	switch {
	case err == nil && (size < limit || flushed > 0) && packed.Size()-used > flushed:
		broken = bounds.Malformedf(e.DataOff+used, "%d bytes follow the end of the compressed data", packed.Size()-used)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		broken = e.failure(err)
	}
	if broken != nil && bounds.As(broken).Code != bounds.Malformed {
		return nil, nil, broken
	}
	switch {
	case size > e.Size:
		broken = bounds.Malformedf(e.DataOff, "member holds more than its %d bytes", e.Size)
	case size < e.Size && (broken == nil || err == nil):
		broken = bounds.Malformedf(e.DataOff, "member ends after %d of %d bytes", size, e.Size)
	}
	text := out.Data[:min(size, e.Size)]
	return bounds.FromBytes(text, e.src.Budget), broken, nil
}

// failure classes an error of a decompressor.
func (e *Entry) failure(err error) error {
	var known *bounds.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return bounds.Malformedf(e.DataOff, "corrupt %s data: %v", methodName(e.Method), err)
}

// checkCRC compares the CRC of data; the second error is that of the source.
func (e *Entry) checkCRC(data *bounds.Source) (broken, err error) {
	var sum uint32
	for pos := int64(0); pos < data.Size(); pos += scanChunk {
		b, err := data.Bytes(pos, min(scanChunk, data.Size()-pos))
		if err != nil {
			return nil, err
		}
		sum = crc32.Update(sum, crc32.IEEETable, b)
	}
	if sum != e.CRC {
		return bounds.Malformedf(e.DataOff, "CRC is %08x, the directory says %08x", sum, e.CRC), nil
	}
	return nil, nil
}
