package rules

import "github.com/kerasvet/kerasvet/formats"

// StdlibReference finds names of Python's standard library that symbols.txt does
// not know to be dangerous. Keras writes none, and to look one up a loader
// imports its module.
var StdlibReference = &Rule{
	ID:       "stdlib-reference",
	Title:    "Reference to Python's standard library",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{470, 94},
	Refs:     []string{"CVE-2025-1550"},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.origin == formats.OriginModule && r.known.verdict == stdlib {
				p.Reportf(r.at, r.symbol, "%s names %s of Python's standard library; to find it a loader imports module %s.", layerPhrase(r.at), r.symbol, topModule(r.symbol))
			}
		}
	},
}
