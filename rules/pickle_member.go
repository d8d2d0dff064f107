package rules

import "github.com/kerasvet/kerasvet/formats"

// PickleMember finds pickles among the members of an archive. Those that NumPy
// would read are npz-pickle's.
var PickleMember = &Rule{
	ID:       "pickle-member",
	Title:    "Pickle in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{502},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			if c := n.Content(); c.Format == formats.FormatPickle && !c.Pickled {
				p.Reportf(n, n.Name, "Member %s is a pickle: no loader of Keras reads it, but code that does runs any function that it names.", quote(n.Name))
			}
		}
	},
}
