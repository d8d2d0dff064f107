package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ExecutableMember finds programs and scripts among the members of an archive.
var ExecutableMember = &Rule{
	ID:       "executable-member",
	Title:    "Program or script in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{506},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			switch c := n.Content(); {
			case n.Member().Tar && !machineCode(c), c.Format == formats.FormatTorchScript:
				// Code stands beside models in archives of whole directories, and TorchScript in its own.
			case c.Program:
				p.Reportf(n, c.Begins, "Member %s is %s: a model has no need of it, and Keras writes members to disk.", quote(n.Name), c.Begins)
			case programName(n):
				p.Reportf(n, n.Name, "Member %s is named as a program or script: a model has no need of it, and Keras writes members to disk.", quote(n.Name))
			}
		}
	},
}

// machineCode reports whether a member begins as a program that is no script.
func machineCode(c *formats.Content) bool { return c.Program && !strings.Contains(c.Begins, "script") }

// programEndings are the names of what an interpreter or a system runs.
var programEndings = map[string]bool{
	".py": true, ".pyw": true, ".pyc": true, ".pyo": true, ".pyd": true, ".so": true, ".dylib": true, ".dll": true, ".exe": true, ".com": true,
	".scr": true, ".msi": true, ".sh": true, ".bash": true, ".bat": true, ".cmd": true, ".ps1": true, ".vbs": true, ".js": true, ".jar": true,
	".class": true, ".php": true, ".pl": true, ".rb": true, ".lnk": true,
}

// programName reports whether a member that holds something is named as a program.
func programName(n *formats.Node) bool {
	return n.Member().Size > 0 && programEndings[strings.ToLower(path.Ext(n.Name))] && !resourceFork(n.Name)
}

// resourceFork reports whether macOS put a member into the archive beside another
// one to keep its attributes.
func resourceFork(name string) bool { return strings.HasPrefix(name, "__MACOSX/") }
