package rules

import (
	"regexp"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// TokenizerCode finds entries of an RWKV vocabulary that are not a number, a
// Python string and a number: the tokenizer evaluates the middle of each.
var TokenizerCode = &Rule{
	ID:       "tokenizer-code",
	Title:    "Python expression in a tokenizer's vocabulary",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{95},
	Check: func(p *Pass) {
		for _, r := range p.built(func(m *meaning) bool { return m.is(isRWKVTokenizer) }) {
			vocabulary := r.object.Config.Get("vocabulary")
			if vocabulary == nil || vocabulary.Kind != formats.KindArray {
				continue
			}
			var bad []*formats.Node
			for _, entry := range vocabulary.Children {
				if entry.Kind == formats.KindString && !rwkvEntry().MatchString(entry.Text) {
					bad = append(bad, entry)
				}
			}
			if len(bad) > 0 {
				p.Report(Finding{At: bad[0], Related: bad[1:], Evidence: bad[0].Text,
					Message: layerPhrase(bad[0]) + " has the vocabulary entry " + quote(formats.Printable(bad[0].Text)) + ", which is not a number, a string and a number: the tokenizer evaluates it as Python when it is loaded (" + plural(len(bad), "such place") + ")."})
			}
		}
	},
}

var isRWKVTokenizer = oneOf("RWKVTokenizer", "RWKV7Tokenizer")

// rwkvEntry matches a token's number, its text as a Python string or bytes
// literal, and its length.
var rwkvEntry = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*[0-9]+ +[bBuUrR]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*") +[0-9]+\s*$`)
})
