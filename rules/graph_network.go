package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphNetwork finds operations that open connections when a model is
// called.
var GraphNetwork = &Rule{
	ID:       "graph-network",
	Title:    "Operation that opens a connection when the model is used",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{918},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(usesNetwork, formats.AtCall), "opens a connection to %s")
	},
}
