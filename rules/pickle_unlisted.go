package rules

// PickleUnlisted finds pickles that import something which nobody vouches for:
// unpickling imports its module and mostly calls it.
var PickleUnlisted = &Rule{
	ID:       "pickle-unlisted",
	Title:    "Pickle that needs unknown code",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{502},
	Check: func(p *Pass) {
		for _, k := range p.pickles() {
			if array(k.node) != nil {
				continue // npz-pickle's
			}
			for _, n := range k.names {
				if n.grade == pickleUnlisted {
					p.Reportf(n.at, n.evidence(), "%s %s, of which symbols.txt knows nothing.", picklePhrase(k.node), n.does())
				}
			}
		}
	},
}
