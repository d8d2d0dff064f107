package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphProcessEnd finds operations that end the process.
var GraphProcessEnd = &Rule{
	ID:       "graph-process-end",
	Title:    "Operation that ends the process",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{705},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(endsProcess, formats.AtLoad, formats.AtUse, formats.AtCall), "ends the process that runs it")
	},
}
