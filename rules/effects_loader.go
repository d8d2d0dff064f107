package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Loader is one version of one package that loads models.
type Loader struct {
	Family  string // "keras", "tf-keras" or "tf.keras"
	Version string // such as "3.12.4"

	number [3]int
}

func (l Loader) String() string { return l.Family + " " + l.Version }

// loaderFamilies are the packages that were measured.
var loaderFamilies = []string{"keras", "tf-keras", "tf.keras"}

// ParseLoader reads a family and a version, as "keras 3.12.4" or "keras-3.12.4".
func ParseLoader(s string) (Loader, error) {
	for _, family := range loaderFamilies {
		rest, ok := strings.CutPrefix(s, family)
		if !ok || rest == "" || !strings.ContainsRune(" -=@", rune(rest[0])) {
			continue
		}
		l := Loader{Family: family, Version: strings.TrimLeft(rest, " -=@")}
		parts := strings.Split(l.Version, ".")
		if len(parts) < 2 || len(parts) > 3 {
			return Loader{}, fmt.Errorf("loader %q: want a version such as 3.12.4", s)
		}
		for i, p := range parts {
			n, err := strconv.Atoi(p)
			if err != nil || n < 0 {
				return Loader{}, fmt.Errorf("loader %q: want a version of numbers, such as 3.12.4", s)
			}
			l.number[i] = n
		}
		return l, nil
	}
	return Loader{}, fmt.Errorf("loader %q: want keras, tf-keras or tf.keras and a version", s)
}

// compare orders versions of one family.
func (l Loader) compare(o Loader) int {
	return cmp.Or(cmp.Compare(l.number[0], o.number[0]), cmp.Compare(l.number[1], o.number[1]), cmp.Compare(l.number[2], o.number[2]))
}

// line reports whether two versions are of one release line, such as 3.12.
func (l Loader) line(o Loader) bool { return l.number[0] == o.number[0] && l.number[1] == o.number[1] }

// On returns what is known of a loader and a mode. What does nothing without safe
// mode does nothing with it. Nothing is known of a nil row.
func (r *EffectRow) On(l Loader, mode Mode) Outcome {
	if r == nil {
		return Outcome{Why: "nothing like it was measured"}
	}
	m := r.line(mode)
	if m == nil && mode == ModeDefault && r.line(ModeUnsafe) != nil {
		if o := r.On(l, ModeUnsafe); o.Effect.Safe() {
			o.Inferred = true
			return o
		}
	}
	if m == nil {
		return Outcome{Why: "not measured in this mode"}
	}
	columns := r.table.families[l.Family]
	for _, c := range columns {
		if r.table.loaders[c].number == l.number && m.cells[c] != '?' {
			return r.outcome(m, c)
		}
	}
	return r.between(m, l, columns)
}

// between infers the outcome for a version that was not measured from those that
// were: the one below and the one above, if they agree. A release line is a branch
// of its own, from the first of it on; fixes come to lines at different times, so
// the line below counts as a whole.
func (r *EffectRow) between(m *measured, l Loader, columns []int) Outcome {
	var below []int
	above := -1
	for _, c := range columns {
		if m.cells[c] == '?' {
			continue
		}
		switch at := r.table.loaders[c]; {
		case at.compare(l) < 0:
			if len(below) > 0 && (!r.table.loaders[below[0]].line(at) || at.line(l)) {
				below = below[:0] // a later line, or a later version of the loader's own
			}
			below = append(below, c)
		case above < 0:
			above = c
		}
	}
	if len(below) == 0 || above < 0 {
		return Outcome{Why: "no version near it was measured"}
	}
	o := r.outcome(m, above)
	for _, c := range below {
		if b := r.outcome(m, c); b.Effect != o.Effect {
			return Outcome{Why: "the versions measured before and after it differ"}
		} else if b.Why != o.Why {
			o.Why = b.Why
		}
	}
	o.Inferred = true
	return o
}

// line returns the measurement of a mode: what fires, or else whether the file is
// accepted.
func (r *EffectRow) line(mode Mode) *measured {
	var found *measured
	for i := range r.measured {
		if m := &r.measured[i]; m.mode == mode && (found == nil || m.what != accepted) {
			found = m
		}
	}
	return found
}

// outcome reads one cell.
func (r *EffectRow) outcome(m *measured, column int) Outcome {
	o := Outcome{What: m.what, Inferred: r.inferred}
	c := m.cells[column]
	if r.text != "" && r.text[column] == 'e' {
		c = 'e'
	}
	switch c {
	case 'L':
		o.Effect = EffectLoad
		if m.what == accepted {
			o.Effect = EffectAccepted
		}
	case 'C':
		o.Effect = EffectCall
	case 'F':
		o.Effect = EffectFit
	case 'i':
		o.Effect = EffectInert
	case '-':
		o.Effect = EffectNotApplicable
	case 'e':
		o.Why = "loading fails, for a reason that is no defence"
	case '?':
		o.Why = "not measured"
	default:
		o.Effect, o.Why = EffectBlocked, r.table.defences[c]
	}
	if r.firing && o.Effect.Safe() {
		return Outcome{Why: "something in the file switches safe mode off"}
	}
	return o
}

// Modes returns the modes in which something was measured, in the order of
// effects.txt; none for a nil row.
func (r *EffectRow) Modes() []Mode {
	var modes []Mode
	if r != nil {
		for _, m := range r.measured {
			if !slices.Contains(modes, m.mode) {
				modes = append(modes, m.mode)
			}
		}
	}
	return modes
}
