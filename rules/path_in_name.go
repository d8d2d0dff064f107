package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// PathInName finds names of layers and other objects that leave the folder in
// which a path is built from them.
var PathInName = &Rule{
	ID:       "path-in-name",
	Title:    "Name that is a path out of the model's folder",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{22},
	Refs:     []string{"CVE-2026-12479"},
	Check: func(p *Pass) {
		if !slices.ContainsFunc(p.keyed(keyName), func(n *formats.Node) bool { return nameLeaves(n.Text) != "" }) {
			return
		}
		objects := p.Objects()
		for i := range objects {
			o := &objects[i]
			seen := ""
			for _, at := range []*formats.Node{o.Config.Get("name"), o.Node.Get("name")} {
				if at == nil || at.Kind != formats.KindString || at.Text == seen {
					continue
				}
				if how := nameLeaves(at.Text); how != "" {
					seen = at.Text
					p.Reportf(at, at.Text, "%s is called %s, which has %s: saving or loading builds paths from the name.", sentence(o.Class), quote(formats.Printable(at.Text)), how)
				}
			}
		}
	},
}

// nameLeaves says what takes a name out of its folder. A slash alone does not:
// names such as block1/conv come from TensorFlow's graphs.
func nameLeaves(name string) string {
	switch {
	case !strings.ContainsAny(name, "\x00.:/\\"):
		return ""
	case strings.ContainsRune(name, 0):
		return "a NUL character"
	case climbs(name):
		return "the component .."
	case strings.HasPrefix(name, "/") || strings.HasPrefix(name, `\`) || drive().MatchString(name):
		return "the form of an absolute path"
	}
	return ""
}
