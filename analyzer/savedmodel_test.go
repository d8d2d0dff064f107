package analyzer_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/rules"
)

// TestHonestSavedModels scans the honest SavedModels of the shared data: everything
// is read, bytecode is found where the label says so, the custom names are those that
// it lists, and nothing else is said.
func TestHonestSavedModels(t *testing.T) {
	n := 0
	for _, row := range table(t, "models/labels.tsv") {
		if row["container"] != "savedmodel" {
			continue
		}
		n++
		bytecode := false
		var custom, other []string
		for _, res := range scanPath(t, filepath.Join(shared, "models", row["path"])) {
			if !res.Complete() {
				t.Errorf("%s: %s is not read: %+v", row["path"], res.Name, res.Problems)
			}
			for _, f := range res.Findings {
				switch {
				case f.Rule.ID == rules.LambdaBytecode.ID:
					bytecode = true
				case f.Rule.ID == rules.CustomObject.ID:
					custom = append(custom, f.Message)
				default:
					other = append(other, f.Rule.ID+": "+f.Message)
				}
			}
		}
		if len(other) > 0 {
			t.Errorf("%s: unexpected %q", row["path"], other)
		}
		if want := row["expected"] == "lambda-bytecode"; bytecode != want {
			t.Errorf("%s: bytecode found %v, want %v", row["path"], bytecode, want)
		}
		if diff := cmp.Diff(customNames(row["custom_names"]), unpackaged(quoted(custom), row["custom_names"])); diff != "" {
			t.Errorf("%s: custom names (-label +found):\n%s", row["path"], diff)
		}
	}
	if n < 30 {
		t.Errorf("only %d SavedModels", n)
	}
}

// unpackaged leaves out names that the metadata has without their package, too.
func unpackaged(names []string, label string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return !strings.Contains(n, ">") && strings.Contains(label, ">"+n) })
}
