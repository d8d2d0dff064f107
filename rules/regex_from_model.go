package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// RegexFromModel finds regular expressions in a configuration that take
// exponential time on the names of layers, which are in the same configuration.
var RegexFromModel = &Rule{
	ID:       "regex-from-model",
	Title:    "Regular expression that can run forever",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{1333},
	Check: func(p *Pass) {
		report := func(owner, at *formats.Node, pattern string) {
			if backtracks(pattern) {
				p.Reportf(at, pattern, "%s has the regular expression %s, which is matched against layer names with backtracking: it can take exponential time.", layerPhrase(owner), quote(formats.Printable(pattern)))
			}
		}
		for _, key := range []key{keyPolicyMap, keyOptimizerMap} {
			for _, m := range p.keyed(key) {
				if m.Kind == formats.KindObject && effective(m) {
					for _, c := range m.Children {
						report(m.Parent, c, c.Name)
					}
				}
			}
		}
		for _, excluded := range p.keyed(keyExcludeLayers) {
			if excluded.Kind == formats.KindArray && effective(excluded) {
				for _, c := range excluded.Children {
					if c.Kind == formats.KindString {
						report(excluded.Parent, c, c.Text)
					}
				}
			}
		}
	},
}

// maxQuantifiers is how many repetitions a pattern for layer paths may have in a
// row without being suspected: each multiplies the time by the length of a name.
const maxQuantifiers = 8

// backtracks reports whether a Python pattern can take more than polynomial time,
// or a polynomial of a high degree: a repeated group that holds a repetition or a
// choice, or very many repetitions.
func backtracks(pattern string) bool {
	var open []bool // for each open group: whether it holds a repetition or a choice
	mark := func() {
		for i := range open {
			open[i] = true
		}
	}
	quantifiers, class := 0, false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if rest := strings.TrimPrefix(pattern[i+1:], "^"); strings.HasPrefix(rest, "]") {
				i += len(pattern[i+1:]) - len(rest) + 1 // a ] in front is an element
			}
		case c == '(':
			open = append(open, false)
			if strings.HasPrefix(pattern[i+1:], "?") {
				i++ // not a repetition
			}
		case c == '|':
			mark()
		case c == ')' && len(open) > 0:
			held := open[len(open)-1]
			open = open[:len(open)-1]
			if held && i+1 < len(pattern) && strings.IndexByte("*+{", pattern[i+1]) >= 0 {
				return true
			}
		case c == '*' || c == '+' || c == '?' || c == '{':
			if i > 0 && c == '?' && strings.IndexByte("*+?}", pattern[i-1]) >= 0 {
				continue // lazy
			}
			if quantifiers++; quantifiers > maxQuantifiers {
				return true
			}
			mark()
		}
	}
	return false
}
