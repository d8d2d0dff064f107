package rules

import "github.com/kerasvet/kerasvet/formats"

// FeatureColumnFile finds TensorFlow feature columns that read a vocabulary or a
// checkpoint from a file.
var FeatureColumnFile = &Rule{
	ID:       "feature-column-file",
	Title:    "Feature column that reads a file",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{73},
	Check: func(p *Pass) {
		for _, c := range columnFiles {
			for _, n := range p.keyed(c.key) {
				config := n.Parent
				if _, ok := formats.ObjectAt(config.Parent); !ok || config.Name != "config" || !effective(config) || !effective(n) {
					continue
				}
				if at := stringArgument(config, n.Name); at != nil {
					p.Reportf(at, at.Text, "%s has a feature column that reads the %s %s when the model is called.", layerPhrase(at), c.what, quote(formats.Printable(at.Text)))
				}
			}
		}
	},
}

// columnFiles are the arguments of feature columns that name a file.
var columnFiles = []struct {
	key  key
	what string
}{{keyVocabularyFile, "vocabulary"}, {keyCheckpoint, "checkpoint"}}
