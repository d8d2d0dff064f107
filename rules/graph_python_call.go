package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphPythonCall finds operations that call Python functions.
var GraphPythonCall = &Rule{
	ID:       "graph-python-call",
	Title:    "Operation that calls a Python function of the process",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{749},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(callsPython, formats.AtLoad, formats.AtUse, formats.AtCall), "calls a Python function that the process has registered")
	},
}
