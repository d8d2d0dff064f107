package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/rules"
)

func TestPagesAreCurrent(t *testing.T) {
	for file, print := range map[string]func(io.Writer, string) error{"RULES.md": Generate, "docs/coverage.md": Coverage} {
		var got bytes.Buffer
		if err := print(&got, "../../../testdata/rules"); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("../../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s is stale, run go generate ./rules (-file +rules):\n%s", file, diff)
		}
	}
}

// TestCatalogueIsComplete holds the catalogue to its numbers, and its caveats to
// the page that they name.
func TestCatalogueIsComplete(t *testing.T) {
	entries, err := rules.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	caveats, err := os.ReadFile("../../../docs/caveats.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range entries {
		known[e.ID] = true
		if e.Caveat == "" && len(e.Rules) == 0 {
			t.Errorf("%s has neither a rule nor a caveat", e.ID)
		}
		if e.Caveat != "" && !strings.Contains(string(caveats), "**"+e.Caveat+".**") {
			t.Errorf("%s: docs/caveats.md does not speak of %q", e.ID, e.Caveat)
		}
	}
	for _, span := range [][2]int{{1, 22}, {30, 38}, {40, 44}, {50, 66}, {70, 83}} {
		for n := span[0]; n <= span[1]; n++ {
			if id := fmt.Sprintf("T%02d", n); !known[id] {
				t.Errorf("%s is not in the catalogue", id)
			}
		}
	}
	for _, r := range rules.All() {
		for _, ref := range r.Refs {
			if strings.HasPrefix(ref, "CVE-") && !known[ref] {
				t.Errorf("rule %s refers to %s, which is not in the catalogue", r.ID, ref)
			}
		}
	}
}
