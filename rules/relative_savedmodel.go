package rules

import "github.com/kerasvet/kerasvet/formats"

// RelativeSavedModel finds layers that open a SavedModel beside the model.
var RelativeSavedModel = &Rule{
	ID:       "relative-savedmodel",
	Title:    "Layer that runs a SavedModel beside the model",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{829, 502},
	Refs:     []string{"CVE-2026-1462"},
	Check: func(p *Pass) {
		for _, f := range p.savedModels() {
			if leaves(f.at.Text) == "" {
				p.Reportf(f.at, f.at.Text, "%s opens the SavedModel %s when the file is loaded: its graph runs with TensorFlow's file operations and is not part of this file.", layerPhrase(f.at), quote(formats.Printable(f.at.Text)))
			}
		}
	},
}
