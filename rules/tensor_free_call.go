package rules

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
		for _, c := range p.invocations() {
			if !c.constant || c.oversized != nil || c.named || attribute(c.callee) != nil {
				continue
			}
			p.Reportf(c.node, c.callee.Symbol(), "%s is called while the file is loaded with constants alone (%s): the call is no part of the computation.", layerPhrase(c.node), c.callee.Symbol())
		}
	},
}
