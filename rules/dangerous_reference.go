package rules

// DangerousReference finds names in a configuration that symbols.txt calls
// dangerous, as a function, as a class, or as the symbol of a TensorFlow op layer.
var DangerousReference = &Rule{
	ID:       "dangerous-reference",
	Title:    "Reference to a Python function that acts outside the model",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{94, 470},
	Refs:     []string{"CVE-2025-1550"},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.known.verdict == dangerous {
				p.Reportf(r.at, r.symbol, "%s names %s, which %s.", layerPhrase(r.at), r.symbol, r.known.what)
			}
		}
	},
}
