package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphNetworkAtLoad finds operations that open connections as soon as a
// model is loaded.
var GraphNetworkAtLoad = &Rule{
	ID:       "graph-network-at-load",
	Title:    "Operation that opens a connection when the model is loaded",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{918},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(usesNetwork, formats.AtLoad, formats.AtUse), "opens a connection to %s")
	},
}
