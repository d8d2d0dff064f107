package rules

import "github.com/kerasvet/kerasvet/formats"

// AmbiguousArchive finds files that two readers take for different things: the
// loader sees one model, a scanner or the next version of the loader another.
var AmbiguousArchive = &Rule{
	ID:       "ambiguous-archive",
	Title:    "Readers disagree about what the file holds",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		for _, problem := range p.Artifact.Problems {
			if problem.Code == formats.Ambiguous {
				text := problem.Err.Error()
				p.Report(Finding{At: problem.At, Evidence: text, Message: sentence(text) + ".", Python: problem.Python})
			}
		}
	},
}
