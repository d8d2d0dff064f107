package pickle

import (
	"strings"
	"unicode/utf8"
)

// maxIndirect is how many functions that call functions are followed one in another.
const maxIndirect = 8

// indirect returns the function that a call calls in turn and its arguments; nil
// where the callee does something else.
func (w *walker) indirect(v *Value) (callee, args *Value) {
	switch v.Func.Path() {
	case "operator.call", "builtins.apply":
		if v.Arg(0) == nil {
			return nil, nil
		}
		rest := v.Args.Items[1:]
		if v.Func.Path() == "builtins.apply" && len(rest) > 0 && rest[0].Kind == Tuple {
			rest = rest[0].Items
		}
		return v.Arg(0), w.tuple(rest)
	case "dill._dill._create_type":
		if v.Arg(0) != nil {
			return v.Arg(0), w.tuple(rest(v.Args))
		}
	case "torch._tensor._rebuild_from_type_v2":
		if args := v.Arg(2); args != nil && args.Kind == Tuple {
			return v.Arg(0), args
		}
		return nil, nil
	case "dill._dill._create_array":
		if args := v.Arg(1); args != nil && args.Kind == Tuple {
			return v.Arg(0), args
		}
		return nil, nil
	}
	made := v.Func // the object that is called
	if made == nil || made.Kind != Result || made.Text != "" {
		return nil, nil
	}
	switch made.Func.Path() {
	case "functools.partial":
		f, bound := made.Arg(0), rest(made.Args)
		if s := made.State; s != nil && s.Kind == Tuple && len(s.Items) >= 2 {
			f, bound = s.Items[0], s.Items[1].Items
		}
		if f == nil {
			return nil, nil
		}
		items := append([]*Value(nil), bound...)
		if v.Args != nil {
			items = append(items, v.Args.Items...)
		}
		return f, w.tuple(items)
	case "types.MethodType":
		if made.Arg(0) != nil && v.Args != nil {
			return made.Arg(0), w.tuple(append(append([]*Value(nil), rest(made.Args)...), v.Args.Items...))
		}
	case "operator.methodcaller":
		if object := v.Arg(0); object != nil && made.Arg(0).Whole() {
			f := &Value{Kind: Global, active: true, size: 2, gen: w.gen, Text: join(object.describe(), made.Arg(0).Text)}
			return f, w.tuple(rest(made.Args))
		}
	}
	return nil, nil
}

// rest returns the arguments behind the first.
func rest(args *Value) []*Value {
	if args == nil || len(args.Items) == 0 {
		return nil
	}
	return args.Items[1:]
}

// byName are the functions that look a name up, by how the name is given.
var byName = map[string]func(arg func(int) *Value) string{
	"builtins.getattr":                                       attribute,
	"dill._dill._get_attr":                                   attribute,
	"builtins.__import__":                                    module,
	"importlib.import_module":                                module,
	"importlib.__import__":                                   module,
	"importlib._bootstrap._gcd_import":                       module,
	"pydoc.locate":                                           module,
	"pydoc.safeimport":                                       module,
	"pkgutil.resolve_name":                                   module,
	"cloudpickle.cloudpickle.subimport":                      module,
	"joblib.externals.cloudpickle.cloudpickle.subimport":     module,
	"dill._dill._import_module":                              module,
	"torch._utils._import_dotted_name":                       module,
	"pandas.compat._optional.import_optional_dependency":     module,
	"sys.modules.get":                                        module,
	"sys.modules.__getitem__":                                module,
	"numpy.core._ufunc_reconstruct":                          moduleAndName,
	"numpy._core._ufunc_reconstruct":                         moduleAndName,
	"cloudpickle.cloudpickle._getobject":                     moduleAndName,
	"cloudpickle.cloudpickle._builtin_type":                  typeName,
	"joblib.externals.cloudpickle.cloudpickle._builtin_type": typeName,
	"dill._dill._load_type":                                  typeName,
	"dill._dill._getattr":                                    described,
	"operator.getitem":                                       item,
}

func attribute(arg func(int) *Value) string {
	if !arg(1).Whole() || arg(0) == nil {
		return ""
	}
	return join(arg(0).describe(), arg(1).Text)
}

func module(arg func(int) *Value) string {
	if !arg(0).Whole() {
		return ""
	}
	return strings.ReplaceAll(arg(0).Text, ":", ".")
}

func moduleAndName(arg func(int) *Value) string {
	if !arg(0).Whole() || !arg(1).Whole() {
		return ""
	}
	return join(arg(0).Text, arg(1).Text)
}

// typeName looks a type up by its name in the module types, or among the builtins
// as dill does.
func typeName(arg func(int) *Value) string {
	switch {
	case !arg(0).Whole():
		return ""
	case arg(0).Text == "PartialType":
		return "functools.partial"
	case strings.HasSuffix(arg(0).Text, "Type"), arg(0).Text == "SimpleNamespace":
		return join("types", arg(0).Text)
	}
	return join("builtins", arg(0).Text)
}

// described looks an attribute of a builtin type up, which dill names by what repr
// shows of it: "<method 'split' of 'str' objects>". What stands there is evaluated.
func described(arg func(int) *Value) string {
	if !arg(1).Whole() || !arg(2).Whole() {
		return ""
	}
	parts := strings.Split(arg(2).Text, "'")
	if len(parts) < 4 || strings.Trim(parts[3], "abcdefghijklmnopqrstuvwxyz") != "" || strings.Trim(arg(1).Text, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return join("builtins."+parts[3], arg(1).Text)
}

// item looks up in the namespace of a module.
func item(arg func(int) *Value) string {
	namespace := arg(0)
	if namespace == nil || !arg(1).Whole() {
		return ""
	}
	switch {
	case namespace.Path() == "sys.modules":
		return arg(1).Text
	case strings.HasSuffix(namespace.Path(), ".__dict__"):
		return join(strings.TrimSuffix(namespace.Path(), ".__dict__"), arg(1).Text)
	case namespace.Kind == Result && namespace.Func.Path() == "builtins.vars" && namespace.Arg(0) != nil:
		return join(namespace.Arg(0).describe(), arg(1).Text)
	}
	return join(namespace.describe()+"[]", arg(1).Text)
}

// maxPath is the longest path in bytes that is followed.
const maxPath = 512

func join(base, name string) string {
	if len(base)+len(name) > maxPath {
		return ""
	}
	return base + "." + name
}

// lookup returns the path that a call of a known function gives where the function
// only looks a name up; empty where it does something else.
func lookup(callee, args *Value) string {
	arg := func(i int) *Value {
		if args == nil || args.Kind != Tuple || i >= len(args.Items) {
			return nil
		}
		return args.Items[i]
	}
	if f := byName[callee.Path()]; f != nil {
		return f(arg)
	}
	if callee == nil || callee.Kind != Result || arg(0) == nil || !callee.Arg(0).Whole() {
		return ""
	}
	switch callee.Func.Path() {
	case "operator.attrgetter":
		return join(arg(0).describe(), callee.Arg(0).Text)
	case "operator.itemgetter":
		return item(func(i int) *Value { return [2]*Value{arg(0), callee.Arg(0)}[i] })
	}
	return ""
}

// Lookup reports whether a path is that of a function that only looks up the name
// that it is given.
func Lookup(path string) bool { return byName[path] != nil }

// folded returns the text that a call puts together; nil where it does not.
func folded(callee, args *Value) *Value {
	if callee.Path() == "builtins.bytes" && args != nil && args.Kind == Tuple && len(args.Items) == 0 && !args.More {
		return &Value{Kind: Bytes, Off: -1} // empty bytes in protocols 0 to 2
	}
	if args == nil || args.Kind != Tuple || len(args.Items) == 0 || args.More {
		return nil
	}
	a := args.Items
	text := func(i int) bool { return i < len(a) && a[i].Kind == Text && a[i].Whole() }
	switch callee.Path() {
	case "operator.add", "operator.concat", "operator.iadd", "operator.iconcat":
		if text(0) && text(1) && len(a) == 2 && len(a[0].Text)+len(a[1].Text) <= KeptText {
			return newText(a[0].Text + a[1].Text)
		}
	case "builtins.str", "builtins.intern", "sys.intern":
		if text(0) && len(a) == 1 {
			return newText(a[0].Text)
		}
	case "_codecs.encode":
		return encoded(a)
	case "_codecs.decode", "builtins.bytes.decode":
		if a[0].Kind == Bytes && a[0].Whole() && !a[0].Latin1 && (len(a) == 1 || text(1) && plainCodecs[a[1].Text]) && ascii(a[0].Text) {
			return newText(a[0].Text)
		}
	}
	return nil
}

func newText(s string) *Value { return &Value{Kind: Text, Text: s, Len: int64(len(s)), Off: -1} }

// plainCodecs leave ASCII as it is.
var plainCodecs = map[string]bool{"latin1": true, "latin-1": true, "iso-8859-1": true, "utf-8": true, "utf8": true, "ascii": true}

// encoded is the bytes that _codecs.encode gives: Python 3 writes bytes so in
// protocols 0 to 2.
func encoded(a []*Value) *Value {
	if a[0].Kind != Text || len(a) > 1 && !(a[1].Whole() && plainCodecs[a[1].Text]) {
		return nil
	}
	v := &Value{Kind: Bytes, Len: a[0].Len, Off: a[0].Off, Text: a[0].Text, Embedded: a[0].Embedded}
	if ascii(v.Text) && v.Whole() || len(a) == 1 || strings.HasPrefix(a[1].Text, "utf") {
		return v
	}
	v.Latin1 = true
	if a[0].Whole() || v.Off >= 0 {
		v.Text, v.Len = latin1(v.Text), -1
		if a[0].Whole() {
			v.Len = int64(len(v.Text))
		}
	}
	return v
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// latin1 writes characters as bytes; those beyond U+00FF, which cannot be, are left out.
func latin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r < 0x100 && r != utf8.RuneError {
			b = append(b, byte(r))
		}
	}
	return string(b)
}
