package formatstest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The datatype classes of the datatype message.
const (
	classFixed     = 0
	classFloat     = 1
	classString    = 3
	classOpaque    = 5
	classReference = 7
	classVlen      = 9
)

// The string paddings of the datatype message.
const (
	nullTerminated = 0
	nullPadded     = 1
	spacePadded    = 2
)

// h5Type is a datatype.
type h5Type struct {
	class     byte
	size      int // of one element; 0 for those that depend on the file's offset size
	big       bool
	signed    bool
	padding   byte
	utf8      bool
	region    bool      // of a reference
	base      *h5Type   // of a sequence; a variable-length string has none
	committed *h5Object // the object that holds the type
}

var numberTypes = map[string]h5Type{
	"f2": {class: classFloat, size: 2},
	"f4": {class: classFloat, size: 4},
	"f8": {class: classFloat, size: 8},
	"i1": {class: classFixed, size: 1, signed: true},
	"i2": {class: classFixed, size: 2, signed: true},
	"i4": {class: classFixed, size: 4, signed: true},
	"i8": {class: classFixed, size: 8, signed: true},
	"u1": {class: classFixed, size: 1},
	"u2": {class: classFixed, size: 2},
	"u4": {class: classFixed, size: 4},
	"u8": {class: classFixed, size: 8},
}

// sizedTypes are followed by a number of bytes.
var sizedTypes = map[string]h5Type{
	"S": {class: classString, padding: nullPadded},
	"U": {class: classString, padding: nullPadded, utf8: true},
	"V": {class: classOpaque},
}

// parseType reads the TYPE of a script.
func (f *h5File) parseType(text string) (*h5Type, error) {
	if path, found := strings.CutPrefix(text, "="); found {
		o := f.find(path)
		if o == nil || o.kind != h5CommittedType {
			return nil, fmt.Errorf("%s is not a committed type of this script", path)
		}
		t := *o.typ
		t.committed = o
		return &t, nil
	}
	if rest, found := strings.CutPrefix(text, "seq*"); found {
		return f.parseSequence(text, rest)
	}
	number, big := strings.CutPrefix(text, ">")
	if t, found := numberTypes[number]; found {
		t.big = big
		return &t, nil
	}
	switch text {
	case "string":
		return &h5Type{class: classVlen, utf8: true}, nil
	case "ascii":
		return &h5Type{class: classVlen}, nil
	case "ref":
		return &h5Type{class: classReference}, nil
	case "regref":
		return &h5Type{class: classReference, region: true}, nil
	}
	for letter, t := range sizedTypes {
		if rest, found := strings.CutPrefix(text, letter); found {
			if n, err := strconv.ParseUint(rest, 10, 31); err == nil && n > 0 {
				t.size = int(n)
				return &t, nil
			}
		}
	}
	return nil, fmt.Errorf("%q is not a type: write f4, >f8, i4, u1, S10, U10, V10, string, ascii, ref, regref, seq*N:TYPE or =/path", text)
}

// parseSequence reads "seq*N:TYPE", N variable-length sequences in each other.
func (f *h5File) parseSequence(text, rest string) (*h5Type, error) {
	count, inner, found := strings.Cut(rest, ":")
	n, err := strconv.ParseUint(count, 10, 16)
	if !found || inner == "" || err != nil || n == 0 {
		return nil, fmt.Errorf("%q is not a sequence type: write seq*2:f4", text)
	}
	t, err := f.parseType(inner)
	for range n {
		t = &h5Type{class: classVlen, base: t}
	}
	return t, err
}

func parseNumber(text string) (uint64, error) { return strconv.ParseUint(text, 0, 64) }

// isString reports a variable-length string.
func (t *h5Type) isString() bool { return t.class == classVlen && t.base == nil }

// bytes is the size of one element in the file.
func (t *h5Type) bytes(w *h5Writer) int {
	switch {
	case t.class == classVlen:
		return 4 + w.offsetSize + 4
	case t.class == classReference && t.region:
		return w.offsetSize + 4
	case t.class == classReference:
		return w.offsetSize
	}
	return t.size
}

// message encodes the datatype message.
func (t *h5Type) message(w *h5Writer) []byte {
	var bits [3]byte
	var more []byte
	le := binary.LittleEndian
	if t.big {
		bits[0] = 1
	}
	switch t.class {
	case classFixed:
		if t.signed {
			bits[0] |= 8
		}
		more = le.AppendUint16(le.AppendUint16(nil, 0), uint16(t.size*8))
	case classFloat:
		// Sign bit, exponent and mantissa of IEEE 754; the mantissa's top bit is implied.
		bits[0] |= 0x20
		bits[1] = byte(t.size*8 - 1)
		exponent := map[int]byte{2: 5, 4: 8, 8: 11}[t.size]
		mantissa := bits[1] - exponent
		more = le.AppendUint16(le.AppendUint16(nil, 0), uint16(t.size*8))
		more = append(more, mantissa, exponent, 0, mantissa)
		more = le.AppendUint32(more, 1<<(exponent-1)-1)
	case classString:
		bits[0] = t.padding | t.charset()<<4
	case classOpaque:
		more = make([]byte, 8) // an empty tag, padded
		bits[0] = 8
	case classReference:
		if t.region {
			bits[0] = 1
		}
	case classVlen:
		base := t.base
		if t.isString() {
			bits[0], bits[1] = 1, t.charset()
			base = &h5Type{class: classString, size: 1, utf8: t.utf8}
		}
		more = base.message(w)
	}
	b := append([]byte{1<<4 | t.class}, bits[:]...)
	b = le.AppendUint32(b, uint32(t.bytes(w)))
	return append(b, more...)
}

func (t *h5Type) charset() byte {
	if t.utf8 {
		return 1
	}
	return 0
}

// encode writes n elements: zeros without words, the one word n times, or
// exactly n words.
func (t *h5Type) encode(w *h5Writer, words []string, n uint64) ([]byte, error) {
	if size := uint64(t.bytes(w)); n > maxContent/size {
		return nil, fmt.Errorf("%d elements are more than can be written", n)
	}
	if len(words) == 0 {
		return make([]byte, n*uint64(t.bytes(w))), nil
	}
	if len(words) > 1 && uint64(len(words)) != n {
		return nil, fmt.Errorf("%d values for %d elements", len(words), n)
	}
	var out []byte
	for i := range n {
		b, err := t.element(w, words[min(i, uint64(len(words)-1))])
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

func (t *h5Type) element(w *h5Writer, text string) ([]byte, error) {
	switch {
	case t.class == classFixed || t.class == classFloat:
		return t.number(text)
	case t.isString():
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
		b = append(b, w.address(w.globalHeap([]byte(text)))...)
		return binary.LittleEndian.AppendUint32(b, 1), nil
	case t.class == classString:
		return t.fixed(text)
	case t.class == classReference && !t.region:
		o := w.file.find(text)
		if o == nil {
			return nil, fmt.Errorf("%s is not an object of this script", text)
		}
		return w.address(w.known[o]), nil
	case t.class == classOpaque:
		b, err := hex.DecodeString(text)
		if err != nil || len(b) != t.size {
			return nil, fmt.Errorf("expected %d bytes in hex, found %q", t.size, text)
		}
		return b, nil
	}
	return nil, fmt.Errorf("values of this type cannot be written: leave them out for zeros")
}

func (t *h5Type) fixed(text string) ([]byte, error) {
	if len(text) > t.size {
		return nil, fmt.Errorf("%q is longer than %d bytes", text, t.size)
	}
	pad := "\x00"
	if t.padding == spacePadded {
		pad = " "
	}
	return []byte(text + strings.Repeat(pad, t.size-len(text))), nil
}

func (t *h5Type) number(text string) ([]byte, error) {
	var bits uint64
	var err error
	switch {
	case t.class == classFloat:
		var v float64
		v, err = strconv.ParseFloat(text, 64)
		bits = floatBits(v, t.size)
	case t.signed:
		var v int64
		v, err = strconv.ParseInt(text, 0, t.size*8)
		bits = uint64(v)
	default:
		bits, err = strconv.ParseUint(text, 0, t.size*8)
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, t.size)
	for i := range b {
		at := i
		if t.big {
			at = t.size - 1 - i
		}
		b[at] = byte(bits >> (8 * i))
	}
	return b, nil
}

// floatBits truncates the mantissa for a half; tests use values that fit.
func floatBits(v float64, size int) uint64 {
	switch size {
	case 8:
		return math.Float64bits(v)
	case 4:
		return uint64(math.Float32bits(float32(v)))
	}
	b := math.Float32bits(float32(v))
	sign, exponent := uint64(b>>31)<<15, int(b>>23&0xff)-127+15
	switch {
	case b&0x7fffffff == 0 || exponent <= 0:
		return sign
	case exponent >= 31:
		return sign | 31<<10
	}
	return sign | uint64(exponent)<<10 | uint64(b>>13&0x3ff)
}
