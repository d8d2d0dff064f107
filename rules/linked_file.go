package rules

import "github.com/kerasvet/kerasvet/formats"

// LinkedFile finds files and directories of models that are symbolic links out of the directory that was
// scanned.
var LinkedFile = &Rule{
	ID:       "linked-file",
	Title:    "Part of a model that is a link to elsewhere",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{59},
	Check: func(p *Pass) {
		if to := p.Artifact.LinkedTo; to != "" {
			p.Reportf(p.Artifact.Root, "link", "This is a symbolic link to %s, outside the directory that was scanned: a loader reads, and a program that saves the model writes, what is there.", quote(formats.Printable(to)))
		}
	},
}
