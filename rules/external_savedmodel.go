package rules

import "github.com/kerasvet/kerasvet/formats"

// ExternalSavedModel finds layers that open a SavedModel in a place that the
// author of the file chose: on another machine, or anywhere on this one.
var ExternalSavedModel = &Rule{
	ID:       "external-savedmodel",
	Title:    "Layer that runs a SavedModel from an absolute path or another machine",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{829, 502},
	Refs:     []string{"CVE-2026-1462"},
	Check: func(p *Pass) {
		for _, f := range p.savedModels() {
			if how := leaves(f.at.Text); how != "" {
				p.Reportf(f.at, f.at.Text, "%s opens the SavedModel %s, %s, when the file is loaded: its graph runs with TensorFlow's file operations.", layerPhrase(f.at), quote(formats.Printable(f.at.Text)), how)
			}
		}
	},
}
