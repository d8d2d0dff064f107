package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// JSONEncoding finds documents and names whose characters not every reader decodes
// as Python does.
var JSONEncoding = &Rule{
	ID:       "json-encoding",
	Title:    "Configuration in an encoding that Keras never writes",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{172},
	Check: func(p *Pass) {
		if !slices.ContainsFunc(p.documents(), func(d *formats.Node) bool { return d.Encoding() != "utf-8" || !d.SurrogateFree() }) {
			return
		}
		seen := map[*formats.Node]bool{}
		for _, o := range p.Objects() {
			d := o.Node.Document()
			if e := d.Encoding(); e != "utf-8" && !seen[d] {
				seen[d] = true
				p.Reportf(d, e, "The document is in %s: Python detects that and loads it, readers that expect UTF-8 see nothing in it. Keras writes ASCII.", e)
			}
			if name := surrogate(o); name != "" {
				p.Reportf(o.Node, name, "The name %s has a lone surrogate in it, which Python keeps and other readers replace: they compare another name.", quote(name))
			}
		}
	},
}

// surrogate returns the first name of an object with a lone surrogate in it.
func surrogate(o formats.Object) string {
	own, _ := o.Config.GetString("name")
	for _, s := range []string{o.Module, o.Class, o.Registered, o.Name, own} {
		for i := strings.IndexByte(s, 0xed); i >= 0 && i+1 < len(s); {
			if s[i+1] >= 0xa0 {
				return s
			}
			next := strings.IndexByte(s[i+1:], 0xed)
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
	return ""
}
