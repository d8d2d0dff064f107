package rules

import (
	"fmt"
	"iter"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// YAMLPythonTag finds YAML values that make PyYAML construct or call something of Python.
var YAMLPythonTag = &Rule{
	ID:       "yaml-python-tag",
	Title:    "YAML tag that calls Python",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{502},
	Refs:     []string{"CVE-2021-37678"},
	Check: func(p *Pass) {
		for _, t := range yamlTags(p) {
			if t.calls && t.grade > pickleSafe && !(t.grade == pickleKnown && !t.applies) {
				p.Reportf(t.at, t.tag, "The tag !!python/%s makes PyYAML %s while the YAML is read%s.", formats.Printable(t.tag), t.does(), t.why())
			}
		}
	},
}

// YAMLPythonName finds YAML values that make PyYAML look up a name of Python.
var YAMLPythonName = &Rule{
	ID:       "yaml-python-name",
	Title:    "YAML tag that imports Python",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{502},
	Refs:     []string{"CVE-2021-37678"},
	Check: func(p *Pass) {
		for _, t := range yamlTags(p) {
			if !t.calls && t.grade > pickleKnown {
				p.Reportf(t.at, t.tag, "The tag !!python/%s makes PyYAML %s while the YAML is read%s.", formats.Printable(t.tag), t.does(), t.why())
			}
		}
	},
}

// tagged yields the values in YAML documents that have a tag of Python.
func (p *Pass) tagged() iter.Seq[*formats.Node] {
	return func(yield func(*formats.Node) bool) {
		for _, d := range p.documents() {
			if !d.Tagged() {
				continue
			}
			for n := range d.All() {
				if n.Tag() != "" && !yield(n) {
					return
				}
			}
		}
	}
}

// yamlTag is one tag of Python.
type yamlTag struct {
	at      *formats.Node
	tag     string // without the part that all have: "object/apply:os.system"
	name    string // what it names
	calls   bool   // it calls what it names, or makes an instance of it
	applies bool   // it calls whatever that is
	pickleName
}

// yamlTags returns the tags of Python in YAML documents. Unknown ones call nothing that
// PyYAML knows.
func yamlTags(p *Pass) []yamlTag {
	var tags []yamlTag
	for n := range p.tagged() {
		text := n.Tag()
		kind, name, _ := strings.Cut(text, ":")
		t := yamlTag{at: n, tag: text, name: name}
		switch kind {
		case "object/apply":
			t.calls, t.applies = true, true
		case "object", "object/new":
			t.calls = true
		}
		if !strings.Contains(name, ".") && kind != "module" {
			name = "builtins." + name
		}
		t.pickleName = judgePickled(name)
		if t.calls && t.grade < pickleDanger && keyBelow(n, template) {
			t.pickleName = pickleName{pickleDanger, "runs the source that it keeps under " + template}
			t.applies = false
		}
		tags = append(tags, t)
	}
	return tags
}

// keyBelow reports whether a key stands anywhere in a value.
func keyBelow(n *formats.Node, key string) bool {
	for c := range n.All() {
		if c.Name == key {
			return true
		}
	}
	return false
}

// does says what the tag makes PyYAML do.
func (t *yamlTag) does() string {
	name := quote(formats.Printable(t.name))
	switch {
	case t.applies:
		return "import and call " + name
	case t.calls:
		return fmt.Sprintf("import %s and make an instance of it", name)
	}
	return "import " + name
}

// why adds what is known of the name.
func (t *yamlTag) why() string {
	if t.what == "" {
		return ""
	}
	return fmt.Sprintf(", which %s", t.what)
}
