package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphFileRead finds operations that read files of the author's choice when a
// model is called.
var GraphFileRead = &Rule{
	ID:       "graph-file-read",
	Title:    "Operation that reads a file outside the model when it is used",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{73, 200},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(readsFiles, formats.AtCall), "reads %s")
	},
}
