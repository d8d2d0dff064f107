package rules

import (
	"io/fs"
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ArchiveSymlink finds members that are links. What is written or read through one is
// another file. Keras's own archives have none; in a tar archive links are ordinary, and
// only those count that lead out of it.
var ArchiveSymlink = &Rule{
	ID:       "archive-symlink",
	Title:    "Symbolic link in an archive",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{59},
	Check: func(p *Pass) {
		var links map[*formats.Node]map[string]string
		work := maxLinkSteps
		for _, n := range p.Nodes(formats.KindMember) {
			m := n.Member()
			if m.Mode&fs.ModeSymlink == 0 && !m.Hard {
				continue
			}
			if m.Tar {
				if links == nil {
					links = tarLinks(p)
				}
				if !leadsOut(n, links[n.Parent], &work) {
					continue
				}
				p.Reportf(n, m.Target, "Member %s is a link to %s, outside the archive: an unpacker that makes it lets the model read or replace that file.", quote(n.Name), quote(formats.Printable(m.Target)))
				continue
			}
			p.Reportf(n, m.Target, "Member %s is a symbolic link to %s: an unpacker that makes it lets the model read or replace that file.", quote(n.Name), quote(m.Target))
		}
	},
}

// tarLinks returns the targets of the symbolic links of each tar archive by their names.
func tarLinks(p *Pass) map[*formats.Node]map[string]string {
	all := map[*formats.Node]map[string]string{}
	for _, n := range p.Nodes(formats.KindMember) {
		if m := n.Member(); m.Tar && m.Mode&fs.ModeSymlink != 0 {
			if all[n.Parent] == nil {
				all[n.Parent] = map[string]string{}
			}
			all[n.Parent][path.Clean(n.Name)] = m.Target
		}
	}
	return all
}

// maxLinksFollowed is how many links a path may go through (MAXSYMLINKS of Linux).
const maxLinksFollowed = 40

// Paths longer than maxLinkTarget are taken for ones that lead out, and so are all once
// maxLinkSteps parts of paths were followed in one artifact.
const maxLinkTarget, maxLinkSteps = 1024, 1 << 18

// leadsOut reports whether a link leads out of its archive, by itself or through other
// links, as a file system would follow it once all are made.
func leadsOut(n *formats.Node, links map[string]string, work *int) bool {
	rest := n.Member().Target
	if !n.Member().Hard {
		rest = path.Dir(n.Name) + "/" + rest
		if strings.HasPrefix(n.Member().Target, "/") {
			return true
		}
	}
	if strings.HasPrefix(rest, "/") || len(rest) > maxLinkTarget {
		return true
	}
	var at []string
	steps := strings.Split(rest, "/")
	for followed := 0; len(steps) > 0; {
		if *work--; *work < 0 {
			return true
		}
		step := steps[0]
		steps = steps[1:]
		switch step {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return true
			}
			at = at[:len(at)-1]
			continue
		}
		at = append(at, step)
		target, ok := links[strings.Join(at, "/")]
		if !ok {
			continue
		}
		if strings.HasPrefix(target, "/") || len(target) > maxLinkTarget {
			return true
		}
		if followed++; followed > maxLinksFollowed {
			return false // the system refuses to open it
		}
		at = at[:len(at)-1]
		steps = append(strings.Split(target, "/"), steps...)
	}
	return false
}
