package analyzer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer"
)

// A directory with a model, a foreign one, one that breaks what its name promises, and a
// text: each is counted as what it is.
func TestForeignModels(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"a.json":   `{"class_name": "Sequential", "config": {"name": "s", "layers": []}}`,
		"b.gguf":   "GGUF\x03\x00\x00\x00",
		"c.tflite": "\x1c\x00\x00\x00TFL3\x00\x00\x00\x00",
		"d.keras":  "GGUF\x03\x00\x00\x00",
		"e.txt":    "text",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		refuse                    bool
		results, foreign, skipped []string
	}{
		{false, []string{"a.json clean", "d.keras unanalyzed"}, []string{"b.gguf GGUF", "c.tflite TFLite"}, []string{"e.txt"}},
		{true, []string{"a.json clean", "b.gguf unanalyzed", "c.tflite unanalyzed", "d.keras unanalyzed"}, nil, []string{"e.txt"}},
	}
	for _, tt := range tests {
		inputs, err := analyzer.Discover([]string{dir})
		if err != nil {
			t.Fatal(err)
		}
		report := analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{RefuseForeign: tt.refuse}, nil)
		var results, foreign, skipped []string
		for _, r := range report.Results {
			results = append(results, filepath.Base(r.Name)+" "+r.Verdict().String())
		}
		for _, r := range report.Foreign {
			foreign = append(foreign, filepath.Base(r.Name)+" "+r.Foreign)
		}
		for _, name := range report.Skipped {
			skipped = append(skipped, filepath.Base(name))
		}
		if diff := cmp.Diff([][]string{tt.results, tt.foreign, tt.skipped}, [][]string{results, foreign, skipped}); diff != "" {
			t.Errorf("refuse %v (-want +got):\n%s", tt.refuse, diff)
		}
	}
}
