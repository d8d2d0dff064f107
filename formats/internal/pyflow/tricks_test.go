package pyflow_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

//go:generate sh testdata/tricks.sh

// trick is one case of testdata/tricks.txt.
type trick struct {
	id, grade string
	sees      []string
}

func tricks(t testing.TB) map[string]trick {
	t.Helper()
	data, err := os.ReadFile("testdata/tricks.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]trick{}
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "-- ") {
			continue
		}
		w := strings.Fields(line)[1:]
		c := trick{id: w[0], grade: w[1]}
		for _, o := range w[2:] {
			if p, ok := strings.CutPrefix(o, "sees="); ok {
				c.sees = append(c.sees, p)
			}
		}
		all[c.id] = c
	}
	return all
}

// compiled are the code objects of one version, by the id of the trick.
func compiled(t testing.TB, v pymarshal.Version) (ids []string, codes [][]byte) {
	t.Helper()
	data, err := os.ReadFile("testdata/tricks-" + v.String() + ".txt")
	if err != nil {
		return nil, nil
	}
	for line := range bytes.Lines(data) {
		id, text, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		code, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		ids, codes = append(ids, id), append(codes, code)
	}
	return ids, codes
}

// TestTricks wants hidden calls to be named and judged dangerous, and harmless
// code that looks like them to be judged pure.
func TestTricks(t *testing.T) {
	all := tricks(t)
	n := readNames(t)
	versions := 0
	for _, v := range pymarshal.Versions {
		ids, codes := compiled(t, v)
		if ids == nil {
			continue
		}
		versions++
		for i, id := range ids {
			t.Run(v.String()+"/"+id, func(t *testing.T) {
				c := all[id]
				f := analyze(t, decode(t, codes[i], v), v, pyflow.Env{})
				seen := slices.Concat(f.Calls, f.Refs, f.Imports, f.Writes, f.ResolvedCalls, f.ResolvedRefs, f.ResolvedImports, f.ResolvedWrites)
				for _, p := range c.sees {
					if !slices.Contains(seen, p) {
						t.Errorf("%s is not seen; seen are %q", p, seen)
					}
				}
				if grade, why := n.gradeResolved(f); grade != c.grade {
					t.Errorf("grade %s, want %s: %s", grade, c.grade, strconv.Quote(strings.Join(why, "; ")))
				}
			})
		}
	}
	if versions != 7 {
		t.Errorf("%d versions, want 7", versions)
	}
}
