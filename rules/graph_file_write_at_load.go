package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphFileWriteAtLoad finds operations that write files of the author's
// choice as soon as a model is loaded.
var GraphFileWriteAtLoad = &Rule{
	ID:       "graph-file-write-at-load",
	Title:    "Operation that writes a file when the model is loaded",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{73, 94},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(writesFiles, formats.AtLoad, formats.AtUse), "writes %s")
	},
}
