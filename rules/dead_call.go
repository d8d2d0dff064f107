package rules

import "github.com/kerasvet/kerasvet/formats"

// DeadCall finds calls in the graph of a functional model that no output needs.
// Keras 3 writes only what it meets on the way from the outputs to the inputs; a
// loader makes every call that it reads.
var DeadCall = &Rule{
	ID:       "dead-call",
	Title:    "Call in the graph of a model that no output needs",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{913},
	Check: func(p *Pass) {
		dead := map[*formats.Node]bool{}
		for _, g := range p.graphs() {
			for i, needed := range g.reachable(g.outputs) {
				if !needed && len(g.outputs) > 0 {
					dead[g.calls[i].node] = true
				}
			}
		}
		for _, c := range p.invocations() {
			if dead[c.node] && !c.constant && !c.named && c.oversized == nil {
				p.Reportf(c.node, c.callee.Symbol(), "%s is called while the file is loaded, but no output of the model needs it.", layerPhrase(c.node))
			}
		}
	},
}
