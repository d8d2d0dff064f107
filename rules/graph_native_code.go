package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphNativeCode finds operations that run machine code, or a graph that is
// text, which no reader of the graph sees.
var GraphNativeCode = &Rule{
	ID:       "graph-native-code",
	Title:    "Operation that runs code that is no part of the graph",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{94},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(nativeCode, formats.AtLoad, formats.AtUse, formats.AtCall), "runs code that is no part of the graph")
	},
}
