package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

//go:embed loaders.md
var introduction string

// page prints docs/loaders.md.
func (l *learner) page() string {
	var b strings.Builder
	b.WriteString(introduction)
	b.WriteString("\n## Loaders and defences\n\n")
	for _, family := range l.families() {
		var versions []string
		for _, c := range l.columns {
			if c.family == family {
				versions = append(versions, c.version)
			}
		}
		fmt.Fprintf(&b, "- %s: %s\n", family, strings.Join(versions, ", "))
	}
	b.WriteString("\n| letter | defence |\n|---|---|\n")
	for _, d := range defences {
		fmt.Fprintf(&b, "| %c | %s |\n", d.letter, d.what)
	}
	b.WriteString("\n## The table, by rule\n")
	for _, r := range rules.All() {
		if lines := l.table(r); len(lines) > 0 {
			fmt.Fprintf(&b, "\n### [%s](../RULES.md#%s)\n\n%s.\n\n| where | mode | keras | tf-keras | tf.keras |\n|---|---|---|---|---|\n%s\n", r.ID, r.ID, r.Title, strings.Join(lines, "\n"))
		}
	}
	return b.String()
}

// families are those of the columns of the page.
func (l *learner) families() []string { return []string{"keras", "tf-keras", "tf.keras"} }

// group is rows that differ in a name only.
type group struct {
	key   string // without the name
	names []string
	lines []string
}

// table returns the lines of one rule.
func (l *learner) table(r *rules.Rule) []string {
	var groups []*group
	for _, key := range l.sorted() {
		id, words, _ := strings.Cut(key, " ")
		if id != r.ID {
			continue
		}
		words, name, _ := strings.Cut(words, "symbol=")
		if l.rows[key].inferred && name != "*" {
			continue // the introduction says so once
		}
		g := &group{key: strings.TrimSpace(words), lines: l.modes(l.rows[key])}
		if len(g.lines) == 0 {
			continue
		}
		i := slices.IndexFunc(groups, func(o *group) bool {
			return o.key == g.key && slices.Equal(o.lines, g.lines) && !slices.Contains(o.names, "*")
		})
		if i < 0 || name == "*" {
			groups = append(groups, g)
			i = len(groups) - 1
		}
		if name != "" {
			groups[i].names = append(groups[i].names, name)
		}
	}
	var lines []string
	for _, g := range groups {
		for i, text := range g.lines {
			where := ""
			if i == 0 {
				where = phrase(g.key, g.names)
			}
			lines = append(lines, "| "+where+" | "+text)
		}
	}
	return lines
}

// modes returns the lines of a row without its first cell, one for each mode; modes
// that agree stand together.
func (l *learner) modes(r *row) []string {
	var names, cells []string
	for _, mode := range append(slices.Clone(order), l.otherModes(r)...) {
		for _, id := range []string{string(mode), string(mode) + " accepted"} {
			m := r.lines[id]
			if m == nil || !m.measured() || m.what == "accepted" && r.lines[string(mode)] != nil {
				continue // what happens says more than whether the file loads
			}
			text := l.versions(m)
			if i := slices.Index(cells, text); i >= 0 {
				names[i] += ", " + string(mode)
				continue
			}
			names, cells = append(names, string(mode)), append(cells, text)
		}
	}
	for i := range cells {
		cells[i] = names[i] + " | " + cells[i]
	}
	return cells
}

// versions writes a line of cells, a column for each family.
func (l *learner) versions(m *line) string {
	var columns []string
	for _, family := range l.families() {
		var runs []string
		first, last, what := "", "", ""
		flush := func() {
			if first != "" && first == last {
				runs = append(runs, what+" "+first)
			} else if first != "" {
				runs = append(runs, what+" "+first+"–"+last)
			}
		}
		for i, c := range l.columns {
			if c.family != family || m.cells[i].letter == '?' || m.cells[i].letter == '-' {
				continue
			}
			if now := word(m.cells[i].letter, m.what); now != what || first == "" {
				flush()
				first, what = c.version, now
			}
			last = c.version
		}
		flush()
		if len(runs) == 0 {
			runs = []string{"·"}
		}
		columns = append(columns, strings.Join(runs, "; "))
	}
	return strings.Join(columns, " | ") + " |"
}

// word is what the page calls a letter.
func word(letter byte, what string) string {
	switch letter {
	case 'L':
		if what == "accepted" {
			return "accepted"
		}
		return "**load**"
	case 'C':
		return "**call**"
	case 'F':
		return "**fit**"
	case 'e':
		return "fails"
	case 'i':
		return "inert"
	}
	return "blocked (" + string(letter) + ")"
}

// meanings are the words of keys, for a reader. What is missing stands as it is.
var meanings = map[string]string{
	"in=keras": "`.keras`", "in=h5": "`.h5`", "in=hdf5": "HDF5 under another name", "in=zip": "`.keras` archive under another name", "in=json": "JSON document",
	"in=weights": "`.weights.h5`", "in=legacy-weights": "weights as Keras 2 writes them", "in=npz": "`.npz` file", "in=shard-map": "map of shards", "in=other": "file of another name",
	"in=savedmodel": "SavedModel", "in=pickle": "archive in a pickle", "in=orbax": "Orbax checkpoint",
	"form=tag": "as `__lambda__`", "form=list": "as a list", "form=function": "as a function", "form=class": "as a class", "form=bare": "by a bare name", "form=typespec": "as a `__typespec__`",
	"spelled=modern": "", "spelled=legacy": "no module keys", "spelled=legacy-in-modern": "entry without module", "spelled=modern-in-legacy": "module in the entry only",
	"more=static-shape": "output shape given", "more=constant-call": "called with constants", "more=live-call": "called with a tensor",
	"at=entry": "layer entry", "at=activation": "activation", "at=initializer": "initializer", "at=top": "top object", "at=file": "the file", "at=call": "call in the graph",
	"at=dtype": "dtype", "at=compile_config/loss": "compiled loss", "at=loss": "loss of training_config",
	"at=metrics": "metrics of training_config", "at=registered_name": "registered name", "at=weight": "a weight", "at=layer-group": "the group of a layer", "at=vars-group": "the group of the weights",
	"at=top-group": "the group of all layers", "at=unlisted": "beside the weights", "at=unused": "a place that no loader asks for", "at=optimizer-weight": "a weight of the optimizer",
	"at=optimizer-group": "the weights of the optimizer",
}

// phrase writes a key for a reader.
func phrase(key string, names []string) string {
	var parts []string
	for _, w := range strings.Fields(key) {
		if text, ok := meanings[w]; ok {
			if text != "" {
				parts = append(parts, text)
			}
			continue
		}
		name, value, _ := strings.Cut(w, "=")
		host, state, ok := strings.Cut(value, ":")
		switch {
		case name == "in" && ok && meanings["in="+host] != "":
			parts = append(parts, meanings["in="+host]+" ("+strings.ReplaceAll(state, ":", ", ")+")")
		case name == "via":
			parts = append(parts, "inside `"+value+"`")
		case name == "at":
			parts = append(parts, "`"+value+"`")
		default:
			parts = append(parts, strings.ReplaceAll(value, ",", ", "))
		}
	}
	for i, n := range names {
		switch n {
		case "*":
			names[i] = "any name"
		case "foreign":
			names[i] = "any foreign module"
		default:
			names[i] = "`" + n + "`"
		}
	}
	text := strings.Join(parts, ", ")
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	return text
}
