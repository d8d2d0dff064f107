package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ArchivePath finds members whose name leads out of the directory that the archive
// is unpacked into, on some system.
var ArchivePath = &Rule{
	ID:       "archive-path",
	Title:    "Archive member outside its directory",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{22},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindMember) {
			if how := leavesDirectory(n.Name); how != "" {
				p.Reportf(n, n.Name, "The name of member %s %s: an unpacker that follows it writes outside the directory it was told to use.", quote(n.Name), how)
			}
		}
	},
}

// leavesDirectory says how a path leaves the directory that it is relative to; empty if it
// stays below.
func leavesDirectory(name string) string {
	switch {
	case strings.HasPrefix(name, "/"):
		return "is absolute"
	case len(name) > 1 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z'):
		return "begins with a drive letter"
	case slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }), ".."):
		return `has ".." in it`
	case strings.Contains(name, `\`):
		return "has backslashes, which are separators on Windows"
	}
	return ""
}
