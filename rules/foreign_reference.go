package rules

import "github.com/kerasvet/kerasvet/formats"

// ForeignReference finds functions of modules that are neither Keras nor the
// standard library, written as functions or in the place of a class, and attributes of Keras modules that Keras does not export.
// Keras writes every function under module builtins; only Keras 2.12 wrote the
// function's own module.
var ForeignReference = &Rule{
	ID:       "foreign-reference",
	Title:    "Reference to a function of a module outside Keras",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{470},
	Refs:     []string{"CVE-2025-1550"},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if !r.foreign() {
				continue
			}
			if r.keras {
				p.Reportf(r.at, r.symbol, "%s names %s, which Keras does not export.", layerPhrase(r.at), r.symbol)
			} else {
				p.Reportf(r.at, r.symbol, "%s names the function %s; to find it a loader imports module %s.", layerPhrase(r.at), r.symbol, topModule(r.symbol))
			}
		}
	},
}

// foreign reports whether a reference names a function of another module of
// which symbols.txt says nothing.
func (r *reference) foreign() bool {
	if r.origin != formats.OriginModule || r.known.verdict != unlisted || !r.itself() || r.handsOverClass() {
		return false
	}
	// A class entry counts too if it does not look like a class: Keras 3.0 to 3.8
	// take a function for the class and call it when the graph is rebuilt.
	return r.callable()
}
