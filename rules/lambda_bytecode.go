package rules

// LambdaBytecode finds serialized Python functions: marshalled code objects that
// a loader turns into functions and calls.
var LambdaBytecode = &Rule{
	ID:       "lambda-bytecode",
	Title:    "Serialized Python bytecode",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{502, 94},
	Refs:     []string{"CVE-2024-3660", "CVE-2025-9905", "CVE-2025-9906", "CVE-2026-12481"},
	Check: func(p *Pass) {
		for _, f := range p.functions() {
			finding := Finding{
				At: f.At, Evidence: f.Digest, Code: f.Digest,
				Message: layerPhrase(f.At) + " carries Python bytecode in " + quote(f.Key) + f.summary() + " (SHA-256 of the code " + f.Digest + ").",
			}
			if g := f.worst(); g != nil && g.grade() != codeDangerous { // which a finding of its own shows
				finding.Listing = g.listing()
			}
			p.Report(finding)
		}
	},
}
