// Package savedmodel reads TensorFlow's SavedModels: their graphs, functions and
// objects, and what a loader runs of them when. It walks the protocol buffers and
// holds neither weights nor the operations that only compute. It knows nothing of danger.
//
// Sources: tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph,
// saver}.proto, tensorflow/core/framework/{graph,node_def,function,attr_value,
// tensor}.proto, tensorflow/python/saved_model/{load,load_v1_in_v2,loader_impl}.py
// of TensorFlow 2.21.
package savedmodel

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// Model is a SavedModel.
type Model struct{ Graphs []*MetaGraph }

// MetaGraph is one of the graphs of a SavedModel, with all that belongs to it.
type MetaGraph struct {
	Tags    []string
	Version string // of the TensorFlow that wrote it
	Off     int64  // bytes of it in the text
	End     int64
	// Ops are the operations of the main graph; see Op for which.
	Ops       []*Op
	Functions []*Function
	Assets    []Asset
	Objects   []Metadata // the objects that have metadata

	graph      *scope
	byName     map[string]*Function
	gradients  map[string]string // by function
	registered map[string]string // gradient function by type of gradient
	objects    []object
	concrete   map[string][]int32 // what a concrete function is bound to
	fetches    []fetch
	roots      []root
	fed        map[uint64]From // what a loader puts in the place of a node
	variables  map[string]int  // how many operations get at a variable, by its name
}

// Function is a function of a graph's library.
type Function struct {
	Name     string
	Off, End int64
	Ops      []*Op
	When     When
	Called   bool
	Why      string // what leads to it, at the worst

	entered    bool // by a call whose inputs are known
	args       []Value
	implements string
	alternates []string // functions that take its place in training
	calls      []*Op
}

// Op is an operation that is given text, that calls functions, or that TensorFlow does
// not know. Any other computes, or acts on what such an operation made.
type Op struct {
	Name, Type, Device string
	Off, End           int64
	Def                *OpDef // nil if TensorFlow registers none of that type
	Calls              []string
	Gradient           string // the type of its gradient, where that is a custom one
	Operands           []Operand
	When               When
	Called             bool   // it runs, too, when a caller uses the model, not only while it is loaded or saved
	Why                string // what leads to it, at the worst

	inputs []input // of a call, those that text can come in by
}

// Operand is a text that an operation is given: an input or an attribute.
type Operand struct {
	Name  string
	Attr  bool
	Value Value
}

// When says when a loader or its caller runs something. Later ones are worse.
type When uint8

const (
	Never  When = iota // nothing that a loader runs or hands out leads to it
	AtCall             // when a signature or function is called, or the model is saved or trained
	AtUse              // when a resource is first used, or freed
	AtLoad             // when the model is loaded
)

// Asset is a file that the model names.
type Asset struct {
	Path     string // below the folder assets
	Tensor   string // what is fed the path
	Off, End int64
}

// Read reads saved_model.pb. With an error it returns what was read before.
func Read(src *bounds.Source) (*Model, error) {
	m := &Model{}
	err := protowire.NewReader(src).Message().Each(func(f *protowire.Field) error {
		const metaGraphs = 2
		if f.Number != metaGraphs || f.Type != protowire.Bytes {
			return nil
		}
		g := &MetaGraph{Off: f.Off, End: f.End, byName: map[string]*Function{}, gradients: map[string]string{}, registered: map[string]string{},
			concrete: map[string][]int32{}, fed: map[uint64]From{}}
		m.Graphs = append(m.Graphs, g)
		return (&reader{budget: src.Budget, g: g, interned: map[string]string{}}).metaGraph(f)
	})
	for _, g := range m.Graphs {
		if e := g.resolve(src.Budget); err == nil {
			err = e
		}
	}
	return m, err
}
