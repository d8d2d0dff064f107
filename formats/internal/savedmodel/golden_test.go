package savedmodel

import (
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// TestWhenAsTensorFlow holds when we say that an operation runs against when
// TensorFlow ran it (testdata/record.py).
func TestWhenAsTensorFlow(t *testing.T) {
	table, err := os.ReadFile("testdata/phases/phases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]When{"load": AtLoad, "free": AtUse, "call": AtCall, "gradient": AtCall, "never": Never}
	n := 0
	for line := range strings.Lines(string(table)) {
		name, phase, _ := strings.Cut(strings.TrimSpace(line), "\t")
		n++
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/phases/" + name + ".pbtxt")
			if err != nil {
				t.Fatal(err)
			}
			m, err := ReadText(bounds.FromBytes(text, testBudget()))
			if err != nil {
				t.Fatal(err)
			}
			worst, found := Never, false
			for _, g := range m.Graphs {
				for _, op := range allOps(g) {
					if op.Type == "WriteFile" || op.Type == "PrintV2" {
						worst, found = max(worst, op.When), true
					}
				}
			}
			want := runs[phase]
			if name == "create" { // nothing in the model needs the resource, which would make it
				want = AtUse
			}
			if worst != want || found == (name == "honest") {
				t.Errorf("writes: %v, at %d; TensorFlow: %s", found, worst, phase)
			}
		})
	}
	if n < 10 {
		t.Errorf("only %d models", n)
	}
}

func allOps(g *MetaGraph) []*Op {
	ops := g.Ops[:len(g.Ops):len(g.Ops)]
	for _, f := range g.Functions {
		ops = append(ops, f.Ops...)
	}
	return ops
}
