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

// method judges a call by the name of the method.
func (g *grading) method(call string) {
	receiver, name, ok := cutLast(call)
	if why := g.table.methods[name]; ok && why != "" && receiver != "<local>()" && !g.table.computes(call) {
		g.add(codeDangerous, why, call)
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

// site judges what one call does with its arguments.
func (g *grading) site(unit int, s *formats.Site) {
	before := len(g.reasons)
	given := withSelf(s)
	for _, t := range s.Targets {
		g.target(g.table.canonical(t), given)
	}
	for i := range g.reasons[before:] {
		g.reasons[before+i].unit, g.reasons[before+i].off = unit, s.Off
	}
}

// withSelf returns a call with the receiver, where CPython passes one, as its first
// argument.
func withSelf(s *formats.Site) *formats.Site {
	if s.Self == nil {
		return s
	}
	given := *s
	given.Args = append([]formats.Argument{*s.Self}, s.Args...)
	return &given
}

func (g *grading) target(target string, s *formats.Site) {
	g.method(target)
	if strings.HasPrefix(target, "keras.") && strings.HasSuffix(target, ".deserialize") {
		if _, known := textArgument(s, 0); !known { // which names anything
			g.add(codeDangerous, "loads-objects", target)
		}
	}
	if a := keyword(s, "save_to_dir"); a != nil && (a.Kind != formats.ArgumentConst || a.Const.Text != "None") {
		g.add(codeDangerous, changesFiles, target)
	}
	switch target {
	case "getattr":
		name, known := textArgument(s, 1)
		if !known {
			g.add(codeDangerous, callsByName, "getattr with a computed name")
		} else if g.table.hiding[name] {
			g.add(codeDangerous, walksObjects, name)
		}
	case "setattr", "delattr":
		if len(s.Args) > 0 && s.Args[0].Kind == formats.ArgumentPath && s.Args[0].Text[0] != '?' {
			g.add(codeDangerous, patches, s.Args[0].Text)
		}
	case "open", "file", "io.open", "codecs.open", "io.FileIO", "gzip.open", "bz2.open", "lzma.open", "gzip.GzipFile", "bz2.BZ2File", "lzma.LZMAFile":
		if mode, known := openMode(s, 1, "r"); !known || strings.ContainsAny(mode, "wax+") {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "os.fdopen":
		if mode, known := openMode(s, 1, "r"); !known || strings.ContainsAny(mode, "wax+") {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "os.open":
		if !readOnly(s) {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "?.rename", "?.replace", "pathlib.Path().rename", "pathlib.Path().replace":
		if len(s.Args) == 1 && len(s.Keywords) == 0 && slices.Contains(g.flow.Imports, "pathlib") { // of a text it takes two
			g.add(codeDangerous, changesFiles, target)
		}
	case "?.cache", "?.snapshot": // of a dataset
		if name, known := textArgument(s, 0); known && name != "" {
			g.add(codeDangerous, changesFiles, target)
		}
	case "logging.basicConfig":
		if s.Open || keyword(s, "filename") != nil || keyword(s, "handlers") != nil {
			g.add(codeDangerous, changesFiles, target)
		}
	case "pathlib.Path().open", "pathlib.PosixPath().open", "?.open":
		if mode, known := openMode(s, 0, "r"); known && openForWriting(mode) {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "numpy.memmap":
		if mode, known := openMode(s, 2, "r+"); !known || mode != "r" && mode != "c" && mode != "readonly" && mode != "copyonwrite" {
			g.add(codeDangerous, changesFiles, "numpy.memmap for writing")
		}
	case "numpy.load":
		if unpickles(s) {
			g.add(codeDangerous, "loads-objects", "numpy.load with pickle")
		}
	case "tf.print":
		if a := keyword(s, "output_stream"); a != nil && a.Kind != formats.ArgumentPath {
			g.add(codeDangerous, changesFiles, "tf.print to a file")
		}
	case "input":
		if g.version == "2.7" { // evaluates what is typed
			g.add(codeDangerous, "runs-code", "input")
		}
	}
}

// readOnly reports whether a call of os.open opens a file for reading.
func readOnly(s *formats.Site) bool {
	if len(s.Args) < 2 {
		return false
	}
	flags := s.Args[1]
	return flags.Kind == formats.ArgumentPath && flags.Text == "os.O_RDONLY" || flags.Kind == formats.ArgumentConst && flags.Const.Text == "0"
}

// textArgument returns a positional argument that is a known text.
func textArgument(s *formats.Site, i int) (text string, known bool) {
	if i < len(s.Args) && s.Args[i].Kind == formats.ArgumentText {
		return s.Args[i].Text, true
	}
	return "", false
}

func keyword(s *formats.Site, name string) *formats.Argument {
	for i := range s.Keywords {
		if s.Keywords[i].Name == name {
			return &s.Keywords[i].Arg
		}
	}
	return nil
}

// openMode returns the mode of a call that opens a file: the argument of that
// name or at that place, or the default.
func openMode(s *formats.Site, place int, otherwise string) (mode string, known bool) {
	if s.Open {
		return "", false
	}
	if a := keyword(s, "mode"); a != nil {
		return a.Text, a.Kind == formats.ArgumentText
	}
	if len(s.Args) > place {
		return textArgument(s, place)
	}
	return otherwise, true
}

// openForWriting reports whether a text is a mode of open that writes, and not
// something else.
func openForWriting(mode string) bool {
	return mode != "" && len(mode) <= 3 && strings.Trim(mode, "rwaxbt+") == "" && strings.ContainsAny(mode, "wax+")
}

// unpickles reports whether a call of numpy.load may read pickles.
func unpickles(s *formats.Site) bool {
	if s.Star && len(s.Args) == 0 {
		return true
	}
	a := keyword(s, "allow_pickle")
	if a == nil && len(s.Args) > 2 {
		a = &s.Args[2]
	}
	if a == nil {
		return s.Open
	}
	return a.Kind != formats.ArgumentConst || a.Const.Text != "False" && a.Const.Text != ""
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

// actingModules are modules that no model hands to a function or puts into a
// container: what comes out of there can be called under any name.
var actingModules = oneOf("os", "sys", "builtins", "subprocess", "importlib", "ctypes", "socket", "pickle", "marshal", "shutil")

// handedOn judges modules that are handed on as values, by the calls of what cannot
// be followed: they may be calls of the module's own functions.
func (g *grading) handedOn() {
	for _, e := range slices.Concat(g.flow.Escapes, g.bareModules()) {
		_, last, _ := cutLast(g.table.canonical(e))
		module := g.table.canonical(strings.TrimLeft(last, "_"))
		if !g.table.pivots[module] {
			continue
		}
		for _, c := range g.calls {
			if c == "?" && actingModules(module) {
				g.add(codeDangerous, callsByName, module+" handed on")
			}
			if _, name, ok := cutLast(c); ok && c[0] == '?' {
				if why := g.table.dangerous.why(module + "." + name); why != "" {
					g.add(codeDangerous, why, module+"."+name)
				}
			}
		}
	}
}

// bareModules returns the acting modules that the code names and takes nothing from.
func (g *grading) bareModules() (bare []string) {
	for _, r := range g.flow.Refs {
		from := func(other string) bool { return strings.HasPrefix(other, r+".") }
		if actingModules(g.table.canonical(r)) && !slices.ContainsFunc(g.flow.Refs, from) && !slices.Contains(g.flow.Imports, r) {
			bare = append(bare, r)
		}
	}
	return bare
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
			if g.table.hiding[part] {
				g.add(codeDangerous, walksObjects, part)
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
