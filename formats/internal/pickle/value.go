package pickle

// Kind is the type of a Value. The zero Kind is Unknown: anything.
type Kind uint8

// The kinds of values.
const (
	Unknown Kind = iota
	None
	Bool
	Int
	Float
	Text  // str; also what STRING and its relatives give, the str of Python 2
	Bytes // bytes or bytearray
	Tuple
	List
	Dict
	Set
	Global     // what an import gives
	Result     // what a call gives
	Persistent // what the caller's persistent_load gives
	Buffer     // an out-of-band buffer of protocol 5
	mark
)

// Value is what is known of one object that the stream makes. Objects are shared
// as in Python, and a container may contain itself.
type Value struct {
	Kind Kind
	// More says that elements of a container were left out.
	More bool
	// Latin1 says that the content lies in the stream as UTF-8, where a text that
	// stands for bytes has the characters U+0000 to U+00FF.
	Latin1 bool
	// Embedded says that the content is that of one of Pickle.Embedded.
	Embedded bool
	active   bool   // a Global, Result or Persistent is in it
	gen      uint8  // of the walker that made it
	size     uint32 // values that it keeps alive, itself included; 0 for shared ones
	// Text is the beginning of a text or of bytes, at most KeptText bytes of it;
	// an int in decimal; the dotted path of a Global or of a Result whose value
	// is looked up by name ("os.system"), empty where the name is computed.
	Text string
	// Len is the full length of a text or of bytes.
	Len int64
	// Off is where the content of a text or of bytes lies in the stream; -1 where
	// the stream writes it otherwise.
	Off int64
	// Items are the elements of a container, as far as they are kept; of a dict
	// key, value, key, value.
	Items []*Value
	// Func and Args are the callee and the arguments of a Result; the id of a
	// Persistent is in Args. State is what BUILD gave.
	Func, Args, State *Value
}

// What is kept of long texts and containers: more than any call that means
// something has.
const (
	KeptText  = 1 << 16
	KeptItems = 256
)

// keptInert is how many elements without names are kept in lists, dicts and sets
// of one pickle. Elements that hold a name are always kept.
const keptInert = 1 << 17

// keptSize is how many values one tuple keeps alive.
const keptSize = 1 << 12

// Arg returns one positional argument of a Result, nil if it is not known.
func (v *Value) Arg(i int) *Value {
	if v == nil || v.Args == nil || v.Args.Kind != Tuple || i >= len(v.Args.Items) {
		return nil
	}
	return v.Args.Items[i]
}

// Get returns the value of a text key of a dict, nil if it is not known.
func (v *Value) Get(key string) *Value {
	if v == nil || v.Kind != Dict {
		return nil
	}
	for i := len(v.Items) - 2; i >= 0; i -= 2 {
		if k := v.Items[i]; (k.Kind == Text || k.Kind == Bytes) && k.Text == key {
			return v.Items[i+1]
		}
	}
	return nil
}

// Path returns the dotted name that a value stands for: of a Global, or of a
// Result that looks a name up. It is empty for others.
func (v *Value) Path() string {
	if v == nil || v.Kind != Global && v.Kind != Result {
		return ""
	}
	return v.Text
}

// Whole reports whether all of a text or of bytes is in Text.
func (v *Value) Whole() bool {
	return v != nil && (v.Kind == Text || v.Kind == Bytes) && v.Len == int64(len(v.Text))
}

// Class returns the path of the class that an object is an instance of, where a
// call of the class made it; empty for others.
func (v *Value) Class() string {
	switch {
	case v == nil || v.Kind != Result || v.Text != "":
		return ""
	case v.Func.Path() == "copyreg._reconstructor", v.Func.Path() == "copyreg.__newobj__", v.Func.Path() == "copyreg.__newobj_ex__":
		return v.Arg(0).Path()
	}
	return v.Func.Path()
}

// describe names a value for a path of which it is the beginning.
func (v *Value) describe() string {
	switch v.Kind {
	case Text:
		return "builtins.str"
	case Bytes:
		return "builtins.bytes"
	case List:
		return "builtins.list"
	case Dict:
		return "builtins.dict"
	case Tuple:
		return "builtins.tuple"
	case Global, Result:
		if v.Text != "" {
			return v.Text
		}
		if c := v.Class(); c != "" {
			return c + "()"
		}
	}
	return "?"
}
