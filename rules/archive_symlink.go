package rules

import (
	"io/fs"

	"github.com/kerasvet/kerasvet/formats"
)

// ArchiveSymlink finds members that are symbolic links. What is written or read
// through one is another file.
var ArchiveSymlink = &Rule{
	ID:       "archive-symlink",
	Title:    "Symbolic link in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{59},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			if m := n.Member(); m.Mode&fs.ModeSymlink != 0 {
				p.Reportf(n, m.Target, "Member %s is a symbolic link to %s: an unpacker that makes it lets the model read or replace that file.", quote(n.Name), quote(m.Target))
			}
		}
	},
}
