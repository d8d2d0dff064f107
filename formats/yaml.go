package formats

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyyaml"
)

// mlmodelName is the file that describes an MLflow model, in YAML.
const mlmodelName = "MLmodel"

// yamlName reports whether a file of that name holds YAML.
func yamlName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return true
	}
	return path.Base(strings.ReplaceAll(name, `\`, "/")) == mlmodelName
}

// yamlHead reports whether a text without such a name begins as an architecture in YAML,
// or with tags that make Python objects.
func yamlHead(head []byte) bool {
	return bytes.HasPrefix(head, []byte("class_name:")) || bytes.Contains(head, []byte("\nclass_name:")) ||
		bytes.HasPrefix(head, []byte("!!python/")) || bytes.Contains(head, []byte(": !!python/")) || bytes.Contains(head, []byte("- !!python/"))
}

// yaml reads a text as a YAML document, the values of which are nodes like those of JSON.
// Text that is not YAML, or no model, is no problem where neither is promised.
func (o *opener) yaml(n *Node, src *bounds.Source) Format {
	text, err := o.documentText(src)
	var root *Node
	if err == nil {
		b := yamlBuilder{opener: o, at: n, events: pyyaml.NewDecoder(text.UTF8, o.budget), anchors: map[string]*Node{}}
		err = b.build()
		if root = b.root; root != nil {
			root.facts = &document{text: text.UTF8, encoding: text.Encoding, keys: root.keys(), tag: root.Tag(), tagged: b.tagged}
			o.functions(b.candidates)
			n.Children = append(n.Children, root)
		}
		o.model = o.model || b.tagged
	}
	isModel := root != nil && (kerasDocument(root) || mlflowDocument(n.Name, root))
	o.model = o.model || isModel
	if err != nil && (isModel || o.model || n.Kind == KindFile || bounds.As(err).Code != bounds.Malformed) {
		o.problem(n, err)
	}
	return FormatYAML
}

// mlflowDocument reports whether a document describes an MLflow model.
func mlflowDocument(name string, root *Node) bool {
	return path.Base(strings.ReplaceAll(name, `\`, "/")) == mlmodelName && root.Get("flavors") != nil
}

// Tag returns the tag of a YAML value that makes Python look something up, without the part
// that all have: "object/apply:os.system". It is empty for values that are plain data.
func (n *Node) Tag() string {
	switch f := n.facts.(type) {
	case *tagged:
		return f.tag
	case *document:
		return f.tag
	}
	return ""
}

// Tagged reports whether n is the root value of a document in which some value has a Tag.
func (n *Node) Tagged() bool {
	d, ok := n.facts.(*document)
	return ok && d.tagged
}

// tagged is what is known of a YAML value with a tag of Python.
type tagged struct {
	tag  string
	keys sortedKeys
}

const pythonTag = pyyaml.CorePrefix + "python/"

// pythonData are the tags of Python that make plain data (constructor.py).
var pythonData = []string{"none", "bool", "str", "unicode", "bytes", "int", "long", "float", "complex", "list", "tuple", "dict"}

// yamlBuilder turns events into nodes.
type yamlBuilder struct {
	*opener
	at         *Node
	events     *pyyaml.Decoder
	root       *Node
	open       []yamlContainer
	anchors    map[string]*Node
	tagged     bool // a value has a tag of Python
	candidates []*Node
}

type yamlContainer struct {
	node    *Node
	key     string
	haveKey bool
	merges  bool // a key is "<<"
}

// A key that is no plain text is a value of its own, called keyName, in front of that which
// it names, called valueName.
const keyName, valueName = "?", ":"

// build reads the first document. PyYAML refuses a text that has more, unless yaml.load_all
// is called: in the others only tags of Python are looked for.
func (b *yamlBuilder) build() error {
	var more error
	for documents := 0; ; {
		e, err := b.events.Next()
		if err != nil {
			b.closeAll(0)
			return err
		}
		switch e.Kind {
		case pyyaml.EOF:
			return more
		case pyyaml.DocumentStart:
			if documents++; documents == 2 {
				more = bounds.Malformedf(int64(e.Start), "YAML: a second document")
			}
		case pyyaml.DocumentEnd:
		case pyyaml.SequenceEnd, pyyaml.MappingEnd:
			if more == nil {
				b.close(int64(e.End))
			}
		default:
			if more != nil {
				b.tagged = b.tagged || pythonTagOf(e.Tag) != ""
				continue
			}
			if err := b.value(e); err != nil {
				b.closeAll(int64(e.End))
				return err
			}
		}
	}
}

func (b *yamlBuilder) closeAll(end int64) {
	for len(b.open) > 0 {
		b.close(end)
	}
}

func (b *yamlBuilder) value(e pyyaml.Event) error {
	parent := b.at
	var in *yamlContainer
	if len(b.open) > 0 {
		in = &b.open[len(b.open)-1]
		parent = in.node
	}
	tag := pythonTagOf(e.Tag)
	name := ""
	if in != nil && parent.Kind == KindObject {
		if !in.haveKey {
			in.key, in.haveKey = e.Text, true
			in.merges = in.merges || e.Plain && e.Tag == "" && e.Text == "<<"
			if e.Kind == pyyaml.Scalar && tag == "" {
				b.anchor(e, nil)
				return nil
			}
			name = keyName
			if e.Kind == pyyaml.Alias {
				if target := b.anchors[e.Text]; target != nil && !isContainer(target) {
					in.key = target.Text
					return nil
				}
				in.key = valueName
			} else if e.Kind != pyyaml.Scalar {
				in.key = valueName
			}
		} else {
			name, in.haveKey = in.key, false
		}
	}
	if e.Kind == pyyaml.Alias {
		return b.alias(parent, name, e)
	}
	n, err := b.make(parent, name, e)
	if err != nil {
		return err
	}
	if tag != "" {
		b.tagged = true
		n.facts = &tagged{tag: tag}
	}
	b.anchor(e, n)
	if n.Kind == KindString && parent.Kind == KindObject && mayCarry(n.Text) {
		b.candidates = append(b.candidates, parent)
	}
	if e.Kind != pyyaml.Scalar {
		b.open = append(b.open, yamlContainer{node: n})
	}
	return nil
}

// make makes the node of a value and links it into its parent.
func (b *yamlBuilder) make(parent *Node, name string, e pyyaml.Event) (*Node, error) {
	kind, text := KindObject, ""
	switch e.Kind {
	case pyyaml.SequenceStart:
		kind = KindArray
	case pyyaml.Scalar:
		kind, text = scalar(e)
	}
	n, err := b.node(parent, kind, name)
	if err != nil {
		return nil, err
	}
	n.Text = text
	n.Span = Span{int64(e.Start), int64(e.End)}
	b.link(parent, n)
	return n, nil
}

func (b *yamlBuilder) link(parent, n *Node) {
	if parent == b.at {
		b.root = n
		return
	}
	parent.Children = append(parent.Children, n)
}

// scalarTags are the tags of scalars that are read as what the text looks like.
var scalarTags = map[string]pyyaml.Type{"null": pyyaml.Null, "bool": pyyaml.Bool, "int": pyyaml.Number, "float": pyyaml.Number, "python/none": pyyaml.Null,
	"python/bool": pyyaml.Bool, "python/int": pyyaml.Number, "python/long": pyyaml.Number, "python/float": pyyaml.Number}

// scalar returns the kind of a scalar and its text as JSON would have it.
func scalar(e pyyaml.Event) (Kind, string) {
	want := scalarTags[strings.TrimPrefix(e.Tag, pyyaml.CorePrefix)]
	if !(e.Plain && e.Tag == "") && want == 0 {
		return KindString, e.Text
	}
	t, value := pyyaml.Resolve(e.Text)
	if want != 0 && t != want {
		return KindString, e.Text
	}
	switch t {
	case pyyaml.Null, pyyaml.Bool:
		return KindLiteral, value
	case pyyaml.Number:
		return KindNumber, value
	}
	return KindString, e.Text
}

// pythonTagOf returns what Node.Tag returns of a value with a tag.
func pythonTagOf(tag string) string {
	rest, ok := strings.CutPrefix(tag, pythonTag)
	if !ok || slices.Contains(pythonData, rest) {
		return ""
	}
	return rest
}

func isContainer(n *Node) bool { return n.Kind == KindObject || n.Kind == KindArray }

// anchor gives a value the name that aliases call it by. A key that is plain text has no
// node, and a name given to it none to stand for.
func (b *yamlBuilder) anchor(e pyyaml.Event, n *Node) {
	if e.Anchor == "" {
		return
	}
	if n == nil {
		kind, text := scalar(e)
		n = &Node{Kind: kind, Text: text}
	}
	b.anchors[e.Anchor] = n
}

// alias puts a copy of a value where an alias stands: at the cost of the budget, so that
// aliases of aliases grow no further than that.
func (b *yamlBuilder) alias(parent *Node, name string, e pyyaml.Event) error {
	target, ok := b.anchors[e.Text]
	if !ok {
		return bounds.Malformedf(int64(e.Start), "YAML: alias %q stands for nothing", Printable(e.Text))
	}
	for _, c := range b.open {
		if c.node == target {
			return bounds.Unsupportedf(int64(e.Start), "YAML: a value that holds itself")
		}
	}
	n, err := b.copy(parent, target, Span{int64(e.Start), int64(e.End)}, 1)
	if err != nil {
		return err
	}
	n.Name = name
	b.link(parent, n)
	if n.Kind == KindString && parent.Kind == KindObject && mayCarry(n.Text) {
		b.candidates = append(b.candidates, parent)
	}
	return nil
}

// copy copies a value; all that it holds has the place of the alias.
func (b *yamlBuilder) copy(parent, target *Node, at Span, depth int) (*Node, error) {
	if err := b.budget.Depth(depth + len(b.open)); err != nil {
		return nil, err
	}
	n, err := b.node(parent, target.Kind, target.Name)
	if err != nil {
		return nil, err
	}
	n.Text, n.Span = target.Text, at
	if tag := target.Tag(); tag != "" {
		n.facts = &tagged{tag: tag}
	}
	for _, c := range target.Children {
		child, err := b.copy(n, c, at, depth+1)
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, child)
		if child.Kind == KindString && n.Kind == KindObject && mayCarry(child.Text) {
			b.candidates = append(b.candidates, n)
		}
	}
	b.index(n)
	return n, nil
}

// close ends the innermost open collection.
func (b *yamlBuilder) close(end int64) {
	c := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	n := c.node
	n.Span.End = max(n.Span.End, end)
	if k := len(n.Children); k > 0 {
		n.Span.End = max(n.Span.End, n.Children[k-1].Span.End)
	}
	if c.merges {
		merge(n)
	}
	b.index(n)
}

// index gives an object of many keys its sorted keys.
func (b *yamlBuilder) index(n *Node) {
	if n.Kind != KindObject || len(n.Children) < manyKeys {
		return
	}
	keys := newSortedKeys(n)
	if t, ok := n.facts.(*tagged); ok {
		t.keys = keys
		return
	}
	n.facts = keys
}

// merge takes over the keys of what stands under "<<", behind which the object's own
// come: of several of one name the last counts (flatten_mapping).
func merge(n *Node) {
	var merged, own []*Node
	for _, c := range n.Children {
		switch {
		case c.Name == "<<" && c.Kind == KindObject:
			merged = append(merged, c.Children...)
		case c.Name == "<<" && c.Kind == KindArray:
			for _, o := range slices.Backward(c.Children) {
				if o.Kind == KindObject {
					merged = append(merged, o.Children...)
				}
			}
		default:
			own = append(own, c)
		}
	}
	for _, c := range merged {
		c.Parent = n
	}
	n.Children = append(merged, own...)
}
