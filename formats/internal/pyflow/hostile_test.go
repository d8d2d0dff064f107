package pyflow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// hostile is a code object made by hand around code: it has names, constants and
// variables enough for small arguments.
func hostile(v pymarshal.Version, code []byte) *pymarshal.Code {
	text := func(s string) *pymarshal.Value { return &pymarshal.Value{Kind: pymarshal.KindText, Text: s} }
	inner := &pymarshal.Code{ArgCount: 2, Flags: 3, Bytecode: code[:len(code)/2], Names: []string{"os", "system"}, VarNames: []string{"a", "b"},
		LocalsPlus: []string{"a", "b", "c"}, Kinds: []byte{0x20, 0x60, 0x80}, CellVars: []string{"b"}, FreeVars: []string{"c"}, Name: "inner"}
	c := &pymarshal.Code{ArgCount: 1, Flags: 3, Bytecode: code, Names: []string{"os", "system", "getattr", "x", "y"}, VarNames: []string{"p", "q", "r"},
		LocalsPlus: []string{"p", "q", "r", "c"}, Kinds: []byte{0x20, 0x20, 0x20, 0x40}, CellVars: []string{"c"}, Name: "outer"}
	inner.Consts = []*pymarshal.Value{text("a"), text("b")}
	loop := &pymarshal.Value{Kind: pymarshal.KindTuple, Items: []*pymarshal.Value{text("{0.a}")}}
	loop.Items = append(loop.Items, loop)
	c.Consts = []*pymarshal.Value{text("system"), {Kind: pymarshal.KindCode, Code: inner}, loop, {Kind: pymarshal.KindInt, Text: "1"}, {Kind: pymarshal.KindNone}}
	return c
}

func smallBudget(steps int64) *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 20, MemberBytes: 1 << 20, TextBytes: 1 << 20, StructureBytes: 1 << 20,
		Nodes: 1 << 20, Steps: steps, Depth: 1000, Nesting: 8})
}

// word is one instruction of version v by its number.
func word(v pymarshal.Version, raw byte, arg byte) []byte {
	if v.Major > 2 {
		return []byte{raw, arg}
	}
	if raw >= 90 {
		return []byte{raw, arg, 0}
	}
	return []byte{raw}
}

// TestEveryInstruction runs each number of each version over and over: no
// instruction may cost more the longer the code is.
func TestEveryInstruction(t *testing.T) {
	const repeat = 500
	for _, v := range pymarshal.Versions {
		for raw := range 256 {
			if in, ok := pyopcode.For(v).At(append(word(v, byte(raw), 0), make([]byte, 32)...), 0); !ok || in.Special || in.Op == pyopcode.Invalid {
				continue
			}
			for _, arg := range []byte{1, 200} {
				var code []byte
				for range 4 {
					code = append(code, number(t, v, "LOAD_GLOBAL", 0)...)
				}
				for range repeat {
					code = append(code, word(v, byte(raw), arg)...)
				}
				began := time.Now()
				_, err := pyflow.Analyze(hostile(v, code), v, pyflow.Env{Modules: []string{"os"}}, smallBudget(1<<22))
				if took := time.Since(began); took > time.Second {
					t.Errorf("%s: %d times number %d with %d took %s (%v)", v, repeat, raw, arg, took, err)
				}
			}
		}
	}
}

// number is one instruction of version v by its name.
func number(t testing.TB, v pymarshal.Version, name string, arg byte) []byte {
	t.Helper()
	if name == "EXTENDED_ARG" { // of 3.6 to 3.12; never an instruction by itself
		return []byte{144, arg}
	}
	table := pyopcode.For(v)
	for raw := range 256 {
		w := word(v, byte(raw), arg)
		in, ok := table.At(append(w, make([]byte, 32)...), 0)
		if ok && in.Op.String() == name && !in.Special && in.At == 0 {
			return append(w, make([]byte, in.End-len(w))...)
		}
	}
	t.Fatalf("%s has no %s", v, name)
	return nil
}

// TestRandomCode runs sequences of defined instructions with small arguments.
func TestRandomCode(t *testing.T) {
	for _, v := range pymarshal.Versions {
		table := pyopcode.For(v)
		var defined []byte
		for raw := range 256 {
			if in, ok := table.At(append(word(v, byte(raw), 0), make([]byte, 32)...), 0); ok && in.Op != pyopcode.Invalid {
				defined = append(defined, byte(raw))
			}
		}
		r := rand.New(rand.NewPCG(uint64(v.Minor), 1))
		for round := range 300 {
			var code []byte
			for range 10 + r.IntN(200) {
				raw := defined[r.IntN(len(defined))]
				code = append(code, word(v, raw, byte(r.IntN(8)))...)
				if in, ok := table.At(append(word(v, raw, 0), make([]byte, 32)...), 0); ok && r.IntN(8) > 0 {
					code = append(code, make([]byte, max(0, in.End-2))...)
				}
			}
			c := hostile(v, code)
			if v.AtLeast(3, 11) {
				c.ExceptionTable = []byte{0x80, byte(r.IntN(64)), byte(r.IntN(64)), byte(r.IntN(16)), 0x80 | byte(r.IntN(64)), 3, byte(r.IntN(64)), 1}
			}
			began := time.Now()
			if _, err := pyflow.Analyze(c, v, pyflow.Env{}, smallBudget(1<<22)); err != nil {
				t.Errorf("%s round %d: %v", v, round, err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s round %d took %s", v, round, took)
			}
		}
	}
}

// TestBudget wants the error of a spent budget.
func TestBudget(t *testing.T) {
	v := pymarshal.Version{Major: 3, Minor: 12}
	var code []byte
	for range 1000 {
		code = append(code, number(t, v, "NOP", 0)...)
	}
	_, err := pyflow.Analyze(hostile(v, code), v, pyflow.Env{}, smallBudget(100))
	var e *bounds.Error
	if !errors.As(err, &e) || e.Limit != "Steps" {
		t.Errorf("got %v, want limit Steps exceeded", err)
	}
	if _, err := pyflow.Analyze(hostile(v, code), pymarshal.Version{Major: 3, Minor: 4}, pyflow.Env{}, smallBudget(1<<20)); fmt.Sprint(err) != "instructions of Python 3.4" {
		t.Errorf("got %v", err)
	}
}
