package expand

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var errChecksum = errors.New("the checksum does not match")

// kinds are the compressed streams that are read, by their first bytes.
var kinds = []struct {
	name   string
	begins func(head []byte) bool
	expand func(*input, *Output) error
}{
	{"gzip", prefix("\x1f\x8b\x08"), expandGzip},
	{"bzip2", func(head []byte) bool {
		return len(head) > 3 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9'
	}, expandBzip2},
	{"xz", prefix(xzMagic), expandXZ},
	{"lzma", lzmaAlone, expandLZMAAlone},
	{"lz4", prefix("\x04\x22\x4d\x18"), expandLZ4},
	{"zstd", zstdFrame, nil},
}

func prefix(magic string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
}

// Kind names the compression of a stream by its first bytes; empty if it is none.
func Kind(head []byte) string {
	for _, k := range kinds {
		if k.begins(head) {
			return k.name
		}
	}
	return ""
}

// Stream decompresses src, of the kind that Kind names, into out, stream after stream
// as gzip.open, bz2.open, lzma.open and the programs of zstd and lz4 do. It says how much of src that
// took, and whether there would be more text than out may hold. Zeros between and behind
// streams are padding. With an error what is in out came before it.
func Stream(kind string, src *bounds.Source, out *Output) (used int64, more bool, err error) {
	limit := out.Limit
	if out.Limit < 1<<62 {
		out.Limit++ // one byte shows whether there is more
	}
	used, err = streams(kind, src, out)
	if out.Limit = limit; int64(len(out.Data)) > limit {
		out.Data, more = out.Data[:limit], true
	}
	return used, more, err
}

func streams(kind string, src *bounds.Source, out *Output) (used int64, err error) {
	for first := true; !out.full(); first = false {
		rest, err := src.Section(used, src.Size()-used)
		if err != nil {
			return used, err
		}
		zeros, err := padding(rest)
		if err != nil || used+zeros == src.Size() {
			return used + zeros, err
		}
		if rest, err = rest.Section(zeros, rest.Size()-zeros); err != nil {
			return used, err
		}
		head, err := rest.Bytes(0, min(rest.Size(), zstdHeadLen))
		if err != nil {
			return used, err
		}
		if !first && Kind(head) != kind {
			return used, nil // readers stop here or fail; the text is there
		}
		n, err := expandOne(kind, rest, out)
		used += zeros + n
		if err != nil || n == 0 {
			return used, err
		}
	}
	return used, nil
}

// zstdHeadLen is more than any of the marks needs.
const zstdHeadLen = 18

// padding counts the zeros that src begins with.
func padding(src *bounds.Source) (int64, error) {
	for pos := int64(0); pos < src.Size(); pos += step {
		b, err := src.Bytes(pos, min(step, src.Size()-pos))
		if err != nil {
			return 0, err
		}
		if i := len(b) - len(bytes.TrimLeft(b, "\x00")); i < len(b) {
			return pos + int64(i), nil
		}
	}
	return src.Size(), nil
}

func expandOne(kind string, src *bounds.Source, out *Output) (int64, error) {
	for _, k := range kinds {
		switch {
		case k.name != kind:
		case k.expand == nil:
			return Zstd(src, out, out.Limit)
		default:
			return decode(src, func(in *input) error { return k.expand(in, out) })
		}
	}
	return 0, bounds.Unsupportedf(-1, "compression %q", kind)
}

// Flags of a gzip header (RFC 1952, 2.3.1).
const gzipHeaderCRC, gzipExtra, gzipName, gzipComment = 2, 4, 8, 16

// expandGzip decodes one member (_GzipReader).
func expandGzip(in *input, out *Output) error {
	head := make([]byte, 10)
	if _, err := io.ReadFull(in, head); err != nil {
		return io.ErrUnexpectedEOF
	}
	flags := head[3]
	if flags&gzipExtra != 0 {
		var size [2]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return io.ErrUnexpectedEOF
		}
		if _, err := in.Discard(int(binary.LittleEndian.Uint16(size[:]))); err != nil {
			return io.ErrUnexpectedEOF
		}
	}
	for _, flag := range []byte{gzipName, gzipComment} {
		if flags&flag != 0 {
			if err := skipText(in, out.Budget); err != nil {
				return err
			}
		}
	}
	if flags&gzipHeaderCRC != 0 {
		if _, err := in.Discard(2); err != nil {
			return io.ErrUnexpectedEOF
		}
	}
	start := len(out.Data)
	if err := out.fill(flate.NewReader(in)); err != nil || out.full() {
		return err
	}
	var trailer [8]byte
	if _, err := io.ReadFull(in, trailer[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	text := out.Data[start:]
	if crc32.ChecksumIEEE(text) != le.Uint32(trailer[:]) || uint32(len(text)) != le.Uint32(trailer[4:]) {
		return errChecksum
	}
	return nil
}

// skipText passes over a text that ends in a zero.
func skipText(in *input, b *bounds.Budget) error {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if c == 0 {
			return nil
		}
		if err := b.Step(1); err != nil {
			return err
		}
	}
}

// lzmaAlone reports whether a text begins as an .lzma file does, by the checks of
// liblzma's lzma_alone_decoder.c: usual properties, a dictionary of 2^n or 2^n + 2^(n-1)
// bytes, a size below 256 GiB or none.
func lzmaAlone(head []byte) bool {
	if len(head) < 13 || head[0] != 0x5d {
		return false
	}
	dict, size := le.Uint32(head[1:]), le.Uint64(head[5:])
	odd := dict >> (bits.TrailingZeros32(dict) & 31)
	usual := odd == 1 || odd == 3
	return (usual && dict >= 1<<12 || dict == 1<<32-1) && (size < 1<<38 || size == 1<<64-1)
}

// expandLZMAAlone decodes an .lzma file.
func expandLZMAAlone(in *input, out *Output) error {
	var head [13]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	limit := out.Limit
	end := int64(-1)
	if size := le.Uint64(head[5:]); size < 1<<38 {
		end = int64(len(out.Data)) + int64(size)
		out.Limit = min(limit, end)
	}
	err := expandRawLZMA(in, out, head[0])
	out.Limit = limit
	if err == nil && end >= 0 && !out.full() && int64(len(out.Data)) < end {
		return errLZMA
	}
	return err
}

// zstdFrame reports whether a text begins as a frame or a skippable frame does (RFC 8878,
// 3.1.1 and 3.1.2).
func zstdFrame(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	magic := le.Uint32(head)
	return magic == 0xfd2fb528 || magic&^0xf == 0x184d2a50
}
