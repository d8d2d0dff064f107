package expand

import (
	"bytes"
	"errors"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zstd"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

const (
	maxZstdWindow = 1 << 27 // what libzstd allows a stream (ZSTD_WINDOWLOG_LIMIT_DEFAULT)
	maxZstdBlock  = 128 << 10
)

// Zstd decodes the first frame in src, after which CPython's ZstdDecompressor
// stops; a skippable frame counts as one without text. The window is what the text
// needs, not what the frame claims.
func Zstd(src *bounds.Source, out *Output, size int64) (used int64, err error) {
	var h zstd.Header
	head, err := src.Bytes(0, min(zstd.HeaderMaxSize, src.Size()))
	if err != nil {
		return 0, err
	}
	if err := h.Decode(head); err != nil {
		return 0, err
	}
	if h.Skippable {
		return min(src.Size(), int64(h.HeaderSize)+int64(h.SkippableSize)), nil
	}
	if h.DictionaryID != 0 {
		return 0, errors.New("needs a dictionary")
	}
	claimed := h.WindowSize
	if h.SingleSegment {
		claimed = h.FrameContentSize
	}
	if claimed > maxZstdWindow {
		return 0, bounds.Unsupportedf(-1, "zstd window of %d bytes", claimed)
	}
	frame, err := zstdBlocks(src, h)
	if err != nil {
		return 0, err
	}
	body, err := src.Section(int64(h.HeaderSize), frame.whole-int64(h.HeaderSize))
	if err != nil {
		return 0, err
	}
	rest, err := src.Section(frame.end-frame.raw, frame.raw)
	if err != nil {
		return 0, err
	}
	// A member that lies about its size is cut there, so nothing reaches back
	// further than that, but its blocks have to fit.
	window := windowFor(min(int64(claimed), max(size, maxZstdBlock)))
	if err := out.Budget.Read(window); err != nil {
		return 0, err
	}
	in, tail := newInput(body), newInput(rest)
	err = out.fillZstd(io.MultiReader(
		bytes.NewReader(zstdHead(window, h.HasCheckSum && !frame.cut)), in,
		bytes.NewReader(frame.rawHead()), tail), window)
	switch {
	case in.under.err != nil:
		err = in.under.err
	case tail.under.err != nil:
		err = tail.under.err
	case frame.cut && !out.full() && (err == nil || !spent(err)):
		err = io.ErrUnexpectedEOF
	}
	return frame.end, err
}

// fillZstd decodes one frame without goroutines.
func (o *Output) fillZstd(r io.Reader, window int64) error {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(window)))
	if err != nil {
		return err
	}
	defer d.Close()
	return o.fill(d)
}

// windowFor rounds a window up to a power of two that a frame can state.
func windowFor(n int64) int64 {
	return 1 << bits.Len64(uint64(max(n, zstd.MinWindowSize)-1))
}

// zstdHead is a frame header (RFC 8878, 3.1.1.1) with a window and no content size.
func zstdHead(window int64, checksum bool) []byte {
	head := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(bits.TrailingZeros64(uint64(window))-10) << 3}
	if checksum {
		head[4] = 1 << 2
	}
	return head
}

// zstdExtent is how far the first frame reaches.
type zstdExtent struct {
	whole int64 // the end of its whole blocks, and of the checksum if that is whole
	end   int64 // where it ends, or src does
	raw   int64 // bytes of an uncompressed block that src cuts
	cut   bool  // whether src ends before the frame
}

// rawHead is a header for what there is of a cut block: libzstd passes on every
// byte of it, the decoder here only whole blocks.
func (x zstdExtent) rawHead() []byte {
	if x.raw == 0 {
		return nil
	}
	return []byte{byte(x.raw << 3), byte(x.raw >> 5), byte(x.raw >> 13)}
}

// zstdBlocks follows the block headers (RFC 8878, 3.1.1.2) to the end of the frame.
func zstdBlocks(src *bounds.Source, h zstd.Header) (zstdExtent, error) {
	const raw, rle, header, sizeChecksum = 0, 1, 3, 4
	size := src.Size()
	for pos := int64(h.HeaderSize); ; {
		if err := src.Budget.Step(1); err != nil {
			return zstdExtent{}, err
		}
		if pos > size-header {
			return zstdExtent{whole: min(pos, size), end: size, cut: true}, nil
		}
		b, err := src.Bytes(pos, header)
		if err != nil {
			return zstdExtent{}, err
		}
		v := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		kind, n := v>>1&3, v>>3
		if kind == rle {
			n = 1
		}
		if n > size-pos-header {
			x := zstdExtent{whole: pos, end: size, cut: true}
			if kind == raw {
				x.raw = size - pos - header
			}
			return x, nil
		}
		pos += header + n
		if v&1 == 0 { // more blocks follow
			continue
		}
		if h.HasCheckSum {
			if pos > size-sizeChecksum {
				return zstdExtent{whole: pos, end: size, cut: true}, nil
			}
			pos += sizeChecksum
		}
		return zstdExtent{whole: pos, end: pos}, nil
	}
}
