package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// codeGrade says how far code can be trusted by what it does. The zero grade is
// the best, and is only given where nothing worse is known.
type codeGrade uint8

const (
	codePure       codeGrade = iota // calls nothing but what computes
	codeUnresolved                  // calls something that is not known
	codeSuspicious                  // imports, looks into objects, reads files, decodes
	codeDangerous                   // acts outside the model, or hides what it calls
)

var codeGradeNames = [...]string{"pure", "unresolved", "suspicious", "dangerous"}

func (g codeGrade) String() string { return codeGradeNames[g] }

// codeReason is one thing that a grade rests on.
type codeReason struct {
	grade codeGrade
	why   string // the reason that symbols.txt gives, such as "runs-programs"
	what  string // the name, or what is done to it
	unit  int    // index into Flow.Units of the code object that does it, and the
	off   int    // offset of the instruction there; -1 where no single one does
}

// grading is the grading of one flow.
type grading struct {
	table   *codeTable
	flow    *formats.Flow
	version string // of Python
	reasons []codeReason
	calls   []string // canonical
}

// gradeCode returns why code has the grade that it has, the worst reasons first;
// none for pure code. What it judges is what the code mentions, calls and writes;
// text in constants and names that no instruction uses count for nothing.
func gradeCode(flow *formats.Flow, version string) []codeReason {
	g := &grading{table: &symbols().code, flow: flow, version: version}
	for _, c := range flow.Calls {
		g.calls = append(g.calls, g.table.canonical(c))
	}
	g.imports(flow.Imports)
	g.paths()
	g.called()
	for u := range flow.Units {
		for i := range flow.Units[u].Sites {
			g.site(u, &flow.Units[u].Sites[i])
		}
	}
	g.writes(flow.Writes)
	g.namespaces()
	g.handedOn()
	g.formats()
	g.resolved()
	g.unsettled()
	g.locate()
	slices.SortStableFunc(g.reasons, func(a, b codeReason) int {
		return cmp.Or(-cmp.Compare(a.grade, b.grade), cmp.Compare(telling(a), telling(b)), cmp.Compare(a.what, b.what))
	})
	g.reasons = slices.Compact(g.reasons)
	return g.reasons
}

// tellingOrder is the reasons for danger by what they tell a reader.
var tellingOrder = []string{"runs-programs", "network", changesFiles, "native-code", "loads-objects", "runs-code", patches, walksObjects, "calls-back", "imports-by-name", callsByName}

// telling orders reasons of one grade: what is done before how, and calls before
// mentions.
func telling(r codeReason) int {
	n := slices.Index(tellingOrder, r.why)
	if n < 0 {
		n = len(tellingOrder)
	}
	n *= 4
	if r.off < 0 {
		n += 2
	}
	if strings.HasPrefix(r.what, "?") {
		n++
	}
	return n
}

// worstGrade is the grade of code with such reasons.
func worstGrade(reasons []codeReason) codeGrade {
	if len(reasons) == 0 {
		return codePure
	}
	return reasons[0].grade
}

func (g *grading) add(grade codeGrade, why, what string) {
	g.reasons = append(g.reasons, codeReason{grade: grade, why: why, what: what, off: -1})
}

// harmlessModules have members that do no harm, so that importing them says nothing;
// numericModules only compute, as far as their functions are known.
var (
	harmlessModules = map[string]bool{"": true, "os": true, "sys": true, "os.path": true}
	numericModules  = map[string]bool{"tf": true, "keras": true, "numpy": true, "math": true, "cmath": true, "jax": true, "functools": true,
		"itertools": true, "collections": true, "operator": true, "random": true}
	numericPackages = map[string]bool{"tf": true, "keras": true, "jax": true}
)

// imports judges the modules that are imported by name.
func (g *grading) imports(modules []string) {
	for _, m := range modules {
		m = g.table.canonical(m)
		switch {
		case harmlessModules[m], numericModules[m], numericPackages[topModule(m)], g.table.computes(m + ".x"):
		case g.table.dangerous.why(m) != "" || g.table.suspicious.why(m) != "": // a path like any other
		default:
			g.add(codeSuspicious, "imports", m)
		}
	}
}

// paths judges every name that the code mentions.
func (g *grading) paths() {
	seen := map[string]bool{}
	for _, list := range [][]string{g.flow.Calls, g.flow.Refs, g.flow.Imports} {
		for _, p := range list {
			g.path(p, seen)
		}
	}
}

// path judges one name, also from every module on that stands inside it.
func (g *grading) path(p string, seen map[string]bool) {
	p = g.table.canonical(p)
	if seen[p] {
		return
	}
	seen[p] = true
	if rest, ok := strings.CutPrefix(p, "tf.compat.v1."); ok { // repeats most names
		g.path("tf."+rest, seen)
	}
	if why := g.table.dangerous.why(p); why != "" {
		g.add(codeDangerous, why, p)
	} else if why := g.table.suspicious.why(p); why != "" {
		g.add(codeSuspicious, why, p)
	}
	for rest := p; ; {
		part, after, more := strings.Cut(rest, ".")
		switch {
		case g.table.hiding[part]:
			g.add(codeDangerous, walksObjects, part)
		case part == "__class__":
			g.add(codeSuspicious, "introspection", part)
		}
		if own := strings.TrimLeft(part, "_"); len(rest) < len(p) && g.table.pivots[own] {
			g.path(rest[len(part)-len(own):], seen)
		}
		if !more {
			return
		}
		rest = after
	}
}

const (
	walksObjects = "walks-objects"
	callsByName  = "calls-by-name"
	patches      = "patches"
	changesFiles = "changes-files"
)

// called judges what is called and not known.
func (g *grading) called() {
	for _, c := range g.calls {
		switch {
		case c == "<local>" || c == "getattr" || c != "super" && g.table.computes(c):
		default:
			g.add(codeUnresolved, "calls", c)
		}
	}
}

// cutLast parts a path at its last dot.
func cutLast(path string) (before, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// annotations is where the body of a class stores the types of its variables.
const annotations = "__annotations__[]"

// writes judges what is stored in and deleted from something outside.
func (g *grading) writes(list []string) {
	for _, w := range list {
		w = strings.TrimPrefix(w, "del ")
		switch {
		case w == annotations:
		case strings.HasPrefix(w, "global "), w[0] == '?' && !strings.HasSuffix(w, "[]"):
			g.add(codeUnresolved, "writes", w)
		case w[0] == '?':
		default:
			g.add(codeDangerous, patches, w)
		}
	}
}

// namespaces judges calls of what a namespace holds: globals()[name]().
func (g *grading) namespaces() {
	if !slices.ContainsFunc(g.calls, func(c string) bool { return c[0] == '?' }) {
		return
	}
	for _, r := range g.reasons {
		if r.grade == codeSuspicious && (r.what == "globals" || r.what == "locals" || r.what == "vars") {
			g.add(codeDangerous, callsByName, "what a namespace holds")
			return
		}
	}
}

// formats judges format strings that walk attributes.
func (g *grading) formats() {
	for _, s := range g.flow.Formats {
		for h := range g.table.hiding {
			if strings.Contains(s, "."+h) || strings.Contains(s, "["+h) {
				g.add(codeDangerous, walksObjects, "format string")
				return
			}
		}
	}
}

// resolved judges what shows only where values are followed through containers,
// functions and computed strings.
func (g *grading) resolved() {
	seen := map[string]bool{}
	for _, list := range [][]string{g.flow.ResolvedCalls, g.flow.ResolvedRefs, g.flow.ResolvedImports, g.flow.Escapes} {
		for _, p := range list {
			g.path(p, seen)
			g.computedName(p)
		}
	}
	for _, a := range g.flow.Attributes {
		if g.table.hiding[a] {
			g.add(codeDangerous, walksObjects, a)
		}
	}
	for _, e := range g.flow.Escapes {
		switch n := g.table.canonical(e); n {
		case "getattr", "setattr", "delattr", "vars", "open", "io.open", "codecs.open":
			g.add(codeDangerous, callsByName, n+" handed on")
		}
	}
	for u := range g.flow.Units {
		for i := range g.flow.Units[u].Sites {
			s := &g.flow.Units[u].Sites[i]
			given := withSelf(s)
			for _, t := range s.Resolved {
				g.path(t, seen)
				g.target(g.table.canonical(t), given)
			}
		}
	}
	for _, w := range slices.Concat(g.flow.Writes, g.flow.ResolvedWrites) {
		for part := range strings.SplitSeq(strings.TrimSuffix(w, "[]"), ".") {
			switch {
			case g.table.hiding[part]:
				g.add(codeDangerous, walksObjects, part)
			case part == "__class__":
				g.add(codeDangerous, patches, w)
			}
		}
	}
	for _, w := range g.flow.ResolvedWrites {
		if w = strings.TrimPrefix(w, "del "); w != annotations && w[0] != '?' && !strings.HasPrefix(w, "global ") {
			g.add(codeDangerous, patches, w)
		}
	}
}

// computedName judges an attribute whose name is put together when the code runs.
func (g *grading) computedName(path string) {
	base, ok := strings.CutSuffix(g.table.canonical(path), ".?")
	_, last, _ := cutLast(base)
	if ok && (g.table.pivots[last] || base == "builtins") {
		g.add(codeDangerous, callsByName, "a computed attribute of "+base)
	}
}

// unsettled judges code whose values could not all be followed.
func (g *grading) unsettled() {
	switch {
	case g.flow.ComputedFormat:
		g.add(codeSuspicious, "formats", "a computed string")
	case len(g.flow.Irregular) > 0 || g.flow.Widened || g.flow.Unsettled:
		g.add(codeSuspicious, "irregular", "more than can be followed")
	}
}

// locate finds the calls that reasons about names come from.
func (g *grading) locate() {
	for i := range g.reasons {
		r := &g.reasons[i]
		if r.off >= 0 {
			continue
		}
		for u := range g.flow.Units {
			for _, s := range g.flow.Units[u].Sites {
				if r.off < 0 && g.mentions(&s, r.what) {
					r.unit, r.off = u, s.Off
				}
			}
		}
	}
}

// mentions reports whether a call is of a name, or hands it over.
func (g *grading) mentions(s *formats.Site, name string) bool {
	is := func(path string) bool {
		path = g.table.canonical(path)
		return path == name || strings.HasSuffix(path, "."+name)
	}
	if slices.ContainsFunc(s.Targets, is) || slices.ContainsFunc(s.Resolved, is) {
		return true
	}
	return slices.ContainsFunc(s.Args, func(a formats.Argument) bool { return a.Kind == formats.ArgumentPath && is(a.Text) })
}
