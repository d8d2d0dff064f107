package rules

import (
	"fmt"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// layerPhrase begins a sentence about a node: the layer it belongs to, or, where
// there is none, the document.
func layerPhrase(n *formats.Node) string {
	if name := n.LayerName(); name != "" {
		return fmt.Sprintf("Layer %q", name)
	}
	return "The configuration"
}

// looksLikeClass reports whether the last component of a dotted name begins with
// a capital letter, as the classes of Keras and nearly all others do.
func looksLikeClass(symbol string) bool {
	last := lastName(symbol)
	last = strings.TrimLeft(last, "_")
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

// topModule is the first component of a dotted name.
func topModule(symbol string) string {
	top, _, _ := strings.Cut(symbol, ".")
	return top
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// quote writes a name from a model in a message. Reporters sanitise what is in it.
func quote(s string) string { return `"` + s + `"` }

// list writes names from a model, the first few of many.
func list(names []string) string {
	const most = 3
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(n))
	}
	return b.String()
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
