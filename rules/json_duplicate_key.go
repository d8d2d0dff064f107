package rules

import (
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// JSONDuplicateKey finds objects of a model's configuration that have a key twice,
// with different values: Python takes the last, other readers the first.
var JSONDuplicateKey = &Rule{
	ID:       "json-duplicate-key",
	Title:    "Key that stands twice in a configuration",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{436},
	Check: func(p *Pass) {
		// Documents with something to deserialize; few files have a contradiction.
		models := sync.OnceValue(func() map[*formats.Node]bool {
			models := map[*formats.Node]bool{}
			for _, o := range p.Objects() {
				models[o.Node.Document()] = true
			}
			return models
		})
		for _, n := range p.Nodes(formats.KindObject) {
			found := contradictions(n)
			if len(found) == 0 || !models()[n.Document()] {
				continue
			}
			for _, d := range found {
				p.Report(Finding{At: d[1], Related: d[:1], Evidence: d[1].Name,
					Message: "Key " + quote(d[1].Name) + " stands twice in one object with different values: Python takes the last, other readers may take the first."})
			}
		}
	},
}

// contradictions returns for each key of an object that has several values an
// earlier one and the last, where these differ.
func contradictions(n *formats.Node) [][]*formats.Node {
	if distinct(n.Children) {
		return nil
	}
	last := make(map[string]*formats.Node, len(n.Children))
	for _, c := range n.Children {
		last[c.Name] = c
	}
	if len(last) == len(n.Children) {
		return nil
	}
	var found [][]*formats.Node
	reported := map[string]bool{}
	for _, c := range n.Children {
		if l := last[c.Name]; c != l && !reported[c.Name] && !sameValue(c, l) {
			reported[c.Name] = true
			found = append(found, []*formats.Node{c, l})
		}
	}
	return found
}

// distinct reports whether a few nodes have different names, without a map; it is
// false for many nodes.
func distinct(nodes []*formats.Node) bool {
	const few = 16
	if len(nodes) > few {
		return false
	}
	for i, a := range nodes {
		for _, b := range nodes[:i] {
			if a.Name == b.Name {
				return false
			}
		}
	}
	return true
}

// sameValue reports whether two JSON values are written alike but for white space.
func sameValue(a, b *formats.Node) bool {
	type pair struct{ a, b *formats.Node }
	stack := []pair{{a, b}}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if t.a.Kind != t.b.Kind || t.a.Text != t.b.Text || len(t.a.Children) != len(t.b.Children) {
			return false
		}
		for i, c := range t.a.Children {
			if c.Name != t.b.Children[i].Name {
				return false
			}
			stack = append(stack, pair{c, t.b.Children[i]})
		}
	}
	return true
}
