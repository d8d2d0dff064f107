package rules

import "github.com/kerasvet/kerasvet/formats"

// CustomObject lists the classes and functions that are not Keras's own: the
// caller must register them, and their code is not in the file. One finding a name.
var CustomObject = &Rule{
	ID:       "custom-object",
	Title:    "Class or function that is not part of Keras",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{829},
	Check: func(p *Pass) {
		var order []string
		places := map[string][]*formats.Node{}
		for _, r := range p.references() {
			if !r.custom() {
				continue
			}
			if places[r.symbol] == nil {
				order = append(order, r.symbol)
			}
			places[r.symbol] = append(places[r.symbol], r.at)
		}
		for _, symbol := range order {
			nodes := places[symbol]
			p.Report(Finding{At: nodes[0], Related: nodes[1:], Evidence: symbol,
				Message: customMessage(symbol, len(nodes))})
		}
	},
}

func customMessage(symbol string, n int) string {
	return quote(symbol) + " is not part of Keras: a loader takes it from what its caller has registered (" + plural(n, "place") + ")."
}

// custom reports whether a reference needs code that the user brings along. What
// the other rules call dangerous or foreign is theirs.
func (r *reference) custom() bool {
	if !r.itself() || r.origin == formats.OriginKeras || r.foreign() {
		return false
	}
	switch r.known.verdict {
	case unlisted:
		return true
	case stdlib: // Keras writes every user function under module builtins
		return r.origin == formats.OriginCustom
	}
	return false
}
