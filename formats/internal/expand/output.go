// Package expand decompresses what archives and streams hold, as CPython's modules
// do: deflate, bzip2, LZMA, xz and zstd; and lz4 as its program does. What comes out is paid for from the budget as
// it comes; nothing is allocated from a claimed size.
package expand

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var le = binary.LittleEndian

// Output is where decompressed bytes go.
type Output struct {
	Data    []byte
	Limit   int64 // stop at so many
	Passing bool  // whether the bytes are not kept: they cost no Text
	Budget  *bounds.Budget
	paid    int64
}

// step is how many bytes come between two payments.
const step = 32 << 10

// full reports whether the limit is reached.
func (o *Output) full() bool { return int64(len(o.Data)) >= o.Limit }

// pay pays for what came since the last payment.
func (o *Output) pay() error {
	size := int64(len(o.Data))
	n := size - o.paid
	o.paid = size
	if err := o.Budget.Member(size); err != nil {
		return err
	}
	if err := o.Budget.Read(n); err != nil {
		return err
	}
	if o.Passing {
		return nil
	}
	return o.Budget.Text(n)
}

// fill reads r to its end or to the limit.
func (o *Output) fill(r io.Reader) error {
	for !o.full() {
		room := min(step, o.Limit-int64(len(o.Data)))
		if int64(cap(o.Data)-len(o.Data)) < room {
			most := max(int64(len(o.Data))+room, min(2*int64(cap(o.Data)), o.Limit))
			grown := make([]byte, len(o.Data), most)
			copy(grown, o.Data)
			o.Data = grown
		}
		n, err := r.Read(o.Data[len(o.Data) : int64(len(o.Data))+room])
		o.Data = o.Data[:len(o.Data)+n]
		if e := o.pay(); e != nil {
			return e
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spent reports whether err is of the budget or the source, not of a decompressor.
func spent(err error) bool {
	var e *bounds.Error
	return errors.As(err, &e)
}

// input reads a source forwards, and knows how far. It remembers an error of the
// source, which decompressors may hide behind one of their own.
type input struct {
	*bufio.Reader
	under *forward
}

type forward struct {
	src *bounds.Source
	pos int64
	err error
}

func (f *forward) Read(p []byte) (int, error) {
	n, err := f.src.ReadAt(p, f.pos)
	f.pos += int64(n)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

func newInput(src *bounds.Source) *input {
	f := &forward{src: src}
	return &input{bufio.NewReaderSize(f, 4<<10), f}
}

// used is how many bytes were taken.
func (in *input) used() int64 { return in.under.pos - int64(in.Buffered()) }

// Deflate, Bzip2 and LZMA decompress src into out until the stream ends or out is
// full, and say how much of src that took. The error is io.ErrUnexpectedEOF where src
// ends before the stream.

// Deflate decodes raw deflate (RFC 1951).
func Deflate(src *bounds.Source, out *Output) (used int64, err error) {
	return decode(src, func(in *input) error { return out.fill(flate.NewReader(in)) })
}

// Bzip2 decodes the first bzip2 stream.
func Bzip2(src *bounds.Source, out *Output) (used int64, err error) {
	return decode(src, func(in *input) error { return expandBzip2(in, out) })
}

// LZMA decodes a zip member of method 14.
func LZMA(src *bounds.Source, out *Output) (used int64, err error) {
	return decode(src, func(in *input) error { return expandLZMA(in, out) })
}

func decode(src *bounds.Source, f func(*input) error) (used int64, err error) {
	in := newInput(src)
	err = f(in)
	if in.under.err != nil {
		err = in.under.err
	}
	return in.used(), err
}
