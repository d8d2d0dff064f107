package rules

import "github.com/kerasvet/kerasvet/formats"

// index is what the rules of one artifact share, so that the tree is walked once.
type index struct {
	root       *formats.Node
	walked     bool
	objects    []formats.Object
	nodes      map[formats.Kind][]*formats.Node
	references []reference
	resolved   bool
}

// walk sorts the nodes by kind. Scalars are not kept: rules come to them from
// the objects that hold them.
func (x *index) walk() {
	if x.walked {
		return
	}
	x.walked = true
	x.nodes = map[formats.Kind][]*formats.Node{}
	for n := range x.root.All() {
		switch n.Kind {
		case formats.KindString, formats.KindNumber, formats.KindLiteral, formats.KindArray:
		default:
			x.nodes[n.Kind] = append(x.nodes[n.Kind], n)
		}
		if o, ok := formats.ObjectAt(n); ok {
			x.objects = append(x.objects, o)
		}
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

// reference is a Python name that a loader would resolve.
type reference struct {
	symbol string
	origin formats.Origin
	known  knowledge // what symbols.txt says of it
	object *formats.Object
	at     *formats.Node
}

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
		own := reference{symbol, origin, symbols().lookup(symbol), o, o.Node}
		x.references = append(x.references, own)
		if fallback, ok := o.Fallback(); ok {
			// The worse of the two readings counts, so that one entry is one finding.
			if known := symbols().lookup(fallback); known.verdict > own.known.verdict {
				x.references = append(x.references, reference{fallback, formats.OriginModule, known, o, o.Node.Get("registered_name")})
			}
		}
		if op, at := o.Operation(); at != nil {
			x.references = append(x.references, reference{op, formats.OriginModule, symbols().lookup(op), o, at})
		}
	}
	return x.references
}

// callable reports whether the reference hands over or calls a function: it is
// written as one, or a class entry names something that does not look like a class.
func (r *reference) callable() bool {
	return r.object.Function() || !looksLikeClass(r.symbol)
}

// itself reports whether the reference is the object's own name, not one that it
// names further.
func (r *reference) itself() bool { return r.at == r.object.Node }
