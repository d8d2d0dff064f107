package reporters_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/reporters"
	"github.com/kerasvet/kerasvet/rules"
)

// lockFiles are the lock files that package loaders is tested with, recorded and
// written by hand.
func lockFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	paths, _ := filepath.Glob("../analyzer/loaders/testdata/*/*")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) != ".txtar" {
			files[path] = data
			continue
		}
		for _, f := range txtar.Parse(data).Files {
			files[path+"!"+f.Name] = f.Data
		}
	}
	return files
}

// TestLockRegions holds the region of every result about a lock file, of each
// format, to the text that stands there: the package or its version.
func TestLockRegions(t *testing.T) {
	known, err := loaders.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	formats := map[string]bool{}
	for file, data := range lockFiles(t) {
		lock, err := loaders.ParseLock(path.Base(file[strings.LastIndexByte(file, '!')+1:]), data)
		if err != nil || len(lock.Pins) == 0 {
			continue
		}
		results := analyzer.Advise(lock.Pins, nil, known.Advisories, nil, analyzer.Options{})
		log := write(t, reporters.SARIF, &analyzer.Report{Rules: rules.All(), Versions: results})
		var parsed struct {
			Runs []struct {
				Results []struct {
					Locations []struct {
						PhysicalLocation struct {
							Region struct{ StartLine, StartColumn, EndLine, EndColumn int }
						}
					}
				}
			}
		}
		if err := json.Unmarshal(log, &parsed); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(data), "\n")
		for _, r := range parsed.Runs[0].Results {
			region := r.Locations[0].PhysicalLocation.Region
			if region.StartLine < 1 || region.StartLine > len(lines) || region.EndLine != region.StartLine {
				t.Errorf("%s: region %+v", file, region)
				continue
			}
			line := []rune(lines[region.StartLine-1])
			if region.StartColumn < 1 || region.EndColumn-1 > len(line) || region.EndColumn <= region.StartColumn {
				t.Errorf("%s: region %+v of a line of %d characters", file, region, len(line))
				continue
			}
			text := string(line[region.StartColumn-1 : region.EndColumn-1])
			near := strings.Join(lines[max(0, region.StartLine-8):min(len(lines), region.StartLine+8)], "\n")
			if strings.TrimSpace(text) == "" || !strings.Contains(strings.ReplaceAll(strings.ToLower(near), "_", "-"), "keras") && !strings.Contains(near, "tensorflow") && !strings.Contains(near, "h5py") {
				t.Errorf("%s:%d: the region is %q", file, region.StartLine, text)
			}
			formats[lock.Format] = true
		}
	}
	for _, want := range []string{"requirements.txt", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "environment.yml", "conda-lock.yml"} {
		if !formats[want] {
			t.Errorf("no result about a %s was looked at", want)
		}
	}
}
