package rules

import "github.com/kerasvet/kerasvet/formats"

// GraphCallerPath lists operations that read or write what the caller of the model
// names.
var GraphCallerPath = &Rule{
	ID:       "graph-caller-path",
	Title:    "Operation that reads or writes what the caller names",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{73},
	Check: func(p *Pass) {
		for _, o := range p.acts() {
			if o.whose == caller && o.op.When != formats.Never {
				p.Reportf(o.at, o.op.Type, "%s acts on a file or machine that the caller of the model names %s.", o.phrase(), whenPhrase(o.op))
			}
		}
	},
}
