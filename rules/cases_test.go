package rules_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/rules"
)

const casesDir = "../testdata/rules"

// TestCases builds every case of the corpus in each of its containers, runs all
// rules on it, and compares verdict and findings with what the case says. A line
// of its want section is a rule and an address, or CONTAINER and both where the
// containers differ. UPDATE=1 writes the sections anew, for a reviewer to read.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(casesDir + "/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, casesDir+"/"), ".txtar"), func(t *testing.T) {
			c, err := formatstest.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, container := range c.Containers {
				if container == "dir" {
					verdict, lines := scanCase(t, c)
					if verdict.String() != string(c.Expect) {
						t.Errorf("dir: verdict %s, want %s", verdict, c.Expect)
					}
					got = append(got, lines...)
					continue
				}
				res := analyzeCase(t, c, container)
				if res.Verdict().String() != string(c.Expect) {
					t.Errorf("%s: verdict %s, want %s; problems %+v", container, res.Verdict(), c.Expect, res.Problems)
				}
				for _, f := range res.Findings {
					got = append(got, container+" "+f.Rule.ID+" "+f.Place.Address)
				}
			}
			want := strings.Join(got, "\n")
			if want != "" {
				want += "\n"
			}
			if os.Getenv("UPDATE") != "" {
				update(t, file, want)
				return
			}
			if diff := cmp.Diff(c.Want, want); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func analyzeCase(t *testing.T, c *formatstest.Case, container string) analyzer.Result {
	t.Helper()
	b, err := c.Build(container)
	if err != nil {
		t.Fatal(err)
	}
	if container == "lock" {
		return adviseCase(t, b)
	}
	in := analyzer.Input{Name: b.Name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
		return bytes.NewReader(b.Data), int64(len(b.Data)), nil
	}}
	res, ok := analyzer.Analyze(context.Background(), in, analyzer.Options{Limits: limits(t, c), Timeout: time.Minute})
	if !ok {
		t.Fatalf("%s: not taken for a model", container)
	}
	return res
}

// scanCase writes a directory and scans it, or the part of it that the case names. The
// verdict is the worst of its files', and a line of findings begins with the container.
func scanCase(t *testing.T, c *formatstest.Case) (analyzer.Verdict, []string) {
	t.Helper()
	b, err := c.Build("dir")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := b.Write(dir); err != nil {
		t.Fatal(err)
	}
	inputs, err := analyzer.Discover([]string{filepath.Join(dir, b.Name, c.Scan)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range inputs {
		inputs[i].Name = strings.TrimPrefix(inputs[i].Name, filepath.ToSlash(dir)+"/")
	}
	worst, lines := analyzer.Foreign, []string(nil)
	for _, res := range analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{Limits: limits(t, c)}, nil).Results {
		switch v := res.Verdict(); {
		case worst == analyzer.Foreign, v == analyzer.Flagged, v == analyzer.Unanalyzed && worst == analyzer.Clean:
			worst = v
		}
		for _, f := range res.Findings {
			lines = append(lines, "dir "+f.Rule.ID+" "+f.Place.Address)
		}
	}
	return worst, lines
}

// adviseCase holds the versions in a lock file against the advisories of the program.
func adviseCase(t *testing.T, b *formatstest.Built) analyzer.Result {
	t.Helper()
	lock, err := loaders.ParseLock(b.Name, b.Data)
	if err != nil {
		t.Fatal(err)
	}
	known, err := loaders.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return analyzer.Advise(lock.Pins, lock.Unread, known.Advisories, nil, analyzer.Options{})[0]
}

func limits(t *testing.T, c *formatstest.Case) formats.Limits {
	t.Helper()
	var l formats.Limits
	for name, n := range c.Limits {
		switch name {
		case "ReadBytes":
			l.ReadBytes = n
		case "MemberBytes":
			l.MemberBytes = n
		case "TextBytes":
			l.TextBytes = n
		case "StructureBytes":
			l.StructureBytes = n
		case "Nodes":
			l.Nodes = n
		case "Steps":
			l.Steps = n
		case "Depth":
			l.Depth = int(n)
		case "Nesting":
			l.Nesting = int(n)
		default:
			t.Fatalf("unknown limit %s", name)
		}
	}
	return l
}

// update replaces the want section of a case file.
func update(t *testing.T, file, want string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(data)
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
	if want != "" {
		a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(want)})
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryRule holds the list of rules, their pages and their cases together.
func TestEveryRule(t *testing.T) {
	if err := rules.Validate(rules.All()); err != nil {
		t.Error(err)
	}
	ids := map[string]bool{}
	for _, r := range rules.All() {
		ids[r.ID] = true
		bad, _ := filepath.Glob(filepath.Join(casesDir, r.ID, "bad-*.txtar"))
		ok, _ := filepath.Glob(filepath.Join(casesDir, r.ID, "ok-*.txtar"))
		if len(bad) == 0 || len(ok) == 0 {
			t.Errorf("rule %s has %d bad and %d ok cases, want at least one of each", r.ID, len(bad), len(ok))
		}
		for _, file := range bad {
			c, err := formatstest.ParseFile(file)
			if err != nil {
				t.Error(err)
			} else if !strings.Contains(c.Want, " "+r.ID+" ") {
				t.Errorf("%s does not want a finding of %s", file, r.ID)
			}
		}
		for _, file := range ok {
			c, err := formatstest.ParseFile(file)
			if err != nil {
				t.Error(err)
			} else if strings.Contains(c.Want, " "+r.ID+" ") {
				t.Errorf("%s wants a finding of %s", file, r.ID)
			}
		}
	}
	for _, pattern := range []string{"doc/*.md", casesDir + "/*"} {
		paths, _ := filepath.Glob(pattern)
		for _, p := range paths {
			if id := strings.TrimSuffix(filepath.Base(p), ".md"); !ids[id] && id != hostileCases {
				t.Errorf("%s belongs to no rule", p)
			}
		}
	}
}

// hostileCases hold cases of no single rule: names that try to speak to terminals.
const hostileCases = "hostile"
