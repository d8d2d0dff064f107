package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesPageIsCurrent(t *testing.T) {
	var got bytes.Buffer
	if err := Generate(&got, "../../../testdata/rules"); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../../RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("RULES.md is stale, run go generate ./rules (-file +rules):\n%s", diff)
	}
}
