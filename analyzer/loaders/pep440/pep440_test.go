package pep440_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

//go:generate sh -c "python3 testdata/record.py > testdata/packaging.txt"

// TestPackaging holds every answer to the recorded ones of the PyPA library.
func TestPackaging(t *testing.T) {
	table, err := os.ReadFile("testdata/packaging.txt")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(table)) {
		if line[0] == '#' {
			continue
		}
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		dec := json.NewDecoder(strings.NewReader(rest))
		var args []string
		for {
			var arg string
			at := dec.InputOffset()
			if dec.Decode(&arg) != nil {
				rest = strings.TrimSpace(rest[at:])
				break
			}
			args = append(args, arg)
		}
		if got := answer(t, kind, args); got != rest {
			t.Errorf("%s %q: %s, packaging %s", kind, args, got, rest)
		}
		counts[kind]++
	}
	for _, kind := range []string{"version", "order", "spec", "empty", "match"} {
		if counts[kind] < 20 {
			t.Errorf("%d lines %q", counts[kind], kind)
		}
	}
	t.Logf("lines: %v", counts)
}

func answer(t *testing.T, kind string, args []string) string {
	number := func(b bool) string {
		if b {
			return "-> 1"
		}
		return "-> 0"
	}
	switch kind {
	case "version":
		v, err := pep440.Parse(args[0])
		if err != nil {
			return "invalid"
		}
		text, _ := json.Marshal(v.String())
		return "-> " + string(text)
	case "order":
		return "-> " + map[int]string{-1: "-1", 0: "0", 1: "1"}[version(t, args[0]).Compare(version(t, args[1]))]
	case "spec":
		if _, err := pep440.ParseSpecifiers(args[0]); err != nil {
			return "invalid"
		}
		return "valid"
	}
	s, err := pep440.ParseSpecifiers(args[0])
	if err != nil {
		return err.Error()
	}
	if kind == "empty" {
		return number(s.Set().IsEmpty())
	}
	return number(s.Match(args[1]))
}

func version(t testing.TB, text string) pep440.Version {
	t.Helper()
	v, err := pep440.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func set(t testing.TB, text string) pep440.Set {
	t.Helper()
	s, err := pep440.ParseSpecifiers(text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Set()
}

func TestSetAlgebra(t *testing.T) {
	tests := []struct {
		scenario string
		got      pep440.Set
		want     string // a specifier set with the same versions
	}{
		{"a union that touches", set(t, "<2.dev0").Union(set(t, ">=2.dev0")), ""},
		{"a union with a hole", set(t, "<1").Union(set(t, ">=2.dev0")), "!=1.*"},
		{"the complement of a point", set(t, "==1").Complement(), "!=1"},
		{"nothing", set(t, "").Complement(), "<1,>2"},
		{"up to a last version", pep440.Through(pep440.Version{}, version(t, "3.7.0")), "<=3.7.0"},
		{"without an end", pep440.Between(version(t, "3.0.0rc1"), pep440.Version{}), ">=3.0.0rc1"},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			want := set(t, tt.want)
			if !tt.got.SubsetOf(want) || !want.SubsetOf(tt.got) {
				t.Errorf("not the versions of %q", tt.want)
			}
		})
	}
}

// TestBetween: no specifier reaches up to a release with its pre-releases, so the
// versions are tried.
func TestBetween(t *testing.T) {
	s := pep440.Between(version(t, "3.0.0"), version(t, "3.9.0"))
	for text, in := range map[string]bool{"3.0.0.dev1": true, "2.15.0": false, "3.9.0rc1": true, "3.9.0": false, "3.8.0+local": true} {
		if got := s.Contains(version(t, text)); got != in {
			t.Errorf("contains %s: %v", text, got)
		}
	}
}

func TestLengthIsBounded(t *testing.T) {
	long := "1." + strings.Repeat("9", pep440.MaxLength)
	if _, err := pep440.Parse(long); err == nil || !strings.Contains(err.Error(), "at most 1024") {
		t.Errorf("a version of %d bytes: %v", len(long), err)
	}
	if _, err := pep440.ParseSpecifiers("==" + long); err == nil {
		t.Error("a long specifier is read")
	}
	if _, err := pep440.ParseSpecifiers(strings.Repeat(">1,", 65)); err == nil {
		t.Error("65 clauses are read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1!2.3rc4.post5.dev6+local.7", ">=1,!=2.*,~=3.4")
	f.Fuzz(func(t *testing.T, a, b string) {
		if v, err := pep440.Parse(a); err == nil {
			w, err := pep440.Parse(v.String())
			if err != nil || v.Compare(w) != 0 {
				t.Errorf("%q and its normal form %q differ: %v", a, v, err)
			}
		}
		if s, err := pep440.ParseSpecifiers(b); err == nil {
			inside := s.Set()
			outside := inside.Complement()
			if !inside.Intersect(outside).IsEmpty() {
				t.Errorf("%q meets its complement", b)
			}
			if v, err := pep440.Parse(a); err == nil && inside.Contains(v) == outside.Contains(v) {
				t.Errorf("%q is in %q and its complement, or in neither", a, b)
			}
		}
	})
}
