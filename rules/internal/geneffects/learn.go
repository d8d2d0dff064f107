package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

// cell is what one loader does: the letter of the measurement, with the defence in
// place of b, and the constructs that say so.
type cell struct {
	letter byte
	from   string
}

// line is one mode of one row.
type line struct {
	mode  rules.Mode
	what  string
	cells []cell
}

// row is a rule and a key.
type row struct {
	lines      map[string]*line // by mode, and whether it was only asked if the file is accepted
	constructs []string
	inferred   bool
}

// learner gathers rows.
type learner struct {
	columns []column
	text    *line // whether a configuration is read that is a text of variable length in HDF5
	rows    map[string]*row
}

// Generate returns the text of rules/effects.txt and of docs/loaders.md; oracle is
// the directory of the measurements, keys the file of the keys.
func Generate(oracle, keys string) (table, page string, err error) {
	effects, err := readTSV(filepath.Join(oracle, "effects.tsv"))
	if err != nil {
		return "", "", err
	}
	record, err := readTSV(filepath.Join(oracle, "matrix.tsv"))
	if err != nil {
		return "", "", err
	}
	l := &learner{columns: effects.columns(), rows: map[string]*row{}}
	l.text = newLine(rules.ModeDefault, "accepted", len(l.columns))
	list, err := readKeys(keys, l.columns)
	if err != nil {
		return "", "", err
	}
	named := refusals(record)
	for _, r := range effects.rows {
		if err := l.learn(r, list[r["construct"]], named); err != nil {
			return "", "", err
		}
	}
	l.documents()
	l.anySymbol()
	l.anyShape()
	if err := l.containers(); err != nil {
		return "", "", err
	}
	return l.print(), l.page(), nil
}

// learn adds one row of the measurements.
func (l *learner) learn(r map[string]string, found map[string][]string, named map[string]byte) error {
	construct := r["construct"]
	what := whatOf(construct, r["what"])
	if what == "" {
		return fmt.Errorf("%s: signal %q is not known", construct, r["what"])
	}
	if _, ok := overridden("text", construct); ok && what == "accepted" {
		return l.learnText(r)
	}
	if found == nil || !told(construct) {
		return nil
	}
	mode := modeOf(construct, r["container"], r["mode"])
	for i, c := range l.columns {
		letter := r[c.name][0]
		if letter == '?' {
			continue
		}
		if letter == 'b' {
			if letter = named[refusal(construct, r["mode"], c.name)]; letter == 0 {
				return fmt.Errorf("%s, %s, %s: the record names no known defence", construct, r["mode"], c.name)
			}
		}
		for _, key := range about(construct, what, found[c.name]) {
			if err := l.add(key, construct, mode, what, i, letter); err != nil {
				return err
			}
		}
	}
	return nil
}

// learnText adds one row that tells where a text of variable length is read.
func (l *learner) learnText(r map[string]string) error {
	for i, c := range l.columns {
		if err := l.text.add(i, r[c.name][0], r["construct"]); err != nil {
			return fmt.Errorf("text, %s: %w", c.name, err)
		}
	}
	return nil
}

// about returns the keys that a measurement says something of: where the question
// was what happens, findings that tell how the file is written count only if
// there are no others.
func about(construct, what string, keys []string) []string {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return strings.HasPrefix(k, rules.UnanalyzedContent.ID+" ") })
	if what == "accepted" {
		return keys
	}
	acting := slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
		id, _, _ := strings.Cut(k, " ")
		return rules.Form(rules.ByID(id))
	})
	if len(acting) == 0 {
		acting = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, rules.CustomObject.ID+" ") })
	}
	return subjectOf(construct, acting)
}

// outcome folds the defences: a refusal is a refusal.
func outcome(letter byte) byte {
	if strings.IndexByte("LCFei?-", letter) >= 0 {
		return letter
	}
	return 'b'
}

func (l *learner) add(key, construct string, mode rules.Mode, what string, column int, letter byte) error {
	r := l.rows[key]
	if r == nil {
		r = &row{lines: map[string]*line{}}
		l.rows[key] = r
	}
	if !slices.Contains(r.constructs, construct) {
		r.constructs = append(r.constructs, construct)
	}
	if what == "code" && strings.Contains(key, " symbol=") {
		what = "act" // the marker of the measurements was made by what is named
	}
	if err := r.line(mode, what, len(l.columns)).add(column, letter, construct); err != nil {
		return fmt.Errorf("%s, mode %s, %s: %w: the key needs one more word", key, mode, l.columns[column].name, err)
	}
	return nil
}

// add fills one cell. It is an error if it holds another outcome.
func (m *line) add(column int, letter byte, construct string) error {
	switch old := m.cells[column]; {
	case letter == '?':
	case old.letter == '?', old.letter == '-':
		m.cells[column] = cell{letter, construct}
	case letter != '-' && outcome(old.letter) != outcome(letter):
		return fmt.Errorf("%s says %c, %s says %c", old.from, old.letter, construct, letter)
	}
	return nil
}

func newLine(mode rules.Mode, what string, columns int) *line {
	return &line{mode: mode, what: what, cells: slices.Repeat([]cell{{letter: '?'}}, columns)}
}

// line returns the line of a mode. What fires and what is accepted are two questions.
func (r *row) line(mode rules.Mode, what string, columns int) *line {
	id := string(mode)
	if what == "accepted" {
		id += " accepted"
	}
	m := r.lines[id]
	if m == nil {
		m = newLine(mode, what, columns)
		r.lines[id] = m
	}
	if more := slices.IndexFunc(signals, func(s struct{ signal, what string }) bool { return s.what == what }); more < slices.IndexFunc(signals, func(s struct{ signal, what string }) bool { return s.what == m.what }) {
		m.what = what
	}
	return m
}

// alone are the modes that are given the configuration and not the file: it is the
// same to them where it comes from.
var alone = []rules.Mode{"model-from-json", "deserialize", "from-config", "layer-from-config", "layers-deserialize", "layers-deserialize-legacy"}

// documents adds rows for configurations that are files of their own.
func (l *learner) documents() {
	for _, key := range l.sorted() {
		var rest string
		for _, in := range []string{"in=keras ", "in=h5 "} {
			if before, after, ok := strings.Cut(key, in); ok {
				rest = before + "in=json " + after
			}
		}
		if rest == "" {
			continue
		}
		for _, id := range l.modesOf([]string{key}) {
			m := l.rows[key].lines[id]
			if !slices.Contains(alone, m.mode) {
				continue
			}
			for i, c := range m.cells {
				if c.letter == '?' || c.letter == '-' {
					continue
				}
				if err := l.add(rest, c.from, m.mode, m.what, i, c.letter); err != nil {
					delete(l.rows, rest) // the two containers differ: then it is not known
				}
			}
		}
	}
}

// Names that were measured stand for others where enough of them agree: two that
// fire, three that do not. A name that fails by itself is no objection to many
// that fire.
const (
	enoughFiring = 2
	enoughSafe   = 3
	manyFiring   = 5 // for each that fails
)

// anySymbol adds rows for names that were not measured.
func (l *learner) anySymbol() {
	groups := map[string][]string{}
	for _, key := range l.sorted() {
		if i := strings.LastIndex(key, "symbol="); i >= 0 && key[i:] != "symbol=foreign" {
			groups[key[:i]+"symbol=*"] = append(groups[key[:i]+"symbol=*"], key)
		}
	}
	for key, members := range groups {
		if len(members) < enoughFiring {
			continue
		}
		any := &row{lines: map[string]*line{}, inferred: true}
		for _, id := range l.modesOf(members) {
			if m := l.agree(members, id); m != nil {
				any.lines[id] = m
			}
		}
		if len(any.lines) > 0 {
			l.rows[key] = any
		}
	}
}

func (l *learner) modesOf(keys []string) []string {
	seen := map[string]bool{}
	for _, k := range keys {
		for id := range l.rows[k].lines {
			seen[id] = true
		}
	}
	var ids []string
	for id := range seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// agree returns the line on which enough rows agree, nil if they do nowhere.
func (l *learner) agree(keys []string, id string) *line {
	m := &line{cells: slices.Repeat([]cell{{letter: '?'}}, len(l.columns))}
	something := false
	for i := range m.cells {
		count := map[byte]int{}
		example := byte('?')
		for _, k := range keys {
			from := l.rows[k].lines[id]
			if from == nil || from.cells[i].letter == '?' {
				continue
			}
			m.mode, m.what = from.mode, from.what
			c := from.cells[i].letter
			count[outcome(c)]++
			if example == '?' || c != 'e' {
				example = c
			}
		}
		if failing := count['e']; failing > 0 && count[outcome(example)] >= manyFiring*failing && fires(example) {
			delete(count, 'e')
		}
		enough := enoughSafe
		if fires(example) {
			enough = enoughFiring
		}
		if len(count) == 1 && count[outcome(example)] >= enough {
			m.cells[i].letter = example
			something = something || example != '-'
		}
	}
	if m.what != "accepted" {
		m.what = "act"
	}
	if !something {
		return nil
	}
	return m
}

// anyShape adds rows for the functions of Lambda layers that were measured with a
// stated output shape only. Without one the function is called while the model is
// built, as all measured pairs show, so what fires at call fires at load.
func (l *learner) anyShape() {
	const stated = " more=static-shape"
	for _, key := range l.sorted() {
		plain := strings.Replace(key, stated, "", 1)
		if plain == key || l.rows[plain] != nil {
			continue
		}
		r := &row{lines: map[string]*line{}, inferred: true}
		for id, m := range l.rows[key].lines {
			copied := &line{mode: m.mode, what: m.what, cells: slices.Clone(m.cells)}
			for i := range copied.cells {
				if copied.cells[i].letter == 'C' {
					copied.cells[i].letter = 'L'
				}
			}
			r.lines[id] = copied
		}
		l.rows[plain] = r
	}
}

// enoughAlike is how many cells of .keras and .h5 must agree, and none differ, for
// one to stand for the other.
const enoughAlike = 200

// containers adds rows for .h5 files from those of .keras files and the other way
// round, where it makes no difference to Keras 3: in a configuration in which
// every entry names its module. It does for bytecode without safe mode.
func (l *learner) containers() error {
	added := map[string]*row{}
	agree := 0
	for _, key := range l.sorted() {
		before, words, _ := strings.Cut(key, " in=")
		container, rest, _ := strings.Cut(words, " ")
		other := map[string]string{"keras": "h5", "h5": "keras"}[container]
		if other == "" || !slices.Contains(strings.Fields(rest), "spelled=modern") || strings.Contains(rest, "compile_config") || strings.Contains(rest, "unsafe-switch") || slices.Contains(strings.Fields(rest), "at=loss") {
			continue
		}
		twin := before + " in=" + other + " " + rest
		for _, id := range l.modesOf([]string{key}) {
			m := l.rows[key].lines[id]
			if m.mode != rules.ModeDefault && (m.mode != rules.ModeUnsafe || before == rules.LambdaBytecode.ID) {
				continue
			}
			if r := l.rows[twin]; r != nil {
				n, err := l.alike(key, m, r.lines[id])
				if err != nil {
					return err
				}
				agree += n
				continue
			}
			if added[twin] == nil {
				added[twin] = &row{lines: map[string]*line{}, inferred: true}
			}
			copied := &line{mode: m.mode, what: m.what, cells: slices.Clone(m.cells)}
			for i, c := range l.columns {
				if c.family != "keras" {
					copied.cells[i].letter = '?'
				}
			}
			added[twin].lines[id] = copied
		}
	}
	if agree < 2*enoughAlike { // each pair was met twice
		return fmt.Errorf("only %d cells of .keras and .h5 were measured alike: want %d", agree/2, enoughAlike)
	}
	for key, r := range added {
		l.rows[key] = r
	}
	return nil
}

// alike counts the cells of Keras 3 in which two lines agree. It is an error if
// they differ anywhere.
func (l *learner) alike(key string, a, b *line) (agree int, err error) {
	if b == nil {
		return 0, nil
	}
	for i, c := range l.columns {
		x, y := outcome(a.cells[i].letter), outcome(b.cells[i].letter)
		if c.family != "keras" || strings.IndexByte("?-", x) >= 0 || strings.IndexByte("?-", y) >= 0 {
			continue
		}
		if x != y {
			return 0, fmt.Errorf("%s, mode %s, %s: .keras and .h5 differ, so one cannot stand for the other", key, a.mode, c.name)
		}
		agree++
	}
	return agree, nil
}

func fires(letter byte) bool { return strings.IndexByte("LCF", letter) >= 0 }

func (l *learner) sorted() []string {
	var keys []string
	for k := range l.rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
