package rules

import "github.com/kerasvet/kerasvet/formats"

// meaning is what a Python name comes to, as objects of a model spell it. Most
// objects of a model are spelled like others of it, which share the meaning.
type meaning struct {
	symbol string
	origin formats.Origin
	known  *knowledge // what symbols.txt says of it

	keras    bool // a name in a module of Keras
	exported bool // Keras has an object of that name
	class    bool // and it is a class

	allocator bool // it is called like a function that makes an array of any size

	// Of an object's own name: who is spelled like that, and what else it names.
	object    *formats.Object
	names     [3]string // see is
	fallback  *meaning  // where the module lacks the name; nil if there is none, or none that is worse
	operation bool      // it may be an op layer, whose configuration names what it calls
	function  bool      // see isFunction
}

func newMeaning(symbol string, origin formats.Origin) *meaning {
	m := &meaning{symbol: symbol, origin: origin, known: symbols().lookup(symbol), keras: topModule(symbol) == "keras", allocator: allocators(symbol)}
	_, m.class, m.exported = formats.Lookup(symbol)
	// Of Keras's modules symbols.txt calls safe only what Keras exports: they hold
	// what they import, too.
	if m.known.verdict == safe && origin == formats.OriginModule && m.keras && !m.exported {
		m.known = &knowledge{}
	}
	return m
}

// meaningOf resolves the own name of an object.
func meaningOf(o *formats.Object) *meaning {
	m := newMeaning(o.Resolve())
	m.object = o
	m.names = [3]string{lastName(o.Class), lastName(m.symbol), lastName(o.Registered)}
	m.operation = formats.IsOperation(o.Class)
	m.function = m.isFunction()
	if other, ok := o.Fallback(); ok {
		// The worse of the two readings counts, so that one entry is one finding.
		if f := newMeaning(other, formats.OriginModule); f.known.verdict > m.known.verdict || f.class && o.Function() {
			m.fallback = f
		}
	}
	return m
}

// reference is a Python name that a loader would resolve.
type reference struct {
	*meaning
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

// resolve finds the meaning of every object.
func (p *Pass) resolve() {
	x := p.index
	if x.resolved {
		return
	}
	x.resolved = true
	objects := p.Objects()
	x.own = make([]*meaning, len(objects))
	x.references = make([]reference, 0, len(objects))
	last := map[string]*meaning{} // by what it is called in its module
	for i := range objects {
		o := &objects[i]
		called := o.Class
		if o.Function() {
			called = o.Name
		}
		m := last[called]
		if m == nil || !m.object.SpelledLike(o) {
			m = meaningOf(o)
			last[called] = m
			x.meanings = append(x.meanings, m)
		}
		x.own[i] = m
		x.references = append(x.references, reference{m, itself, o, o.Node})
		if m.fallback != nil {
			x.references = append(x.references, reference{m.fallback, fallback, o, o.Node.Get("registered_name")})
		}
		if m.operation {
			if op, at := o.Operation(); at != nil {
				x.references = append(x.references, reference{newMeaning(op, formats.OriginModule), operation, o, at})
			}
		}
	}
}

// references returns every Python name that a loader could be made to resolve:
// that of each object, that of the registered name where the loader falls back on
// it, and that of the operation of each TensorFlow op layer. The rules of one
// artifact share the slice.
func (p *Pass) references() []reference {
	p.resolve()
	return p.index.references
}

// callable reports whether the reference hands over or calls a function: it is
// written as one, or a class entry names something that does not look like a class.
func (r *reference) callable() bool {
	return r.object.Function() || !looksLikeClass(r.symbol)
}

// itself reports whether the reference is the object's own name, not one that it
// names further.
func (r *reference) itself() bool { return r.way == itself }

// handsOverClass reports whether the reference hands over a class of Keras as a
// function, which is then called with arguments of the caller's choice. What
// symbols.txt calls worse is reported as that.
func (r *reference) handsOverClass() bool {
	switch {
	case r.known.verdict > safe || !r.keras:
		return false
	case r.way == itself && (r.object.Class != "function" || r.object.Module == "builtins"):
		return false
	}
	return r.class || !r.exported && looksLikeClass(r.symbol)
}

// judged reports whether some rule above info speaks of the reference.
func (r *reference) judged() bool {
	return r.known.verdict > safe && !r.custom() || r.handsOverClass() || r.foreign() || r.unlistedOperation()
}
