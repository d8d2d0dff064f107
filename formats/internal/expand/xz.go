package expand

import (
	"bytes"
	"errors"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// The .xz format, version 1.2.1 (tukaani.org/xz/xz-file-format.txt), as lzma.LZMAFile
// reads it.

const (
	xzMagic      = "\xfd7zXZ\x00"
	xzFooter     = "YZ"
	xzHeaderSize = 12
	xzFilter     = 0x21 // LZMA2
	maxXZFilters = 4
)

// xzCheckSizes are the bytes of each kind of check.
var xzCheckSizes = [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

// The kinds of checks that are verified. SHA-256 and reserved kinds are passed over.
const xzCRC32, xzCRC64 = 1, 4

var (
	errXZ    = errors.New("invalid xz stream")
	crc64ECM = crc64.MakeTable(crc64.ECMA)
)

// expandXZ decodes one stream.
func expandXZ(in *input, out *Output) error {
	head := make([]byte, xzHeaderSize)
	if _, err := io.ReadFull(in, head); err != nil {
		return io.ErrUnexpectedEOF
	}
	if string(head[:6]) != xzMagic || head[6] != 0 || head[7] > 15 || crc32.ChecksumIEEE(head[6:8]) != le.Uint32(head[8:]) {
		return errXZ
	}
	for {
		size, err := in.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if size == 0 {
			return xzIndex(in, out)
		}
		if err := xzBlock(in, out, (int(size)+1)*4, head[7]); err != nil || out.full() {
			return err
		}
	}
}

// xzBlock decodes a block whose header, with the byte that states its size, is so many
// bytes long.
func xzBlock(in *input, out *Output, size int, check byte) error {
	header := make([]byte, size)
	header[0] = byte(size/4 - 1)
	if _, err := io.ReadFull(in, header[1:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if crc32.ChecksumIEEE(header[:size-4]) != le.Uint32(header[size-4:]) {
		return errXZ
	}
	if err := xzFilters(header[1 : size-4]); err != nil {
		return err
	}
	start, from := len(out.Data), in.used()
	if err := expandLZMA2(in, out); err != nil || out.full() {
		return err
	}
	if _, err := in.Discard(int((4 - (in.used()-from)%4) % 4)); err != nil {
		return io.ErrUnexpectedEOF
	}
	sum := make([]byte, xzCheckSizes[check])
	if _, err := io.ReadFull(in, sum); err != nil {
		return io.ErrUnexpectedEOF
	}
	text := out.Data[start:]
	if check == xzCRC32 && crc32.ChecksumIEEE(text) != le.Uint32(sum) || check == xzCRC64 && crc64.Checksum(text, crc64ECM) != le.Uint64(sum) {
		return errChecksum
	}
	return nil
}

// xzFilters reads the flags and filters of a block header: LZMA2 alone is decoded.
func xzFilters(header []byte) error {
	r := bytes.NewReader(header)
	flags, err := r.ReadByte()
	if err != nil || flags&0x3c != 0 {
		return errXZ
	}
	for bit := byte(0x40); bit != 0; bit <<= 1 { // the sizes, compressed and not
		if flags&bit != 0 {
			if _, err := xzNumber(r); err != nil {
				return err
			}
		}
	}
	for i := range int(flags&3) + 1 {
		id, err := xzNumber(r)
		if err != nil {
			return err
		}
		if id != xzFilter || i > 0 {
			return bounds.Unsupportedf(-1, "xz filter %#x", id)
		}
		size, err := xzNumber(r)
		if err != nil || size != 1 {
			return errXZ
		}
		if _, err := r.ReadByte(); err != nil { // the size of the dictionary: the output is the dictionary
			return errXZ
		}
	}
	return nil
}

// xzIndex passes over the index, whose first byte is read, and the footer.
func xzIndex(in *input, out *Output) error {
	from := in.used() - 1
	records, err := xzNumber(in)
	if err != nil {
		return err
	}
	for range records {
		if err := out.Budget.Step(1); err != nil {
			return err
		}
		for range 2 {
			if _, err := xzNumber(in); err != nil {
				return err
			}
		}
	}
	if _, err := in.Discard(int((4-(in.used()-from)%4)%4) + 4); err != nil {
		return io.ErrUnexpectedEOF
	}
	footer := make([]byte, xzHeaderSize)
	if _, err := io.ReadFull(in, footer); err != nil {
		return io.ErrUnexpectedEOF
	}
	if string(footer[10:]) != xzFooter {
		return errXZ
	}
	return nil
}

// xzNumber reads a number of variable length (1.2).
func xzNumber(r io.ByteReader) (uint64, error) {
	var n uint64
	for shift := 0; shift < 63; shift += 7 {
		c, err := r.ReadByte()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n, nil
		}
	}
	return 0, errXZ
}
