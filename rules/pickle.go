package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// pickled is what the rules make of one pickle.
type pickled struct {
	node   *formats.Node
	names  []*pickledName // worst first per kind of rule; each name once
	opaque []opaqueThing
	byPath map[string]*pickledName
	handed map[string]bool // what is handed to functions
}

// pickledName is one name that a pickle should not need.
type pickledName struct {
	path   string
	grade  pickleGrade
	what   string
	at     *formats.Node
	called string // the first call of it, as Python would write it; empty where it is not called
}

// opaqueThing is something that a pickle hides.
type opaqueThing struct {
	evidence, what string
}

// pickles judges every pickle of the artifact, outermost first. The rules of one
// artifact share the slice.
func (p *Pass) pickles() []*pickled {
	x := p.index
	if !x.unpickled {
		x.unpickled = true
		for _, n := range p.Nodes(formats.KindPickle) {
			x.pickles = append(x.pickles, judgePickle(n))
		}
	}
	return x.pickles
}

// worst is the worst grade of what a pickle names; what it hides counts as danger.
func (k *pickled) worst() pickleGrade {
	if len(k.opaque) > 0 {
		return pickleDanger
	}
	worst := pickleSafe
	for _, n := range k.names {
		worst = max(worst, n.grade)
	}
	return worst
}

func judgePickle(n *formats.Node) *pickled {
	k := &pickled{node: n, byPath: map[string]*pickledName{}}
	f := n.Pickle()
	k.handed = handedOver(f)
	at := map[string]*formats.Node{}
	for _, c := range n.Children {
		switch c.Kind {
		case formats.KindGlobal:
			at[c.Text] = c
		case formats.KindCode:
			k.code(c)
		}
	}
	for i := range f.Events {
		k.event(f, &f.Events[i])
	}
	steps := k.steps()
	k.names = slices.DeleteFunc(k.names, func(n *pickledName) bool { return n.called == "" && steps[n.path] >= n.grade }) // on the way to another
	for _, name := range k.names {
		if name.at == nil {
			name.at = at[name.path]
		}
		if name.at == nil {
			name.at = n
		}
	}
	return k
}

// steps returns the worst grade of a name that begins with each path.
func (k *pickled) steps() map[string]pickleGrade {
	worst := map[string]pickleGrade{}
	for _, n := range k.names {
		for end := strings.LastIndexByte(n.path, '.'); end > 0; end = strings.LastIndexByte(n.path[:end], '.') {
			worst[n.path[:end]] = max(worst[n.path[:end]], n.grade)
		}
	}
	return worst
}

// name notes a name that is worse than known. A reading that only a loader without
// joblib has counts if it is dangerous: other names in it are what numbers happen to spell.
func (k *pickled) name(e *formats.PickleEvent, path string, grade pickleGrade, what string) *pickledName {
	if grade < pickleUnlisted || e.Plain && grade < pickleDanger {
		return nil
	}
	n := k.byPath[path]
	if n == nil {
		n = &pickledName{path: path}
		k.byPath[path] = n
		k.names = append(k.names, n)
	}
	if grade > n.grade {
		n.grade, n.what = grade, what
	}
	return n
}

func (k *pickled) hide(e *formats.PickleEvent, evidence, format string, args ...any) {
	if e.Plain {
		return
	}
	if len(k.opaque) > maxFindings {
		return
	}
	t := opaqueThing{evidence, fmt.Sprintf(format, args...)}
	if !slices.Contains(k.opaque, t) {
		k.opaque = append(k.opaque, t)
	}
}

// event judges one event.
func (k *pickled) event(f *formats.Pickle, e *formats.PickleEvent) {
	if f.Fault != nil && e.Off > f.Fault.Off && (e.Kind == formats.PickleImport || e.Kind == formats.PickleCall) {
		k.hide(e, "fault", "is broken (%s), and goes on behind that: some readers stop there, others do not", f.Fault.What)
	}
	v := e.Value
	switch e.Kind {
	case formats.PickleImport:
		k.imported(e)
	case formats.PickleExtension:
		k.hide(e, "extension", "names code %s of the extension registry, which stands for whatever the reader's process registered", v.Args.Text)
	case formats.PickleCall:
		k.called(e)
	case formats.PickleRestore, formats.PickleSetItem, formats.PickleAppend:
		k.compiled(e)
		k.bound(e)
		if path := v.Func.Path(); path != "" {
			if n := k.name(e, path, pickleDanger, "changes what every program that uses it sees"); n != nil && n.called == "" {
				n.called = "changes " + path
			}
		}
	}
}

// imported judges a name that is imported.
func (k *pickled) imported(e *formats.PickleEvent) {
	path := e.Value.Text
	switch {
	case path == "":
		k.hide(e, "computed", "imports a name that it computes")
		return
	case !importable(path):
		k.hide(e, path, "imports %s, which no module can have", quote(path))
		return
	case (formats.PickleLookup(path) || setters(path)) && !k.handed[path]:
		return // what it looks up, or sets, is judged
	}
	k.judge(e, path)
	if e.Written != "" {
		if known := judgePickled(e.Written); known.grade == pickleDanger {
			k.judge(e, path, known)
		}
	}
}

func (k *pickled) judge(e *formats.PickleEvent, path string, also ...pickleName) {
	known := judgePickled(path)
	for _, a := range also {
		if a.grade > known.grade {
			known = a
		}
	}
	k.name(e, path, known.grade, known.what)
}

// handedOver returns the names that a pickle hands to functions, which may call them.
func handedOver(f *formats.Pickle) map[string]bool {
	names := map[string]bool{}
	seen := map[*formats.PickleValue]bool{}
	var stack []*formats.PickleValue
	for i := range f.Events {
		v := f.Events[i].Value
		if setters(v.Text) {
			continue // dill looks its own up, with the builtin one for older versions of itself
		}
		stack = append(stack, v.Args, v.State)
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if v == nil || seen[v] {
				continue
			}
			seen[v] = true
			if v.Kind == formats.PickleGlobal {
				names[v.Text] = true
			}
			stack = append(stack, v.Items...)
		}
	}
	return names
}

// called judges a call.
func (k *pickled) called(e *formats.PickleEvent) {
	v := e.Value
	path := v.Func.Path()
	switch {
	case symbols().pickle.loads(path) && !loadsRead(v):
		k.hide(e, path, "has %s load what was not read here", path)
		return
	case formats.PickleLookup(path) && v.Text == "":
		k.hide(e, path, "looks up a name with %s that it computes", path)
		return
	case setters(v.Text):
		return // what it sets is judged
	case v.Text != "":
		if !importable(v.Text) {
			k.hide(e, v.Text, "looks up %s, which no module can have", quote(v.Text))
			return
		}
		k.judge(e, v.Text)
		return
	case path == "":
		k.calledObject(e)
		return
	case !importable(path):
		return // reported where it is imported
	}
	known := judgePickled(path)
	if setters(path) && setsOwn(v) {
		return
	}
	if known.grade == pickleKnown && !instantiates(e, path) {
		known = pickleName{grade: pickleUnlisted}
	}
	if known.grade == pickleSafe && !safeArguments(symbols().pickle.canonical(path), v) {
		known = pickleName{grade: pickleUnlisted}
	}
	if n := k.name(e, path, known.grade, known.what); n != nil && n.called == "" {
		n.called = callText(v)
	}
}

// instantiates reports whether a call makes an instance of a class: NEWOBJ takes
// nothing else, and classes are written with a capital. REDUCE runs __init__, which
// may open the file that a text names.
func instantiates(e *formats.PickleEvent, path string) bool {
	return strings.HasPrefix(e.Op, "NEWOBJ") || looksLikeClass(path) && !(symbols().pickle.opener.why(symbols().pickle.canonical(path)) != "" && e.Value.Args != nil && namesFile(e.Value.Args))
}

// namesFile reports whether the arguments of a call may name a file.
func namesFile(args *formats.PickleValue) bool {
	return args.More || args.Kind != formats.PickleTuple || slices.ContainsFunc(args.Items, func(v *formats.PickleValue) bool {
		return v.Kind != formats.PickleNone && v.Kind != formats.PickleBool && v.Kind != formats.PickleInt && v.Kind != formats.PickleFloat
	})
}

// loadsRead reports whether what a call of a loader is given was read here: bytes
// in the pickle, a BytesIO of such, or an array, as TensorFlow 2.5 to 2.10 gives.
func loadsRead(v *formats.PickleValue) bool {
	given := v.Arg(0)
	if given != nil && given.Kind == formats.PickleResult {
		given = heldBytes(given)
	}
	return given != nil && given.Embedded
}

// heldBytes returns the bytes that a BytesIO or a NumPy array of the pickle holds;
// nil if it is neither or holds something else.
func heldBytes(v *formats.PickleValue) *formats.PickleValue {
	state := func(count, at int) *formats.PickleValue {
		if s := v.State; s != nil && s.Kind == formats.PickleTuple && len(s.Items) >= count {
			return s.Items[at]
		}
		return nil
	}
	switch v.Func.Path() {
	case "io.BytesIO", "_io.BytesIO":
		if v.State == nil {
			return v.Arg(0)
		} else if v.Arg(0) == nil {
			return state(1, 0)
		}
	case "copyreg._reconstructor", "copyreg.__newobj__":
		if c := v.Class(); c == "io.BytesIO" || c == "_io.BytesIO" {
			return state(1, 0)
		}
	case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
		return state(5, 4)
	case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
		if v.State == nil {
			return v.Arg(0)
		}
	}
	return nil
}

// calledObject judges a call of something that has no name.
func (k *pickled) calledObject(e *formats.PickleEvent) {
	f := e.Value.Func
	if class := f.Class(); class != "" {
		switch {
		case symbols().pickle.builds(class): // its code is judged by itself
		case madeClass(f) && (strings.HasPrefix(e.Op, "NEWOBJ") || strings.HasSuffix(class, "_make_skeleton_enum")): // and so is that of its methods
		case judgePickled(class).grade == pickleDanger: // reported already
		default:
			k.hide(e, "call", "calls the object that %s gives", class)
		}
		return
	}
	if f.Kind == formats.PickleGlobal {
		return // a name that is hidden, which is reported
	}
	k.hide(e, "call", "calls something of which it is not known what it is")
}

// builds reports whether a function makes functions of code that is in the pickle.
func (t *pickleTable) builds(path string) bool {
	return t.loader["code."+t.canonical(path)]
}

// plainEncodings are those that _codecs.encode may use: Python writes bytes so in
// protocols 0 to 2.
var plainEncodings = oneOf("latin1", "latin-1", "iso-8859-1", "utf-8", "utf8", "ascii", "raw_unicode_escape", "raw-unicode-escape")

// evaluated is what dill has evaluated of objects that hold only numbers.
var evaluated = regexp.MustCompile(`^(x?range|slice)\((-?\d+|None)(, (-?\d+|None)){0,2}\)$|^(NotImplemented|Ellipsis)$`)

// safeArguments reports whether a function that is safe as far as its arguments
// are gets such.
func safeArguments(path string, v *formats.PickleValue) bool {
	const cloud, random = "cloudpickle.cloudpickle.", "numpy.random._pickle."
	switch path {
	case cloud + "_make_skeleton_class":
		return metaclasses(symbols().pickle.canonical(v.Arg(0).Path())) || madeClass(v.Arg(0))
	case cloud + "_make_skeleton_enum":
		bases := v.Arg(0)
		if bases == nil || bases.Kind != formats.PickleTuple || len(bases.Items) == 0 || bases.More {
			return false
		}
		last := bases.Items[len(bases.Items)-1]
		return strings.HasPrefix(last.Path(), "enum.") || madeClass(last)
	case cloud + "_class_setstate", cloud + "_function_setstate", cloud + "_fill_function", cloud + "_rehydrate_skeleton_class", cloud + "_cell_set", cloud + "cell_set":
		return v.Arg(0) != nil && v.Arg(0).Kind == formats.PickleResult && v.Arg(0).Path() == "" // what the pickle made itself
	case random + "__generator_ctor", random + "__bit_generator_ctor", random + "__randomstate_ctor":
		return !v.Args.More && !slices.ContainsFunc(v.Args.Items, func(a *formats.PickleValue) bool {
			return a.Path() != "" && !strings.HasPrefix(a.Path(), "numpy.random.")
		})
	case "types.FunctionType", cloud + "_make_function", cloud + "_make_skel_func", "dill._dill._create_function":
		return codeMakers(symbols().pickle.canonical(v.Arg(0).Class()))
	case "dill._dill._create_ftype":
		return v.Arg(0).Path() == "functools.partial" && symbols().pickle.opener.why(v.Arg(1).Path()) == ""
	case "functools.partial":
		return v.Arg(0) == nil || symbols().pickle.opener.why(v.Arg(0).Path()) == ""
	case "dill._dill._create_namedtuple":
		return v.Arg(2) != nil && v.Arg(2).Text == "__main__" // it imports any other module
	case "builtins.type":
		return v.Args != nil && (len(v.Args.Items) == 1 || len(v.Args.Items) == 3) && !v.Args.More
	case "dill._dill._eval_repr":
		return v.Arg(0) != nil && evaluated.MatchString(v.Arg(0).Text)
	case "_codecs.encode":
		return v.Arg(1) == nil && !v.Args.More || v.Arg(1) != nil && plainEncodings(v.Arg(1).Text)
	}
	return true
}

// codeMakers give code objects that are judged by themselves.
var codeMakers = oneOf("types.CodeType", "dill._dill._create_code", "marshal.loads")

// metaclasses are what classes are made with.
var metaclasses = oneOf("builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "typing.GenericMeta", "typing._ProtocolMeta")

// madeClass reports whether a value is a class that the pickle made.
func madeClass(v *formats.PickleValue) bool {
	switch class := symbols().pickle.canonical(v.Class()); class {
	case "builtins.type":
		return len(v.Args.Items) == 3
	case "dill._dill._create_namedtuple", "cloudpickle.cloudpickle._rehydrate_skeleton_class":
		return true
	default:
		return strings.HasPrefix(class, "cloudpickle.cloudpickle._make_skeleton_")
	}
}

// setters set an attribute of an object.
var setters = oneOf("builtins.setattr", "dill._dill._setattr")

// setsOwn reports whether a call sets what dill sets of the classes and cells that
// it makes.
func setsOwn(v *formats.PickleValue) bool {
	object, name, value := v.Arg(0), v.Arg(1), v.Arg(2)
	switch {
	case object == nil || name == nil || value == nil || !name.Whole():
		return false
	case name.Text == "cell_contents":
		return object.Class() == "dill._dill._create_cell"
	}
	return name.Text == "__qualname__" && value.Kind == formats.PickleText && (object.Path() == "" || strings.HasPrefix(object.Path(), "__main__."))
}

// template is the key under which distributions of SciPy keep Python source, which
// they run when they are restored (scipy/stats/_distn_infrastructure.py,
// rv_generic.__setstate__).
const template = "_parse_arg_template"

// honestTemplate is what SciPy itself keeps there.
var honestTemplate = regexp.MustCompile(`^\s*(def _parse_args(_rvs|_stats)?\(self,[\w ,.='-]*\):\n    return (self\._argcheck_rvs)?\([\w ,.='-]*\)[\w ,.='-]*\s*)+$`)

// bound judges what BUILD makes a partial call.
func (k *pickled) bound(e *formats.PickleEvent) {
	v := e.Value
	if v.Func.Class() != "functools.partial" || v.State == nil || v.State.Kind != formats.PickleTuple || len(v.State.Items) == 0 {
		return
	}
	if path := v.State.Items[0].Path(); symbols().pickle.opener.why(path) != "" {
		k.name(e, path, pickleUnlisted, "")
	}
}

// compiled judges what an object is given that runs source in it.
func (k *pickled) compiled(e *formats.PickleEvent) {
	v := e.Value
	given := v.State
	if e.Kind != formats.PickleRestore {
		given = v.Args
	}
	source := given.Get(template)
	switch {
	case source != nil && honestTemplate.MatchString(source.Text) && source.Whole():
		if mentions(given, template) == 1 {
			return
		}
	case source == nil && mentions(given, template) == 0:
		return
	}
	text := "…"
	if source != nil && source.Kind == formats.PickleText {
		text = source.Text
	}
	if len(text) > maxShownText {
		text = text[:maxShownText] + "…"
	}
	k.hide(e, template+" "+text, "restores a distribution of SciPy with the source %s, which runs when it is restored", quote(formats.Printable(text)))
}

// mentions counts how often a text stands in a value, one in another.
func mentions(v *formats.PickleValue, text string) int {
	n := 0
	seen := map[*formats.PickleValue]bool{}
	for stack := []*formats.PickleValue{v}; len(stack) > 0; {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch {
		case v == nil:
		case v.Kind == formats.PickleText || v.Kind == formats.PickleBytes:
			if v.Text == text {
				n++
			}
		case !seen[v]:
			seen[v] = true
			stack = append(stack, v.Items...)
		}
	}
	return n
}

// code judges a code object that a pickle holds. It is dangerous if it is under any
// version of Python; otherwise the version under which it does least is the one
// that wrote it, since under others its instructions mean nothing.
func (k *pickled) code(n *formats.Node) {
	c := n.CodeObject()
	if c == nil {
		return
	}
	var least, danger, nameless *codeReason
	understood := false
	for _, v := range c.Versions {
		flow := c.Flow(v)
		if flow == nil {
			continue
		}
		reasons := gradeCode(flow, v)
		switch {
		case len(reasons) == 0, symbols().pickle.onlyLoads(flow.Calls):
			understood = true
		case reasons[0].grade == codeDangerous:
			if r := naming(reasons); r != nil {
				danger = r
			} else {
				nameless = &reasons[0]
			}
		case least == nil || reasons[0].grade < least.grade:
			least = &reasons[0]
		}
	}
	if nameless != nil && danger == nil && least == nil && !understood {
		danger = nameless
	}
	name := &pickledName{path: n.Text, at: n}
	switch {
	case danger != nil:
		name.grade, name.what = pickleDanger, "is Python bytecode in the pickle, which uses "+danger.what
	case understood || least == nil:
		return
	default:
		name.grade, name.what = pickleUnlisted, "is Python bytecode in the pickle, which uses "+least.what
	}
	k.names = append(k.names, name)
}

// naming returns the first reason for danger that names something. Elements that are
// called are what another version's instructions make of honest code.
func naming(reasons []codeReason) *codeReason {
	for i := range reasons {
		if r := &reasons[i]; r.grade == codeDangerous && !strings.HasSuffix(r.what, "[]") {
			return r
		}
	}
	return nil
}

// onlyLoads reports whether code calls nothing but functions that load what the
// pickle holds: that of KerasSaveable._unpickle_model, which cloudpickle copies.
func (t *pickleTable) onlyLoads(calls []string) bool {
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c string) bool { return !t.loader[c] })
}
