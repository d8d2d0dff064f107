package rules

import "github.com/kerasvet/kerasvet/formats"

// RelativeVocabulary finds lookup layers and tokenizers that read a file below
// the working directory.
var RelativeVocabulary = &Rule{
	ID:       "relative-vocabulary",
	Title:    "Vocabulary or tokenizer file read from the working directory",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{73},
	Refs:     []string{"CVE-2025-12058"},
	Check: func(p *Pass) {
		for _, f := range p.vocabularies() {
			if leaves(f.at.Text) == "" {
				p.Reportf(f.at, f.at.Text, "%s reads its %s from the file %s in the working directory when the model is loaded; the content becomes part of the model.", layerPhrase(f.at), f.key, quote(formats.Printable(f.at.Text)))
			}
		}
	},
}
