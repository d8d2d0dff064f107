package reporters_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/reporters"
	"github.com/kerasvet/kerasvet/rules"
)

// reports are the runs that every reporter is held to: an empty one, a clean one,
// one with findings in every kind of container, and one that left things unread.
func reports(t *testing.T) map[string]*analyzer.Report {
	t.Helper()
	out := map[string]*analyzer.Report{}
	for name, pattern := range map[string]string{"empty": "", "clean": "ok-*", "findings": "bad-*", "hostile": "hostile-strings"} {
		var inputs []analyzer.Input
		if pattern != "" {
			inputs = caseInputs(t, pattern)
		}
		out[name] = analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil)
		out[name].Version = "0.0.0-test"
	}
	return out
}

// caseInputs builds the cases of the shared corpus whose file name matches.
func caseInputs(t *testing.T, pattern string) []analyzer.Input {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "rules", "*", pattern+".txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no case matches %s (%v)", pattern, err)
	}
	var inputs []analyzer.Input
	for _, file := range files {
		c, err := formatstest.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, container := range c.Containers {
			built, err := c.Build(container)
			if err != nil {
				t.Fatal(err)
			}
			if built.Data == nil {
				continue
			}
			name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".txtar") + "/" + built.Name
			inputs = append(inputs, analyzer.Input{Name: name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
				return bytes.NewReader(built.Data), int64(len(built.Data)), nil
			}})
		}
	}
	return inputs
}

func write(t *testing.T, f reporters.Func, r *analyzer.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemas(t *testing.T) {
	for format, file := range map[string]string{"sarif": "testdata/sarif-2.1.0.json", "json": "schema.json"} {
		s := schema(t, file)
		report, err := reporters.ByName(format)
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range reports(t) {
			log, err := jsonschema.UnmarshalJSON(bytes.NewReader(write(t, report, r)))
			if err != nil {
				t.Fatalf("%s %s: %v", format, name, err)
			}
			if err := s.Validate(log); err != nil {
				t.Errorf("%s log of the %s run breaks the schema: %v", format, name, err)
			}
		}
	}
}

// TestSARIFProperties holds logs to what the schema cannot say.
func TestSARIFProperties(t *testing.T) {
	for name, r := range reports(t) {
		log := write(t, reporters.SARIF, r)
		if bytes.Contains(log, []byte("null")) {
			var v any
			if err := json.Unmarshal(log, &v); err != nil {
				t.Fatal(err)
			}
			if hasNull(v) {
				t.Errorf("%s: a null in the log", name)
			}
		}
		var parsed struct {
			Runs []struct {
				Tool struct {
					Driver struct {
						Rules []struct {
							ID, Name   string
							Properties map[string]any
						}
					}
				}
				Artifacts []struct {
					Location    struct{ URI string }
					ParentIndex *int
				}
				Results []struct {
					RuleID    string
					RuleIndex *int
					Level     string
					Locations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct {
								URI   string
								Index *int
							}
							Region *struct{ StartLine int }
						}
					}
					PartialFingerprints map[string]string
				}
			}
		}
		if err := json.Unmarshal(log, &parsed); err != nil {
			t.Fatal(err)
		}
		if len(parsed.Runs) != 1 {
			t.Fatalf("%s: %d runs, want 1", name, len(parsed.Runs))
		}
		run := parsed.Runs[0]
		if len(run.Tool.Driver.Rules) != len(r.Rules) {
			t.Errorf("%s: %d rules in the log, %d ran", name, len(run.Tool.Driver.Rules), len(r.Rules))
		}
		for _, rule := range run.Tool.Driver.Rules {
			if rule.ID == rule.Name || rule.Name == "" {
				t.Errorf("rule %s is named %q", rule.ID, rule.Name)
			}
			if _, isString := rule.Properties["security-severity"].(string); rule.Properties["security-severity"] != nil && !isString {
				t.Errorf("rule %s: security-severity is not a string", rule.ID)
			}
		}
		prints := map[string]bool{}
		for i, res := range run.Results {
			if res.RuleIndex == nil || run.Tool.Driver.Rules[*res.RuleIndex].ID != res.RuleID {
				t.Errorf("%s: result %d: ruleIndex does not lead to %s", name, i, res.RuleID)
			}
			if len(res.Locations) != 1 {
				t.Fatalf("%s: result %d has %d locations, want 1", name, i, len(res.Locations))
			}
			at := res.Locations[0].PhysicalLocation
			if at.ArtifactLocation.Index == nil || run.Artifacts[*at.ArtifactLocation.Index].Location.URI != at.ArtifactLocation.URI {
				t.Errorf("%s: result %d: artifact index does not lead to %s", name, i, at.ArtifactLocation.URI)
			}
			if strings.HasPrefix(at.ArtifactLocation.URI, "/") || strings.Contains(strings.SplitN(at.ArtifactLocation.URI, "/", 2)[0], ":") {
				t.Errorf("%s: result %d: URI %q", name, i, at.ArtifactLocation.URI)
			}
			if ext := filepath.Ext(at.ArtifactLocation.URI); at.Region != nil && ext != ".json" && ext != ".yaml" && ext != ".yml" && ext != ".txt" {
				t.Errorf("%s: result %d: a region in %s, which is not a text file", name, i, at.ArtifactLocation.URI)
			}
			key := res.RuleID + at.ArtifactLocation.URI + res.PartialFingerprints["kerasvet/v1"]
			if prints[key] {
				t.Errorf("%s: result %d: fingerprint used twice", name, i)
			}
			prints[key] = true
		}
		for i, a := range run.Artifacts {
			if a.ParentIndex != nil && (*a.ParentIndex >= i || *a.ParentIndex < 0) {
				t.Errorf("%s: artifact %d has parent %d", name, i, *a.ParentIndex)
			}
		}
	}
}

func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, hasNull)
	case map[string]any:
		for _, e := range v {
			if hasNull(e) {
				return true
			}
		}
	}
	return false
}

// TestGolden compares every format with what it wrote before; UPDATE=1 writes anew.
func TestGolden(t *testing.T) {
	for name, r := range reports(t) {
		if name == "findings" || name == "clean" { // these grow with the corpus; the hostile run covers the forms
			continue
		}
		for _, format := range reporters.Names() {
			report, _ := reporters.ByName(format)
			got := write(t, report, r)
			file := filepath.Join("testdata", fmt.Sprintf("%s.%s", name, format))
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
}

// TestHostileStrings holds every format to the sanitiser: nothing that a
// terminal, a CI runner or a viewer would obey may come out of a model.
func TestHostileStrings(t *testing.T) {
	r := reports(t)["hostile"]
	for _, format := range reporters.Names() {
		report, _ := reporters.ByName(format)
		out := string(write(t, report, r))
		for _, bad := range []string{"\x1b", "\u202e", "\u200b", "\x00", "](http", "##[", "##vso[", "\n::", "<img", "javascript:"} {
			own := format == "github" && bad == "\n::" || format == "markdown" && bad == "](http" // what the format is made of
			if !own && strings.Contains(out, bad) {
				t.Errorf("%s: output contains %q", format, bad)
			}
		}
	}
}

// hostileNames is a run over inputs whose own names are hostile, as a directory that
// was unpacked from somewhere has them, with a layer name of 1 MB in each.
func hostileNames() *analyzer.Report {
	const evil = "\x1b[31m\r\n::error::x ##[group]y ##vso[task] [a](http://x) <img src=x onerror=y> `|` @team \u202e\u200b\x00\xff\xed\xa0\x80 ]]> \n::warning::z"
	big := `{"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [{"module": "os", "class_name": "function", "config": "system",
		"registered_name": "function", "name": "` + strings.Repeat("::error::x ##[y] ](http://x) <b> ", 32<<10) + `"}]}}`
	var inputs []analyzer.Input
	for name, data := range map[string]string{evil + "/a.json": big, "::error::b.json": big, "=cmd|' /C calc'!A0.json": big, strings.Repeat("n", 1<<20) + ".json": big, evil: "\x80unknown"} {
		inputs = append(inputs, analyzer.Input{Name: name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
			return strings.NewReader(data), int64(len(data)), nil
		}})
	}
	slices.SortFunc(inputs, func(a, b analyzer.Input) int { return strings.Compare(a.Name, b.Name) })
	r := analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil)
	r.Version = "0.0.0-test"
	return r
}

// TestHostileNames holds every format to what it owes its viewers, whatever inputs are
// called.
func TestHostileNames(t *testing.T) {
	r := hostileNames()
	findings := 0
	for _, res := range r.Results {
		findings += len(res.Findings)
	}
	if len(r.Results) != 5 || findings < 5 {
		t.Fatalf("%d results, %d findings", len(r.Results), findings)
	}
	for _, format := range reporters.Names() {
		report, _ := reporters.ByName(format)
		out := string(write(t, report, r))
		if !utf8.ValidString(out) {
			t.Errorf("%s: output is not UTF-8", format)
		}
		for _, bad := range []string{"\x1b", "\u202e", "\u200b", "\x00", "\r", "##[", "##vso[", "\n::error::", "\n::warning::"} {
			if i := strings.Index(out, bad); i >= 0 {
				t.Errorf("%s: output contains %q: %q", format, bad, out[max(0, i-80):min(len(out), i+80)])
			}
		}
		if strings.HasPrefix(out, "::error::") {
			t.Errorf("%s: begins with a command of the model's", format)
		}
		if format == "html" && (strings.Contains(out, "<img") || strings.Contains(out, "<b>")) {
			t.Errorf("%s: a tag of the model's", format)
		}
		if len(out) > 4<<20 {
			t.Errorf("%s: %d bytes for names of 1 MB", format, len(out))
		}
		if format == "markdown" {
			continue // is made of links; .ci/integrations.py looks at what GitHub's parser makes of it
		}
		if i := strings.Index(out, "](http"); i >= 0 {
			t.Errorf("%s: output contains a link: %q", format, out[max(0, i-80):min(len(out), i+80)])
		}
	}
}

// TestForms reads what other programs will read of a run with every kind of finding.
func TestForms(t *testing.T) {
	r := reports(t)["findings"]
	all := 0
	for res := range r.All() {
		all += len(res.Findings)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Name string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(write(t, reporters.JUnit, r), &suites); err != nil || len(suites.Suites) != len(r.Results) || suites.Failures == 0 {
		t.Errorf("JUnit: %d suites, %d failures, %v", len(suites.Suites), suites.Failures, err)
	}
	rows, err := csv.NewReader(bytes.NewReader(write(t, reporters.CSV, r))).ReadAll()
	if err != nil || len(rows) < all {
		t.Errorf("CSV: %d rows for %d findings, %v", len(rows), all, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
				t.Errorf("CSV: a cell that a spreadsheet evaluates: %q", cell)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(string(write(t, reporters.JSONL, r))), "\n")
	kinds := map[string]int{}
	for _, l := range lines {
		var object struct{ Type string }
		if err := json.Unmarshal([]byte(l), &object); err != nil {
			t.Fatalf("JSONL: %v in %s", err, l)
		}
		kinds[object.Type]++
	}
	if kinds["finding"] != all || kinds["model"] != len(r.Results) {
		t.Errorf("JSONL: %v for %d findings in %d models", kinds, all, len(r.Results))
	}
	var quality []struct {
		Fingerprint string
		Location    struct {
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal(write(t, reporters.GitLab, r), &quality); err != nil || len(quality) != all {
		t.Errorf("Code Quality: %d entries for %d findings, %v", len(quality), all, err)
	}
	seen := map[string]bool{}
	for _, q := range quality {
		if seen[q.Fingerprint] || q.Location.Lines.Begin < 1 {
			t.Errorf("Code Quality: fingerprint %q twice, or line %d", q.Fingerprint, q.Location.Lines.Begin)
		}
		seen[q.Fingerprint] = true
	}
	page := string(write(t, reporters.HTML, r))
	if got := strings.Count(page, "<article "); got != all {
		t.Errorf("HTML: %d findings, want %d", got, all)
	}
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "src=") || strings.Contains(page, "http-equiv=\"refresh") {
		t.Error("HTML: more than its own script, or something from elsewhere")
	}
}

// TestGitLabSAST holds security reports to what schema 15.2.1 asks for (sast-report-format.json,
// which is not ours to copy): what must be there, the words that are known, lengths.
func TestGitLabSAST(t *testing.T) {
	for name, r := range reports(t) {
		var report struct {
			Version string
			Scan    struct {
				Analyzer, Scanner struct {
					ID, Name, Version, URL string
					Vendor                 struct{ Name string }
				}
				Type, Status string
				Start        string `json:"start_time"`
				End          string `json:"end_time"`
				Messages     []struct{ Level, Value string }
			}
			Vulnerabilities []struct {
				ID, Name, Description, Severity, Solution string
				Identifiers                               []struct{ Type, Name, Value, URL string }
				Location                                  struct {
					File  string
					Start *int `json:"start_line"`
				}
			}
		}
		if err := json.Unmarshal(write(t, reporters.GitLabSAST, r), &report); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := report.Scan
		clock := regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$`)
		if report.Version != "15.2.1" || s.Type != "sast" || s.Status != "success" || !clock.MatchString(s.Start) || !clock.MatchString(s.End) || report.Vulnerabilities == nil {
			t.Errorf("%s: version %s, scan %+v", name, report.Version, s)
		}
		if a := s.Analyzer; a != s.Scanner || a.ID == "" || a.Name == "" || a.Version == "" || a.Vendor.Name == "" || !strings.HasPrefix(a.URL, "https://") {
			t.Errorf("%s: analyzer %+v, scanner %+v", name, a, s.Scanner)
		}
		for _, m := range s.Messages {
			if !slices.Contains([]string{"info", "warn", "fatal"}, m.Level) || m.Value == "" {
				t.Errorf("%s: message %+v", name, m)
			}
		}
		ids := map[string]bool{}
		for _, v := range report.Vulnerabilities {
			if ids[v.ID] || len(v.ID) != 36 {
				t.Errorf("%s: id %q is not one, or used twice", name, v.ID)
			}
			ids[v.ID] = true
			if v.Name == "" || len(v.Name) > 255 || len(v.Description) > 1<<20 || len(v.Solution) > 7000 || v.Location.File == "" || v.Location.Start != nil && *v.Location.Start < 1 {
				t.Errorf("%s: %+v", name, v)
			}
			if !slices.Contains([]string{"Info", "Low", "Medium", "High", "Critical"}, v.Severity) || len(v.Identifiers) == 0 || v.Identifiers[0].Type != "kerasvet_rule" {
				t.Errorf("%s: severity %q, identifiers %v", name, v.Severity, v.Identifiers)
			}
			for _, i := range v.Identifiers {
				if i.Type == "" || i.Name == "" || i.Value == "" || !strings.HasPrefix(i.URL, "https://") {
					t.Errorf("%s: identifier %+v", name, i)
				}
			}
		}
	}
}

// TestDeterminism writes the same inputs twice, with one job and with several.
func TestDeterminism(t *testing.T) {
	inputs := caseInputs(t, "bad-*")
	for _, format := range reporters.Names() {
		report, _ := reporters.ByName(format)
		one := write(t, report, analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{Jobs: 1}, nil))
		eight := write(t, report, analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{Jobs: 8}, nil))
		if !bytes.Equal(one, eight) {
			t.Errorf("%s: one job and eight write different bytes", format)
		}
	}
}

// TestSARIFCap holds a log of more findings than GitHub shows to the worst of them.
func TestSARIFCap(t *testing.T) {
	place := analyzer.Place{Address: "m.keras"}
	res := analyzer.Result{Name: "m.keras", Format: formats.FormatKeras}
	for i := range 6000 {
		rule := rules.HDF5SoftLink
		if i >= 5500 {
			rule = rules.LambdaBytecode
		}
		res.Findings = append(res.Findings, analyzer.Finding{Rule: rule, Message: "m", Place: place, Fingerprint: fmt.Sprintf("%064x", i)})
	}
	log := string(write(t, reporters.SARIF, &analyzer.Report{Rules: rules.All(), Results: []analyzer.Result{res}}))
	if got := strings.Count(log, `"ruleId": "lambda-bytecode"`); got != 500 {
		t.Errorf("%d of 500 findings of the highest severity are in the log", got)
	}
	if got := strings.Count(log, `"ruleId"`); got != 5000 {
		t.Errorf("%d results, want 5000", got)
	}
	if !strings.Contains(log, "1000 results of the least severity are left out") {
		t.Error("the log does not say what was left out")
	}
}
