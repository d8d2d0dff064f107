package rules

import "github.com/kerasvet/kerasvet/formats"

// HDF5ExternalLink finds links to objects in other HDF5 files.
var HDF5ExternalLink = &Rule{
	ID:       "hdf5-external-link",
	Title:    "HDF5 external link",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73, 22},
	Refs:     []string{"CVE-2026-9335", "CVE-2026-1669"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindLink) {
			if l := n.Link(); l.Type == formats.LinkExternal {
				p.Reportf(n, l.File+"\x00"+l.Path, "Link %s leads to %s in the file %s, which a loader opens.%s", quote(n.Name), quote(l.Path), quote(l.File), insideArchive(n, "external links"))
			}
		}
	},
}

// insideArchive says what holds for HDF5 read from inside a .keras, which every
// measured loader opens in memory: it follows neither links to other files nor
// virtual datasets there.
func insideArchive(n *formats.Node, what string) string {
	for ; n != nil; n = n.Parent {
		if n.Kind == formats.KindMember {
			return " Inside an archive no measured loader follows " + what + ", but Keras never writes them."
		}
	}
	return ""
}
