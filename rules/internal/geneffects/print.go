package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

const head = `# What loaders do with the constructs that kerasvet finds: measured, one loader and one file at a time.
#
# Printed by go generate ./rules from the measurements and from internal/geneffects/keys.txt; reviewed, not edited by hand.
#
#   loaders FAMILY VERSION...   the measured loaders, in the order of the cells
#   text CELLS                  e where no configuration in HDF5 is read that is a text of variable length in UTF-8, as h5py writes a str
#   defence LETTER WHAT         what stands in a cell where this defence refuses the construct
#   RULE KEY                    a finding and what decides about it (the words are explained in effects_key.go)
#       MODE WHAT CELLS         how the file is loaded, what was looked for, a cell for each loader
#
# Cells: L C F seen at load, call, fit; i loaded and nothing happened; e failed, for a reason that is no defence; ? not measured;
# - made for other loaders and not tried. "accepted" asks only whether the file is loaded.
#
# "~" stands before what was not measured but inferred: symbol=* from names that were measured, where enough of them agree; .h5 and .keras for
# Keras 3 from each other, where every entry names its module, because all that was measured in both agrees; a Lambda without a stated output
# shape from one with it.
`

func (l *learner) print() string {
	var b strings.Builder
	b.WriteString(head + "\n")
	family := ""
	for _, c := range l.columns {
		if c.family != family {
			if family != "" {
				b.WriteByte('\n')
			}
			family = c.family
			b.WriteString("loaders " + family)
		}
		b.WriteString(" " + c.version)
	}
	b.WriteString("\n\ntext " + l.cells(l.text) + "\n\n")
	for _, d := range defences {
		fmt.Fprintf(&b, "defence %c %s\n", d.letter, d.what)
	}
	for _, r := range rules.All() {
		for _, key := range l.sorted() {
			if id, _, _ := strings.Cut(key, " "); id == r.ID {
				l.printRow(&b, key)
			}
		}
	}
	return b.String()
}

// order is that of the modes in a row; others follow.
var order = []rules.Mode{rules.ModeDefault, rules.ModeUnsafe, rules.ModeGlobalUnsafe, rules.ModeNoCompile, rules.ModeLoadWeights, rules.ModeDirectory}

func (l *learner) printRow(b *strings.Builder, key string) {
	r := l.rows[key]
	var lines []string
	for _, mode := range append(slices.Clone(order), l.otherModes(r)...) {
		for _, id := range []string{string(mode), string(mode) + " accepted"} {
			if m := r.lines[id]; m != nil && m.measured() {
				lines = append(lines, "\t"+string(m.mode)+" "+m.what+" "+l.cells(m))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	if r.inferred {
		key = "~ " + key
	}
	fmt.Fprintf(b, "\n%s\n", key)
	if len(r.constructs) > 0 {
		slices.Sort(r.constructs)
		fmt.Fprintf(b, "# %s\n", strings.Join(r.constructs, " "))
	}
	b.WriteString(strings.Join(lines, "\n") + "\n")
}

func (l *learner) otherModes(r *row) []rules.Mode {
	var others []rules.Mode
	for _, m := range r.lines {
		if !slices.Contains(order, m.mode) && !slices.Contains(others, m.mode) {
			others = append(others, m.mode)
		}
	}
	slices.Sort(others)
	return others
}

// measured reports whether some cell says something.
func (m *line) measured() bool {
	return slices.ContainsFunc(m.cells, func(c cell) bool { return c.letter != '?' && c.letter != '-' })
}

// cells writes the cells of a line, a word for each family.
func (l *learner) cells(m *line) string {
	var b strings.Builder
	for i, c := range m.cells {
		if i > 0 && l.columns[i].family != l.columns[i-1].family {
			b.WriteByte(' ')
		}
		b.WriteByte(c.letter)
	}
	return b.String()
}
