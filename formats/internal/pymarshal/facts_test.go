package pymarshal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// factsDir holds what CPython itself says about the code objects of its own
// compiler, a file a version.
const factsDir = "../../../../shared/pymarshal/facts"

// fact is one line: a function that one version compiled and serialized.
type fact struct {
	ID        string            `json:"id"`
	Python    string            `json:"python"`
	Marshal   []byte            `json:"marshal"`
	MarshalAs map[string][]byte `json:"marshal_as"`
	Code      said              `json:"code"`
}

// said is what CPython says about a code object.
type said struct {
	ArgCount        int               `json:"argcount"`
	PosOnlyArgCount int               `json:"posonlyargcount"`
	KwOnlyArgCount  int               `json:"kwonlyargcount"`
	NLocals         int               `json:"nlocals"`
	StackSize       int               `json:"stacksize"`
	FirstLine       int               `json:"firstlineno"`
	Flags           uint32            `json:"flags"`
	CodeLen         int               `json:"code_len"`
	TableLen        int               `json:"exceptiontable_len"`
	Names           []string          `json:"names"`
	VarNames        []string          `json:"varnames"`
	CellVars        []string          `json:"cellvars"`
	FreeVars        []string          `json:"freevars"`
	Filename        string            `json:"filename"`
	Name            string            `json:"name"`
	Qualname        string            `json:"qualname"`
	Consts          []json.RawMessage `json:"consts"`
	Dis             []string          `json:"dis"`
}

func facts(t testing.TB, version pymarshal.Version) []fact {
	t.Helper()
	all := factsIfHere(version)
	if all == nil {
		t.Skip("the facts about code objects are not beside this checkout")
	}
	return all
}

// factsIfHere is nil where the facts are absent.
func factsIfHere(version pymarshal.Version) (all []fact) {
	data, err := os.ReadFile(filepath.Join(factsDir, version.String()+".jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		panic(err)
	}
	for line := range bytes.Lines(data) {
		var one fact
		if err := json.Unmarshal(line, &one); err != nil {
			panic(err)
		}
		all = append(all, one)
	}
	return all
}

// streams are all serializations of the function, by name.
func (f fact) streams() map[string][]byte {
	all := map[string][]byte{f.ID: f.Marshal}
	for version, data := range f.MarshalAs {
		all[f.ID+" as marshal "+version] = data
	}
	return all
}

// TestFacts holds every code object that CPython described against what is
// decoded, and wants its writer among the versions that fit.
func TestFacts(t *testing.T) {
	for _, v := range pymarshal.Versions {
		t.Run(v.String(), func(t *testing.T) {
			streams := 0
			for _, f := range facts(t, v) {
				for name, data := range f.streams() {
					streams++
					checkFact(t, name, v, data, f.Code)
				}
			}
			if streams < 147 {
				t.Errorf("%d streams, want at least 147", streams)
			}
		})
	}
}

func checkFact(t *testing.T, name string, v pymarshal.Version, data []byte, want said) {
	t.Helper()
	root, err := pymarshal.Decode(data, v, budget())
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if root.End != len(data) || root.Kind != pymarshal.KindCode {
		t.Errorf("%s: %v that ends at %d of %d", name, root.Kind, root.End, len(data))
		return
	}
	if diff := cmp.Diff(render(want, v), render(describe(root.Code, v), v)); diff != "" {
		t.Errorf("%s: (-CPython +decoded)\n%s", name, diff)
	}
	readings, err := pymarshal.Readings(data, budget())
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var fitting []pymarshal.Version
	for _, r := range readings {
		if r.Strict && r.Repairs == nil {
			fitting = append(fitting, r.Version)
		}
	}
	if !slices.Contains(fitting, v) {
		all, _ := pymarshal.Candidates(data, budget())
		for _, r := range all {
			t.Logf("%s: %s: %s", name, r.Version, r.Misfit)
		}
		t.Errorf("%s: fits %v, not its writer", name, fitting)
	}
}

// describe says of c what CPython says.
func describe(c *pymarshal.Code, v pymarshal.Version) said {
	s := said{
		ArgCount: c.ArgCount, PosOnlyArgCount: c.PosOnlyArgCount, KwOnlyArgCount: c.KwOnlyArgCount, NLocals: c.NLocals,
		StackSize: c.StackSize, FirstLine: c.FirstLine, Flags: c.Flags, CodeLen: len(c.Bytecode), TableLen: len(c.ExceptionTable),
		Names: c.Names, VarNames: c.VarNames, CellVars: c.CellVars, FreeVars: c.FreeVars, Filename: c.Filename, Name: c.Name, Qualname: c.Qualname,
		Dis: disassemble(c, v),
	}
	for _, value := range c.Consts {
		raw, err := json.Marshal(constant(value, v))
		if err != nil {
			panic(err)
		}
		s.Consts = append(s.Consts, raw)
	}
	return s
}

// disassemble prints instructions as the facts do, where a prefix is a line of
// its own and already added into the next argument.
func disassemble(c *pymarshal.Code, v pymarshal.Version) []string {
	var lines []string
	table := pyopcode.For(v)
	for _, in := range table.Decode(c.Bytecode) {
		width, arg := 2, 0
		if v.Major == 2 {
			width = 3
		}
		for at := in.Off; at < in.At; at += width {
			if v.Major == 2 {
				arg = int(c.Bytecode[at+1]) | int(c.Bytecode[at+2])<<8
			} else {
				arg = arg<<8 | int(c.Bytecode[at+1])
			}
			lines = append(lines, fmt.Sprintf("%d EXTENDED_ARG %d", at, arg))
		}
		line := fmt.Sprintf("%d %s", in.At, in.Op)
		if kind, _, _ := table.Operand(in); kind != pyopcode.None {
			line += fmt.Sprintf(" %d", in.Arg)
		}
		lines = append(lines, line)
	}
	return lines
}

// constant gives a value in the form of the facts.
func constant(x *pymarshal.Value, v pymarshal.Version) any {
	var items []any
	for _, item := range x.Items {
		items = append(items, constant(item, v))
	}
	switch x.Kind {
	case pymarshal.KindNone:
		return []any{"None"}
	case pymarshal.KindEllipsis:
		return []any{"Ellipsis"}
	case pymarshal.KindBool:
		return []any{x.Text}
	case pymarshal.KindInt:
		return []any{"int", x.Text}
	case pymarshal.KindText:
		return []any{"str", x.Text}
	case pymarshal.KindBytes:
		return []any{"bytes", base64.StdEncoding.EncodeToString([]byte(x.Text))}
	case pymarshal.KindFloat:
		return []any{"float", floatHex(x.Text)}
	case pymarshal.KindComplex:
		return []any{"complex", floatHex(x.Items[0].Text), floatHex(x.Items[1].Text)}
	case pymarshal.KindTuple:
		return []any{"tuple", items}
	case pymarshal.KindSlice:
		return []any{"slice", items}
	case pymarshal.KindFrozenSet:
		slices.SortFunc(items, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return []any{"frozenset", items}
	case pymarshal.KindCode:
		return []any{"code", describe(x.Code, v)}
	}
	panic("no constant: " + x.Kind.String())
}

func floatHex(repr string) string {
	f, err := strconv.ParseFloat(repr, 64)
	if err != nil {
		panic(err)
	}
	bits := math.Float64bits(f)
	return hex.EncodeToString([]byte{byte(bits >> 56), byte(bits >> 48), byte(bits >> 40), byte(bits >> 32), byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)})
}

// render turns a description into plain values that compare without regard to
// the order of keys, to nil and empty lists, and to what a version does not have.
func render(s said, v pymarshal.Version) any {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		panic(err)
	}
	return prune(plain)
}

// prune drops what is empty, and what only the facts say.
func prune(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for key, value := range x {
			if value = prune(value); value == nil || value == float64(0) || value == "" || key == "call_sites" {
				delete(x, key)
			} else {
				x[key] = value
			}
		}
	case []any:
		if len(x) == 0 {
			return nil
		}
		for i := range x {
			x[i] = prune(x[i])
		}
	}
	return x
}

func budget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 1 << 30, TextBytes: 1 << 26, StructureBytes: 1 << 26,
		Nodes: 700_000, Steps: 20_000_000, Depth: 10_000, Nesting: 8})
}
