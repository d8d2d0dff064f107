package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphDebugSink finds operations of TensorFlow's debugger, which write tensors
// to files or send them to another machine.
var GraphDebugSink = &Rule{
	ID:       "graph-debug-sink",
	Title:    "Operation that sends tensors to a debugger",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{532, 73},
	Check: func(p *Pass) {
		p.reportActs(p.chosen(debugSink, formats.AtLoad, formats.AtUse, formats.AtCall), "writes the tensor it is given to %s")
	},
}
