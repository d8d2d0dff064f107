package formats

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// npyMagic begins a NumPy array file (numpy/lib/format.py).
var npyMagic = []byte("\x93NUMPY")

// npyHeader returns the header of a NumPy array, a Python dict as text; ok is
// false where it is longer than the head. Version 1 has a 2-byte length, 2 and 3
// a 4-byte one.
func npyHeader(head []byte) (text string, ok bool) {
	if len(head) < 12 {
		return "", false
	}
	start, n := 10, int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		start, n = 12, int(binary.LittleEndian.Uint32(head[8:]))
	}
	if n > len(head)-start {
		return "", false
	}
	return string(head[start : start+n]), true
}

// objectArray reports whether a header describes Python objects, which numpy.load
// unpickles: a type code O, alone or in a field of a structured type.
func objectArray(header string) bool {
	_, descr, ok := strings.Cut(header, "descr")
	if !ok {
		return true // not what NumPy writes: no reason to call it harmless
	}
	descr, _, _ = strings.Cut(descr, "fortran_order")
	for _, quoted := range strings.FieldsFunc(descr, func(r rune) bool { return r == '\'' || r == '"' }) {
		if code := strings.TrimLeft(quoted, "<>|=0123456789"); code == "O" || code == "object" || strings.HasPrefix(code, "O") && strings.Trim(code[1:], "0123456789") == "" {
			return true
		}
	}
	return false
}

// npy reads the header of a NumPy array. Its values are data, unless they are
// pickled.
func (o *opener) npy(n *Node, head []byte) Format {
	header, ok := npyHeader(head)
	switch {
	case !ok:
		o.problem(n, bounds.Unsupportedf(-1, "a NumPy array whose header does not end within %d bytes", sniffLen))
	case objectArray(header):
		o.problem(n, bounds.Unsupportedf(-1, "a NumPy array of Python objects, which is a pickle"))
	default:
		return FormatNumPy
	}
	o.model = true
	return FormatNumPy
}

func isNPY(head []byte) bool { return bytes.HasPrefix(head, npyMagic) }
