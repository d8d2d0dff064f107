package formats

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pyname"
)

// Object is something in a document that a loader would turn into a Python
// object: a JSON object with a class_name, or a string in a place where Keras
// takes the name of a class or function.
type Object struct {
	Node       *Node  // the JSON object, or the string
	Module     string // "module"; empty where it is absent or null
	Class      string // "class_name"; empty for a string
	Registered string // "registered_name"; empty where it is absent or null
	Name       string // what a reference names: the config of a "function", or the string itself
	Config     *Node  // "config", nil if absent

	// modern: there is a "module" key, be it null. Keras then reads the object with
	// the serialization of 2.12 and later, which looks bare names up in no table.
	modern bool
}

// SpelledLike reports whether Resolve and Fallback say the same of o and p because
// both are spelled alike.
func (o *Object) SpelledLike(p *Object) bool {
	return o.Class == p.Class && o.Name == p.Name && o.Module == p.Module && o.Registered == p.Registered &&
		o.modern == p.modern && o.Class != typeSpecClass
}

// functionClass is the class_name of a function reference (keras/src/saving/serialization_lib.py).
const functionClass = "function"

// Function reports whether o names a function: the loader then hands over
// whatever the name resolves to, a class uninstantiated too.
func (o Object) Function() bool { return o.Class == functionClass || o.Class == "" }

// isSlot reports whether a key holds functions or classes by name in the
// serialization of Keras 1 and 2, and for built-in ones in Keras 3.
func isSlot(key string) bool {
	switch key {
	case "activation", "recurrent_activation", "inner_activation", "loss", "metrics", "weighted_metrics", "optimizer", "fn", "loss_fn":
		return true
	}
	return strings.HasSuffix(key, "_initializer") || strings.HasSuffix(key, "_regularizer") || strings.HasSuffix(key, "_constraint")
}

// Objects yields every object that a loader could deserialize, at any depth and
// position of any document below root, outermost first. Keras deserializes a dict
// wherever it meets one, so position decides nothing.
func Objects(root *Node) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for n := range root.All() {
			if o, ok := ObjectAt(n); ok && !yield(o) {
				return
			}
		}
	}
}

// ObjectAt returns what a loader would make of one node; ok is false if it would
// take it for plain data.
func ObjectAt(n *Node) (o Object, ok bool) {
	switch n.Kind {
	case KindObject:
		return asObject(n)
	case KindString:
		if inSlot(n) {
			return Object{Node: n, Name: n.Text}, true
		}
	}
	return Object{}, false
}

func asObject(n *Node) (Object, bool) {
	var class, config, module, registered *Node
	for _, c := range n.Children { // in one pass; of several of one name the last counts
		switch c.Name {
		case "class_name":
			class = c
		case "config":
			config = c
		case "module":
			module = c
		case "registered_name":
			registered = c
		}
	}
	if class == nil || class.Kind != KindString {
		return Object{}, false
	}
	o := Object{Node: n, Class: class.Text, Config: config, modern: module != nil}
	o.Module, _ = module.str()
	o.Registered, _ = registered.str()
	if o.Function() {
		o.Name, _ = config.str()
	}
	return o, true
}

// slotDepth is how deep lists and dicts of a slot are nested at most: metrics are
// a dict of outputs with a list of lists each.
const slotDepth = 4

// inSlot reports whether a string is the name of a function or class: the value
// of a slot, or an element of a list or dict in one (losses and metrics per output).
func inSlot(n *Node) bool {
	if n.Text == "" {
		return false
	}
	if named(n) {
		return true
	}
	for i, p := 0, n; i < slotDepth && p.Parent != nil && p.Parent.Kind.JSON(); i, p = i+1, p.Parent {
		if p.Parent.Kind == KindArray {
			continue
		}
		if isSlot(p.Name) {
			return true
		}
		if p.Parent.Get("class_name") != nil || p.Parent.Get("config") != nil {
			return false
		}
	}
	return false
}

// named reports whether a string beside it says that a Lambda layer of Keras 2 takes
// a function of that name from its caller: X beside "X_type": "function".
func named(n *Node) bool {
	if n.Parent == nil || n.Parent.Kind != KindObject || n.Name == "" {
		return false
	}
	if !slices.Contains(lambdaArguments, n.Name) {
		return false
	}
	kind, _ := n.Parent.GetString(n.Name + "_type")
	return kind == functionClass
}

// Origin says whose code an object is. The zero Origin is OriginCustom.
type Origin uint8

const (
	// OriginCustom: a class or function that the user must have registered or defined.
	OriginCustom Origin = iota
	// OriginKeras: one that Keras itself exports or writes.
	OriginKeras
	// OriginModule: one of another Python module, which a loader may import.
	OriginModule
)

// mainModule is where a user's own script lives; nothing is imported for it.
const mainModule = "__main__"

// Resolve returns the one canonical Python name of o, all spellings folded, and
// whose code that is. Module and name are joined before they are looked up, as
// the loader does; a registered name has the form "package>Name".
func (o Object) Resolve() (symbol string, origin Origin) {
	name := o.Class
	if o.Function() {
		name = o.Name
	}
	t := names()
	switch {
	case o.Class == typeSpecClass:
		return o.typeSpec()
	case o.marker(t):
		return name, OriginKeras
	case o.Module == "builtins" && o.Function():
		return o.builtinFunction(t, name)
	case o.Module == mainModule && strings.Contains(o.Registered, ">"):
		return o.Registered, OriginCustom
	case o.Module == mainModule:
		return mainModule + "." + name, OriginCustom
	case o.Module != "":
		path := o.Module + "." + name
		if n := t.lookup(path); n != nil {
			return n.canonical, OriginKeras
		}
		return pyname.Fold(path), OriginModule
	case o.modern && o.Registered != "" && o.Class != functionClass:
		// A null module: Keras found the class in the user's own script or under
		// a registered name. A class called Dense is then not keras.layers.Dense.
		if n := t.spelled[o.Registered]; n != nil && strings.Contains(o.Registered, ">") {
			return n.canonical, OriginKeras
		}
		return o.Registered, OriginCustom
	}
	if n := t.lookup(name); n != nil {
		return n.canonical, OriginKeras
	}
	return name, OriginCustom
}

// Fallback returns the canonical name that Keras 3.0 to 3.8 take when the module
// lacks the name: the registered name as an attribute of the same module. ok is
// false where there is no other name to fall back on.
func (o Object) Fallback() (symbol string, ok bool) {
	if o.Module == "" || o.Registered == "" || o.Registered == o.Class || o.Registered == o.Name || strings.Contains(o.Registered, ">") {
		return "", false
	}
	path := o.Module + "." + o.Registered
	if n := names().lookup(path); n != nil {
		return n.canonical, true
	}
	return pyname.Fold(path), true
}

// typeSpecClass marks a serialized tf.TypeSpec, which is fetched from the module
// named beside it.
const typeSpecClass = "__typespec__"

func (o Object) typeSpec() (string, Origin) {
	spec, _ := o.Node.GetString("spec_name")
	if o.Module == "" || spec == "" {
		return typeSpecClass, OriginKeras
	}
	return pyname.Fold(o.Module) + "." + spec, OriginModule
}

// marker reports whether o is a tagged value such as __keras_tensor__ or
// __lambda__, which the loader knows by its class_name alone.
func (o Object) marker(t *nameTable) bool {
	n := t.spelled[o.Class]
	return n != nil && n.kind == "marker"
}

// builtinFunction resolves a reference as Keras 2.13 and later write every
// function, whoever defined it: by name alone, under module builtins. The loader
// searches its own activations, losses, metrics and so on, then custom objects;
// Keras before 3.9 then takes the attribute of builtins.
func (o Object) builtinFunction(t *nameTable, name string) (string, Origin) {
	if n := t.spelled[name]; n != nil && !n.class && !strings.Contains(name, ".") {
		return n.canonical, OriginKeras
	}
	switch {
	case t.written[name]:
		return "builtins." + name, OriginKeras
	case strings.Contains(name, ">"):
		return name, OriginCustom
	}
	return "builtins." + name, OriginCustom
}

// Symbol returns the canonical Python name of o: Resolve without the origin.
func (o Object) Symbol() string {
	s, _ := o.Resolve()
	return s
}

// LayerName returns the name of the nearest layer that holds n, by its config's
// name or its own; empty outside of layers.
func (n *Node) LayerName() string {
	for ; n != nil && n.Kind != KindFile; n = n.Parent {
		if n.Kind != KindObject || n.Get("class_name") == nil {
			continue
		}
		if name, ok := n.Get("config").GetString("name"); ok && n.Get("config").Kind == KindObject {
			return name
		}
		if name, ok := n.GetString("name"); ok {
			return name
		}
	}
	return ""
}

// operations are the layers of Keras 2 and tf_keras that call a TensorFlow symbol
// by name (keras/src/layers/core/tf_op_layer.py), and the arguments that name it.
var operations = map[string][]string{
	"TFOpLambda":      {"function"},
	"SlicingOpLambda": {"function"},
	"ClassMethod":     {"cls_symbol", "method_name"},
}

// rawOperation is the layer that calls an operation of TensorFlow's graphs.
const rawOperation = "TensorFlowOpLayer"

// IsOperation reports whether a class is that of an op layer: Operation finds
// nothing in objects of any other.
func IsOperation(class string) bool {
	class = bareClass(class)
	return class == rawOperation || operations[class] != nil
}

// bareClass is a class without the module or package in front.
func bareClass(class string) string {
	return class[max(strings.LastIndexByte(class, '.'), strings.LastIndexByte(class, '>'))+1:]
}

// Operation returns the TensorFlow symbol that an op layer calls, as a canonical
// name below tensorflow or keras, and the node that names it; at is nil for any
// other object.
func (o Object) Operation() (symbol string, at *Node) {
	class := bareClass(o.Class)
	if class == rawOperation {
		return o.rawOperation()
	}
	arguments := operations[class]
	if arguments == nil {
		return "", nil
	}
	symbol = "tensorflow"
	for _, a := range arguments {
		n := o.Config.Get(a)
		if n == nil || n.Kind != KindString {
			return "", nil
		}
		at = n
		symbol += "." + n.Text
	}
	if n := names().lookup(symbol); n != nil {
		return n.canonical, at
	}
	return pyname.Fold(symbol), at
}

// rawOperation returns the operation of a TensorFlowOpLayer, which TensorFlow 2.0
// to 2.3 wrote: its node_def is a NodeDef message, as JSON or serialized. What
// cannot be read is an operation without a name.
func (o Object) rawOperation() (symbol string, at *Node) {
	def := o.Config.Get("node_def")
	if def == nil {
		return "", nil
	}
	op, at := "", def
	if n := def.Get("op"); n != nil {
		op, at = n.Text, n
	} else if def.Kind == KindString {
		op = opOfNodeDef(def.Text)
	}
	return "tensorflow.raw_ops." + op, at
}

// opOfNodeDef reads field 2, op, of a serialized NodeDef; the last one counts.
func opOfNodeDef(message string) (op string) {
	const opField, varintType, fixed64Type, bytesType, fixed32Type = 2, 0, 1, 2, 5
	for b := []byte(message); len(b) > 0; {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return ""
		}
		b = b[n:]
		var size uint64
		switch key & 7 {
		case varintType:
			if _, n = binary.Uvarint(b); n <= 0 {
				return ""
			}
			size = uint64(n)
		case fixed64Type:
			size = 8
		case fixed32Type:
			size = 4
		case bytesType:
			if size, n = binary.Uvarint(b); n <= 0 {
				return ""
			}
			b = b[n:]
		default:
			return ""
		}
		if size > uint64(len(b)) {
			return ""
		}
		if key == opField<<3|bytesType {
			op = string(b[:size])
		}
		b = b[size:]
	}
	return op
}
