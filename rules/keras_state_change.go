package rules

// KerasStateChange finds functions whose effect outlives the model: settings of
// Keras or TensorFlow that every other model of the process then runs with.
var KerasStateChange = &Rule{
	ID:       "keras-state-change",
	Title:    "Function that changes settings of the whole process",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{913, 470},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.known.verdict == state {
				p.Reportf(r.at, r.symbol, "%s names %s, which %s.", layerPhrase(r.at), r.symbol, r.known.what)
			}
		}
	},
}
