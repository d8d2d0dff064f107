package rules

import "github.com/kerasvet/kerasvet/formats"

// TorchScriptFileAccess finds programs of TorchScript that write or map files.
var TorchScriptFileAccess = &Rule{
	ID:       "torchscript-file-access",
	Title:    "TorchScript that opens files",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindGlobal) {
			if m := n.Parent.Member(); m != nil && m.Content.Format == formats.FormatTorchScript {
				p.Reportf(n, n.Text, "Member %s is TorchScript that uses %s: it opens any file when it is called, and torch.jit.load calls what restores objects.", quote(n.Parent.Name), n.Text)
			}
		}
	},
}
