package rules

import "github.com/kerasvet/kerasvet/formats"

// TensorFreeCall finds calls in the graph of a functional model that take no
// tensor of it. Keras records a call because of its tensors, and so writes none;
// a loader makes every call that it reads, whether an output needs it or not.
var TensorFreeCall = &Rule{
	ID:       "tensor-free-call",
	Title:    "Call in the graph of a model that takes none of its tensors",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{913},
	Check: func(p *Pass) {
		// A name that is called so is reported as what it is.
		judged := map[*formats.Node]bool{}
		for _, r := range p.references() {
			if r.judged() {
				judged[r.at] = true
			}
		}
		known := p.callersOf(judged)
		for _, c := range p.invocations() {
			if !c.constant || c.oversized != nil || known[c.callee.Node] || attribute(c.callee) != nil {
				continue
			}
			p.Reportf(c.node, c.callee.Symbol(), "%s is called while the file is loaded with constants alone (%s): the call is no part of the computation.", layerPhrase(c.node), c.callee.Symbol())
		}
	},
}
