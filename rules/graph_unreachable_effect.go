package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphUnreachableEffect finds operations that would act outside the model, in
// functions and parts of the graph that nothing runs. One finding a type and graph:
// a training graph that was left behind has many.
var GraphUnreachableEffect = &Rule{
	ID:       "graph-unreachable-effect",
	Title:    "Operation that acts outside the model, in a part that nothing runs",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{561},
	Check: func(p *Pass) {
		type key struct {
			graph *formats.Node
			typ   string
		}
		var order []key
		places := map[key][]*formats.Node{}
		first := map[key]act{}
		for _, o := range p.acts() {
			if o.whose != author || o.op.When != formats.Never {
				continue
			}
			k := key{o.at.Parent, o.op.Type}
			if o.at.Parent.Kind == formats.KindFunction {
				k.graph = o.at.Parent.Parent
			}
			switch list := places[k]; {
			case list == nil:
				order = append(order, k)
				first[k] = o
			case list[len(list)-1] == o.at: // an operation that does two things
				continue
			}
			places[k] = append(places[k], o.at)
		}
		for _, k := range order {
			o, nodes := first[k], places[k]
			p.Report(Finding{At: o.at, Related: nodes[1:], Evidence: o.evidence(),
				Message: o.phrase() + " would act outside the model " + whenPhrase(o.op) + " (" + plural(len(nodes), "place") + ")."})
		}
	},
}
