package bundle

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// handle is where a block lies.
type handle struct{ off, size int64 }

// cutHandle reads a handle and returns its length; ok is false where none is there.
func cutHandle(b []byte) (h handle, n int, ok bool) {
	off, n := binary.Uvarint(b)
	if n <= 0 || off > 1<<62 {
		return handle{}, 0, false
	}
	size, m := binary.Uvarint(b[n:])
	if m <= 0 || size > 1<<62 {
		return handle{}, 0, false
	}
	return handle{int64(off), int64(size)}, n + m, true
}

// Behind a block stand its compression and the checksum of both.
const trailerSize = 5

// The compressions of blocks (tensorflow/core/lib/io/table_options.h).
const (
	noCompression     = 0
	snappyCompression = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is how TensorFlow stores a checksum (tensorflow/core/lib/hash/crc32c.h).
func masked(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

// block is the keys and values of a block.
type block struct {
	src  *bounds.Source    // what the block lies in: the text, or what came out of it
	wire *protowire.Reader // of src
	off  int64             // of the block in src
	text []byte
	in   handle // of the block in the text
	open bool   // it was not compressed
}

// readBlock checks a block and decompresses it.
func readBlock(src *bounds.Source, h handle) (*block, error) {
	if h.size > src.Size() {
		return nil, bounds.Malformedf(h.off, "a block of %d bytes in a text of %d", h.size, src.Size())
	}
	b, err := src.Bytes(h.off, h.size+trailerSize)
	if err != nil {
		return nil, err
	}
	text, kind, sum := b[:h.size], b[h.size], binary.LittleEndian.Uint32(b[h.size+1:])
	if got := masked(crc32.Checksum(b[:h.size+1], castagnoli)); got != sum {
		return nil, bounds.Malformedf(h.off, "a block with checksum %08x, which its bytes do not have (%08x)", sum, got)
	}
	switch kind {
	case noCompression:
		return &block{src, protowire.NewReader(src), h.off, text, h, true}, nil
	case snappyCompression:
		out, err := decompress(text, src.Budget)
		if err != nil {
			return nil, within(h, err)
		}
		expanded := bounds.FromBytes(out, src.Budget)
		return &block{expanded, protowire.NewReader(expanded), 0, out, h, false}, nil
	}
	return nil, bounds.Malformedf(h.off, "a block with compression %d", kind)
}

// within says where in the text the block lies in which something was met.
func within(h handle, err error) error {
	e := bounds.As(err)
	switch {
	case e.Code != bounds.Malformed:
		return err
	case e.Off < 0:
		return bounds.Malformedf(h.off, "%s", e.What)
	}
	return bounds.Malformedf(h.off, "%s of what comes out of the block", e)
}

// value is the value of a key.
type value struct {
	b        *block
	from, to int64 // of it in b.src
	off, end int64 // of key and value in the text; of the block where that is compressed
}

func (v value) bytes() ([]byte, error) { return v.b.src.Bytes(v.from, v.to-v.from) }

// in places an error about the value.
func (v value) in(err error) error {
	if err == nil || v.b.open {
		return err
	}
	return within(v.b.in, err)
}

// each calls do for every key and its value. A block ends with the positions of keys that
// share nothing with the one before, from which a search begins: each must be one, in
// their order.
func (b *block) each(do func(key []byte, v value) error) error {
	size := int64(len(b.text))
	if size < 4 {
		return b.malformedf(size, "a block of %d bytes", size)
	}
	n := int64(binary.LittleEndian.Uint32(b.text[size-4:]))
	end := size - 4 - 4*n
	if end < 0 {
		return b.malformedf(size-4, "%d restarts in a block of %d bytes", n, size)
	}
	restart := func(i int64) int64 { return int64(binary.LittleEndian.Uint32(b.text[end+4*i:])) }
	var key []byte
	next := int64(0)
	for at := int64(0); at < end; {
		if err := b.src.Budget.Step(1); err != nil {
			return err
		}
		shared, rest, length, head := entryHead(b.text[at:end])
		from := at + head + rest
		switch {
		case head == 0 || rest+length > end-at-head:
			return b.malformedf(at, "an entry that the end of its block cuts")
		case shared > int64(len(key)):
			return b.malformedf(at, "an entry that shares %d bytes with a key of %d", shared, len(key))
		}
		if next < n && restart(next) == at && shared == 0 {
			next++
		}
		if err := b.src.Budget.Structure(shared + rest); err != nil {
			return err
		}
		key = append(key[:shared], b.text[at+head:from]...)
		v := value{b, b.off + from, b.off + from + length, b.in.off, b.in.off + b.in.size}
		if b.open {
			v.off, v.end = b.off+at, v.to
		}
		if err := do(key, v); err != nil {
			return err
		}
		at = from + length
	}
	if end > 0 && (next < n || n == 0 || restart(0) != 0) {
		return b.malformedf(end, "restarts that are not the keys of the block")
	}
	return nil
}

// entryHead reads the three numbers that an entry begins with: how many bytes its key
// shares with the one before, how many follow, and how many the value has. n is their
// length, 0 where they are not there.
func entryHead(b []byte) (shared, rest, length, n int64) {
	var numbers [3]int64
	for i := range numbers {
		v, used := binary.Uvarint(b[n:])
		if used <= 0 || used > 5 || v >= 1<<32 {
			return 0, 0, 0, 0
		}
		numbers[i] = int64(v)
		n += int64(used)
	}
	return numbers[0], numbers[1], numbers[2], n
}

func (b *block) malformedf(at int64, format string, args ...any) error {
	err := bounds.Malformedf(b.off+at, format, args...)
	if b.open {
		return err
	}
	return within(b.in, err)
}
