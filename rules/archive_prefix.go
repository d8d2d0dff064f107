package rules

import "github.com/kerasvet/kerasvet/formats"

// ArchivePrefix finds bytes in front of an archive. Python skips them; a reader
// that goes by the first bytes takes the file for what they are.
var ArchivePrefix = &Rule{
	ID:       "archive-prefix",
	Title:    "Bytes in front of the archive",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			for _, o := range unaccounted(n, false, formats.Before) {
				p.Reportf(n, o.Begins, "%s in front of the archive%s: Python skips them and loads the model, other readers see another file.", sentence(outsidePhrase(o)), beginsPhrase(o))
			}
		}
	},
}
