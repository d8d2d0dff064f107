package rules

// PickleOpaque finds pickles that hide what they import or call.
var PickleOpaque = &Rule{
	ID:       "pickle-opaque",
	Title:    "Pickle that hides what it calls",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{502, 506},
	Check: func(p *Pass) {
		for _, k := range p.pickles() {
			if array(k.node) != nil {
				continue // npz-pickle's
			}
			for _, o := range k.opaque {
				p.Reportf(k.node, o.evidence, "%s %s.", picklePhrase(k.node), o.what)
			}
		}
	},
}
