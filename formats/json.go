package formats

import (
	"path"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyjson"
)

// tfjsManifest lists the files of weights beside a model that TensorFlow.js converted
// before its version 1.
const tfjsManifest = "weights_manifest.json"

// json reads a text as a JSON document. A member that is not JSON and does not
// promise to be is no problem: no loader reads it either.
func (o *opener) json(n *Node, src *bounds.Source) Format {
	text, err := o.documentText(src)
	var root *Node
	if err == nil {
		root, err = o.document(n, text)
	}
	if root != nil {
		o.orbax(n, root)
	}
	isKeras := root != nil && (kerasDocument(root) || path.Base(n.Name) == tfjsManifest && root.Kind == KindArray)
	o.model = o.model || isKeras
	if err == nil {
		return FormatJSON
	}
	promised := isKeras || modelName(n.Name) || bounds.As(err).Code != bounds.Malformed
	o.model = o.model || promised
	if promised || n.Kind == KindFile {
		o.problem(n, err)
	}
	return FormatJSON
}

// documentText reads and decodes a whole document as json.loads does with bytes.
func (o *opener) documentText(src *bounds.Source) (pyjson.Text, error) {
	if err := o.budget.Member(src.Size()); err != nil {
		return pyjson.Text{}, err
	}
	if err := o.budget.Text(src.Size()); err != nil {
		return pyjson.Text{}, err
	}
	data, err := src.Bytes(0, src.Size())
	if err != nil {
		return pyjson.Text{}, err
	}
	return pyjson.Decode(data)
}

// document builds the nodes of a document below n. With an error it returns the
// tree up to the place where reading stopped.
func (o *opener) document(n *Node, text pyjson.Text) (*Node, error) {
	b := treeBuilder{opener: o, at: n, tokens: pyjson.NewDecoder(text.UTF8, o.budget)}
	err := b.build()
	for len(b.open) > 0 { // an error leaves containers open
		b.close(int64(len(text.UTF8)))
	}
	if b.root != nil {
		b.root.facts = &document{text: text.UTF8, encoding: text.Encoding, keys: b.root.keys()}
		b.functions(b.candidates)
		n.Children = append(n.Children, b.root)
	}
	return b.root, err
}

// treeBuilder turns tokens into nodes. Children are collected on one stack and
// copied out when their parent closes, so that each slice is as long as it needs to be.
type treeBuilder struct {
	*opener
	at      *Node
	tokens  *pyjson.Decoder
	root    *Node
	open    []container
	pending []*Node
	key     string
	// candidates are the objects that may carry a serialized function.
	candidates []*Node
}

type container struct {
	node  *Node
	first int // index in pending of its first child
}

func (b *treeBuilder) build() error {
	for {
		t, err := b.tokens.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case pyjson.EOF:
			return nil
		case pyjson.Key:
			b.key = t.Text
		case pyjson.EndObject, pyjson.EndArray:
			b.close(t.End)
		default:
			if err := b.value(t); err != nil {
				return err
			}
		}
	}
}

func (b *treeBuilder) value(t pyjson.Token) error {
	parent := b.at
	if len(b.open) > 0 {
		parent = b.open[len(b.open)-1].node
	}
	n, err := b.node(parent, valueKind(t.Kind), b.key)
	if err != nil {
		return err
	}
	b.key = ""
	n.Text = t.Text
	if t.Kind == pyjson.String && parent.Kind == KindObject && mayCarry(t.Text) {
		b.candidates = append(b.candidates, parent)
	}
	n.Span = Span{t.Start, t.End}
	if len(b.open) > 0 {
		b.pending = append(b.pending, n)
	} else {
		b.root = n
	}
	if t.Kind == pyjson.BeginObject || t.Kind == pyjson.BeginArray {
		b.open = append(b.open, container{n, len(b.pending)})
	}
	return nil
}

func valueKind(k pyjson.Kind) Kind {
	switch k {
	case pyjson.BeginObject:
		return KindObject
	case pyjson.BeginArray:
		return KindArray
	case pyjson.String:
		return KindString
	case pyjson.Number:
		return KindNumber
	}
	return KindLiteral
}

// close ends the innermost open container at an offset.
func (b *treeBuilder) close(end int64) {
	c := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	if children := b.pending[c.first:]; len(children) > 0 {
		c.node.Children = append([]*Node(nil), children...)
	}
	b.pending = b.pending[:c.first]
	c.node.Span.End = end
	if c.node.Kind == KindObject && len(c.node.Children) >= manyKeys {
		c.node.facts = newSortedKeys(c.node)
	}
}

// kerasDocument reports whether the root value of a document is something that a
// Keras loader takes: a serialized object, a model configuration wrapped in
// another object, or a shard map.
func kerasDocument(root *Node) bool {
	if root.Kind != KindObject {
		return false
	}
	if _, ok := root.GetString("class_name"); ok {
		return true
	}
	for _, key := range []string{"modelTopology", "model_config", "weight_map"} {
		if root.Get(key) != nil {
			return true
		}
	}
	for o := range Objects(root) {
		if _, origin := o.Resolve(); o.Class != "" && origin == OriginKeras {
			return true
		}
	}
	return false
}
