package rules

import "strings"

// GraphCycle finds functional models in which a layer waits for its own output.
var GraphCycle = &Rule{
	ID:       "graph-cycle",
	Title:    "Layer that takes its own output as input",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{835},
	Check: func(p *Pass) {
		for _, g := range p.graphs() {
			if cycle := g.cycle(); cycle != nil {
				var names []string
				for _, c := range cycle {
					names = append(names, c.layer)
				}
				at := cycle[0].node
				p.Reportf(at, strings.Join(names, "\x00"), "Layer %s waits for its own output, by way of %s: some loaders never finish rebuilding the graph.", quote(names[0]), list(names))
			}
		}
	},
}
