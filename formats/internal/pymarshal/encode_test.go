package pymarshal_test

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// encoder writes values as marshal does: what the value holds more than once is
// written once, numbered and named again. Its output for one value is always the
// same, so that two encodings can be compared instead of two values, which may
// contain themselves.
type encoder struct {
	version pymarshal.Version
	out     []byte
	uses    map[*pymarshal.Value]int
	numbers map[*pymarshal.Value]int
}

func encode(v *pymarshal.Value, version pymarshal.Version) []byte {
	e := &encoder{version: version, uses: map[*pymarshal.Value]int{}, numbers: map[*pymarshal.Value]int{}}
	e.count(v)
	e.object(v)
	return e.out
}

func (e *encoder) count(v *pymarshal.Value) {
	e.uses[v]++
	if e.uses[v] > 1 {
		return
	}
	if v.Kind == pymarshal.KindCode {
		for _, c := range v.Code.Consts {
			e.count(c)
		}
	} else if v.Kind != pymarshal.KindComplex {
		for _, item := range v.Items {
			e.count(item)
		}
	}
}

func (e *encoder) long(n int)     { e.out = binary.LittleEndian.AppendUint32(e.out, uint32(int32(n))) }
func (e *encoder) sized(s string) { e.long(len(s)); e.out = append(e.out, s...) }
func (e *encoder) float(s string) { e.out = binary.LittleEndian.AppendUint64(e.out, floatBits(s)) }
func floatBits(s string) uint64   { f, _ := strconv.ParseFloat(s, 64); return math.Float64bits(f) }
func (e *encoder) tuple(n int)    { e.out = append(e.out, '('); e.long(n) }
func (e *encoder) bytes(b []byte) { e.out = append(e.out, 's'); e.sized(string(b)) }
func (e *encoder) strings(s []string) {
	e.tuple(len(s))
	for _, name := range s {
		e.string(name)
	}
}

func (e *encoder) string(s string) {
	if e.version.Major == 2 {
		e.out = append(e.out, 's')
	} else {
		e.out = append(e.out, 'u')
	}
	e.sized(s)
}

// begin writes the type code, and numbers the value if it is named again. Python
// 2 numbers interned strings only.
func (e *encoder) begin(v *pymarshal.Value, code byte) {
	if e.uses[v] > 1 && (e.version.Major == 3 || v.Kind == pymarshal.KindBytes) {
		e.numbers[v] = len(e.numbers)
		if e.version.Major == 3 {
			code |= 0x80
		} else {
			code = 't'
		}
	}
	e.out = append(e.out, code)
}

func (e *encoder) object(v *pymarshal.Value) {
	if n, ok := e.numbers[v]; ok {
		e.out = append(e.out, map[uint8]byte{2: 'R', 3: 'r'}[e.version.Major])
		e.long(n)
		return
	}
	switch v.Kind {
	case pymarshal.KindNone:
		e.out = append(e.out, 'N')
	case pymarshal.KindEllipsis:
		e.out = append(e.out, '.')
	case pymarshal.KindStopIteration:
		e.out = append(e.out, 'S')
	case pymarshal.KindBool:
		e.out = append(e.out, v.Text[0])
	case pymarshal.KindInt:
		e.integer(v)
	case pymarshal.KindFloat:
		e.begin(v, 'g')
		e.float(v.Text)
	case pymarshal.KindComplex:
		e.begin(v, 'y')
		e.float(v.Items[0].Text)
		e.float(v.Items[1].Text)
	case pymarshal.KindBytes:
		e.begin(v, 's')
		e.sized(v.Text)
	case pymarshal.KindText:
		e.begin(v, 'u')
		e.sized(v.Text)
	case pymarshal.KindCode:
		e.begin(v, 'c')
		e.code(v.Code)
	default:
		e.container(v)
	}
}

func (e *encoder) container(v *pymarshal.Value) {
	e.begin(v, map[pymarshal.Kind]byte{pymarshal.KindTuple: '(', pymarshal.KindList: '[', pymarshal.KindSet: '<', pymarshal.KindFrozenSet: '>',
		pymarshal.KindDict: '{', pymarshal.KindFrozenDict: '}', pymarshal.KindSlice: ':'}[v.Kind])
	ends := v.Kind == pymarshal.KindDict || v.Kind == pymarshal.KindFrozenDict
	if !ends && v.Kind != pymarshal.KindSlice {
		e.long(len(v.Items))
	}
	for _, item := range v.Items {
		e.object(item)
	}
	if ends {
		e.out = append(e.out, '0')
	}
}

func (e *encoder) integer(v *pymarshal.Value) {
	if n, err := strconv.ParseInt(v.Text, 10, 32); err == nil {
		e.begin(v, 'i')
		e.long(int(n))
		return
	}
	e.begin(v, 'l')
	x, ok := new(big.Int).SetString(v.Text, 0)
	if !ok {
		panic("not an integer: " + v.Text)
	}
	var digits []byte
	rest, mask := new(big.Int).Abs(x), big.NewInt(1<<15-1)
	for rest.Sign() > 0 {
		digits = binary.LittleEndian.AppendUint16(digits, uint16(new(big.Int).And(rest, mask).Uint64()))
		rest.Rsh(rest, 15)
	}
	e.long(x.Sign() * len(digits) / 2)
	e.out = append(e.out, digits...)
}

// code writes the fields in the order of the version's layout.
func (e *encoder) code(c *pymarshal.Code) {
	v := e.version
	e.long(c.ArgCount)
	if v.AtLeast(3, 8) {
		e.long(c.PosOnlyArgCount)
	}
	if v.Major == 3 {
		e.long(c.KwOnlyArgCount)
	}
	if v.Before(3, 11) {
		e.long(c.NLocals)
	}
	e.long(c.StackSize)
	e.long(int(c.Flags))
	e.bytes(c.Bytecode)
	e.tuple(len(c.Consts))
	for _, value := range c.Consts {
		e.object(value)
	}
	e.strings(c.Names)
	if v.AtLeast(3, 11) {
		e.strings(c.LocalsPlus)
		e.bytes(c.Kinds)
	} else {
		e.strings(c.VarNames)
		e.strings(c.FreeVars)
		e.strings(c.CellVars)
	}
	e.string(c.Filename)
	e.string(c.Name)
	if v.AtLeast(3, 11) {
		e.string(c.Qualname)
	}
	e.long(c.FirstLine)
	e.bytes(c.LineTable)
	if v.AtLeast(3, 11) {
		e.bytes(c.ExceptionTable)
	}
}
