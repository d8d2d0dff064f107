package rules

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

//go:generate sh -c "cd .. && go run ./rules/internal/geneffects"

//go:embed effects.txt
var effectsText string

// Effect is what a loader was measured to do with a construct. The zero Effect is
// EffectUnknown; only EffectBlocked and EffectInert say that nothing happens.
type Effect uint8

const (
	EffectUnknown       Effect = iota // not measured, or loading failed for a reason that is no defence
	EffectLoad                        // seen while the file is loaded
	EffectCall                        // seen when the model is called
	EffectFit                         // seen when the model is trained
	EffectAccepted                    // the file is loaded; what the construct does then was not the question
	EffectBlocked                     // refused by a defence, which is named
	EffectInert                       // loaded, and nothing happens
	EffectNotApplicable               // the construct was made for other loaders and was not tried
)

var effectNames = [...]string{"unknown", "load", "call", "fit", "accepted", "blocked", "inert", "not-applicable"}

func (e Effect) String() string {
	if int(e) < len(effectNames) {
		return effectNames[e]
	}
	return effectNames[0]
}

// Safe reports whether the construct does nothing there.
func (e Effect) Safe() bool { return e == EffectBlocked || e == EffectInert }

// Fires reports whether the construct was seen to do something.
func (e Effect) Fires() bool { return e == EffectLoad || e == EffectCall || e == EffectFit }

// Mode is a way to load a file. The constants are those of load_model that
// reports speak of; effects.txt has more, such as from-config.
type Mode string

const (
	ModeDefault      Mode = "default"       // load_model(path), safe mode on where there is one
	ModeUnsafe       Mode = "unsafe"        // load_model(path, safe_mode=False)
	ModeGlobalUnsafe Mode = "global-unsafe" // after enable_unsafe_deserialization()
	ModeNoCompile    Mode = "no-compile"    // load_model(path, compile=False)
	ModeLoadWeights  Mode = "load-weights"  // load_weights(path) of a model that exists
	ModeDirectory    Mode = "directory"     // load_model of the directory that holds the file
)

// Outcome is what is known of one construct, one loader and one mode.
type Outcome struct {
	Effect Effect
	What   string // what is seen, such as "code" or "read"
	Why    string // the defence, where blocked; why it is unknown, where it is
	// Inferred: not measured with this version or this name, but with those
	// beside it, which agree.
	Inferred bool
}

// Effects answers what loaders do with the findings of one artifact.
type Effects struct{ keyer keyer }

// NewEffects prepares answers for the findings of an artifact.
func NewEffects(a *formats.Artifact) *Effects { return &Effects{keyer{artifact: a}} }

// Key returns the rule and the words by which effects.txt knows the construct of a
// finding, empty if it is like nothing that can be measured. It is for the generator.
func (e *Effects) Key(f *Finding) string {
	key := e.keyer.key(f)
	if key == "" {
		return ""
	}
	id := f.Rule.ID
	if as, ok := graded[id]; ok {
		id = as
	}
	return id + " " + key
}

// graded are rules that find the same construct as another and say more of it.
var graded = map[string]string{LambdaBytecodeDangerous.ID: LambdaBytecode.ID, LambdaBytecodeOpaque.ID: LambdaBytecode.ID}

// Form reports whether findings of a rule tell how a file is written and not what
// it does; see EffectAccepted.
func Form(r *Rule) bool { return forms[r.ID] }

// forms are the rules of which a finding by itself neither fires nor is refused.
// Measured is only whether loaders take such a file.
var forms = map[string]bool{
	AmbiguousArchive.ID: true, ArchivePrefix.ID: true, ArchiveStrayBytes.ID: true, NestedArchive.ID: true, ExecutableMember.ID: true,
	HDF5UserBlock.ID: true, HDF5TrailingBytes.ID: true, HDF5HiddenText.ID: true, HDF5UnderKeras.ID: true, ContentMismatch.ID: true,
	JSONDuplicateKey.ID: true, JSONEncoding.ID: true, KerasFunctionPath.ID: true, CustomObject.ID: true, UnanalyzedContent.ID: true,
	TensorFreeCall.ID: true, FunctionAsLayer.ID: true,
}

// EffectRow is what was measured of one construct.
type EffectRow struct {
	table    *effectTable
	measured []measured
	inferred bool   // with another name, or under another rule, than the finding's
	firing   bool   // only where it fires is known
	text     string // effectTable.text, if the finding is in such a text
}

// measured is one line of effects.txt: a mode, what was looked for, and a letter
// for each loader, in the order of the table.
type measured struct {
	mode  Mode
	what  string
	cells string
}

// accepted is what was looked for where the question was whether the file loads.
const accepted = "accepted"

// Of returns what was measured of the construct of a finding, nil if nothing was.
func (e *Effects) Of(f *Finding) *EffectRow {
	id, key, ok := strings.Cut(e.Key(f), " ")
	if !ok {
		return nil
	}
	r := effects().find(id, key)
	if r != nil && e.keyer.text(f) {
		r.text = effects().text
	}
	return r
}

// alike are rules whose findings are the same to loaders: what is named differs in
// how bad it is, not in how it is reached.
var alike = map[string][]string{
	DangerousReference.ID: {StdlibReference.ID},
	StdlibReference.ID:    {DangerousReference.ID},
	ForeignReference.ID:   {StdlibReference.ID, DangerousReference.ID},
	RelativeVocabulary.ID: {ExternalVocabulary.ID},
	RelativeSavedModel.ID: {ExternalSavedModel.ID},
}

// find looks a key up: as it is, with any symbol, and under the rules that are alike.
func (t *effectTable) find(rule, key string) *EffectRow {
	for _, id := range append([]string{rule}, alike[rule]...) {
		if lines := t.rows[id+" "+key]; lines != nil {
			return &EffectRow{table: t, measured: lines, inferred: id != rule || t.inferred[id+" "+key]}
		}
		if i := strings.LastIndex(key, "symbol="); i >= 0 {
			if lines := t.rows[id+" "+key[:i]+"symbol=*"]; lines != nil {
				return &EffectRow{table: t, measured: lines, inferred: true}
			}
		}
	}
	// What switches safe mode off elsewhere in the file can only help the attack.
	if i := strings.Index(key, unsafeSwitchWord); i >= 0 {
		end := i + strings.IndexByte(key[i:]+" ", ' ')
		rest := strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(key[:i], ","), "more=")) + key[end:]
		if r := t.find(rule, rest); r != nil {
			r.inferred, r.firing = true, true
			return r
		}
	}
	return nil
}

// effectTable is effects.txt.
type effectTable struct {
	loaders  []Loader // the measured ones, by family and version
	families map[string][]int
	defences map[byte]string
	text     string                // cells: e where a loader reads no document that is a text of variable length in HDF5
	rows     map[string][]measured // by rule and key
	order    []string              // the keys of rows, as they stand
	inferred map[string]bool       // the keys of rows that were not measured
}

var effects = sync.OnceValue(func() *effectTable {
	t, err := parseEffects(effectsText)
	if err != nil {
		panic(err) // embedded text; TestEffects reads it
	}
	return t
})

// parseEffects reads effects.txt. It refuses unknown rules, letters and words, and
// what stands twice.
func parseEffects(text string) (*effectTable, error) {
	t := &effectTable{families: map[string][]int{}, defences: map[byte]string{}, rows: make(map[string][]measured, 700), inferred: map[string]bool{}}
	known := map[string]bool{}
	for _, r := range All() {
		known[r.ID] = true
	}
	key := ""
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var err error
		switch first, rest, _ := strings.Cut(line, " "); {
		case line[0] == '\t':
			err = t.addLine(key, line[1:])
		case first == "loaders":
			err = t.addLoaders(rest)
		case first == "text":
			t.text, err = t.cells(strings.Fields(rest))
		case first == "defence":
			letter, what, _ := strings.Cut(rest, " ")
			if len(letter) != 1 || strings.Contains(outcomes, letter) || t.defences[letter[0]] != "" || what == "" {
				err = fmt.Errorf("defence %q: want a letter of its own and a text", rest)
			} else {
				t.defences[letter[0]] = what
			}
		default:
			key = line
			if first == "~" {
				key = rest
				first, rest, _ = strings.Cut(rest, " ")
				t.inferred[key] = true
			}
			if _, twice := t.rows[key]; twice || !known[first] || rest == "" {
				err = fmt.Errorf("%q: want a rule and a key that stand once", line)
			}
			t.rows[key] = nil
			t.order = append(t.order, key)
		}
		if err != nil {
			return nil, fmt.Errorf("effects.txt:%d: %w", n, err)
		}
	}
	return t, nil
}

// outcomes are the letters of cells that are no defence.
const outcomes = "LCFei?-"

// whats are the words for what was looked for.
var whats = map[string]string{
	"code": "runs code", "act": "does what is named", "import": "imports the module", "read": "reads the file", "write": "writes a file", "net": "opens a connection",
	"state": "changes a setting of the process", "content": "takes foreign data", "memory": "asks for the memory", "time": "does not come to an end", accepted: "is accepted",
}

func (t *effectTable) addLoaders(text string) error {
	fields := strings.Fields(text)
	if len(fields) < 2 || t.families[fields[0]] != nil {
		return fmt.Errorf("loaders %q: want a family, once, and its versions", text)
	}
	for _, v := range fields[1:] {
		l, err := ParseLoader(fields[0] + " " + v)
		if err != nil {
			return err
		}
		t.families[l.Family] = append(t.families[l.Family], len(t.loaders))
		t.loaders = append(t.loaders, l)
	}
	return nil
}

func (t *effectTable) addLine(key, line string) error {
	fields := strings.Fields(line)
	if key == "" || len(fields) < 3 || whats[fields[1]] == "" {
		return fmt.Errorf("%q: want a mode, what was looked for, and cells, below a key", line)
	}
	cells, err := t.cells(fields[2:])
	if err != nil {
		return err
	}
	m := measured{mode: Mode(fields[0]), what: fields[1], cells: cells}
	for _, old := range t.rows[key] {
		if old.mode == m.mode && (old.what == accepted) == (m.what == accepted) {
			return fmt.Errorf("mode %s stands twice", m.mode)
		}
	}
	t.rows[key] = append(t.rows[key], m)
	return nil
}

// cells joins the words of a line of cells, one for each family.
func (t *effectTable) cells(words []string) (string, error) {
	cells := strings.Join(words, "")
	if len(cells) != len(t.loaders) {
		return "", fmt.Errorf("%d cells: want %d", len(cells), len(t.loaders))
	}
	for i := range len(cells) {
		if c := cells[i]; !strings.Contains(outcomes, string(c)) && t.defences[c] == "" {
			return "", fmt.Errorf("unknown letter %q", c)
		}
	}
	return cells, nil
}
