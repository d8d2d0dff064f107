package rules

// ClassAsFunction finds classes of Keras that are written as functions. The loader
// hands the class over unchecked; whoever is given it calls it, with arguments
// from the file that no deserializer looks at.
var ClassAsFunction = &Rule{
	ID:       "class-as-function",
	Title:    "Class handed over as a function",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{843, 470},
	Check: func(p *Pass) {
		for _, r := range p.references() {
			if r.handsOverClass() {
				p.Reportf(r.at, r.symbol, "%s names the class %s as a function: an object is made of it with arguments that safe mode does not check.", layerPhrase(r.at), r.symbol)
			}
		}
	},
}
