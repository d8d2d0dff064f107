package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// OversizedVariable finds variables of a checkpoint whose shapes claim more than the data
// files have. TensorFlow allocates what is claimed before it reads.
var OversizedVariable = &Rule{
	ID:       "oversized-variable",
	Title:    "Variable of a checkpoint that claims more than is stored",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789},
	Check: func(p *Pass) {
		for _, c := range p.checkpoints() {
			rest := map[string]*together{} // by data file
			var files []*together
			for _, n := range c.variables {
				v := n.Variable()
				m, needed, held := memoryOf(v), neededBytes(v), p.heldBytes(c, v)
				if m > bombBytes && needed > held {
					p.Reportf(n, strconv.FormatFloat(m, 'g', -1, 64), "Variable %s has a shape that takes %s of memory, of which %s can be stored: TensorFlow allocates it before it reads.",
						quote(formats.Printable(n.Name)), size(m), size(held))
					continue
				}
				if v.Sliced {
					continue
				}
				t := rest[v.File]
				if t == nil {
					t = &together{file: v.File}
					rest[v.File] = t
					files = append(files, t)
				}
				t.variables = append(t.variables, n)
				t.memory += m
				t.needed += needed
			}
			for _, t := range files {
				if has, known := p.dataFile(c, t.file); known && t.memory > bombBytes && t.needed > float64(has) {
					p.Report(Finding{At: t.variables[0], Related: t.variables[1:], Evidence: strconv.FormatFloat(t.memory, 'g', -1, 64),
						Message: "The variables of " + quote(formats.Printable(t.file)) + " have shapes that take " + size(t.memory) + " of memory together, where the file has " + size(float64(has)) + ": TensorFlow allocates them before it reads."})
				}
			}
		}
	},
}

// together is the variables of one data file.
type together struct {
	file           string
	variables      []*formats.Node
	memory, needed float64 // bytes
}
