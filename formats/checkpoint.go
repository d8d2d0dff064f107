package formats

import (
	"fmt"
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/bundle"
)

// indexEnding and variablesName are how TensorFlow calls the index of a checkpoint, and
// that of a SavedModel (tensorflow/core/util/tensor_bundle/naming.cc,
// tensorflow/cc/saved_model/constants.h).
const (
	indexEnding   = ".index"
	variablesName = "variables" + indexEnding
)

// Variable is what the index of a checkpoint says of a KindVariable. Nothing of it is
// held against the data file.
type Variable struct {
	Type     string  // such as "float" or "string"
	ItemSize int64   // bytes of one element in the data file; 0 where elements differ
	Shape    []int64 // empty for a scalar
	File     string  // the data file, beside the index
	Offset   int64   // of the bytes in it
	Size     int64   // of them
	// Sliced is whether its parts are stored, each as a variable of its own: File, Offset
	// and Size then say nothing.
	Sliced bool
}

// Variable returns the facts of a KindVariable, nil for other nodes.
func (n *Node) Variable() *Variable { v, _ := n.facts.(*Variable); return v }

// indexName reports whether TensorFlow would open a file of that name as the index of a
// checkpoint.
func indexName(name string) bool { return strings.HasSuffix(name, indexEnding) }

// checkpoint reads the index of a checkpoint, whatever it begins as: the end says where
// its blocks are. ok is false for any other text: other programs give files such a name,
// too, but for that in a SavedModel.
func (o *opener) checkpoint(n *Node, src *bounds.Source, head []byte) (ok bool) {
	if !indexName(n.Name) {
		return false
	}
	base := path.Base(strings.ReplaceAll(n.Name, `\`, "/"))
	is, err := bundle.IsIndex(src)
	if err == nil && !is && (base != variablesName || strings.HasPrefix(string(head), lfsPointer)) {
		return false
	}
	o.model = true
	index, err := bundle.Read(src)
	for i := range index.Entries {
		if e := o.variable(n, &index.Entries[i], strings.TrimSuffix(base, indexEnding), index.Shards); e != nil {
			err = e
			break
		}
	}
	o.problemIf(n, err)
	return true
}

func (o *opener) variable(n *Node, e *bundle.Entry, prefix string, shards int32) error {
	v, err := o.add(n, KindVariable, e.Name)
	if err != nil {
		return err
	}
	v.Span = Span{e.Off, e.End}
	v.facts = &Variable{Type: e.Type.String(), ItemSize: e.Type.Size(), Shape: e.Shape, File: fmt.Sprintf("%s.data-%05d-of-%05d", prefix, e.Shard, shards),
		Offset: e.Offset, Size: e.Size, Sliced: e.Slices > 0}
	return nil
}
