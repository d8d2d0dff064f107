package zipfile

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Compression methods that some CPython reads, APPNOTE 4.4.5.
const (
	methodStored  = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodLZMA    = 14
	methodZstd    = 93 // since CPython 3.14
)

func supported(method uint16) bool {
	switch method {
	case methodStored, methodDeflate, methodBzip2, methodLZMA, methodZstd:
		return true
	}
	return false
}

var methodNames = map[uint16]string{
	1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode",
	8: "deflate", 9: "deflate64", 10: "PKWARE implode", 12: "bzip2", 14: "LZMA",
	16: "CMPSC", 18: "TERSE", 19: "LZ77", 20: "deprecated zstd", 93: "zstd", 94: "MP3",
	95: "xz", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES",
}

func methodName(method uint16) string {
	if name, ok := methodNames[method]; ok {
		return name
	}
	return fmt.Sprint(method)
}

// maxLimit keeps a limit plus one within int64.
const maxLimit = math.MaxInt64 - 1

// output is where decompressed bytes go. They are paid for as they come, so that
// no claimed size is ever allocated.
type output struct {
	data    []byte
	limit   int64 // stop at so many
	passing bool  // whether the bytes are not kept: they cost no Text
	budget  *bounds.Budget
	paid    int64
}

// step is how many bytes come between two payments.
const step = 32 << 10

// full reports whether the limit is reached.
func (o *output) full() bool { return int64(len(o.data)) >= o.limit }

// pay pays for what came since the last payment.
func (o *output) pay() error {
	size := int64(len(o.data))
	n := size - o.paid
	o.paid = size
	if err := o.budget.Member(size); err != nil {
		return err
	}
	if err := o.budget.Read(n); err != nil {
		return err
	}
	if o.passing {
		return nil
	}
	return o.budget.Text(n)
}

// fill reads r to its end or to the limit.
func (o *output) fill(r io.Reader) error {
	for !o.full() {
		room := min(step, o.limit-int64(len(o.data)))
		if int64(cap(o.data)-len(o.data)) < room {
			grown := make([]byte, len(o.data), max(int64(len(o.data))+room, 2*int64(cap(o.data))))
			copy(grown, o.data)
			o.data = grown
		}
		n, err := r.Read(o.data[len(o.data) : int64(len(o.data))+room])
		o.data = o.data[:len(o.data)+n]
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

// expand decompresses src into out until the stream ends or out is full, and says
// how much of src that took. The error is io.ErrUnexpectedEOF where src ends before
// the stream; size is how large the text is said to be.
func expand(method uint16, src *bounds.Source, out *output, size int64) (used int64, err error) {
	in := newInput(src)
	switch method {
	case methodDeflate:
		err = out.fill(flate.NewReader(in))
	case methodBzip2:
		err = expandBzip2(in, out)
	case methodLZMA:
		err = expandLZMA(in, out)
	case methodZstd:
		return expandZstd(src, out, size)
	}
	if in.under.err != nil {
		err = in.under.err
	}
	return in.used(), err
}
