package rules

import "github.com/kerasvet/kerasvet/formats"

// CustomOp lists the operations that TensorFlow does not have: a library must
// register them, and their code is not in the file. One finding a type.
var CustomOp = &Rule{
	ID:       "custom-op",
	Title:    "Operation that is not part of TensorFlow",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{829},
	Check: func(p *Pass) {
		functions := map[string]bool{}
		for _, n := range p.Nodes(formats.KindFunction) {
			functions[n.Name] = true
		}
		var order []string
		places := map[string][]*formats.Node{}
		for _, n := range p.Nodes(formats.KindOperation) {
			op := n.Operation()
			if op.Def != nil || functions[op.Type] {
				continue
			}
			if places[op.Type] == nil {
				order = append(order, op.Type)
			}
			places[op.Type] = append(places[op.Type], n)
		}
		for _, typ := range order {
			nodes := places[typ]
			p.Report(Finding{At: nodes[0], Related: nodes[1:], Evidence: typ,
				Message: quote(formats.Printable(typ)) + " is no operation of TensorFlow: a library must register it before the model loads, and runs its own code (" + plural(len(nodes), "place") + ")."})
		}
	},
}
