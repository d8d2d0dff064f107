package loaders

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

// TestAdvisoryNotation: one parser, which refuses what it does not know.
func TestAdvisoryNotation(t *testing.T) {
	const good = "date 2026-11-24\nadvisory CVE-1\n published 2026-01\n package keras\n affected advisory 0..<3.0\n fixed advisory 3.0\n what it\n rule r\n"
	if _, err := parseAdvisories("good", good); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ scenario, old, new, want string }{
		{"an unknown word", " rule r", " rules r", `f:8:1: "rules" is no word of an advisory`},
		{"a word outside of a block", "date 2026-11-24", "what x", `f:1:1: "what" outside of an advisory, or unknown`},
		{"a word without a value", " what it", " what", `f:7:1: "what" says nothing`},
		{"a word twice", " rule r", " package keras", `f:8:1: "CVE-1 package" stands in line 4 already`},
		{"an id twice", " rule r", "advisory CVE-1", `f:8:1: "CVE-1" stands in line 2 already`},
		{"an alias that is an id", " rule r", " alias CVE-1", `f:8:1: "CVE-1" stands in line 2 already`},
		{"a rule twice", " rule r\n", " rule r\n rule r\n", `f:9:1: "CVE-1 rule r" stands in line 8 already`},
		{"a package of no interest", "package keras", "package requests", `f:4:1: "requests" is no package of interest`},
		{"a range that is none", "0..<3.0", "<3.0", `f:5:1: "<3.0" is no range: A..<B, A..B or A.. is expected`},
		{"a range without a version in it", "0..<3.0", "3.1..<3.0", `f:5:1: range "3.1..<3.0" has no version in it`},
		{"a version that is none", "0..<3.0", "0..<x", `f:5:1: "x" is not a version (PEP 440)`},
		{"fixed and affected", "fixed advisory 3.0", "fixed advisory 2.9", `f:6:1: 2.9 is fixed and affected, says advisory`},
		{"fixed by someone who said nothing", "fixed advisory", "fixed source", `f:6:1: fixed: "source" says nothing of affected versions above`},
		{"nothing said of a fix", " fixed advisory 3.0\n", "", `f:8:1: CVE-1 lacks what advisory calls fixed`},
		{"no day", "2026-11-24", "today", `f:1:1: "today" is no day: one such as 2026-11-24 is expected`},
		{"no date", "date 2026-11-24\n", "", `f:8:1: a date is expected`},
		{"no package", " package keras\n", "", `f:8:1: CVE-1 lacks "package"`},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			text := strings.Replace(good, tt.old, tt.new, 1)
			if text == good {
				t.Fatal("the scenario changes nothing")
			}
			_, err := parseAdvisories("f", text)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func FuzzAdvisories(f *testing.F) {
	f.Add(advisoriesText)
	f.Fuzz(func(t *testing.T, text string) {
		db, err := parseAdvisories("f", text)
		if err == nil && db.Date.IsZero() {
			t.Error("a list without a date")
		}
	})
}

// FuzzTOML holds what may be defined twice to the library's decoder, which knows,
// at its leisure.
func FuzzTOML(f *testing.F) {
	for _, name := range []string{"uv.lock", "pylock.toml"} {
		data, err := os.ReadFile("testdata/locks/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 2000)])
	}
	for _, text := range []string{"[a.b]\nc.d=1\n[a]\nx.y=2\n", "[[a]]\n[a.b]\n[[a]]\n[a.b]\n[[a.c]]\n", "a={b.c=1,b.d=2}\n", "[a]\n[a.b.c]\n[a.b]\n", "a.b=1\n[a]\n", "[a.b]\n[a]\nb.c=1\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var whole map[string]any
		want := toml.Unmarshal(data, &whole)
		_, got := parseTOML(&source{name: "f", data: data})
		if got == nil && want != nil && strings.Contains(want.Error(), "already") || got != nil && want == nil && !strings.Contains(got.Error(), "nested deeper") {
			t.Errorf("%q: %v, the library: %v", data, got, want)
		}
	})
}

//go:generate sh -c "python3 testdata/yaml.py > testdata/yaml.jsonl"

// TestYAML: what is read is what PyYAML reads, as recorded; more may be refused.
func TestYAML(t *testing.T) {
	table, err := os.ReadFile("testdata/yaml.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var read, refused, strict int
	for line := range strings.Lines(string(table)) {
		var row [2]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		text := row[0].(string)
		n, err := parseYAML(&source{name: "f", data: []byte(text)})
		switch {
		case err != nil && row[1] == nil:
			refused++
		case err != nil:
			strict++
		default:
			read++
			if got := plain(n); !cmp.Equal(got, row[1]) && !empty(got, row[1]) {
				t.Errorf("%q: %v, PyYAML %v", text, got, row[1])
			}
		}
	}
	if read < 500 || strict > read/5 {
		t.Errorf("%d read, %d refused, %d refused that PyYAML reads", read, refused, strict)
	}
	t.Logf("%d read, %d refused, %d refused that PyYAML reads", read, refused, strict)
}

func plain(n *node) any {
	switch n.kind {
	case list:
		items := []any{}
		for _, i := range n.items {
			items = append(items, plain(i))
		}
		return items
	case table:
		fields := map[string]any{}
		for _, f := range n.fields {
			fields[f.key] = plain(f.value)
		}
		return fields
	}
	return n.text
}

// empty tells whether both are documents without anything in them.
func empty(a, b any) bool {
	m, ok := a.(map[string]any)
	return ok && len(m) == 0 && b == ""
}
