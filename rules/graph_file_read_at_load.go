package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphFileReadAtLoad finds operations that read files of the author's choice
// as soon as a model is loaded.
var GraphFileReadAtLoad = &Rule{
	ID:       "graph-file-read-at-load",
	Title:    "Operation that reads a file outside the model when it is loaded",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73, 200},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(readsFiles, formats.AtLoad, formats.AtUse), "reads %s")
	},
}
