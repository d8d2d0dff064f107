package rules

import (
	"io/fs"

	"github.com/kerasvet/kerasvet/formats"
)

// ArchiveDevice finds members that are devices or pipes.
var ArchiveDevice = &Rule{
	ID:       "archive-device",
	Title:    "Device or pipe in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{706},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			switch mode := n.Member().Mode; {
			case mode&fs.ModeDevice != 0:
				p.Reportf(n, "device", "Member %s is a device: an unpacker that makes it gives the model access to the hardware or memory behind it.", quote(n.Name))
			case mode&fs.ModeNamedPipe != 0:
				p.Reportf(n, "pipe", "Member %s is a named pipe: a loader that opens it waits for a writer.", quote(n.Name))
			}
		}
	},
}
