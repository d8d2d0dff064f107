package hdf5

import (
	"bytes"
	"compress/zlib"
	"math"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// TestLookup3 checks the hash against the values that its author gives.
func TestLookup3(t *testing.T) {
	for s, want := range map[string]uint32{"": 0xdeadbeef, "Four score and seven years ago": 0x17770551} {
		if got := lookup3([]byte(s)); got != want {
			t.Errorf("%q: %08x, want %08x", s, got, want)
		}
	}
}

func parse(t *testing.T, b []byte) *Datatype {
	t.Helper()
	r := &reader{budget: source(nil).Budget, sizes: sizes{8, 8}}
	typ, err := r.datatype(r.cursor(b, 0), false)
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

func TestInt(t *testing.T) {
	integer := func(bits byte, size, offset, precision int) []byte {
		return cat(0x10, int(bits), 0, 0, u32(uint32(size)), u16(offset), u16(precision))
	}
	for _, c := range []struct {
		typ     []byte
		element []byte
		want    string
	}{
		{integer(8, 1, 0, 8), []byte{0xff}, "-1"},
		{integer(0, 1, 0, 8), []byte{0xff}, "255"},
		{integer(9, 2, 0, 16), []byte{0xff, 0xfe}, "-2"},
		{integer(0, 8, 0, 64), u64(undefined), "18446744073709551615"},
		{integer(8, 16, 0, 128), bytes.Repeat([]byte{0xff}, 16), "-1"},
		{integer(8, 4, 4, 12), u32(0xabcd800f), "-2048"},
		{cat(0x38, 1, 0, 0, u32(1), integer(8, 1, 0, 8), "A", 0, 1), []byte{0xfe}, "-2"},
	} {
		if got := parse(t, c.typ).Int(c.element); got == nil || got.String() != c.want {
			t.Errorf("%x: %v, want %s", c.element, got, c.want)
		}
	}
	if v := parse(t, typeF4).Int(u32(0)); v != nil {
		t.Errorf("float read as integer %v", v)
	}
}

func TestFloat(t *testing.T) {
	float := func(order byte, size, sign, exp, expSize, mantSize int, bias uint32) []byte {
		return cat(0x11, 0x20|int(order), sign, 0, u32(uint32(size)), u16(0), u16(8*size), exp, expSize, 0, mantSize, u32(bias))
	}
	half, bfloat, double := float(0, 2, 15, 10, 5, 10, 15), float(0, 2, 15, 7, 8, 7, 127), float(0, 8, 63, 52, 11, 52, 1023)
	for _, c := range []struct {
		typ     []byte
		element []byte
		want    float64
	}{
		{half, u16(0x3e00), 1.5},
		{half, u16(0x0001), 0x1p-24},
		{half, u16(0xfc00), math.Inf(-1)},
		{bfloat, u16(0x3fc0), 1.5},
		{bfloat, u16(0xff80), math.Inf(-1)},
		{typeF4, f32(-0.1), float64(float32(-0.1))},
		{typeF4, u32(1), 0x1p-149},
		{double, u64(math.Float64bits(math.Pi)), math.Pi},
		{double, u64(1), 5e-324},
		{float(1, 2, 15, 10, 5, 10, 15), []byte{0x3e, 0}, 1.5},
	} {
		if got, ok := parse(t, c.typ).Float(c.element); !ok || got != c.want {
			t.Errorf("%x: %v, want %v", c.element, got, c.want)
		}
	}
	if v, _ := parse(t, half).Float(u16(0x7e00)); !math.IsNaN(v) {
		t.Errorf("NaN is %v", v)
	}
	if _, ok := parse(t, float(0x40, 4, 31, 23, 8, 23, 127)).Float(u32(0)); ok {
		t.Error("VAX float is read")
	}
}

func TestUnfilter(t *testing.T) {
	deflate := func(b []byte) []byte {
		var out bytes.Buffer
		z := zlib.NewWriter(&out)
		z.Write(b)
		z.Close()
		return out.Bytes()
	}
	r := &reader{src: source(nil), budget: source(nil).Budget}
	all := []Filter{{ID: filterShuffle, param: 4}, {ID: filterDeflate}, {ID: filterFletcher32}}
	shuffled := []byte("aebfcgdhX")
	for _, c := range []struct {
		name string
		in   []byte
		mask uint32
		size uint64
		code bounds.Code
	}{
		{"all", append(deflate(shuffled), 1, 2, 3, 4), 0, 9, 0},
		{"two left out", shuffled, 6, 9, 0},
		{"bomb", append(deflate(make([]byte, 1<<20)), 1, 2, 3, 4), 0, 9, bounds.Malformed},
		{"too short", append(deflate(shuffled[:8]), 1, 2, 3, 4), 0, 9, bounds.Malformed},
		{"not deflated", make([]byte, 20), 0, 9, bounds.Malformed},
		{"no checksum", make([]byte, 3), 0, 9, bounds.Malformed},
		{"size of 2^62", shuffled, 7, huge, bounds.LimitExceeded},
	} {
		got, err := r.unfilter(cursor{b: c.in}, all, c.mask, c.size)
		switch {
		case c.code != 0:
			if err == nil || bounds.As(err).Code != c.code {
				t.Errorf("%s: %v, want code %d", c.name, err, c.code)
			}
		case err != nil || string(got) != "abcdefghX":
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	if _, err := r.unfilter(cursor{b: shuffled}, []Filter{{ID: 32000}}, 0, 9); err == nil || bounds.As(err).Code != bounds.Unsupported {
		t.Errorf("unknown filter: %v", err)
	}
}

func TestSelections(t *testing.T) {
	for _, b := range [][]byte{
		cat(u32(selectNone), u32(1), u64(0)),
		cat(u32(selectAll), u32(1), u64(0)),
		cat(u32(selectPoints), u32(1), u64(0), u32(2), u32(3), make([]byte, 4*2*3)),
		cat(u32(selectPoints), u32(2), 2, u32(2), u16(3), make([]byte, 2*2*3)),
		cat(u32(selectHyperslab), u32(1), u64(0), u32(2), u32(3), make([]byte, 8*2*3)),
		cat(u32(selectHyperslab), u32(2), 1, u32(0), u32(2), make([]byte, 32*2)),
		cat(u32(selectHyperslab), u32(3), 1, 4, u32(2), make([]byte, 4*4*2)),
		cat(u32(selectHyperslab), u32(3), 0, 2, u32(2), u16(3), make([]byte, 2*2*2*3)),
	} {
		c := cursor{b: b}
		if err := skipSelection(&c); err != nil || c.left() != 0 {
			t.Errorf("%x: %d bytes left, %v", b, c.left(), err)
		}
		c = cursor{b: b[:len(b)-1]}
		if err := skipSelection(&c); err == nil {
			t.Errorf("%x without its end: no error", b)
		}
	}
}
