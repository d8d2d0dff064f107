package analyzer_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

// shared is where measured data lies that is too large, or not ours, to be
// committed. Tests that need it skip, saying so, where it is absent.
const shared = "../../shared"

func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, path))
	if err != nil {
		t.Skipf("shared data is not here: %v", err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	in.Scan()
	columns := strings.Split(in.Text(), "\t")
	var rows []map[string]string
	for in.Scan() {
		row := map[string]string{}
		for i, v := range strings.Split(in.Text(), "\t") {
			row[columns[i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

func scanPath(t *testing.T, path string) []analyzer.Result {
	t.Helper()
	inputs, err := analyzer.Discover([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	return analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil).Results
}

// TestHonestModels scans the 994 honest models of the shared data and holds what
// is found against their labels: bytecode where the label says so, the custom
// names that it lists, and nothing else.
func TestHonestModels(t *testing.T) {
	counts := map[string]int{}
	for _, row := range table(t, "models/labels.tsv") {
		readable := row["container"] == "keras" || row["container"] == "h5" || row["container"] == "json" || strings.HasSuffix(row["path"], ".weights.h5")
		for _, res := range scanPath(t, filepath.Join(shared, "models", row["path"])) {
			counts[res.Verdict().String()]++
			if !readable {
				if res.Verdict() == analyzer.Clean {
					counts["clean "+row["container"]]++
				}
				continue
			}
			var bytecode bool
			var custom, other []string
			for _, f := range res.Findings {
				switch f.Rule.ID {
				case "lambda-bytecode":
					bytecode = true
				case "custom-object":
					custom = append(custom, f.Message)
				case "hdf5-under-keras":
				default:
					other = append(other, f.Rule.ID+": "+f.Message)
				}
			}
			if len(other) > 0 || !res.Complete() {
				t.Errorf("%s: unexpected %q, problems %+v", row["path"], other, res.Problems)
			}
			if want := row["expected"] == "lambda-bytecode"; bytecode != want {
				t.Errorf("%s: bytecode found %v, want %v", row["path"], bytecode, want)
			}
			if diff := cmp.Diff(customNames(row["custom_names"]), quoted(custom)); diff != "" {
				t.Errorf("%s: custom names (-label +found):\n%s", row["path"], diff)
			}
		}
	}
	t.Logf("verdicts: %v", counts)
}

func customNames(label string) []string {
	names := strings.Split(label, ",")
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	slices.Sort(names)
	return names
}

// quoted returns the names in the messages of custom-object, without the module of
// an unregistered class, as the labels give them.
func quoted(messages []string) []string {
	names := []string{}
	for _, m := range messages {
		name := strings.Split(m, `"`)[1]
		if !strings.Contains(name, ">") {
			name = name[strings.LastIndexByte(name, '.')+1:]
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestPublicModels scans the public files of the shared data: nothing benign may be
// reported at level error but bytecode, nothing malicious may be clean.
func TestPublicModels(t *testing.T) {
	// A Lambda layer that names the function "exploit" of the author's script: the
	// file holds neither it nor anything that it does, and custom-object says so.
	const named = "demo_models/lambda_savedmodel"
	counts := map[string]int{}
	for _, row := range table(t, "corpus/index.tsv") {
		dir, _, _ := strings.Cut(row["file"], "/")
		for _, res := range scanPath(t, filepath.Join(shared, "corpus", row["file"])) {
			counts[dir+" "+res.Verdict().String()]++
			for _, f := range res.Findings {
				if dir == "benign" && f.Rule.Severity >= rules.High && f.Rule.ID != "lambda-bytecode" {
					t.Errorf("%s: %s: %s", row["file"], f.Rule.ID, f.Message)
				}
			}
			if dir == "malicious" && strings.Contains(row["notes"], "verdict=malicious") && res.Verdict() == analyzer.Clean && !strings.Contains(row["file"], named) {
				t.Errorf("%s is malicious, but clean", row["file"])
			}
		}
	}
	t.Logf("verdicts: %v", counts)
}
