package rules

import (
	"slices"
	"strings"
)

// EffectRange is a run of measured versions of one family that do the same.
type EffectRange struct {
	Mode     Mode   `json:"mode"`
	Loader   string `json:"loader"`             // the family
	From     string `json:"from"`               // first and
	To       string `json:"to"`                 // last version of the run
	Effect   string `json:"effect"`             // an Effect by name
	What     string `json:"what"`               // what is seen, or was looked for
	Why      string `json:"why,omitempty"`      // the defence where blocked; why it is unknown, where it is
	Inferred bool   `json:"inferred,omitempty"` // from other names, which agree

	effect Effect
}

// Ranges returns what was measured, run by run in the order of effects.txt. What
// was not measured is left out. It is empty for a nil row.
func (r *EffectRow) Ranges() []EffectRange {
	ranges := []EffectRange{}
	if r == nil {
		return ranges
	}
	for i := range r.measured {
		ranges = append(ranges, r.runs(&r.measured[i])...)
	}
	return ranges
}

// runs returns the ranges of one line.
func (r *EffectRow) runs(m *measured) []EffectRange {
	var ranges []EffectRange
	last := -1 // the range that the next version may continue
	for c, l := range r.table.loaders {
		if c > 0 && r.table.loaders[c-1].Family != l.Family {
			last = -1
		}
		if m.cells[c] == '?' || m.cells[c] == '-' {
			continue
		}
		o := r.outcome(m, c)
		if last >= 0 && ranges[last].effect == o.Effect && ranges[last].Why == o.Why {
			ranges[last].To = l.Version
			continue
		}
		last = len(ranges)
		ranges = append(ranges, EffectRange{m.mode, l.Family, l.Version, l.Version, o.Effect.String(), o.What, o.Why, o.Inferred, o.Effect})
	}
	return ranges
}

// phrases are how a summary begins what it says of an effect, in its order.
var effectPhrases = []struct {
	effect Effect
	phrase string
}{
	{EffectLoad, "fires at load"}, {EffectCall, "fires at call"}, {EffectFit, "fires at fit"}, {EffectAccepted, "accepted"},
	{EffectBlocked, "blocked"}, {EffectInert, "does nothing"}, {EffectUnknown, "unknown"},
}

// Summary says in one line where the construct fires. It is empty for a nil row.
func (r *EffectRow) Summary() string {
	if r == nil {
		return ""
	}
	main := r.line(ModeDefault)
	if main == nil {
		main = &r.measured[0]
	}
	var parts []string
	text := r.sentence(main, true)
	if main.mode != ModeDefault {
		text = modePhrase(main.mode) + ": " + text
	}
	parts = append(parts, text)
	if m := r.line(ModeUnsafe); m != nil && m != main {
		if unsafe := r.sentence(m, false); unsafe != "" && unsafe != r.sentence(main, false) {
			parts = append(parts, modePhrase(ModeUnsafe)+": "+unsafe)
		}
	}
	if r.inferred {
		parts = append(parts, "inferred from like constructs")
	}
	return strings.Join(parts, "; ")
}

// modePhrase names a mode as a user would type it.
func modePhrase(m Mode) string {
	switch m {
	case ModeUnsafe:
		return "with safe_mode=False"
	case ModeGlobalUnsafe:
		return "after enable_unsafe_deserialization()"
	case ModeNoCompile:
		return "with compile=False"
	}
	return "by " + string(m)
}

// sentence says what one line says, the unmeasured and unknown too if all is set.
func (r *EffectRow) sentence(m *measured, all bool) string {
	ranges := r.runs(m)
	var parts []string
	for _, p := range effectPhrases {
		if p.effect == EffectUnknown && !all {
			continue
		}
		if text := spans(ranges, p.effect); text != "" {
			parts = append(parts, p.phrase+" "+text)
		}
	}
	if all {
		if missing := unmeasured(ranges); missing != "" {
			parts = append(parts, "not measured on "+missing)
		}
	}
	return strings.Join(parts, "; ")
}

// spans lists the versions of one effect by family, then why.
func spans(ranges []EffectRange, effect Effect) string {
	var families, whys []string
	for _, family := range loaderFamilies {
		var runs []string
		first, last := "", "" // of runs that only differ in why
		flush := func() {
			if first == "" {
				return
			}
			if first != last {
				runs = append(runs, first+"–"+last)
			} else {
				runs = append(runs, first)
			}
			first = ""
		}
		for _, x := range ranges {
			if x.Loader != family {
				continue
			}
			if x.effect != effect {
				flush()
				continue
			}
			if first == "" {
				first = x.From
			}
			last = x.To
			if effect == EffectBlocked && !slices.Contains(whys, x.Why) {
				whys = append(whys, x.Why)
			}
		}
		flush()
		if len(runs) > 0 {
			families = append(families, family+" "+strings.Join(runs, " and "))
		}
	}
	if len(families) == 0 {
		return ""
	}
	text := "on " + strings.Join(families, ", ")
	if len(whys) > 0 {
		text += " (" + whys[len(whys)-1] + ")" // the newest
	}
	return text
}

// unmeasured lists the families of which nothing was measured.
func unmeasured(ranges []EffectRange) string {
	var missing []string
	for _, family := range loaderFamilies {
		if !slices.ContainsFunc(ranges, func(x EffectRange) bool { return x.Loader == family }) {
			missing = append(missing, family)
		}
	}
	return strings.Join(missing, ", ")
}

// EffectsOf returns the measured constructs of a rule with what was measured of
// each, in the order of effects.txt; none where nothing was measured. What was
// inferred is left out.
func EffectsOf(r *Rule) []Measured {
	t := effects()
	var list []Measured
	for _, key := range t.order {
		if id, construct, _ := strings.Cut(key, " "); id == r.ID && !t.inferred[key] {
			list = append(list, Measured{construct, &EffectRow{table: t, measured: t.rows[key]}})
		}
	}
	return list
}

// Measured is one construct, in the words of effects_key.go, and what loaders do
// with it.
type Measured struct {
	Construct string
	Row       *EffectRow
}
