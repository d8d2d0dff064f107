package rules

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
)

// TestGrades holds the grades of code that real interpreters compiled against
// those that were given to it by hand.
func TestGrades(t *testing.T) {
	files, _ := filepath.Glob("../../shared/pymarshal/facts/*.jsonl")
	if len(files) == 0 {
		t.Skip("the recorded code objects are not here")
	}
	for _, file := range files {
		version := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(version, func(t *testing.T) { testGrades(t, file, version) })
	}
}

func testGrades(t *testing.T, file, version string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var fact struct {
			ID, Marshal, Grade string
			Why                []string
		}
		if err := json.Unmarshal(lines.Bytes(), &fact); err != nil {
			t.Fatal(err)
		}
		flow := flowOf(t, fact.Marshal, version)
		reasons := gradeCode(flow, version)
		if got := worstGrade(reasons).String(); got != fact.Grade {
			t.Errorf("%s: %s, want %s\n got %v\nwant %v", fact.ID, got, fact.Grade, reasons, fact.Why)
		}
	}
}

// flowOf reads a marshalled function from a layer, as a version of Python does.
func flowOf(t *testing.T, code, version string) *formats.Flow {
	t.Helper()
	doc := []byte(fmt.Sprintf(`{"class_name": "Lambda", "config": {"function": [%q, null, null], "function_type": "lambda"}}`, code))
	a := formats.Open(context.Background(), "m.json", bytes.NewReader(doc), int64(len(doc)), formats.Limits{})
	for n := range a.Root.All() {
		if c := n.CodeObject(); c != nil && c.Flow(version) != nil {
			return c.Flow(version)
		}
	}
	t.Fatalf("%s is not read as Python %s: %v", code, version, a.Problems)
	return nil
}
