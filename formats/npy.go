package formats

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// npyMagic begins a NumPy array file (numpy/lib/format.py).
var npyMagic = []byte("\x93NUMPY")

// npyHeader returns the header of a NumPy array, a Python dict as text, and where
// the values begin; ok is false where it is longer than the head. Version 1 has a
// 2-byte length, 2 and 3 a 4-byte one.
func npyHeader(head []byte) (text string, end int64, ok bool) {
	if len(head) < 12 {
		return "", 0, false
	}
	start, n := 10, int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		start, n = 12, int(binary.LittleEndian.Uint32(head[8:]))
	}
	if n > len(head)-start {
		return "", 0, false
	}
	return string(head[start : start+n]), int64(start + n), true
}

// isObjectArray reports whether a text begins as an array of Python objects, or
// may do so.
func isObjectArray(head []byte) bool {
	header, _, ok := npyHeader(head)
	return isNPY(head) && (!ok || objectArray(header))
}

// objectArray reports whether a header describes Python objects, which numpy.load
// unpickles: a type code O, alone or in a field of a structured type.
func objectArray(header string) bool {
	_, descr, ok := strings.Cut(header, "descr")
	if !ok {
		return true // not what NumPy writes: no reason to call it harmless
	}
	descr, _, _ = strings.Cut(descr, "fortran_order")
	if strings.Contains(descr, `\`) {
		return true // a type code may be escaped
	}
	for _, quoted := range strings.FieldsFunc(descr, func(r rune) bool { return r == '\'' || r == '"' }) {
		if code := strings.TrimLeft(quoted, "<>|=0123456789"); code == "O" || code == "object" || strings.HasPrefix(code, "O") && strings.Trim(code[1:], "0123456789") == "" {
			return true
		}
	}
	return false
}

// arrayBytes is how many bytes the elements that a header describes take: 0 where
// it describes no plain array, the largest number where they are more.
func arrayBytes(header string) int64 {
	_, descr, ok1 := strings.Cut(header, "descr")
	_, shape, ok2 := strings.Cut(header, "shape")
	if !ok1 || !ok2 {
		return 0
	}
	total := uint64(itemSize(descr))
	_, shape, ok1 = strings.Cut(shape, "(")
	shape, _, ok2 = strings.Cut(shape, ")")
	if !ok1 || !ok2 {
		return 0
	}
	for dim := range strings.SplitSeq(shape, ",") {
		dim = strings.TrimSuffix(strings.TrimSpace(dim), "L") // of Python 2
		if dim == "" {
			continue
		}
		n, err := strconv.ParseUint(strings.ReplaceAll(dim, "_", ""), 0, 64)
		high, low := bits.Mul64(total, n)
		if errors.Is(err, strconv.ErrRange) || high != 0 || low > math.MaxInt64 {
			return math.MaxInt64
		}
		total = low
	}
	return int64(total)
}

// itemSize is the size of one element of the first type in a description: the
// number behind a type code such as "<f4", four times it for characters.
func itemSize(descr string) int64 {
	for _, quoted := range strings.FieldsFunc(descr, func(r rune) bool { return r == '\'' || r == '"' }) {
		code := strings.TrimLeft(quoted, "<>|=")
		if len(code) < 2 || !strings.Contains("?biufcmMSUVa", code[:1]) {
			continue
		}
		digits := code[1:]
		if i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
			digits = digits[:i] // the unit of a time
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			continue
		}
		if code[0] == 'U' {
			n *= 4
		}
		return n
	}
	return 1
}

// maxNPYHeader is the longest header in bytes that is read. NumPy takes up to
// 10,000 where it is not told to trust the file.
const maxNPYHeader = 1 << 20

// npy reads the header of a NumPy array. Its values are data, unless they are
// pickled. src is nil where only the head is known.
func (o *opener) npy(n *Node, src *bounds.Source, head []byte, nesting int) Format {
	header, end, ok := npyHeader(head)
	if !ok && src != nil {
		if more, err := src.Bytes(0, min(maxNPYHeader, src.Size())); err == nil {
			header, end, ok = npyHeader(more)
		}
	}
	switch {
	case !ok:
		o.problem(n, bounds.Unsupportedf(-1, "a NumPy array whose header does not end"))
	case objectArray(header):
		learned(n).Pickled = true
		if src == nil {
			o.problem(n, bounds.Unsupportedf(-1, "a NumPy array of Python objects, which is a pickle"))
		} else if o.pickleText(n, src, end, nesting, true) == 0 {
			o.problem(n, bounds.Malformedf(-1, "a NumPy array of Python objects without them"))
		}
	default:
		learned(n).Array = arrayBytes(header)
		return FormatNumPy
	}
	o.model = true
	return FormatNumPy
}

func isNPY(head []byte) bool { return bytes.HasPrefix(head, npyMagic) }

// arrayName reports whether numpy.load is what opens a file or member of that
// name. It takes a pickle in place of an array where pickles are allowed.
func arrayName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".npy") || strings.HasSuffix(name, ".npz")
}
