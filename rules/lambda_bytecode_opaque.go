package rules

import "fmt"

// LambdaBytecodeOpaque finds bytes in the place of a serialized function that are
// no code object, or one that no compiler writes.
var LambdaBytecodeOpaque = &Rule{
	ID:       "lambda-bytecode-opaque",
	Title:    "Serialized Python bytecode that cannot be read as what it claims to be",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{506, 502},
	Check: func(p *Pass) {
		for _, f := range p.functions() {
			if why := f.opaque(); why != "" {
				p.Report(Finding{
					At: f.At, Evidence: f.Digest, Code: f.Digest,
					Message: fmt.Sprintf("%s: the code in %s %s.", layerPhrase(f.At), quote(f.Key), why),
				})
			}
		}
	},
}
