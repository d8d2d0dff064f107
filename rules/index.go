package rules

import "github.com/kerasvet/kerasvet/formats"

// index is what the rules of one artifact share, so that the tree is walked once.
type index struct {
	root       *formats.Node
	walked     bool
	objects    []formats.Object
	layerLists []*formats.Node
	functions  []*function
	nodes      map[formats.Kind][]*formats.Node
	references []reference
	resolved   bool
	configured []configured
	calls      []invocation
	called     bool
	pickles    []*pickled
	unpickled  bool
	graphs     []*graph
	acts       []act
	judged     bool // acts are there
}

// walk sorts the nodes by kind. Scalars are not kept: rules come to them from
// the objects that hold them.
func (x *index) walk() {
	if x.walked {
		return
	}
	x.walked = true
	x.nodes = map[formats.Kind][]*formats.Node{}
	shared := grades{}
	var at []*formats.Node // of the objects, so that their slice needs no room to grow
	for n := range x.root.All() {
		switch n.Kind {
		case formats.KindNumber, formats.KindLiteral:
			continue
		case formats.KindArray:
			if (n.Name == "layers" || n.Name == "config") && n.Parent.Get(n.Name) == n {
				x.layerLists = append(x.layerLists, n)
			}
			continue
		case formats.KindString:
			if f := n.Function(); f != nil {
				x.functions = append(x.functions, &function{Function: f, shared: shared})
			}
		default:
			x.nodes[n.Kind] = append(x.nodes[n.Kind], n)
		}
		if _, ok := formats.ObjectAt(n); ok {
			at = append(at, n)
		}
	}
	x.objects = make([]formats.Object, len(at))
	for i, n := range at {
		x.objects[i], _ = formats.ObjectAt(n)
	}
}

// Objects returns everything that a loader could deserialize, outermost first.
// The rules of one artifact share the slice.
func (p *Pass) Objects() []formats.Object {
	p.index.walk()
	return p.index.objects
}

// Nodes returns the nodes of one kind, parents first; none for scalars and arrays
// of documents. The rules of one artifact share the slice.
func (p *Pass) Nodes(k formats.Kind) []*formats.Node {
	p.index.walk()
	return p.index.nodes[k]
}

// layerLists returns the arrays that hold the layers of a model: under "layers", or
// in a Sequential of Keras 1 under "config". The rules of one artifact share the slice.
func (p *Pass) layerLists() []*formats.Node {
	p.index.walk()
	return p.index.layerLists
}

// reference is a Python name that a loader would resolve.
type reference struct {
	symbol string
	origin formats.Origin
	known  *knowledge // what symbols.txt says of it
	way    way
	object *formats.Object
	at     *formats.Node
}

// way is how an object comes to name something.
type way uint8

const (
	itself    way = iota // the object's own name
	fallback             // the registered name, where the module lacks the other
	operation            // the symbol that a TensorFlow op layer calls
)

// references returns every Python name that a loader could be made to resolve:
// that of each object, that of the registered name where the loader falls back on
// it, and that of the operation of each TensorFlow op layer.
func (p *Pass) references() []reference {
	x := p.index
	if x.resolved {
		return x.references
	}
	x.resolved = true
	objects := p.Objects()
	x.references = make([]reference, 0, len(objects))
	for i := range objects {
		o := &objects[i]
		symbol, origin := o.Resolve()
		own := reference{symbol, origin, judge(symbol, origin), itself, o, o.Node}
		x.references = append(x.references, own)
		if other, ok := o.Fallback(); ok {
			// The worse of the two readings counts, so that one entry is one finding.
			if known := judge(other, formats.OriginModule); known.verdict > own.known.verdict || isClass(other) && o.Function() {
				x.references = append(x.references, reference{other, formats.OriginModule, known, fallback, o, o.Node.Get("registered_name")})
			}
		}
		if op, at := o.Operation(); at != nil {
			x.references = append(x.references, reference{op, formats.OriginModule, judge(op, formats.OriginModule), operation, o, at})
		}
	}
	return x.references
}

// judge returns what symbols.txt says of a name. Of Keras's modules it calls safe
// only what Keras exports: they hold what they import, too.
func judge(symbol string, origin formats.Origin) *knowledge {
	known := symbols().lookup(symbol)
	if known.verdict == safe && origin == formats.OriginModule && topModule(symbol) == "keras" {
		if _, _, ok := formats.Lookup(symbol); !ok {
			return &knowledge{}
		}
	}
	return known
}

// callable reports whether the reference hands over or calls a function: it is
// written as one, or a class entry names something that does not look like a class.
func (r *reference) callable() bool {
	return r.object.Function() || !looksLikeClass(r.symbol)
}

// itself reports whether the reference is the object's own name, not one that it
// names further.
func (r *reference) itself() bool { return r.way == itself }

// class reports whether the reference hands over a class of Keras as a function,
// which is then called with arguments of the caller's choice. What symbols.txt
// calls worse is reported as that.
func (r *reference) class() bool {
	switch {
	case r.known.verdict > safe || topModule(r.symbol) != "keras":
		return false
	case r.way == itself && (r.object.Class != "function" || r.object.Module == "builtins"):
		return false
	}
	_, class, ok := formats.Lookup(r.symbol)
	return class || !ok && looksLikeClass(r.symbol)
}

// isClass reports whether a name is that of a class of Keras.
func isClass(symbol string) bool {
	_, class, _ := formats.Lookup(symbol)
	return class
}

// judged reports whether some rule above info speaks of the reference.
func (r *reference) judged() bool {
	return r.known.verdict > safe && !r.custom() || r.class() || r.foreign() || r.unlistedOperation()
}
