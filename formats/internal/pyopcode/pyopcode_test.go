package pyopcode_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

var (
	v27  = pyopcode.Version{Major: 2, Minor: 7}
	v39  = pyopcode.Version{Major: 3, Minor: 9}
	v310 = pyopcode.Version{Major: 3, Minor: 10}
	v311 = pyopcode.Version{Major: 3, Minor: 11}
	v312 = pyopcode.Version{Major: 3, Minor: 12}
	v313 = pyopcode.Version{Major: 3, Minor: 13}
	v314 = pyopcode.Version{Major: 3, Minor: 14}
	v315 = pyopcode.Version{Major: 3, Minor: 15}
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	type list = []pyopcode.Instr
	for _, tt := range []struct {
		name    string
		version pyopcode.Version
		code    string
		want    list
	}{
		{"nothing", v312, "", list{}},
		{"prefix", v310, "9001 6402", list{{Off: 0, At: 2, End: 4, Op: pyopcode.LoadConst, Arg: 0x102, Target: -1, Raw: 0x64}}},
		{"prefixes wrap to a C int", v310, "9001 90ff 90ff 90ff 64ff", list{{Off: 0, At: 8, End: 10, Op: pyopcode.LoadConst, Arg: -1, Target: -1, Raw: 0x64}}},
		{"prefix without an instruction", v310, "0900 9001", list{{Off: 0, At: 0, End: 2, Op: pyopcode.Nop, Target: -1, Raw: 9}}},
		{"undefined number", v310, "ff07", list{{Off: 0, At: 0, End: 2, Op: pyopcode.Invalid, Arg: 7, Target: -1, Raw: 0xff}}},
		{"caches past the end", v312, "7a00", list{{Off: 0, At: 0, End: 4, Op: pyopcode.BinaryOp, Target: -1, Raw: 0x7a}}},
		{"one byte and three", v27, "53 640100", list{
			{Off: 0, At: 0, End: 1, Op: pyopcode.ReturnValue, Target: -1, Raw: 0x53},
			{Off: 1, At: 1, End: 4, Op: pyopcode.LoadConst, Arg: 1, Target: -1, Raw: 0x64}}},
		{"prefix of 16 bits", v27, "910100 640200", list{{Off: 0, At: 3, End: 6, Op: pyopcode.LoadConst, Arg: 0x10002, Target: -1, Raw: 0x64}}},
		{"what follows a prefix has an argument", v27, "910000 530000", list{{Off: 0, At: 3, End: 6, Op: pyopcode.ReturnValue, Target: -1, Raw: 0x53}}},
		{"jump in bytes", v39, "6e04", list{{Off: 0, At: 0, End: 2, Op: pyopcode.JumpForward, Arg: 4, Target: 6, Raw: 0x6e}}},
		{"half a word is lost", v39, "7105", list{{Off: 0, At: 0, End: 2, Op: pyopcode.JumpAbsolute, Arg: 5, Target: 4, Raw: 0x71}}},
		{"jump in words", v310, "7105", list{{Off: 0, At: 0, End: 2, Op: pyopcode.JumpAbsolute, Arg: 5, Target: 10, Raw: 0x71}}},
		{"jump back", v312, "8c01", list{{Off: 0, At: 0, End: 2, Op: pyopcode.JumpBackward, Arg: 1, Target: 0, Raw: 0x8c}}},
		{"jump from after the caches", v313, "4802 0000", list{{Off: 0, At: 0, End: 4, Op: pyopcode.ForIter, Arg: 2, Target: 8, Raw: 0x48}}},
		{"where an async loop began", v314, "4402", list{{Off: 0, At: 0, End: 2, Op: pyopcode.EndAsyncFor, Arg: 2, Target: -1, Raw: 0x44}}},
		{"special form", v312, "f000", list{{Off: 0, At: 0, End: 2, Op: pyopcode.Resume, Target: -1, Raw: 0xf0, Special: true}}},
		{"superinstruction", v312, "5601 5302 5300", list{
			{Off: 0, At: 0, End: 2, Op: pyopcode.LoadFast, Arg: 1, Target: -1, Raw: 0x56, Special: true, Then: pyopcode.LoadConst},
			{Off: 2, At: 2, End: 4, Op: pyopcode.LoadConst, Arg: 2, Target: -1, Raw: 0x53, Special: true, Second: true},
			{Off: 4, At: 4, End: 6, Op: pyopcode.ReturnValue, Target: -1, Raw: 0x53}}},
	} {
		t.Run(tt.version.String()+" "+tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, pyopcode.For(tt.version).Decode(unhex(t, tt.code))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAt decodes where a jump may lead: behind a prefix, into a cache, outside.
func TestAt(t *testing.T) {
	code := unhex(t, "9001 6402 7a00 5300")
	table := pyopcode.For(v312)
	for _, tt := range []struct {
		off  int
		want pyopcode.Instr
		ok   bool
	}{
		{2, pyopcode.Instr{Off: 2, At: 2, End: 4, Op: pyopcode.LoadConst, Arg: 2, Target: -1, Raw: 0x64}, true},
		{6, pyopcode.Instr{Off: 6, At: 6, End: 8, Op: pyopcode.ReturnValue, Target: -1, Raw: 0x53}, true},
		{8, pyopcode.Instr{}, false},
		{-2, pyopcode.Instr{}, false},
	} {
		got, ok := table.At(code, tt.off)
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
			t.Errorf("at %d: %v (-want +got):\n%s", tt.off, ok, diff)
		}
	}
}

func TestOperand(t *testing.T) {
	type operand struct {
		kind          pyopcode.Kind
		index, second int
	}
	for _, tt := range []struct {
		version pyopcode.Version
		code    string
		want    operand
	}{
		{v310, "7405", operand{pyopcode.Name, 5, 0}},    // LOAD_GLOBAL
		{v311, "7405", operand{pyopcode.Name, 2, 0}},    // LOAD_GLOBAL
		{v311, "6a05", operand{pyopcode.Name, 5, 0}},    // LOAD_ATTR
		{v312, "6a05", operand{pyopcode.Name, 2, 0}},    // LOAD_ATTR
		{v312, "8d0b", operand{pyopcode.Name, 2, 0}},    // LOAD_SUPER_ATTR
		{v312, "6b22", operand{pyopcode.Compare, 2, 0}}, // COMPARE_OP
		{v313, "3a58", operand{pyopcode.Compare, 2, 0}}, // COMPARE_OP
		{v313, "5821", operand{pyopcode.Pair, 2, 1}},    // LOAD_FAST_LOAD_FAST
		{v314, "4805", operand{pyopcode.Name, 5, 0}},    // IMPORT_FROM
		{v315, "480b", operand{pyopcode.Name, 2, 0}},    // IMPORT_NAME
		{v310, "8801", operand{pyopcode.Free, 1, 0}},    // LOAD_DEREF
		{v310, "5301", operand{pyopcode.None, 1, 0}},    // RETURN_VALUE
		{v312, "3105", operand{pyopcode.None, 5, 0}},    // WITH_EXCEPT_START
		{v39, "7104", operand{pyopcode.Jabs, 4, 0}},     // JUMP_ABSOLUTE
		{v27, "640500", operand{pyopcode.Const, 5, 0}},  // LOAD_CONST
	} {
		table := pyopcode.For(tt.version)
		in, ok := table.At(unhex(t, tt.code), 0)
		if !ok {
			t.Fatalf("%s %s: nothing there", tt.version, tt.code)
		}
		kind, index, second := table.Operand(in)
		if got := (operand{kind, index, second}); got != tt.want {
			t.Errorf("%s %s: %+v, want %+v", tt.version, in.Op, got, tt.want)
		}
	}
}

func TestHandlers(t *testing.T) {
	for _, tt := range []struct {
		name, table string
		want        []pyopcode.Handler
		sound       bool
	}{
		{"none", "", nil, true},
		{"two entries", "81 02 03 02 85 01 07 05", []pyopcode.Handler{
			{Start: 2, End: 6, Target: 6, Depth: 1}, {Start: 10, End: 12, Target: 14, Depth: 2, LastI: true}}, true},
		{"number of two groups", "c1 02 01 03 00", []pyopcode.Handler{{Start: 132, End: 134, Target: 6}}, true},
		{"cut off", "81 02 03", nil, false},
		{"cut off within a number", "81 02 03 42", nil, false},
		{"no start mark", "01 02 03 02", []pyopcode.Handler{{Start: 2, End: 6, Target: 6, Depth: 1}}, false},
		{"start mark within", "81 82 03 02", []pyopcode.Handler{{Start: 2, End: 6, Target: 6, Depth: 1}}, false},
		{"not sorted", "85 01 07 05 81 02 03 02", []pyopcode.Handler{
			{Start: 10, End: 12, Target: 14, Depth: 2, LastI: true}, {Start: 2, End: 6, Target: 6, Depth: 1}}, false},
	} {
		got, sound := pyopcode.Handlers(unhex(t, tt.table))
		if diff := cmp.Diff(tt.want, got); diff != "" || sound != tt.sound {
			t.Errorf("%s: sound %v (-want +got):\n%s", tt.name, sound, diff)
		}
	}
}

func TestVersions(t *testing.T) {
	var got []string
	for _, v := range pyopcode.Versions {
		got = append(got, v.String())
	}
	if diff := cmp.Diff(strings.Fields("2.7 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if pyopcode.For(pyopcode.Version{Major: 3, Minor: 5}) != nil {
		t.Error("3.5 has a table")
	}
}
