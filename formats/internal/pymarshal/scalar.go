package pymarshal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// integer reads TYPE_INT, TYPE_INT64 and TYPE_LONG.
func (d *decoder) integer(v *Value, code byte) error {
	v.Kind = KindInt
	switch code {
	case 'i':
		n, err := d.int32()
		v.Text = strconv.Itoa(int(n))
		return err
	case 'I':
		p, err := d.bytes(8)
		if err != nil {
			return err
		}
		v.Text = strconv.FormatInt(int64(binary.LittleEndian.Uint64(p)), 10)
		return nil
	}
	return d.long(v)
}

// maxDecimal is the size of the integers that are written in decimal, in 15-bit
// digits: about 4,300 decimal digits, Python's own limit. The conversion takes
// more than linear time.
const maxDecimal = 952

// long reads an integer in digits of 15 bits, lowest first; the sign is that of
// their number.
func (d *decoder) long(v *Value) error {
	off := d.pos
	n, err := d.int32()
	if err != nil {
		return err
	}
	size := int64(n)
	if size < 0 {
		size = -size
	}
	if 2*size > int64(len(d.data)-d.pos) {
		return bounds.Malformedf(int64(off), "integer of %d digits of marshal, with %d bytes left", size, len(d.data)-d.pos)
	}
	p, err := d.bytes(int(2 * size))
	if err != nil {
		return err
	}
	if err := d.budget.Text(int64(len(p))); err != nil {
		return err
	}
	bits := make([]byte, len(p)+1) // big-endian, filled from the end
	acc, have, at := uint32(0), 0, len(bits)
	for i := 0; i < len(p); i += 2 {
		digit := uint32(binary.LittleEndian.Uint16(p[i:]))
		if digit >= 1<<15 {
			return bounds.Malformedf(int64(off+4+i), "digit %d of an integer, which are below 32768", digit)
		}
		acc |= digit << have
		for have += 15; have >= 8; have -= 8 {
			at--
			bits[at] = byte(acc)
			acc >>= 8
		}
	}
	at--
	bits[at] = byte(acc)
	if size > 0 && p[len(p)-2]|p[len(p)-1] == 0 {
		return bounds.Malformedf(int64(off), "integer whose highest digit is 0, as CPython refuses")
	}
	x := new(big.Int).SetBytes(bits)
	if n < 0 {
		x.Neg(x)
	}
	if size <= maxDecimal {
		v.Text = x.String()
	} else {
		v.Text = fmt.Sprintf("%#x", x)
	}
	return nil
}

// float reads floats and complex numbers, binary or as text.
func (d *decoder) float(v *Value, code byte) error {
	read := d.float64
	if code == 'f' || code == 'x' {
		read = d.textFloat
	}
	v.Kind = KindFloat
	if code == 'f' || code == 'g' {
		f, err := read()
		v.Text = floatRepr(f)
		return err
	}
	v.Kind = KindComplex
	off := d.pos
	re, err := read()
	if err != nil {
		return err
	}
	middle := d.pos
	im, err := read()
	if err != nil {
		return err
	}
	v.Text = complexRepr(re, im)
	v.Items = []*Value{
		{Kind: KindFloat, Text: floatRepr(re), Off: off, End: middle},
		{Kind: KindFloat, Text: floatRepr(im), Off: middle, End: d.pos},
	}
	return nil
}

// textFloat reads a float in decimal, as PyOS_string_to_double takes it
// (Python/pystrtod.c): up to a NUL, without blanks.
func (d *decoder) textFloat() (float64, error) {
	off := d.pos
	n, err := d.byte()
	if err != nil {
		return 0, err
	}
	p, err := d.bytes(int(n))
	if err != nil {
		return 0, err
	}
	p, _, _ = bytes.Cut(p, []byte{0})
	s := string(p)
	// ParseFloat also takes hexadecimal and underscores.
	f, err := strconv.ParseFloat(s, 64)
	if strings.ContainsAny(s, "xX_pP") || err != nil && !math.IsInf(f, 0) {
		return 0, bounds.Malformedf(int64(off), "float %q", s)
	}
	return f, nil
}

// floatRepr is repr of a float: the shortest digits that give it back, with an
// exponent below 1e-4 and from 1e16.
func floatRepr(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64)), "+")
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// complexRepr is repr of a complex number, whose parts have no ".0".
func complexRepr(re, im float64) string {
	short := func(f float64) string { return strings.TrimSuffix(floatRepr(f), ".0") }
	if re == 0 && !math.Signbit(re) {
		return short(im) + "j"
	}
	sign := ""
	if i := short(im); i[0] != '-' {
		sign = "+"
	}
	return "(" + short(re) + sign + short(im) + "j)"
}

// text reads the string types. In 2.7 only TYPE_UNICODE is text; from 3.0 only
// TYPE_STRING is not.
func (d *decoder) text(v *Value, code byte) error {
	old := d.layout == layout27
	if old && code != 's' && code != 't' && code != 'u' {
		return d.unknown(v, code)
	}
	v.Kind = KindText
	if code == 's' || code == 't' && old {
		v.Kind = KindBytes
	}
	var n int
	var err error
	if code == 'z' || code == 'Z' {
		var short byte
		short, err = d.byte()
		n = int(short)
	} else {
		n, err = d.length(v.Kind.String())
	}
	if err != nil {
		return err
	}
	p, err := d.bytes(n)
	if err != nil {
		return err
	}
	if err := d.budget.Text(int64(n)); err != nil {
		return err
	}
	switch {
	case v.Kind == KindBytes:
		v.Text = string(p)
	case code == 'u' || code == 't':
		if bad := invalidUTF8(p); bad >= 0 {
			return bounds.Malformedf(int64(d.pos-n+bad), "str that is not UTF-8")
		}
		v.Text = string(p)
	default:
		v.Text = latin1(p)
	}
	return nil
}

// invalidUTF8 returns where p stops being UTF-8 in which surrogates may stand
// alone ("surrogatepass"), -1 if nowhere.
func invalidUTF8(p []byte) int {
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && n == 1 {
			if i+2 >= len(p) || p[i] != 0xed || p[i+1] < 0xa0 || p[i+1] > 0xbf || p[i+2] < 0x80 || p[i+2] > 0xbf {
				return i
			}
			n = 3
		}
		i += n
	}
	return -1
}

// latin1 gives p as UTF-8, a character each byte: what CPython makes of the
// ASCII types, which it does not check.
func latin1(p []byte) string {
	if !bytes.ContainsFunc(p, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return string(p)
	}
	runes := make([]rune, len(p))
	for i, c := range p {
		runes[i] = rune(c)
	}
	return string(runes)
}
