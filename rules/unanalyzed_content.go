package rules

import "github.com/kerasvet/kerasvet/formats"

// UnanalyzedContent makes a finding of everything that could not be read, so that
// viewers which show nothing but results still show it. The verdict does not
// depend on it: a run that left something unread is never clean, whatever rules ran.
var UnanalyzedContent = &Rule{
	ID:       "unanalyzed-content",
	Title:    "Content that could not be analysed",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{693},
	Check: func(p *Pass) {
		for _, problem := range p.Artifact.Problems {
			if problem.Code != formats.Ambiguous {
				p.Reportf(problem.At, problem.Code.String(), "Not analysed (%s): %s.", problem.Code, problem.Err)
			}
		}
	},
}
