package rules

import "github.com/kerasvet/kerasvet/formats"

// PickleMember finds pickles among the members of an archive that do nothing worse
// than being there. Those that NumPy would read are npz-pickle's, and those of
// torch.save are the content of the archive.
var PickleMember = &Rule{
	ID:       "pickle-member",
	Title:    "Pickle in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{502},
	Check: func(p *Pass) {
		for _, h := range p.holders() {
			n := h.at
			if n.Kind == formats.KindMember && !n.Member().Tar && !h.array && !torchPickle(n) && !torchScriptPickle(n) && h.worst() < pickleUnlisted {
				p.Reportf(n, n.Name, "Member %s is a pickle: no loader of Keras reads it, but code that does runs any function that it names.", quote(n.Name))
			}
		}
	},
}
