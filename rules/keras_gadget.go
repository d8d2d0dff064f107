package rules

// KerasGadget finds functions of Keras itself that a configuration makes the
// loader call although no model needs them: loaders, downloaders, file writers,
// and the switches of safe mode.
var KerasGadget = &Rule{
	ID:       "keras-gadget",
	Title:    "Keras loader, downloader or file writer used as part of a model",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{470, 502},
	Refs:     []string{"CVE-2025-8747", "CVE-2025-9906"},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.known.verdict == gadget {
				p.Reportf(r.at, r.symbol, "%s names %s, which %s.", layerPhrase(r.at), r.symbol, r.known.what)
			}
		}
	},
}
