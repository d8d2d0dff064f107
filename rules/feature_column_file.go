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
		objects := p.Objects()
		for i := range objects {
			for _, key := range []string{"vocabulary_file", "ckpt_to_load_from"} {
				if at := stringArgument(objects[i].Config, key); at != nil {
					p.Reportf(at, at.Text, "%s has a feature column that reads the %s %s when the model is called.", layerPhrase(at), columnFiles[key], quote(formats.Printable(at.Text)))
				}
			}
		}
	},
}

var columnFiles = map[string]string{"vocabulary_file": "vocabulary", "ckpt_to_load_from": "checkpoint"}
