package pyflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// assemble turns "NAME arg; NAME arg" into code of version v.
func assemble(t testing.TB, v pymarshal.Version, text string) (code []byte) {
	t.Helper()
	for line := range strings.SplitSeq(text, ";") {
		var name string
		arg := 0
		if _, err := fmt.Sscan(line, &name, &arg); err != nil {
			t.Fatal(err)
		}
		code = append(code, number(t, v, name, byte(arg))...)
	}
	return code
}

// flat is a function without parameters around code.
func flat(code []byte) *pymarshal.Code {
	return &pymarshal.Code{Flags: 3, Bytecode: code, Name: "f", Names: []string{"os", "system", "getattr", "tf"},
		VarNames: []string{"x"}, LocalsPlus: []string{"x"}, Kinds: []byte{0x20},
		Consts: []*pymarshal.Value{{Kind: pymarshal.KindText, Text: "x"}, {Kind: pymarshal.KindNone}}}
}

func notes(f *pyflow.Facts) (all []string) {
	for _, n := range f.Irregular {
		all = append(all, n.What)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestHandmade is code that no compiler writes and that CPython runs.
func TestHandmade(t *testing.T) {
	py38, py312, py27 := pymarshal.Version{Major: 3, Minor: 8}, pymarshal.Version{Major: 3, Minor: 12}, pymarshal.Version{Major: 2, Minor: 7}
	cache := assemble(t, py312, "RESUME 0; JUMP_FORWARD 1")                     // over LOAD_GLOBAL into its caches
	cache = append(cache, number(t, py312, "LOAD_GLOBAL", 6)...)                // tf
	copy(cache[len(cache)-8:], number(t, py312, "LOAD_CONST", 1))               // in its first cache word
	copy(cache[len(cache)-6:], number(t, py312, "LOAD_DEREF", 0))               // in its second
	copy(cache[len(cache)-4:], number(t, py312, "IMPORT_NAME", 0))              // in its third
	cache = append(cache, assemble(t, py312, "LOAD_ATTR 2; RETURN_VALUE 0")...) // and on

	handler := flat(assemble(t, py312, "RESUME 0; RETURN_CONST 1; PUSH_NULL 0; LOAD_GLOBAL 0; LOAD_ATTR 2; LOAD_CONST 0; CALL 1; RETURN_VALUE 0"))
	handler.ExceptionTable = []byte{0x80, 1, 2, 0}

	tests := []struct {
		name      string
		v         pymarshal.Version
		code      *pymarshal.Code
		calls     []string // plain and resolved
		refs      []string
		irregular []string
	}{
		{"a jump over a prefix", py38, flat(assemble(t, py38, "JUMP_FORWARD 2; EXTENDED_ARG 1; LOAD_GLOBAL 0; LOAD_ATTR 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0")),
			[]string{"?.system", "os.system"}, []string{"?.system", "os", "os.system"},
			[]string{"index out of range", "jump into an instruction or out of the code"}},
		{"instructions in caches", py312, flat(cache), nil, []string{"os", "os.system", "tf", "tf.system"},
			[]string{"instruction that only the interpreter writes: CACHE", "jump into an instruction or out of the code"}},
		{"code after the last return", py38, flat(assemble(t, py38, "LOAD_CONST 1; RETURN_VALUE 0; LOAD_GLOBAL 0; LOAD_ATTR 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0")),
			[]string{"os.system"}, []string{"os", "os.system"}, nil},
		{"code that only the exception table reaches", py312, handler, []string{"os.system"}, []string{"os", "os.system"}, nil},
		{"more taken off the stack than lies there", py38, flat(assemble(t, py38, "POP_TOP 0; CALL_FUNCTION 1; RETURN_VALUE 0")),
			[]string{"?"}, nil, []string{"stack underflow"}},
		{"blocks in reverse order", py38, flat(assemble(t, py38, "JUMP_ABSOLUTE 18; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0; "+
			"LOAD_ATTR 1; JUMP_ABSOLUTE 2; LOAD_GLOBAL 0; JUMP_ABSOLUTE 8; NOP 0; JUMP_ABSOLUTE 12")),
			[]string{"?", "?.system", "os.system"}, []string{"?.system", "os", "os.system"}, nil},
		{"a chain of prefixes of nothing", py38, flat(assemble(t, py38, "EXTENDED_ARG 0; EXTENDED_ARG 0; EXTENDED_ARG 0; LOAD_GLOBAL 0; RETURN_VALUE 0")),
			nil, []string{"os"}, nil},
		{"a prefix of 2.7", py27, flat([]byte{145, 0, 0, 116, 0, 0, 83}), nil, []string{"os"}, nil},
		{"an end in the middle", py27, flat([]byte{116, 0, 0, 116, 0}), nil, []string{"os"}, []string{"code ends within an instruction"}},
		{"a special form", py312, flat(append(assemble(t, py312, "RESUME 0"), 0xfe, 0)), nil, nil,
			[]string{"instruction that only the interpreter writes: INSTRUMENTED_LINE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := analyze(t, tt.code, tt.v, pyflow.Env{})
			if diff := cmp.Diff([][]string{tt.calls, tt.refs, tt.irregular}, [][]string{union(f.Calls, f.ResolvedCalls), union(f.Refs, f.ResolvedRefs), notes(f)}); diff != "" {
				t.Errorf("calls, refs, irregular (-want +got):\n%s", diff)
			}
		})
	}
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// TestEnv wants what the loader supplies in the resolved view.
func TestEnv(t *testing.T) {
	v := pymarshal.Version{Major: 3, Minor: 8}
	call := "LOAD_GLOBAL 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0" // system('x')
	param := "LOAD_FAST 0; LOAD_ATTR 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0"
	free := "LOAD_DEREF 0; LOAD_ATTR 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0"
	inner := flat(assemble(t, v, "LOAD_GLOBAL 0; RETURN_VALUE 0"))
	tests := []struct {
		name  string
		code  string
		env   pyflow.Env
		calls []string
	}{
		{"nothing", call, pyflow.Env{}, nil},
		{"a module whose names are globals", call, pyflow.Env{Modules: []string{"os"}}, []string{"os.system"}},
		{"a name of the loader's module", call, pyflow.Env{Names: map[string]string{"system": "posix.system"}}, []string{"posix.system"}},
		{"a default", param, pyflow.Env{Defaults: []pyflow.Given{{Path: "os"}}}, []string{"os.system"}},
		{"more defaults than parameters", param, pyflow.Env{Defaults: []pyflow.Given{{Path: "tf"}, {Path: "os"}}}, []string{"os.system"}},
		{"a closure", free, pyflow.Env{Closure: []pyflow.Given{{Path: "os"}}}, []string{"os.system"}},
		{"an unknown closure", free, pyflow.Env{Closure: []pyflow.Given{{}}}, nil},
		{"a function as a default", "LOAD_FAST 0; CALL_FUNCTION 0; LOAD_ATTR 1; LOAD_CONST 0; CALL_FUNCTION 1; RETURN_VALUE 0",
			pyflow.Env{Defaults: []pyflow.Given{{Code: inner}}}, []string{"<local>", "os.system"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := flat(assemble(t, v, tt.code))
			c.ArgCount, c.FreeVars = 1, []string{"fn"}
			f := analyze(t, c, v, tt.env)
			if diff := cmp.Diff(tt.calls, f.ResolvedCalls); diff != "" {
				t.Errorf("resolved calls (-want +got):\n%s", diff)
			}
		})
	}
}
