package hdf5

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// limits are those that the analyzer uses in practice.
var limits = bounds.Limits{
	ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 128 << 20, StructureBytes: 64 << 20,
	Nodes: 1_000_000, Steps: 10_000_000, Depth: 2000, Nesting: 6,
}

func source(data []byte) *bounds.Source {
	return bounds.FromBytes(data, bounds.New(context.Background(), limits))
}

// shared is where larger collections of test files may lie.
const shared = "../../../../shared/"

// TestFacts compares dumps with what h5py says of files that h5py wrote.
func TestFacts(t *testing.T) {
	files, _ := filepath.Glob(shared + "hdf5/valid/*.h5")
	if len(files) == 0 {
		t.Skip("no files written by h5py in " + shared)
	}
	equal := 0
	for _, name := range files {
		base := strings.TrimSuffix(filepath.Base(name), ".h5")
		t.Run(base, func(t *testing.T) {
			want, err := os.ReadFile(shared + "hdf5/facts/" + base + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			file, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			info, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			f, err := Read(bounds.NewSource(file, info.Size(), bounds.New(context.Background(), limits)))
			if err != nil {
				t.Fatal(err)
			}
			if p := problems(f); p != "" {
				t.Errorf("problems:\n%s", p)
			}
			if got, want := withoutVirtualShapes(dump(f)), withoutVirtualShapes(string(want)); got != want {
				t.Errorf("dump differs at %s", firstDifference(got, want))
				return
			}
			equal++
		})
	}
	t.Logf("%d of %d dumps are equal", equal, len(files))
}

// firstDifference shows the first line in which two dumps differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := 0; i < len(g) || i < len(w); i++ {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got  %s\n want %s", i+1, a, b)
		}
	}
	return "nothing"
}
