package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

// Coverage prints docs/coverage.md: every known construct and advisory with the
// rules that find it and their cases, or the caveat that says why none does.
func Coverage(w io.Writer, cases string) error {
	entries, err := rules.Catalogue()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "# Coverage\n\nPrinted from `rules/catalogue.txt` by `go generate ./rules`; not edited by hand. Cases are counted per rule, hostile and harmless.\n\n| id | construct | found by |\n|---|---|---|\n")
	for _, e := range entries {
		if e.Caveat != "" {
			fmt.Fprintf(w, "| %s | %s | caveat: [%s](caveats.md) |\n", e.ID, e.What, e.Caveat)
			continue
		}
		var found []string
		for _, r := range e.Rules {
			bad, _ := filepath.Glob(filepath.Join(cases, r.ID, "bad-*.txtar"))
			ok, _ := filepath.Glob(filepath.Join(cases, r.ID, "ok-*.txtar"))
			found = append(found, fmt.Sprintf("[%s](../RULES.md#%s) (%d, %d)", r.ID, r.ID, len(bad), len(ok)))
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", e.ID, e.What, strings.Join(found, ", "))
	}
	return nil
}
