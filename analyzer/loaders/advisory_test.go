package loaders_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

func embedded(t testing.TB) loaders.Database {
	t.Helper()
	db, err := loaders.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func ids(a loaders.Advisory) []string { return append([]string{a.ID}, a.Aliases...) }

// TestEmbeddedIsComplete holds the list to the catalogue of rules: the same CVEs,
// each with rules that find it there.
func TestEmbeddedIsComplete(t *testing.T) {
	catalogue, err := os.ReadFile("../../rules/catalogue.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for line := range strings.Lines(string(catalogue)) {
		if id, rest, ok := strings.Cut(line, " | "); ok && strings.HasPrefix(id, "CVE-") {
			lines[id] = rest
		}
	}
	if len(lines) < 20 {
		t.Fatalf("%d CVEs in the catalogue", len(lines))
	}
	for _, a := range embedded(t).Advisories {
		for _, id := range ids(a) {
			rest, ok := lines[id]
			if !ok {
				continue
			}
			delete(lines, id)
			for _, rule := range a.Rules {
				if !slices.Contains(strings.Fields(rest), rule) {
					t.Errorf("%s: rule %s is not in the catalogue's line %q", id, rule, rest)
				}
			}
			if len(a.Rules) == 0 && !strings.Contains(rest, "| caveat ") {
				t.Errorf("%s: no rule here, in the catalogue %q", id, rest)
			}
		}
		for _, rule := range a.Rules {
			if _, err := os.Stat("../../rules/doc/" + rule + ".md"); err != nil {
				t.Errorf("%s: no rule %s", a.ID, rule)
			}
		}
	}
	if len(lines) > 0 {
		t.Errorf("not in advisories.txt: %v", lines)
	}
}

// TestEmbeddedHasTheResearch holds the list to the table of advisories that was
// researched, which is not committed.
func TestEmbeddedHasTheResearch(t *testing.T) {
	page, err := os.ReadFile("../../../shared/THREATS.md")
	if err != nil {
		t.Skipf("shared data is not here: %v", err)
	}
	known := map[string]bool{}
	for _, a := range embedded(t).Advisories {
		for _, id := range ids(a) {
			known[id] = true
		}
	}
	number := regexp.MustCompile(`(?m)^\| (CVE-[0-9-]+) \| (GHSA-[a-z0-9-]+)(?:.*?(PYSEC-[0-9-]+))?`)
	rows := number.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		for _, id := range row[1:] {
			if id != "" && !known[id] {
				t.Errorf("%s is not in advisories.txt", id)
			}
		}
	}
}

func TestEmbeddedAge(t *testing.T) {
	db := embedded(t)
	if age := db.Age(db.Date.Add(91 * 24 * time.Hour)); age <= loaders.Stale {
		t.Errorf("after 91 days the age is %v", age)
	}
	if age := db.Age(db.Date.Add(89 * 24 * time.Hour)); age > loaders.Stale {
		t.Errorf("after 89 days the age is %v", age)
	}
}

func TestApplies(t *testing.T) {
	tests := []struct {
		scenario string
		pins     []string
		want     []string // ID, state, package and "disagreed"
	}{
		{"the newest release", []string{"3.15.1"}, nil},
		{"the newest release of the older line: the advisories name later fixes than the source", []string{"3.12.4"}, []string{
			"CVE-2026-12570 certain keras disagreed", "CVE-2026-11816 certain keras disagreed", "CVE-2026-1462 certain keras disagreed"}},
		{"a candidate of a fixed release", []string{"3.15.0rc1"}, []string{
			"CVE-2026-12570 certain keras", "CVE-2026-9335 certain keras", "CVE-2026-12484 certain keras", "CVE-2026-12482 certain keras",
			"CVE-2026-12481 certain keras", "CVE-2026-12480 certain keras disagreed", "CVE-2026-12479 certain keras"}},
		{"a range of which some is affected", []string{">=3.14"}, []string{
			"CVE-2026-12570 possible keras", "CVE-2026-9335 possible keras", "CVE-2026-12484 possible keras", "CVE-2026-12482 possible keras",
			"CVE-2026-12481 possible keras", "CVE-2026-12480 possible keras", "CVE-2026-12479 possible keras"}},
		{"tf-keras has no advisories, and holes", []string{"tf-keras==2.21.0"}, []string{
			"unassigned-tf-keras-import certain tf-keras", "unassigned-tf-keras-h5-lambda certain tf-keras",
			"unassigned-tf-keras-h5-files certain tf-keras", "unassigned-tf-keras-vocabulary certain tf-keras"}},
		{"KerasHub under its former name", []string{"keras-nlp==0.25.0"}, []string{
			"unassigned-keras-hub-rwkv certain keras-nlp", "unassigned-keras-hub-tokenizer-path certain keras-nlp"}},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			var got []string
			for _, m := range loaders.Applies(pins(t, tt.pins...), embedded(t).Advisories) {
				s := fmt.Sprintf("%s %s %s", m.Advisory.ID, m.State, m.Pin.Package)
				if m.Disagreed {
					s += " disagreed"
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUnknownCountsAsAffected: where no version is known every advisory of keras applies.
func TestUnknownCountsAsAffected(t *testing.T) {
	var all int
	for _, a := range embedded(t).Advisories {
		if a.Package == "keras" {
			all++
		}
	}
	for _, text := range []string{"keras", "tensorflow==2.19.0", "keras-core==0.1.7"} {
		var keras int
		for _, m := range loaders.Applies(pins(t, text), embedded(t).Advisories) {
			if m.Advisory.Package == "keras" && m.State == loaders.Undetermined {
				keras++
			}
		}
		if keras != all {
			t.Errorf("%s: %d of %d advisories", text, keras, all)
		}
	}
	// tf.keras of TensorFlow 2.12 is keras 2.12.
	matches := loaders.Applies(pins(t, "tensorflow==2.12.1"), embedded(t).Advisories)
	if i := slices.IndexFunc(matches, func(m loaders.Match) bool { return m.Advisory.ID == "CVE-2024-3660" }); i < 0 || matches[i].State != loaders.Certain || matches[i].Pin.Via != "tensorflow" {
		t.Errorf("CVE-2024-3660 is not found through TensorFlow 2.12: %v", i)
	}
}

func TestFixedInWords(t *testing.T) {
	got := map[string]string{}
	for _, a := range embedded(t).Advisories {
		got[a.ID] = a.Fixed()
	}
	for id, want := range map[string]string{
		"CVE-2026-12570": "3.15.0 (advisory), 3.12.3 and 3.15.0 (source)",
		"CVE-2024-55459": "no fix",
	} {
		if got[id] != want {
			t.Errorf("%s: fixed in %q, want %q", id, got[id], want)
		}
	}
}
