package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphFileWrite finds operations that write files of the author's choice
// when a model is called.
var GraphFileWrite = &Rule{
	ID:       "graph-file-write",
	Title:    "Operation that writes a file when the model is used",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(writesFiles, formats.AtCall), "writes %s")
	},
}
