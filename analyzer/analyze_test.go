package analyzer_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/rules"
)

const honest = `{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": []}, "registered_name": null}`

func input(name, content string) analyzer.Input {
	return analyzer.Input{Name: name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
		return strings.NewReader(content), int64(len(content)), nil
	}}
}

// rule returns a rule of a severity that reports once at the root.
func rule(s rules.Severity) *rules.Rule {
	return &rules.Rule{ID: "test-rule", Title: "t", Severity: s, Check: func(p *rules.Pass) {
		p.Reportf(p.Artifact.Root, "", "found")
	}}
}

func TestVerdict(t *testing.T) {
	panics := &rules.Rule{ID: "panics", Severity: rules.High, Check: func(*rules.Pass) { panic("a defect") }}
	broken := honest[:40]
	tests := []struct {
		name    string
		content string
		rules   []*rules.Rule
		want    analyzer.Verdict
	}{
		{"nothing found", honest, []*rules.Rule{}, analyzer.Clean},
		{"info found", honest, []*rules.Rule{rule(rules.Info)}, analyzer.Clean},
		{"low found", honest, []*rules.Rule{rule(rules.Low)}, analyzer.Flagged},
		{"unread", broken, []*rules.Rule{}, analyzer.Unanalyzed},
		{"unread, and its rule ran", broken, []*rules.Rule{rules.UnanalyzedContent}, analyzer.Unanalyzed},
		{"unread, info found", broken, []*rules.Rule{rule(rules.Info)}, analyzer.Unanalyzed},
		{"unread, high found", broken, []*rules.Rule{rule(rules.High)}, analyzer.Flagged},
		{"a rule failed", honest, []*rules.Rule{panics}, analyzer.Unanalyzed},
		{"a rule failed, another found", honest, []*rules.Rule{panics, rule(rules.High)}, analyzer.Flagged},
	}
	for _, tt := range tests {
		res, ok := analyzer.Analyze(context.Background(), input("model.json", tt.content), analyzer.Options{Rules: tt.rules})
		if !ok || res.Verdict() != tt.want {
			t.Errorf("%s: verdict %v (%v), want %v", tt.name, res.Verdict(), ok, tt.want)
		}
	}
	var zero analyzer.Result
	if zero.Verdict() != analyzer.Unanalyzed || zero.Complete() {
		t.Error("the zero result is not unanalyzed")
	}
}

func TestFailedRuleIsAProblem(t *testing.T) {
	panics := &rules.Rule{ID: "panics", Severity: rules.High, Check: func(*rules.Pass) { panic("a defect") }}
	res, _ := analyzer.Analyze(context.Background(), input("model.json", honest), analyzer.Options{Rules: []*rules.Rule{panics}})
	want := []analyzer.Problem{{Code: "internal error", Message: "rule panics failed: a defect", Place: analyzer.Place{Address: "model.json", Kind: "file"}}}
	if diff := cmp.Diff(want, res.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res, ok := analyzer.Analyze(ctx, input("model.json", honest), analyzer.Options{})
	if !ok || res.Verdict() == analyzer.Clean || res.Complete() {
		t.Errorf("a cancelled scan is %v, complete %v", res.Verdict(), res.Complete())
	}
}

func TestTimeout(t *testing.T) {
	res, _ := analyzer.Analyze(context.Background(), input("model.json", honest), analyzer.Options{Timeout: time.Nanosecond})
	if len(res.Problems) == 0 || res.Problems[0].Limit != "Time" {
		t.Errorf("problems %+v, want the time limit", res.Problems)
	}
}

// TestSlowRule: a rule that does not come to an end costs no more than the time limit.
func TestSlowRule(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	slow := &rules.Rule{ID: "slow", Severity: rules.High, Check: func(*rules.Pass) { <-end }}
	res, ok := analyzer.Analyze(context.Background(), input("model.json", honest), analyzer.Options{Rules: []*rules.Rule{slow}, Timeout: 10 * time.Millisecond})
	if !ok || res.Complete() || len(res.Problems) != 1 || res.Problems[0].Limit != "Time" {
		t.Errorf("result %+v, want the time limit", res)
	}
}

func TestUnreadableInput(t *testing.T) {
	in := analyzer.Input{Name: "m.keras", Open: func(context.Context) (io.ReaderAt, int64, error) { return nil, 0, errors.New("permission denied") }}
	res, ok := analyzer.Analyze(context.Background(), in, analyzer.Options{})
	if !ok || res.Complete() || len(res.Problems) != 1 || res.Problems[0].Message != "permission denied" {
		t.Errorf("result %+v, %v", res, ok)
	}
}

// TestNotAModel: a file that is no model is passed over in a directory; named by
// the user it is an answer only if it could be read.
func TestNotAModel(t *testing.T) {
	transformers := `{"architectures": ["BertModel"], "hidden_size": 768}`
	tests := []struct {
		name, content string
		explicit      bool
		reported      bool
	}{
		{"README.md", "# hello", false, false},
		{"README.md", "# hello", true, true},
		{"config.json", transformers, false, false},
		{"config.json", transformers, true, false},
		{"data.json", "[1, 2", false, false},
		{"data.json", "[1, 2", true, true},
		{"model.h5", "not HDF5", false, true},
		{"empty.keras", "", false, true},
		{"empty.txt", "", false, false},
		{"a.pkl", "\x80\x04.", false, true},
		{"config.json", honest[:50], false, true},
	}
	for _, tt := range tests {
		in := input(tt.name, tt.content)
		in.Explicit = tt.explicit
		res, ok := analyzer.Analyze(context.Background(), in, analyzer.Options{})
		if ok != tt.reported {
			t.Errorf("%s (explicit %v): reported %v, want %v", tt.name, tt.explicit, ok, tt.reported)
		}
		if ok && res.Complete() {
			t.Errorf("%s: passes for a whole model", tt.name)
		}
	}
}

// TestCutShort: a file that promises nothing is not passed over in a directory when
// a limit, or a failing disk, kept it from being known.
func TestCutShort(t *testing.T) {
	c, err := formatstest.Parse("cut short", []byte("container: zip\nname: data.bin\nrepeat: weights.bin 5000 x\nzip: method weights.bin deflate\n-- weights.bin --\n"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Build("zip")
	if err != nil {
		t.Fatal(err)
	}
	in := input(b.Name, string(b.Data))
	in.Explicit = false
	for _, tt := range []struct {
		limits formats.Limits
		want   bool
	}{{formats.Limits{}, false}, {formats.Limits{Steps: 1}, true}, {formats.Limits{ReadBytes: 10}, true}} {
		if res, ok := analyzer.Analyze(context.Background(), in, analyzer.Options{Limits: tt.limits}); ok != tt.want || ok && res.Complete() {
			t.Errorf("limits %+v: reported %v, want %v", tt.limits, ok, tt.want)
		}
	}
}

// TestFingerprint: it survives a layer put in front and a longer text, and changes
// with the payload.
func TestFingerprint(t *testing.T) {
	model := func(layers string) string { return strings.Replace(honest, "[]", "["+layers+"]", 1) }
	const dense = `{"module": "keras.layers", "class_name": "Dense", "config": {"name": "d"}},   `
	const evil = `{"module": "keras.layers", "class_name": "Activation", "config": {"name": "a", "activation": {"module": "os", "class_name": "function", "config": "system"}}}`
	print := func(content string) string {
		res, _ := analyzer.Analyze(context.Background(), input("m.json", content), analyzer.Options{})
		if len(res.Findings) != 1 {
			t.Fatalf("findings %+v, want one", res.Findings)
		}
		return res.Findings[0].Fingerprint
	}
	base := print(model(evil))
	if print(model(dense+evil)) != base {
		t.Error("a layer in front changes the fingerprint")
	}
	if print(model(strings.Replace(evil, "system", "popen", 1))) == base {
		t.Error("another payload has the same fingerprint")
	}
}

func TestDiscover(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(honest), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("b/model.json")
	write("a/config.json")
	write("a/odd name")
	write(".git/objects/model.json")
	for link, target := range map[string]string{"loop": ".", "blob.json": "a/config.json", "dangling": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := analyzer.Discover([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range inputs {
		rel, err := filepath.Rel(dir, in.Name)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(rel))
	}
	want := []string{"a/config.json", "a/odd name", "b/model.json", "blob.json"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if _, err := analyzer.Discover([]string{filepath.Join(dir, "missing")}); err == nil {
		t.Error("a missing path is no error")
	}
}

func TestSpool(t *testing.T) {
	for _, n := range []int{0, 1, 8 << 20, 8<<20 + 1} {
		content := strings.Repeat("x", n)
		r, size, err := analyzer.Spool(context.Background(), strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, size)
		if _, err := r.ReadAt(got, 0); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if string(got) != content {
			t.Errorf("%d bytes come back as %d others", n, size)
		}
		if c, ok := r.(io.Closer); ok {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestFormatsAreNamed keeps the report's idea of an input together with the decoder's.
func TestFormatsAreNamed(t *testing.T) {
	res, ok := analyzer.Analyze(context.Background(), input("model.json", honest), analyzer.Options{})
	if !ok || res.Format != formats.FormatJSON || res.Size != int64(len(honest)) || reflect.ValueOf(res.Findings).Len() != 0 {
		t.Errorf("result %+v", res)
	}
}

// The index of a checkpoint comes with the sizes of the data files beside it, named by the
// user or found in a directory; other files with none.
func TestDataFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ckpt.index":                "no index",
		"ckpt.data-00000-of-00003":  "12345",
		"ckpt.data-00001-of-00003":  "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
		"ckpt.data-00002-of-00003":  strings.Repeat("x", 2000),
		"ckpt2.data-00000-of-00001": "another checkpoint's",
		"ckpt.json":                 honest,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]int64{"ckpt.data-00000-of-00003": 5, "ckpt.data-00002-of-00003": 2000}
	for _, path := range []string{dir, filepath.Join(dir, "ckpt.index")} {
		inputs, err := analyzer.Discover([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range inputs {
			if in.DataFiles != nil != strings.HasSuffix(in.Name, ".index") {
				t.Errorf("%s has data files %v", in.Name, in.DataFiles)
			}
			if diff := cmp.Diff(want, in.DataFiles); in.DataFiles != nil && diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	}
}
