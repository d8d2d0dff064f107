package rules

import (
	"fmt"
	"strings"
)

// LambdaBytecodeDangerous finds serialized functions that act outside the model,
// or are built to hide what they call.
var LambdaBytecodeDangerous = &Rule{
	ID:       "lambda-bytecode-dangerous",
	Title:    "Serialized Python bytecode that acts outside the model",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{94, 502},
	Refs:     []string{"CVE-2024-3660", "CVE-2025-9905", "CVE-2025-9906", "CVE-2026-12481"},
	Check: func(p *Pass) {
		for _, f := range p.functions() {
			g := f.worst()
			if g == nil || g.grade() != codeDangerous {
				continue
			}
			r := g.reasons[0]
			p.Report(Finding{
				At: g.node(r), Evidence: strings.Join([]string{f.Digest, r.why, r.what}, "\x00"), Code: f.Digest, Listing: g.listing(),
				Message: fmt.Sprintf("%s: the code in %s %s (%s).", layerPhrase(f.At), quote(f.Key), g.deed(), g.reading()),
			})
		}
	},
}
