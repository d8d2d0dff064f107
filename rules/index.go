package rules

import "github.com/kerasvet/kerasvet/formats"

// index is what the rules of one artifact share: each part is made when a rule
// first asks for it.
type index struct {
	root      *formats.Node
	walked    bool
	objects   []formats.Object
	documents []*formats.Node
	keyed     [keys][]*formats.Node
	functions []*function
	nodes     [formats.Kinds][]*formats.Node

	resolved   bool
	meanings   []*meaning
	own        []*meaning // of each object
	references []reference

	calls     []invocation
	called    bool
	pickles   []*pickled
	unpickled bool
	graphs    []*graph
	acts      []act
	judged    bool // acts are there
}

// key is a key that some rule asks for wherever it stands.
type key uint8

const (
	keyNone key = iota
	keyName
	keyLayers
	keyConfig // of arrays alone
	keyPolicyMap
	keyOptimizerMap
	keyExcludeLayers
	keyVocabularyFile
	keyCheckpoint
	keys // how many
)

// keyOf returns the key of a name, keyNone if no rule asks for it.
func keyOf(name string) key {
	switch name {
	case "name":
		return keyName
	case "layers":
		return keyLayers
	case "config":
		return keyConfig
	case "policy_map":
		return keyPolicyMap
	case "optimizer_map":
		return keyOptimizerMap
	case "exclude_layers":
		return keyExcludeLayers
	case "vocabulary_file":
		return keyVocabularyFile
	case "ckpt_to_load_from":
		return keyCheckpoint
	}
	return keyNone
}

// walk sorts the nodes by kind. Scalars are not kept, but for functions and what
// stands under a key: rules come to them from the objects that hold them.
func (x *index) walk() {
	if x.walked {
		return
	}
	x.walked = true
	shared := grades{}
	for n := range x.root.All() {
		switch n.Kind {
		case formats.KindNumber, formats.KindLiteral:
			continue
		case formats.KindString:
			if f := n.Function(); f != nil {
				x.functions = append(x.functions, &function{Function: f, shared: shared})
			}
		case formats.KindArray:
		default:
			x.nodes[n.Kind] = append(x.nodes[n.Kind], n)
		}
		if !n.Kind.JSON() {
			continue
		}
		if !n.Parent.Kind.JSON() {
			x.documents = append(x.documents, n)
		}
		if k := keyOf(n.Name); k != keyNone && !(k == keyConfig && n.Kind != formats.KindArray) {
			x.keyed[k] = append(x.keyed[k], n)
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

// documents returns the root values of documents that are an object, an array or a
// string. The rules of one artifact share the slice.
func (p *Pass) documents() []*formats.Node {
	p.index.walk()
	return p.index.documents
}

// keyed returns the values under a key, also those that a later one of the same
// object hides (see effective). The rules of one artifact share the slice.
func (p *Pass) keyed(k key) []*formats.Node {
	p.index.walk()
	return p.index.keyed[k]
}

// effective reports whether Python would see n under its key: of several values, it
// keeps the last.
func effective(n *formats.Node) bool { return n.Parent.Get(n.Name) == n }
