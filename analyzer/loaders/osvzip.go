package loaders

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A zip archive of advisories is read here and not with the decoder for models:
// that one keeps every reading of a hostile archive, this one wants a plain archive
// or an error. Entries are read one by one, so memory does not grow with them.

const (
	centralLen = 46
	localLen   = 30
	endLen     = 22
	end64Len   = 56
	locator64  = 20
)

// eachEntry calls f with each .json entry, whole and checked.
func eachEntry(r io.ReaderAt, size int64, f func(name string, data []byte) error) error {
	offset, length, count, err := centralDirectory(r, size)
	if err != nil {
		return err
	}
	if offset < 0 || length < 0 || offset > size || length > size-offset || count > uint64(length)/centralLen {
		return errors.New("zip archive: the central directory is not within the file")
	}
	central := bufio.NewReader(io.NewSectionReader(r, offset, length))
	var total int64
	for range count {
		var h [centralLen]byte
		if _, err := io.ReadFull(central, h[:]); err != nil || string(h[:4]) != "PK\x01\x02" {
			return errors.New("zip archive: an entry of the central directory is expected")
		}
		rest := make([]byte, int(le16(h[28:]))+int(le16(h[30:]))+int(le16(h[32:])))
		if _, err := io.ReadFull(central, rest); err != nil {
			return errors.New("zip archive: the central directory is cut off")
		}
		name := string(rest[:le16(h[28:])])
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		data, err := readEntry(r, size, h)
		if err != nil {
			return fmt.Errorf("zip archive: %q: %w", excerpt(name), err)
		}
		if total += int64(len(data)); total > maxRecordsText {
			return fmt.Errorf("zip archive: more than %d bytes of records", maxRecordsText)
		}
		if err := f(name, data); err != nil {
			return err
		}
	}
	return nil
}

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// centralDirectory finds the record at the end, and the one for large archives.
func centralDirectory(r io.ReaderAt, size int64) (offset, length int64, count uint64, err error) {
	tail := make([]byte, min(size, endLen+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, 0, err
	}
	at := -1
	for i := len(tail) - endLen; i >= 0; i-- {
		if string(tail[i:i+4]) == "PK\x05\x06" && i+endLen+int(le16(tail[i+20:])) == len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		return 0, 0, 0, errors.New("zip archive: no end record; the file may be cut off")
	}
	end := tail[at:]
	count, length, offset = uint64(le16(end[10:])), int64(le32(end[12:])), int64(le32(end[16:]))
	if count != 1<<16-1 && length != 1<<32-1 && offset != 1<<32-1 {
		return offset, length, count, nil
	}
	if at < locator64 || string(tail[at-locator64:at-locator64+4]) != "PK\x06\x07" {
		return offset, length, count, nil
	}
	var large [end64Len]byte
	where := int64(binary.LittleEndian.Uint64(tail[at-locator64+8:]))
	if where < 0 || where > size-end64Len {
		return 0, 0, 0, errors.New("zip archive: the zip64 record is not within the file")
	}
	if _, err := r.ReadAt(large[:], where); err != nil || string(large[:4]) != "PK\x06\x06" {
		return 0, 0, 0, errors.New("zip archive: a zip64 record is expected")
	}
	le64 := binary.LittleEndian.Uint64
	return int64(le64(large[48:])), int64(le64(large[40:])), le64(large[32:]), nil
}

// readEntry returns the text of one entry.
func readEntry(r io.ReaderAt, size int64, h [centralLen]byte) ([]byte, error) {
	method, crc := le16(h[10:]), le32(h[16:])
	packed, plain, at := int64(le32(h[20:])), int64(le32(h[24:])), int64(le32(h[42:]))
	if plain > maxRecord {
		return nil, fmt.Errorf("%d bytes, at most %d are read", plain, maxRecord)
	}
	var local [localLen]byte
	if at > size-localLen {
		return nil, errors.New("not within the file")
	}
	if _, err := r.ReadAt(local[:], at); err != nil || string(local[:4]) != "PK\x03\x04" {
		return nil, errors.New("a local header is expected")
	}
	start := at + localLen + int64(le16(local[26:])) + int64(le16(local[28:]))
	if start > size || packed > size-start {
		return nil, errors.New("not within the file")
	}
	var in io.Reader = io.NewSectionReader(r, start, packed)
	switch method {
	case 0:
	case 8:
		in = flate.NewReader(bufio.NewReader(in))
	default:
		return nil, fmt.Errorf("compression method %d", method)
	}
	data, err := io.ReadAll(io.LimitReader(in, plain+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) != plain:
		return nil, fmt.Errorf("not the %d bytes that the directory names", plain)
	case crc32.ChecksumIEEE(data) != crc:
		return nil, errors.New("the checksum is another")
	}
	return data, nil
}
