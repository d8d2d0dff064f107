package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// grades are the graded readings of each code object: equal functions share theirs.
type grades map[*formats.CodeObject][]*gradedCode

// function is a serialized function and what is made of it.
type function struct {
	*formats.Function
	shared grades // of the artifact
	graded bool
	codes  []*gradedCode
}

// gradedCode is one code object as one version of Python reads it.
type gradedCode struct {
	at      *formats.Node // the KindCode
	object  *formats.CodeObject
	version string
	strict  bool // whether that version's compiler may have written it
	regular bool // strict, and nothing in it is such as no compiler writes
	reasons []codeReason
}

func (g *gradedCode) grade() codeGrade { return worstGrade(g.reasons) }

func (g *gradedCode) flow() *formats.Flow { return g.object.Flow(g.version) }

// functions returns every serialized function. The rules of one artifact share
// the slice.
func (p *Pass) functions() []*function {
	p.index.walk()
	return p.index.functions
}

// read grades the code under every version of Python that takes it.
func (f *function) read() {
	if f.graded {
		return
	}
	f.graded = true
	for _, n := range f.Code.Children {
		object := n.CodeObject()
		if object == nil {
			continue
		}
		if known, ok := f.shared[object]; ok {
			for _, g := range known {
				own := *g
				own.at = n
				f.codes = append(f.codes, &own)
			}
			continue
		}
		before := len(f.codes)
		for _, v := range object.Versions {
			g := &gradedCode{at: n, object: object, version: v, strict: slices.Contains(object.Strict, v)}
			if len(object.Strict) > 0 && !g.strict && !suspect(object) {
				continue
			}
			if flow := object.Flow(v); flow != nil {
				g.regular = g.strict && len(flow.Irregular) == 0
				g.reasons = gradeCode(flow, v)
			} else {
				g.reasons = []codeReason{{grade: codeDangerous, why: callsByName, what: "more than can be followed", off: -1}}
			}
			f.codes = append(f.codes, g)
		}
		f.shared[object] = slices.Clone(f.codes[before:])
	}
	f.settle()
}

// settle sorts out which versions wrote the code. Where it is regular under one,
// those under which it is not did not write it.
func (f *function) settle() {
	if !slices.ContainsFunc(f.codes, func(g *gradedCode) bool { return g.regular }) {
		return
	}
	for _, g := range f.codes {
		flow := g.flow()
		if g.regular || flow == nil || len(flow.Irregular) == 0 {
			continue
		}
		if !slices.Contains(g.object.Strict, g.version) {
			g.reasons = slices.DeleteFunc(slices.Clone(g.reasons), accidental)
		}
		g.strict = false
	}
}

// accidental reports whether a reason can come of reading honest code as a version
// that did not write it: what is stored and what is looked up by name is anything
// then, while the dangerous names that a reading puts together are there on purpose.
func accidental(r codeReason) bool {
	return r.why == patches || r.why == callsByName && strings.Contains(r.what, " ")
}

// suspect reports whether code mentions a name that can make it dangerous.
func suspect(c *formats.CodeObject) bool {
	table := &symbols().code
	for m := range c.Mentions() {
		if table.suspect(m) {
			return true
		}
	}
	return false
}

// worst returns the reading that grades worst; nil if there is none. A version
// that cannot have written the code counts only for what is dangerous under it,
// since what it makes of code that is not its own means nothing else.
func (f *function) worst() *gradedCode {
	f.read()
	var worst *gradedCode
	for _, g := range f.codes {
		if !g.strict && f.written() && g.grade() != codeDangerous {
			continue
		}
		if worst == nil || g.grade() > worst.grade() || g.grade() == worst.grade() && g.strict && !worst.strict {
			worst = g
		}
	}
	return worst
}

// written reports whether some version's compiler may have written the code.
func (f *function) written() bool {
	return slices.ContainsFunc(f.codes, func(g *gradedCode) bool { return g.strict })
}

// opaque says why the code is not what it should be, empty if it is.
func (f *function) opaque() string {
	f.read()
	switch {
	case len(f.codes) == 0:
		return fmt.Sprintf("is no code object of Python 2.7 to 3.15 (%v)", f.Err)
	case !f.written():
		return "is such as no compiler of Python writes (" + f.codes[0].object.Misfit + ")"
	}
	for _, g := range f.codes {
		if flow := g.flow(); g.strict && flow != nil && len(flow.Irregular) > 0 {
			notes := flow.Irregular
			return fmt.Sprintf("is such as no compiler of Python %s writes (%s)", g.version, notes[0].What)
		}
	}
	return ""
}

// maxNames is how many names a message lists.
const maxNames = 5

// summary says in a few words what the code does.
func (f *function) summary() string {
	g := f.worst()
	if g == nil {
		return ""
	}
	switch g.grade() {
	case codePure:
		if names := g.names(codeCalls); names != "" {
			return ", which computes with " + names
		}
		return ", which only computes"
	case codeUnresolved:
		return ", which calls what is not known: " + g.names(codeReasons)
	case codeSuspicious:
		return ", which needs a look: it uses " + g.names(codeReasons)
	}
	return ", which " + g.deed()
}

type nameSource uint8

const (
	codeCalls   nameSource = iota // what is called
	codeReasons                   // what the grade rests on
)

// names lists what the code calls, or what its grade rests on.
func (g *gradedCode) names(source nameSource) string {
	var names []string
	if source == codeCalls {
		for _, c := range g.flow().Calls {
			if c != "<local>" {
				names = append(names, c)
			}
		}
	} else {
		for _, r := range g.reasons {
			if r.grade == g.grade() && !slices.Contains(names, r.what) {
				names = append(names, r.what)
			}
		}
	}
	if len(names) > maxNames {
		return strings.Join(names[:maxNames], ", ") + fmt.Sprintf(" and %d more", len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}

// deeds are the reasons of symbols.txt for a reader.
var deeds = map[string]string{
	"runs-code":       "runs code that it holds or makes",
	"bare-names":      "starts programs or imports",
	"imports-by-name": "imports modules by name",
	"runs-programs":   "starts or ends programs",
	changesFiles:      "writes, moves or removes files",
	"network":         "opens connections",
	"native-code":     "calls native code",
	"loads-objects":   "loads objects, which runs code",
	"calls-back":      "hands Python functions to TensorFlow or NumPy",
	callsByName:       "hides what it calls",
	walksObjects:      "walks from object to object to reach what it does not name",
	patches:           "replaces parts of other modules",
}

// deed says what dangerous code does.
func (g *gradedCode) deed() string {
	r := g.reasons[0]
	what := r.what
	if call := g.call(r); call != "" {
		what = call
	}
	return fmt.Sprintf("%s: %s", deeds[r.why], what)
}

// reading says which version of Python reads the code so.
func (g *gradedCode) reading() string {
	switch {
	case g.object.Repaired:
		return fmt.Sprintf("as Python %s reads it, with the backslashes that Keras replaced on Windows", g.version)
	case !g.strict:
		return fmt.Sprintf("as Python %s reads it, which did not write it", g.version)
	}
	return "as Python " + g.version + " reads it"
}

// node returns the code object that a reason is about.
func (g *gradedCode) node(r codeReason) *formats.Node {
	if r.off < 0 || g.flow() == nil {
		return g.at
	}
	for n := range g.at.All() {
		if c := n.CodeObject(); c != nil && c.Unit(g.flow()) == r.unit {
			return n
		}
	}
	return g.at
}

// call writes the call that a reason is about, with its arguments as far as they
// are known.
func (g *gradedCode) call(r codeReason) string {
	if r.off < 0 || r.unit >= len(g.flow().Units) {
		return ""
	}
	for _, s := range g.flow().Units[r.unit].Sites {
		if s.Off != r.off {
			continue
		}
		name := r.what
		for _, t := range slices.Concat(s.Resolved, s.Targets) {
			if t == r.what || strings.HasSuffix(t, "."+r.what) {
				name = t
			}
		}
		var args []string
		for _, a := range s.Args {
			args = append(args, argumentText(&a))
		}
		for _, k := range s.Keywords {
			args = append(args, k.Name+"="+argumentText(&k.Arg))
		}
		if s.Open || s.Star && len(args) == 0 {
			args = append(args, "...")
		}
		if !strings.ContainsAny(name, " ") {
			return name + "(" + strings.Join(args, ", ") + ")"
		}
	}
	return ""
}

// listing shows the code, with the line marked that a grade rests on.
func (g *gradedCode) listing() func() []CodeLine {
	return func() []CodeLine {
		var lines []CodeLine
		for _, l := range g.object.Listing(g.version) {
			marked := slices.ContainsFunc(g.reasons, func(r codeReason) bool {
				return r.grade == codeDangerous && r.off >= 0 && r.unit == l.Unit && l.Off <= r.off && r.off < l.End
			})
			lines = append(lines, CodeLine{l.Text, marked})
		}
		return lines
	}
}

// maxArgument is how many characters of a text are shown.
const maxArgument = 60

func argumentText(a *formats.Argument) string {
	switch a.Kind {
	case formats.ArgumentText:
		text := formats.Printable(a.Text)
		if len(text) > maxArgument {
			text = strings.ToValidUTF8(text[:maxArgument], "") + "..."
		}
		return quote(text)
	case formats.ArgumentConst:
		return a.Const.Text
	case formats.ArgumentPath:
		return a.Text
	}
	return "?"
}
