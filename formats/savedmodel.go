package formats

import (
	"bytes"
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/hdf5"
	"github.com/kerasvet/kerasvet/formats/internal/pyjson"
	"github.com/kerasvet/kerasvet/formats/internal/savedmodel"
	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// Operation is what a KindOperation stands for: an operation of a TensorFlow graph
// that is given text, that calls functions, or that TensorFlow does not know. Any
// other computes, or acts on what such an operation made, and is no node.
type Operation = savedmodel.Op

// Operand is a text that an operation is given: an input or an attribute.
type Operand = savedmodel.Operand

// TextValue is what is known of an Operand's text.
type TextValue = savedmodel.Value

// TextFrom says where a text comes from; it is a set.
type TextFrom = savedmodel.From

// The elements of a TextFrom.
const (
	FromConst    = savedmodel.FromConst
	FromAsset    = savedmodel.FromAsset
	FromSaver    = savedmodel.FromSaver
	FromCaller   = savedmodel.FromCaller
	FromState    = savedmodel.FromState
	FromComputed = savedmodel.FromComputed
	FromDefault  = savedmodel.FromDefault
)

// When says when a loader or its caller runs an operation.
type When = savedmodel.When

// The values of a When, later ones are worse.
const (
	Never  = savedmodel.Never
	AtCall = savedmodel.AtCall
	AtUse  = savedmodel.AtUse
	AtLoad = savedmodel.AtLoad
)

// Graph is what a SavedModel says of a KindGraph.
type Graph struct {
	Version string // of the TensorFlow that wrote it

	keys sortedKeys
}

// GraphFunction is what is known of a KindFunction.
type GraphFunction struct {
	When When
	Why  string // what leads to it, at the worst; empty where nothing does

	keys sortedKeys
}

// Operation returns the facts of a KindOperation, nil for other nodes.
func (n *Node) Operation() *Operation { op, _ := n.facts.(*Operation); return op }

// Graph returns the facts of a KindGraph, nil for other nodes.
func (n *Node) Graph() *Graph { g, _ := n.facts.(*Graph); return g }

// GraphFunction returns the facts of a KindFunction, nil for other nodes.
func (n *Node) GraphFunction() *GraphFunction { f, _ := n.facts.(*GraphFunction); return f }

// Operations returns the names of the operations that TensorFlow registers, but for
// those that compute numbers from numbers.
func Operations() []string {
	var names []string
	for _, name := range savedmodel.Ops() {
		if !savedmodel.Registered(name).Plain() {
			names = append(names, name)
		}
	}
	return names
}

// OperandNames returns what an operation's inputs and textual attributes are called.
func OperandNames(op string) []string {
	def := savedmodel.Registered(op)
	if def == nil {
		return nil
	}
	names := append([]string(nil), def.Texts...)
	for _, in := range def.Inputs {
		names = append(names, in.Name)
	}
	return names
}

// Names of the files of a SavedModel (tensorflow/cc/saved_model/constants.h and
// keras/src/saving/legacy/saved_model/constants.py).
const (
	savedModelName       = "saved_model.pb"
	savedModelTextName   = "saved_model.pbtxt"
	savedModelChunksName = "saved_model.cpb" // a Riegeli file, which only C++ loaders read
	kerasMetadataName    = "keras_metadata.pb"
)

// savedModel reads a file of a SavedModel: by its name, which is how loaders find
// it, or by how it begins. ok is false for any other text.
func (o *opener) savedModel(n *Node, src *bounds.Source, head []byte) (ok bool) {
	if bytes.HasPrefix(head, []byte(lfsPointer)) || bytes.HasPrefix(head, []byte(gzipHead)) {
		return false
	}
	var m *savedmodel.Model
	var err error
	switch base := path.Base(strings.ReplaceAll(n.Name, `\`, "/")); {
	case base == savedModelTextName:
		m, err = savedmodel.ReadText(src)
	case base == kerasMetadataName:
		o.model = true
		o.problemIf(n, o.kerasMetadata(n, src))
		return true
	case base == savedModelName || bytes.HasPrefix(head, []byte(savedModelHead)):
		m, err = savedmodel.Read(src)
	default:
		return false
	}
	o.model = true
	for _, g := range m.Graphs {
		if e := o.metaGraph(n, g); err == nil {
			err = e
		}
	}
	if err == nil && len(m.Graphs) == 0 {
		err = bounds.Malformedf(-1, "a SavedModel without a graph")
	}
	o.problemIf(n, err)
	return true
}

// savedModelHead is schema version 1 and the key of the first graph, as every
// SavedModel begins.
const savedModelHead = "\x08\x01\x12"

// gzipHead can begin neither wire nor text form, as lfsPointer cannot.
const gzipHead = "\x1f\x8b"

func (o *opener) problemIf(n *Node, err error) {
	if err != nil {
		o.problem(n, err)
	}
}

// metaGraph adds the nodes of one graph.
func (o *opener) metaGraph(n *Node, g *savedmodel.MetaGraph) error {
	name := strings.Join(g.Tags, ",")
	if name == "" {
		name = "graph"
	}
	at, err := o.add(n, KindGraph, name)
	if err != nil {
		return err
	}
	at.Span = Span{g.Off, g.End}
	facts := &Graph{Version: g.Version}
	at.facts = facts
	defer func() { facts.keys = manyKeysOf(at) }()
	if err := o.operations(at, g.Ops); err != nil {
		return err
	}
	for _, f := range g.Functions {
		fn, err := o.add(at, KindFunction, f.Name)
		if err != nil {
			return err
		}
		fn.Span = Span{f.Off, f.End}
		facts := &GraphFunction{When: f.When, Why: f.Why}
		fn.facts = facts
		err = o.operations(fn, f.Ops)
		facts.keys = manyKeysOf(fn)
		if err != nil {
			return err
		}
	}
	for _, a := range g.Assets {
		asset, err := o.add(at, KindAsset, a.Path)
		if err != nil {
			return err
		}
		asset.Text = a.Path
		asset.Span = Span{a.Off, a.End}
	}
	return o.tracked(at, g.Objects)
}

// manyKeysOf are the sorted names of a node's children, if these are many.
func manyKeysOf(n *Node) sortedKeys {
	if len(n.Children) < manyKeys {
		return nil
	}
	return newSortedKeys(n)
}

func (o *opener) operations(parent *Node, ops []*savedmodel.Op) error {
	for _, op := range ops {
		n, err := o.add(parent, KindOperation, op.Name)
		if err != nil {
			return err
		}
		n.Text = op.Type
		n.Span = Span{op.Off, op.End}
		n.facts = op
	}
	return nil
}

// tracked adds the objects that have metadata, and the metadata, JSON, below them.
func (o *opener) tracked(parent *Node, objects []savedmodel.Metadata) error {
	for i := range objects {
		m := &objects[i]
		n, err := o.add(parent, KindTracked, m.Name)
		if err != nil {
			return err
		}
		n.Text = m.Identifier
		n.Span = Span{m.Off, m.End}
		text, err := pyjson.Decode([]byte(m.JSON))
		if err == nil {
			_, err = o.document(n, text)
		}
		if err != nil {
			o.problem(n, err)
		}
	}
	return nil
}

func (o *opener) kerasMetadata(n *Node, src *bounds.Source) error {
	objects, err := savedmodel.ReadMetadata(src)
	if e := o.tracked(n, objects); err == nil {
		err = e
	}
	return err
}

// twoForms records SavedModels that an archive holds in text form beside the other:
// TensorFlow reads the text only where there is no saved_model.pb
// (tensorflow/python/saved_model/loader_impl.py).
func (o *opener) twoForms(n *Node) {
	binary := map[string]bool{}
	for _, m := range n.Children {
		if m.Kind == KindMember && path.Base(m.Name) == savedModelName {
			binary[path.Dir(m.Name)] = true
		}
	}
	for _, m := range n.Children {
		if m.Kind == KindMember && path.Base(m.Name) == savedModelTextName && binary[path.Dir(m.Name)] {
			o.ambiguous(m, "a SavedModel in text form beside one that is not: TensorFlow reads the other, and this where the other is missing")
		}
	}
}

// besides reads what else a file of TensorFlow's is.
func (o *opener) besides(n *Node, src *bounds.Source, what string, nesting int) {
	isZip, err := zipfile.Find(src)
	o.problemIf(n, err)
	_, isHDF5, err := hdf5.Find(src)
	o.problemIf(n, err)
	if isZip || isHDF5 {
		o.ambiguous(n, "the file is a "+what+" and an archive or HDF5 at once: which of them is read depends on who reads it")
		if err := o.budget.Nesting(nesting); err != nil {
			o.problem(n, err)
			return
		}
	}
	if isHDF5 {
		o.hdf5(n, src)
	}
	if isZip {
		o.zip(n, src, nesting)
	}
}
