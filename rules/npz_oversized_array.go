package rules

// minOversized is the least claimed size of an array that is reported: less does
// not harm whoever allocates it.
const minOversized = 64 << 20

// NpzOversizedArray finds NumPy arrays whose header claims elements that are not
// there. NumPy allocates what the header says before it reads.
var NpzOversizedArray = &Rule{
	ID:       "npz-oversized-array",
	Title:    "NumPy array that claims more than it holds",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789},
	Check: func(p *Pass) {
		for _, n := range contents(p) {
			if claimed, held := n.Content().Array, contentSize(n); claimed >= minOversized && claimed > held {
				p.Reportf(n, n.Name, "The header of array %s claims %d bytes of elements, but it has %d bytes: a loader that reads it allocates what is claimed.", quote(n.Name), claimed, held)
			}
		}
	},
}
