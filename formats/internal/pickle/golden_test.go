package pickle

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

//go:generate sh -c "python3 testdata/record.py > testdata/golden.txt"

//go:embed testdata/golden.txt
var golden string

// recorded is a pickle with what CPython says of it.
type recorded struct {
	kind, name string
	data       []byte
	facts      []string
}

func readGolden(tb testing.TB) (list []recorded) {
	tb.Helper()
	for line := range strings.Lines(golden) {
		line = strings.TrimSuffix(line, "\n")
		if head, ok := strings.CutPrefix(line, "-- "); ok {
			kind, name, _ := strings.Cut(head, " ")
			list = append(list, recorded{kind: kind, name: name})
			continue
		}
		r := &list[len(list)-1]
		if fact, ok := strings.CutPrefix(line, "  "); ok {
			r.facts = append(r.facts, fact)
			continue
		}
		data, err := hex.DecodeString(line)
		if err != nil {
			tb.Fatal(err)
		}
		r.data = append(r.data, data...)
	}
	return list
}

func source(data []byte) *bounds.Source {
	return bounds.FromBytes(data, bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20,
		StructureBytes: 64 << 20, Nodes: 700_000, Steps: 20_000_000, Depth: 10_000, Nesting: 6}))
}

// TestGolden compares what the walker says with what CPython's Unpickler and
// joblib did with the same bytes.
func TestGolden(t *testing.T) {
	list := readGolden(t)
	if len(list) < 150 {
		t.Fatalf("golden.txt has %d pickles", len(list))
	}
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) {
			p, err := Walk(source(r.data), 0)
			if err != nil {
				t.Fatal(err)
			}
			got := facts(p, r.facts)
			if r.kind == "joblib" {
				got = nil
				for _, s := range p.Skipped {
					got = append(got, fmt.Sprintf("array %d %d", s.Off, s.End))
				}
				if p.Fault != nil || p.End != int64(len(r.data)) {
					t.Errorf("fault %v, end %d of %d", p.Fault, p.End, len(r.data))
				}
			}
			if r.name == "frame-huge" { // the Unpickler in C refuses it, the one in Python does not
				r.facts = []string{"fails"}
			}
			if diff := cmp.Diff(r.facts, got); diff != "" {
				t.Errorf("-CPython +walker:\n%s", diff)
			}
		})
	}
}

// facts writes events as record.py does. Where CPython fails, the walker may see
// more behind that, which is left out.
func facts(p *Pickle, want []string) (list []string) {
	for _, e := range p.Events {
		if p.Fault != nil && e.Off >= p.Fault.Off {
			break
		}
		f := fact(&e)
		if n := len(list); n > 0 && list[n-1] == f && (e.Kind == Append || e.Kind == SetItem) {
			continue // record.py notes elements, which come in batches or not
		}
		list = append(list, f)
	}
	if p.Fault == nil && p.Stopped {
		return append(list, fmt.Sprintf("end %d", p.End))
	}
	if len(list) > len(want)-1 {
		list = list[:len(want)-1]
	}
	return append(list, "fails")
}

func fact(e *Event) string {
	v := e.Value
	orUnknown := func(s string) string {
		if s == "" {
			return "?"
		}
		return s
	}
	switch e.Kind {
	case Import:
		return "import " + v.Text
	case Call:
		return fmt.Sprintf("call %s %d", orUnknown(v.Func.Path()), len(v.Args.Items))
	case Restore:
		if v.Func.Kind == Global {
			return "build " + orUnknown(v.Func.Path())
		}
		return "build " + orUnknown(v.Func.Class())
	case PersistentID:
		return "persistent"
	case Extension:
		return "extension " + v.Args.Text
	case Append:
		return "append " + v.Func.Class()
	case SetItem:
		return "setitem " + v.Func.Class()
	}
	return "?"
}
