package rules

// OversizedOperand finds operations of a graph that are asked for an array of an
// absurd size. A loader that rebuilds the graph allocates it.
var OversizedOperand = &Rule{
	ID:       "oversized-operand",
	Title:    "Operation that makes an array of absurd size",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789},
	Check: func(p *Pass) {
		for _, c := range p.invocations() {
			if at := c.oversized; at != nil {
				p.Reportf(at, c.callee.Symbol(), "%s makes an array of about %.0f elements when the graph is rebuilt.", layerPhrase(at), elements(at))
			}
		}
	},
}
