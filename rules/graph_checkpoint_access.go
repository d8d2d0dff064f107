package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// GraphCheckpointAccess finds operations that read or write a checkpoint of the
// author's choice. Those of the model's saver take the path that a loader gives.
var GraphCheckpointAccess = &Rule{
	ID:       "graph-checkpoint-access",
	Title:    "Operation that reads or writes a checkpoint other than the model's",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{73},
	Check: func(p *Pass) {
		for _, o := range p.chosen(checkpoint, formats.AtLoad, formats.AtUse, formats.AtCall) {
			does := "reads the checkpoint %s"
			if strings.HasPrefix(o.op.Type, "Save") || strings.HasPrefix(o.op.Type, "Merge") {
				does = "writes the checkpoint %s"
			}
			p.reportActs([]act{o}, does)
		}
	},
}
