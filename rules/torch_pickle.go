package rules

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// TorchPickle finds PyTorch modules that are pickled into a configuration.
var TorchPickle = &Rule{
	ID:       "torch-pickle",
	Title:    "Pickled PyTorch module in a layer",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{502},
	Refs:     []string{"CVE-2025-49655", "CVE-2026-12484"},
	Check: func(p *Pass) {
		for _, r := range p.built(func(m *meaning) bool { return m.is(isTorchModuleWrapper) }) {
			if at := stringArgument(r.object.Config, "module"); at != nil {
				first, all := digests(formats.Bytecode(at.Text))
				p.Reportf(at, all, "%s carries a pickled PyTorch module: torch.load unpickles it, and runs what the pickle names, when the file is loaded (SHA-256 of the data %s).", layerPhrase(at), first)
			}
		}
	},
}

var isTorchModuleWrapper = oneOf("TorchModuleWrapper")

// digests returns the SHA-256 of the first reading of a code in hex, and that of
// all readings.
func digests(readings [][]byte) (first, all string) {
	var sums []string
	for _, r := range readings {
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(r)))
	}
	return sums[0], strings.Join(sums, " ")
}
