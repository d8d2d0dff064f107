package rules

// UnlistedTensorFlowSymbol finds op layers that call a TensorFlow symbol, or an
// operation, of which symbols.txt says nothing.
var UnlistedTensorFlowSymbol = &Rule{
	ID:       "unlisted-tensorflow-symbol",
	Title:    "TensorFlow symbol that models do not normally call",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{470},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.unlistedOperation() {
				p.Reportf(r.at, r.symbol, "%s calls %s when the graph is rebuilt; it is not among the symbols known to be harmless.", layerPhrase(r.at), r.symbol)
			}
		}
	},
}

// unlistedOperation reports whether an op layer calls something unknown.
func (r *reference) unlistedOperation() bool {
	return r.way == operation && r.known.verdict == unlisted && !r.handsOverClass()
}
