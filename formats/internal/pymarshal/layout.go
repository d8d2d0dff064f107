package pymarshal

// layout is how the fields of a code object follow one another. No stream says
// which one it is.
type layout uint8

const (
	layout27  layout = iota // 2.7
	layout36                // 3.6, 3.7: with the number of keyword-only arguments
	layout38                // 3.8 to 3.10: with the number of positional-only arguments
	layout311               // 3.11 on: local variables of all kinds together
	layouts
)

var v3_14, v3_15 = Version{Major: 3, Minor: 14}, Version{Major: 3, Minor: 15}

var firsts = [layouts]Version{{Major: 2, Minor: 7}, {Major: 3, Minor: 6}, {Major: 3, Minor: 8}, {Major: 3, Minor: 11}}

// first is the first version of the layout that is read.
func (l layout) first() Version { return firsts[l] }

func (l layout) String() string { return "Python " + l.first().String() }

func layoutOf(v Version) layout {
	l := layout311
	for l > layout27 && v.Before(firsts[l].Major, firsts[l].Minor) {
		l--
	}
	return l
}
