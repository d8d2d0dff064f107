package rules

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed catalogue.txt
var catalogueText string

// Entry is a row of the catalogue of known constructs and advisories.
type Entry struct {
	ID     string // T-number or CVE number
	What   string
	Rules  []*Rule // that find it; empty if there is a caveat
	Caveat string  // heading of docs/caveats.md that says why no rule does
}

// Catalogue returns the known constructs and advisories and what finds them. It
// refuses a row that stands twice, one without an answer, and unknown rules.
func Catalogue() ([]Entry, error) {
	var entries []Entry
	seen := map[string]bool{}
	for n, line := range strings.Split(catalogueText, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) != 3 || seen[f[0]] {
			return nil, fmt.Errorf("catalogue.txt:%d: %q is not a new row of three fields", n+1, line)
		}
		seen[f[0]] = true
		e := Entry{ID: f[0], What: f[1]}
		if caveat, ok := strings.CutPrefix(f[2], "caveat "); ok {
			e.Caveat = caveat
		} else {
			for _, id := range strings.Fields(f[2]) {
				r := ByID(id)
				if r == nil {
					return nil, fmt.Errorf("catalogue.txt:%d: unknown rule %q", n+1, id)
				}
				e.Rules = append(e.Rules, r)
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}
