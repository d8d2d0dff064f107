package rules

import "github.com/kerasvet/kerasvet/formats"

// PickleDangerous finds pickles that import or call what acts outside of the
// object, or change it.
var PickleDangerous = &Rule{
	ID:       "pickle-dangerous",
	Title:    "Pickle that runs commands or code, or changes the process",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{502, 94},
	Check: func(p *Pass) {
		for _, k := range p.pickles() {
			if array(k.node) != nil {
				continue // npz-pickle's
			}
			for _, n := range k.names {
				if n.grade == pickleDanger {
					p.Reportf(n.at, n.evidence(), "%s %s: %s.", picklePhrase(k.node), n.does(), n.what)
				}
			}
		}
	},
}

// evidence identifies a name with what is done with it.
func (n *pickledName) evidence() string { return n.path + " " + n.called }

// does says what a pickle does with a name.
func (n *pickledName) does() string {
	switch {
	case n.at.Kind == formats.KindCode:
		return "holds the code of " + n.path
	case n.called == "":
		return "imports " + n.path
	case n.called == "changes "+n.path:
		return n.called
	}
	return "calls " + n.called
}
