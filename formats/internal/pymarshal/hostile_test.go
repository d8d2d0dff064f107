package pymarshal_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

var (
	v27  = pymarshal.Version{Major: 2, Minor: 7}
	v36  = pymarshal.Version{Major: 3, Minor: 6}
	v39  = pymarshal.Version{Major: 3, Minor: 9}
	v310 = pymarshal.Version{Major: 3, Minor: 10}
	v311 = pymarshal.Version{Major: 3, Minor: 11}
	v312 = pymarshal.Version{Major: 3, Minor: 12}
	v313 = pymarshal.Version{Major: 3, Minor: 13}
	v314 = pymarshal.Version{Major: 3, Minor: 14}
)

// bytecode is a code object with one argument, one name and the constant None.
func bytecode(t *testing.T, v pymarshal.Version, code string) *pymarshal.Code {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	c := &pymarshal.Code{ArgCount: 1, NLocals: 1, StackSize: 9, Bytecode: raw, Consts: []*pymarshal.Value{{Kind: pymarshal.KindNone}},
		Names: []string{"abs"}, VarNames: []string{"x"}, Filename: "m.py", Name: "f"}
	if v.AtLeast(3, 11) {
		c.LocalsPlus, c.Kinds, c.Qualname = c.VarNames, []byte{pymarshal.FastLocal}, "f"
	}
	return c
}

func encodeCode(c *pymarshal.Code, v pymarshal.Version) []byte {
	return encode(&pymarshal.Value{Kind: pymarshal.KindCode, Code: c}, v)
}

// TestFit gives each reason why code is not such as a compiler writes it.
func TestFit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		version pymarshal.Version
		code    string
		table   string // exception table
		want    pymarshal.Reason
	}{
		{"return the argument", v27, "7c0000 53", "", pymarshal.Fits},
		{"return the argument", v36, "7c00 5300", "", pymarshal.Fits},
		{"return the argument", v312, "9700 7c00 5300", "", pymarshal.Fits},
		{"prefixed with zero", v310, "9000 9000 7c00 5300", "", pymarshal.Fits},
		{"no instructions", v310, "", "", pymarshal.NoInstructions},
		{"undefined number", v310, "ff00 7c00 5300", "", pymarshal.UndefinedInstruction},
		{"undefined number after the last return", v310, "7c00 5300 ff00", "", pymarshal.UndefinedInstruction},
		{"instrumented form", v312, "f000 7c00 5300", "", pymarshal.SpecialInstruction},
		{"cache as an instruction", v312, "9700 0000 7c00 5300", "", pymarshal.SpecialInstruction},
		{"argument cut off", v27, "7c00", "", pymarshal.CutOff},
		{"odd number of bytes", v310, "7c00 53", "", pymarshal.CutOff},
		{"prefix at the end", v310, "7c00 5300 9001", "", pymarshal.CutOff},
		{"cache cut off", v312, "9700 7c00 7c00 7a00", "", pymarshal.CutOff},
		{"cache", v312, "9700 7c00 7c00 7a00 0000 5300", "", pymarshal.Fits},
		{"dirty cache", v312, "9700 7c00 7c00 7a00 0100 5300", "", pymarshal.DirtyCache},
		{"constant out of range", v310, "6401 5300", "", pymarshal.ConstOutOfRange},
		{"constant far out of range", v310, "90ff 90ff 90ff 64ff 5300", "", pymarshal.ConstOutOfRange},
		{"name out of range", v310, "7401 5300", "", pymarshal.NameOutOfRange},
		{"name with a flag", v312, "9700 7401 0000 0000 0000 0000 5300", "", pymarshal.Fits},
		{"local out of range", v310, "7c01 5300", "", pymarshal.VariableOutOfRange},
		{"second local out of range", v313, "9500 5801 2400", "", pymarshal.VariableOutOfRange},
		{"cell out of range", v310, "8800 5300", "", pymarshal.VariableOutOfRange},
		{"comparison out of range", v310, "7c00 7c00 6b06 5300", "", pymarshal.OperandOutOfRange},
		{"common constant out of range", v314, "8000 5105 2300", "", pymarshal.OperandOutOfRange},
		{"jump to an instruction", v310, "6e00 7c00 5300", "", pymarshal.Fits},
		{"jump behind a prefix", v310, "6e01 9000 7c00 5300", "", pymarshal.JumpBesideInstruction},
		{"jump to the end", v310, "6e02 7c00 5300", "", pymarshal.JumpBesideInstruction},
		{"jump before the beginning", v312, "9700 8c7f 7c00 5300", "", pymarshal.JumpBesideInstruction},
		{"jump into a cache", v312, "9700 7c00 7c00 6e01 7a00 0000 5300", "", pymarshal.JumpBesideInstruction},
		{"jump to half a word", v39, "6e01 7c00 5300", "", pymarshal.JumpBesideInstruction},
		{"jump into an argument", v27, "6e0100 7c0000 53", "", pymarshal.JumpBesideInstruction},
		{"no RESUME", v312, "7c00 5300", "", pymarshal.NoResume},
		{"only what may precede RESUME", v312, "4b00 0100", "", pymarshal.NoResume},
		{"generator", v312, "4b00 0100 9700 7c00 5300", "", pymarshal.Fits},
		{"handler", v312, "9700 7c00 5300 7700", "81 02 03 02", pymarshal.Fits},
		{"handler beside an instruction", v312, "9700 7c00 7c00 7a00 0000 5300", "81 01 04 02", pymarshal.ExceptionTable},
		{"handler past the end", v312, "9700 7c00 5300", "81 02 03 02", pymarshal.ExceptionTable},
		{"exception table cut off", v312, "9700 7c00 5300 7700", "81 02 03", pymarshal.ExceptionTable},
	} {
		t.Run(tt.version.String()+" "+tt.name, func(t *testing.T) {
			c := bytecode(t, tt.version, tt.code)
			c.ExceptionTable, _ = hex.DecodeString(strings.ReplaceAll(tt.table, " ", ""))
			all, err := pymarshal.Candidates(encodeCode(c, tt.version), budget())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range all {
				if r.Version == tt.version {
					if r.Misfit.Reason != tt.want || r.Strict != (tt.want == pymarshal.Fits) {
						t.Errorf("%q, strict %v, want reason %d", r.Misfit, r.Strict, tt.want)
					}
					return
				}
			}
			t.Errorf("no reading for %s", tt.version)
		})
	}
}

// TestMisfitInside reports the code object in which the misfit lies.
func TestMisfitInside(t *testing.T) {
	inner := bytecode(t, v312, "9700 5300 0000")
	inner.Name = "hidden"
	outer := bytecode(t, v312, "9700 7c00 5300")
	outer.Consts = []*pymarshal.Value{{Kind: pymarshal.KindTuple, Items: []*pymarshal.Value{{Kind: pymarshal.KindCode, Code: inner}}}}
	all, err := pymarshal.Readings(encodeCode(outer, v312), budget())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range all {
		got[r.Version.String()] = r.Misfit.String()
	}
	want := map[string]string{
		"3.11": "special form of an instruction at 4 in hidden",
		"3.12": "special form of an instruction at 4 in hidden",
		"3.13": "special form of an instruction at 0 in f",
		"3.14": "special form of an instruction at 0 in f",
		"3.15": "special form of an instruction at 0 in f",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("misfits (-want +got):\n%s", diff)
	}
}

// TestRest counts the bytes that no Python reads.
func TestRest(t *testing.T) {
	data := encodeCode(bytecode(t, v310, "7c00 5300"), v310)
	all, err := pymarshal.Readings(append(data, "hidden"...), budget())
	if err != nil || all[0].Rest != len("hidden") {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestNoCode says what stands where a code object should.
func TestNoCode(t *testing.T) {
	for data, want := range map[string]string{
		"":                  "marshal data ends where object is expected at offset 0",
		"N":                 "marshal data that is None, not a code object at offset 0",
		")\x02NN":           "marshal data that is a tuple, not a code object at offset 0",
		"0":                 "NULL in marshal data for object at offset 0",
		"?":                 "marshal data with the unknown type code 0x3f in the layout of Python 2.7 at offset 0",
		"z\x03spam":         "marshal data that is a str, not a code object at offset 0",
		"[\x01\x00\x00\x00": "a list of 1 items or bytes, with 0 bytes left of the marshal data at offset 1",
	} {
		if readings, err := pymarshal.Readings([]byte(data), budget()); err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v; want %s", data, readings, err, want)
		}
	}
}

// TestSharing keeps what the stream shares: values that contain themselves, and
// a tuple of 10^60 leaves.
func TestSharing(t *testing.T) {
	self := mustDecode(t, []byte("\xdb\x01\x00\x00\x00r\x00\x00\x00\x00"))
	if self.Items[0] != self {
		t.Error("a list that contains itself does not")
	}
	var bomb []byte
	for range 60 { // each a numbered tuple of the next one and nine references to it
		bomb = append(bomb, 0xa9, 10)
	}
	bomb = append(bomb, 'N')
	for i := range 60 {
		for range 9 {
			if i == 0 {
				bomb = append(bomb, 'N')
			} else {
				bomb = binary.LittleEndian.AppendUint32(append(bomb, 'r'), uint32(60-i))
			}
		}
	}
	nodes := bounds.New(context.Background(), bounds.Limits{TextBytes: 1 << 10, Nodes: 1000, Steps: 1000, Depth: 100})
	v, err := pymarshal.Decode(bomb, v312, nodes)
	if err != nil {
		t.Fatal(err)
	}
	depth := 0
	for ; v.Kind == pymarshal.KindTuple; v = v.Items[9] {
		depth++
	}
	if depth != 60 {
		t.Errorf("%d levels, want 60", depth)
	}
}

func mustDecode(t *testing.T, data []byte) *pymarshal.Value {
	t.Helper()
	v, err := pymarshal.Decode(data, v312, budget())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestLimits wants every budget to stop the decoder.
func TestLimits(t *testing.T) {
	full := bounds.Limits{TextBytes: 1 << 20, Nodes: 1 << 20, Steps: 1 << 20, Depth: 1 << 10}
	for limit, tt := range map[string]struct {
		set  func(*bounds.Limits)
		data []byte
	}{
		"Nodes":     {func(l *bounds.Limits) { l.Nodes = 3 }, []byte("[\x04\x00\x00\x00NNNN")},
		"TextBytes": {func(l *bounds.Limits) { l.TextBytes = 3 }, []byte("s\x04\x00\x00\x00spam")},
		"Depth":     {func(l *bounds.Limits) { l.Depth = 3 }, bytes.Repeat([]byte(")\x01"), 9)},
		"Steps":     {func(l *bounds.Limits) { l.Steps = 3 }, encodeCode(bytecode(t, v310, "7c00 5300 5300 5300"), v310)},
	} {
		limits := full
		tt.set(&limits)
		_, err := pymarshal.Readings(tt.data, bounds.New(context.Background(), limits))
		var e *bounds.Error
		if !errors.As(err, &e) || e.Code != bounds.LimitExceeded || e.Limit != limit {
			t.Errorf("%s: %v", limit, err)
		}
	}
}

// TestAllocation wants memory in proportion to the stream, whatever it claims.
func TestAllocation(t *testing.T) {
	const filler = 1 << 20
	claims := binary.LittleEndian.AppendUint32(nil, filler)
	nested := append(bytes.Repeat(append([]byte{'('}, claims...), 1900), bytes.Repeat([]byte{'?'}, filler)...)

	// Each of 5,000 code objects refers to one tuple of 20,000 names.
	shared := binary.LittleEndian.AppendUint32([]byte{'('}, 5001)
	shared = binary.LittleEndian.AppendUint32(append(shared, 0xa8), 20_000)
	shared = append(shared, bytes.Repeat([]byte("z\x00"), 20_000)...)
	one := encodeCode(&pymarshal.Code{Bytecode: []byte{}}, v310)
	names := bytes.Index(one, []byte("s\x00\x00\x00\x00(\x00\x00\x00\x00")) + 10
	one = append(append(append([]byte{}, one[:names]...), "r\x00\x00\x00\x00"...), one[names+5:]...)
	shared = append(shared, bytes.Repeat(one, 5000)...)

	for name, tt := range map[string]struct {
		data []byte
		fits bool
	}{"counts": {nested, false}, "names": {shared, true}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := pymarshal.Decode(tt.data, v310, budget())
		runtime.ReadMemStats(&after)
		if (err == nil) != tt.fits {
			t.Errorf("%s: %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d bytes allocated for %d", name, used, len(tt.data))
		}
	}
}
