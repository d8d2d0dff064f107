// Package bundle reads the index of a TensorFlow checkpoint, which says of every tensor
// what it is and where in the data files its bytes lie. It reads no data file and knows
// nothing of danger.
//
// An index is a table of LevelDB: blocks of sorted keys, and a block that finds them. An
// honest table reads the same from its beginning and by search; this package refuses any
// other, since TensorFlow reads it both ways.
//
// Sources: tensorflow/core/util/tensor_bundle/tensor_bundle.cc,
// tensorflow/core/protobuf/tensor_bundle.proto, tensorflow/core/lib/io/{format,block,
// table,two_level_iterator}.cc.
package bundle

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Index is what an index says.
type Index struct {
	Shards  int32 // data files, as the header counts them
	Entries []Entry
}

// Entry is one tensor, or a part of one.
type Entry struct {
	Name   string
	Type   Type
	Shape  []int64 // empty for a scalar
	Shard  int32   // number of the data file
	Offset int64   // of the tensor's bytes in it
	Size   int64   // of them
	// Slices is how many parts hold the tensor. Each is an entry of its own, and Shard,
	// Offset and Size say nothing; 0 for a tensor that lies in one piece.
	Slices int

	Off, End int64 // of the entry in the text; of its block where that is compressed
}

// A table ends with a footer: two handles, padding, and the magic number
// (tensorflow/core/lib/io/format.h).
const (
	footerSize = 48
	magic      = 0xdb4775248b80fb57
)

// entryCost is about how much memory an Entry takes beside its name, in bytes.
const entryCost = 120

// IsIndex reports whether a text ends as an index does. It fails if the end cannot be read.
func IsIndex(src *bounds.Source) (bool, error) {
	if src.Size() < footerSize {
		return false, nil
	}
	b, err := src.Bytes(src.Size()-8, 8)
	return err == nil && binary.LittleEndian.Uint64(b) == magic, err
}

// Read reads an index. With an error it returns what was read before.
func Read(src *bounds.Source) (*Index, error) {
	x := &Index{}
	if is, err := IsIndex(src); err != nil {
		return x, err
	} else if !is {
		return x, bounds.Malformedf(max(src.Size()-8, 0), "not the end of a checkpoint's index")
	}
	return x, (&reader{src: src, index: x}).table()
}

type reader struct {
	src   *bounds.Source
	index *Index

	header bool   // it was read
	last   []byte // the key before
}

// table walks the blocks in the order of the block that finds them.
func (r *reader) table() error {
	off := r.src.Size() - footerSize
	footer, err := r.src.Bytes(off, footerSize-8)
	if err != nil {
		return err
	}
	_, n, ok := cutHandle(footer) // of a block that nothing reads
	if !ok {
		return bounds.Malformedf(off, "not a block handle")
	}
	at, _, ok := cutHandle(footer[n:])
	if !ok {
		return bounds.Malformedf(off+int64(n), "not a block handle")
	}
	finder, err := readBlock(r.src, at)
	if err != nil {
		return err
	}
	var bound []byte // no key of the blocks before is above it
	err = finder.each(func(key []byte, v value) error {
		b, err := v.bytes()
		if err != nil {
			return err
		}
		at, _, ok := cutHandle(b)
		if !ok {
			return bounds.Malformedf(v.off, "not a block handle")
		}
		block, err := readBlock(r.src, at)
		if err != nil {
			return err
		}
		if err := block.each(func(key []byte, v value) error { return r.entry(key, v, bound) }); err != nil {
			return err
		}
		if string(key) < string(r.last) {
			return bounds.Malformedf(v.off, "a search misses keys of the block at %d", at.off)
		}
		bound = append(bound[:0], key...)
		return nil
	})
	if err == nil && !r.header {
		err = bounds.Malformedf(finder.off, "an index without entries")
	}
	return err
}

// entry reads one entry: the first is the header, under an empty key.
func (r *reader) entry(key []byte, v value, bound []byte) error {
	if !r.header {
		if len(key) > 0 {
			return bounds.Malformedf(v.off, "an index that does not begin with its header")
		}
		r.header = true
		return v.in(r.headerFields(v))
	}
	if string(key) <= string(r.last) || string(key) <= string(bound) {
		return bounds.Malformedf(v.off, "a key that is not above the one before")
	}
	r.last = append(r.last[:0], key...)
	budget := r.src.Budget
	if err := budget.Text(entryCost + int64(len(key))); err != nil {
		return err
	}
	e := Entry{Name: string(key), Off: v.off, End: v.end}
	err := v.in(e.fields(v))
	if err == nil {
		r.index.Entries = append(r.index.Entries, e)
	}
	return err
}
