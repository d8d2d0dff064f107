package pyflow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// sharedDir holds what CPython itself says about the code objects of its own
// compiler: facts/ a file a version, and grades.txt.
const sharedDir = "../../../../shared/pymarshal"

// golden is one line: a function that one version compiled, and what it does.
type golden struct {
	ID      string          `json:"id"`
	Marshal []byte          `json:"marshal"`
	Code    json.RawMessage `json:"code"`
	Calls   []string        `json:"calls"`
	Refs    []string        `json:"refs"`
	Imports []string        `json:"imports"`
	Writes  []string        `json:"writes"`
	Grade   string          `json:"grade"`
	Why     []string        `json:"why"`
}

func goldens(t testing.TB, v pymarshal.Version) (all []golden) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir, "facts", v.String()+".jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the facts about code objects are not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var g golden
		if err := json.Unmarshal(line, &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

func budget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 1 << 30, TextBytes: 1 << 30, StructureBytes: 1 << 30,
		Nodes: 1 << 30, Steps: 1 << 27, Depth: 10000, Nesting: 8})
}

func decode(t testing.TB, data []byte, v pymarshal.Version) *pymarshal.Code {
	t.Helper()
	root, err := pymarshal.Decode(data, v, budget())
	if err != nil {
		t.Fatal(err)
	}
	if root.Kind != pymarshal.KindCode {
		t.Fatalf("decoded %s", root.Kind)
	}
	return root.Code
}

func analyze(t testing.TB, code *pymarshal.Code, v pymarshal.Version, env pyflow.Env) *pyflow.Facts {
	t.Helper()
	facts, err := pyflow.Analyze(code, v, env, budget())
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestGolden holds what is found in every function that CPython described
// against the description.
func TestGolden(t *testing.T) {
	for _, v := range pymarshal.Versions {
		t.Run(v.String(), func(t *testing.T) {
			same := 0
			all := goldens(t, v)
			for _, g := range all {
				f := analyze(t, decode(t, g.Marshal, v), v, pyflow.Env{})
				got := golden{ID: g.ID, Calls: f.Calls, Refs: f.Refs, Imports: f.Imports, Writes: f.Writes}
				want := g
				want.Marshal, want.Code, want.Grade, want.Why = nil, nil, "", nil
				diff := cmp.Diff(want, got, cmp.Transformer("sorted", func(s []string) []string {
					s = append([]string{}, s...)
					slices.Sort(s)
					return s
				}))
				sites := map[*pymarshal.Code][]pyflow.Site{}
				for _, u := range f.Units {
					sites[u.Code] = u.Sites
				}
				diff += cmp.Diff(wantSites(t, g.Code, ""), gotSites(f.Units[0].Code, sites, ""))
				if len(f.Irregular) > 0 || f.Widened || f.Unsettled {
					diff += cmp.Diff([]pyflow.Note(nil), f.Irregular) + "widened or unsettled: " + strconv.FormatBool(f.Widened) + strconv.FormatBool(f.Unsettled)
				}
				if diff != "" {
					t.Errorf("%s (-want +got):\n%s", g.ID, diff)
					continue
				}
				same++
			}
			t.Logf("%d of %d functions agree", same, len(all))
			if len(all) < 147 {
				t.Errorf("%d functions, want at least 147", len(all))
			}
		})
	}
}
