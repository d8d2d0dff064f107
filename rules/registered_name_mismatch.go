package rules

import "github.com/kerasvet/kerasvet/formats"

// RegisteredNameMismatch finds classes of Keras with the registered name of
// another class. Loaders ask their caller's registry first and by that name.
var RegisteredNameMismatch = &Rule{
	ID:       "registered-name-mismatch",
	Title:    "Built-in class under the registered name of another",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{843},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			o := r.object
			if !r.class || !r.itself() || o.Function() || o.Module == "" || o.Registered == "" || o.Registered == o.Class {
				continue
			}
			if canonical, _, _ := formats.Lookup(o.Registered); canonical == r.symbol {
				continue // another name of the same class
			}
			p.Reportf(o.Node.Get("registered_name"), o.Registered, "%s is %s by its module, but %s by its registered name: whoever has registered that gets it instead.", layerPhrase(o.Node), r.symbol, quote(o.Registered))
		}
	},
}
