package formats

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/expand"
)

// compressions are those that joblib knows beside the ones of package expand, by
// the first bytes of a file, whatever its name (joblib/compressor.py, and
// numpy_pickle_compat.py for ZF).
var compressions = []struct {
	magic  string
	name   string
	reader func(io.Reader) (io.Reader, error)
}{
	{"ZF", "zlib of old joblib", newZFile},
	{"x", "zlib", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
}

// expander returns what decompresses a text into at most limit bytes, and the name
// of the compression; nil where the text does not begin as compressed.
func expander(head []byte) (name string, expanded func(src *bounds.Source, limit int64) ([]byte, error)) {
	if kind := expand.Kind(head); kind != "" {
		return kind, func(src *bounds.Source, limit int64) ([]byte, error) {
			out := &expand.Output{Budget: src.Budget, Limit: limit, Passing: limit == sniffLen}
			_, _, err := expand.Stream(kind, src, out)
			return out.Data, err
		}
	}
	for _, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c.name, func(src *bounds.Source, limit int64) ([]byte, error) { return readAll(c.reader, src, limit) }
		}
	}
	return "", nil
}

// compressedHead reports whether a text begins as a compressed stream does whose
// mark is no accident.
func compressedHead(head []byte) bool {
	return expand.Kind(head) != "" || zfHead(head) || len(head) > 2 && head[0] == 'x' && (int(head[0])<<8|int(head[1]))%31 == 0
}

// zfHead reports whether a text begins as joblib before 0.10 wrote compressed files: the
// length is a number in hexadecimal, and blanks.
func zfHead(head []byte) bool {
	return len(head) > 21 && string(head[:2]) == "ZF" && len(bytes.Trim(head[2:20], "0123456789abcdefABCDEFxL ")) == 0
}

// compressed returns what is in a compressed stream, if that is a pickle or a file
// of that name is one. It is nil where the text is not compressed, or is something
// else. With an error it returns what came out before.
func (o *opener) compressed(src *bounds.Source, head []byte, promised bool) (*bounds.Source, error) {
	name, expanded := expander(head)
	if expanded == nil {
		return nil, nil
	}
	begins, _ := expanded(src, sniffLen)
	if !promised && !isPickle(begins) && !o.callsNames(begins) {
		return nil, nil
	}
	data, err := expanded(src, math.MaxInt64-1)
	if err != nil {
		err = compressedError(name, err)
		if len(data) == 0 {
			return nil, err
		}
	}
	return bounds.FromBytes(data, o.budget), err
}

// compressedError is why a stream could not be read.
func compressedError(name string, err error) error {
	var e *bounds.Error
	if errors.As(err, &e) {
		return err
	}
	return bounds.Malformedf(-1, "a pickle compressed with %s: %v", name, err)
}

// readAll reads what a decompressor gives, up to limit bytes, and pays for it as it
// comes.
func readAll(open func(io.Reader) (io.Reader, error), src *bounds.Source, limit int64) ([]byte, error) {
	r, err := open(bufio.NewReader(src.Reader()))
	if err != nil {
		return nil, err
	}
	var data []byte
	chunk := make([]byte, min(limit, 32<<10))
	for int64(len(data)) < limit {
		n, err := r.Read(chunk[:min(int64(len(chunk)), limit-int64(len(data)))])
		data = append(data, chunk[:n]...)
		if e := pay(src.Budget, int64(len(data)), int64(n)); e != nil {
			return data, e
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return data, err
		}
	}
	return data, nil
}

// pay pays for n more of size bytes that came out of a decompressor.
func pay(b *bounds.Budget, size, n int64) error {
	if err := b.Member(size); err != nil {
		return err
	}
	if err := b.Read(n); err != nil {
		return err
	}
	return b.Text(n)
}

// newZFile reads the format of joblib before 0.10: "ZF", the length as 19
// characters, then zlib.
func newZFile(r io.Reader) (io.Reader, error) {
	var head [21]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	b := bufio.NewReader(r)
	if next, err := b.Peek(1); err == nil && next[0] != 'x' { // some versions pad to 21 characters
		if _, err := b.Discard(1); err != nil {
			return nil, err
		}
	}
	return zlib.NewReader(b)
}
