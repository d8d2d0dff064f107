package formats_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats"
)

// TestGoldenTrees compares the whole tree of each sample with what it was;
// UPDATE=1 writes anew.
func TestGoldenTrees(t *testing.T) {
	samples, err := filepath.Glob("../testdata/samples/*.*")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples (%v)", err)
	}
	for _, file := range samples {
		name := filepath.Base(file)
		switch filepath.Ext(name) {
		case ".keras", ".h5", ".json":
		default:
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := dumpTree(open(data, name, formats.Limits{}))
		golden := filepath.Join("testdata", "trees", name+".txt")
		if os.Getenv("UPDATE") != "" {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

// dumpTree writes a line for each node: kind, address, span and text.
func dumpTree(a *formats.Artifact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format %s, model %v\n", a.Format, a.Model)
	for n := range a.Root.All() {
		fmt.Fprintf(&b, "%s %s %d-%d", n.Kind, n.Location(), n.Span.Start, n.Span.End)
		switch {
		case n.Kind == formats.KindAttribute:
			fmt.Fprintf(&b, " %.60q", n.Text)
		case n.Text != "":
			fmt.Fprintf(&b, " %q", n.Text)
		}
		if d := n.Dataset(); d != nil {
			fmt.Fprintf(&b, " %s %v %s stored %d", d.Type, d.Shape, d.Layout, d.Stored)
		}
		b.WriteByte('\n')
	}
	for _, p := range a.Problems {
		fmt.Fprintf(&b, "problem %s\n", p)
	}
	return b.String()
}
