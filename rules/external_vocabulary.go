package rules

import "github.com/kerasvet/kerasvet/formats"

// ExternalVocabulary finds lookup layers and tokenizers that read a file from a
// place that the author of the model chose.
var ExternalVocabulary = &Rule{
	ID:       "external-vocabulary",
	Title:    "Vocabulary or tokenizer file read from an absolute path or another machine",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73, 918},
	Refs:     []string{"CVE-2025-12058"},
	Check: func(p *Pass) {
		for _, f := range p.vocabularies() {
			if how := leaves(f.at.Text); how != "" {
				p.Reportf(f.at, f.at.Text, "%s reads its %s from %s, %s, when the file is loaded; the content becomes part of the model.", layerPhrase(f.at), f.key, quote(formats.Printable(f.at.Text)), how)
			}
		}
	},
}
