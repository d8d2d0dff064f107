package pymarshal_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// TestCorpus wants a strict reading of every function in the shared model files,
// honest and malicious: all were written by compilers.
func TestCorpus(t *testing.T) {
	seen := map[string]bool{}
	for _, dir := range []string{"models", "corpus"} {
		root := filepath.Join("../../../../shared", dir)
		if _, err := os.Stat(root); err != nil {
			t.Skip("the shared model files are not beside this checkout")
		}
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			a := formats.Open(context.Background(), path, bytes.NewReader(data), int64(len(data)), formats.Limits{})
			for _, code := range functions(a.Root) {
				if seen[string(code)] {
					continue
				}
				seen[string(code)] = true
				readings, err := pymarshal.Readings(code, budget())
				if err != nil || !readings[0].Strict || readings[0].Repairs != nil {
					t.Errorf("%s: %v, %v", path, readings, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 30 {
		t.Errorf("%d functions, want at least 30", len(seen))
	}
}

// functions returns the contents of strings that decode to the beginning of a
// code object.
func functions(n *formats.Node) (found [][]byte) {
	if n.Kind == formats.KindString && len(n.Text) > 60 {
		code := formats.Bytecode(n.Text)[0]
		if len(code) > 30 && code[0]&0x7f == 'c' {
			found = append(found, code)
		}
	}
	for _, c := range n.Children {
		found = append(found, functions(c)...)
	}
	return found
}
