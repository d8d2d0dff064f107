package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// KerasFunctionPath finds functions of Keras that are named by module, where Keras
// itself writes every function under module builtins.
var KerasFunctionPath = &Rule{
	ID:       "keras-function-path",
	Title:    "Keras function named in a way that Keras does not write",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{470},
	Check: func(p *Pass) {
		found := map[*formats.Node]bool{}
		for _, r := range p.references() {
			if r.functionPath() {
				found[r.at] = true
			}
		}
		// Calls that are reported as calls need no second finding.
		if len(found) > 0 {
			for _, c := range p.invocations() {
				if c.constant || c.oversized != nil {
					for n := range within(c.node) {
						delete(found, n)
					}
					delete(found, c.callee.Node)
				}
			}
		}
		for _, r := range p.references() {
			if found[r.at] {
				p.Reportf(r.at, r.symbol, "%s names the function %s by its module; Keras writes no such reference, and what it is given to may call it.", layerPhrase(r.at), r.symbol)
			}
		}
	},
}

// functionPath reports whether the reference is a harmless function of Keras by
// its path. Keras 2.12 wrote the modules of activations, losses and the like.
func (r *reference) functionPath() bool {
	if !r.itself() || r.object.Module == "builtins" || r.object.Module == "" || r.class || layerEntry(r.at) {
		return false
	}
	if r.origin != formats.OriginKeras || r.known.verdict > safe || r.handsOverClass() {
		return false
	}
	for _, m := range writtenModules {
		if strings.HasPrefix(r.symbol, m) {
			return false
		}
	}
	return true
}

var writtenModules = []string{"keras.activations.", "keras.losses.", "keras.metrics.", "keras.initializers.", "keras.regularizers.", "keras.constraints.", "keras.backend."}
