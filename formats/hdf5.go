package formats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/hdf5"
	"github.com/kerasvet/kerasvet/formats/internal/pyjson"
	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// Attributes that Keras reads as JSON documents (keras/src/legacy/saving/legacy_h5_format.py).
var documentAttributes = map[string]bool{"model_config": true, "training_config": true}

// hdf5 reads the metadata of an HDF5 file: groups, datasets, links and attributes.
func (o *opener) hdf5(n *Node, src *bounds.Source) {
	o.model = true
	f, err := hdf5.Read(src)
	if err != nil {
		o.problem(n, fmt.Errorf("HDF5: %w", err))
		return
	}
	w := hdf5Walk{opener: o, src: src, nodes: make(map[*hdf5.Object]*Node, len(f.Objects))}
	if f.Root != nil {
		if err := w.walk(n, f.Root); err != nil {
			o.problem(n, fmt.Errorf("HDF5: %w", err))
		}
	}
	for _, p := range f.Problems {
		w.problem(n, p)
	}
	if err := o.outsideHDF5(n, src, f); err != nil {
		o.problem(n, err)
	}
}

// outsideHDF5 records the bytes before the superblock and behind the end of the
// file, unless they are the archive's in a file that is both.
func (o *opener) outsideHDF5(n *Node, src *bounds.Source, f *hdf5.File) error {
	ranges := []Outside{{Side: Before, HDF5: true, Span: Span{0, f.Base}}}
	if f.End > 0 {
		ranges = append(ranges, Outside{Side: Behind, HDF5: true, Span: Span{f.End, src.Size()}})
	}
	ranges = slices.DeleteFunc(ranges, func(r Outside) bool { return r.Span.End <= r.Span.Start })
	if len(ranges) == 0 {
		return nil
	}
	if isZip, err := zipfile.Find(src); n.Kind == KindFile && isZip || err != nil {
		return err
	}
	return o.outside(n, src, ranges)
}

// hdf5Walk builds the tree of one file. An object is one node, at the first name
// found breadth first; its further names are links.
type hdf5Walk struct {
	*opener
	src   *bounds.Source
	nodes map[*hdf5.Object]*Node
}

// problem records what the decoder could not read at the node that it is about.
func (w *hdf5Walk) problem(file *Node, p hdf5.Problem) {
	at := w.nodes[p.Object]
	if at == nil {
		at = file
	}
	err := error(p.Err)
	switch {
	case p.Attr != "":
		err = fmt.Errorf("attribute %q: %w", Printable(p.Attr), err)
	case p.Link != "":
		err = fmt.Errorf("link %q: %w", Printable(p.Link), err)
	}
	w.opener.problem(at, fmt.Errorf("HDF5: %w", err))
}

func (w *hdf5Walk) walk(file *Node, root *hdf5.Object) error {
	n, err := w.add(file, KindGroup, rootGroup)
	if err != nil {
		return err
	}
	type item struct {
		object *hdf5.Object
		node   *Node
		depth  int
	}
	w.nodes[root] = n
	queue := []item{{root, n, 0}}
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		if err := w.object(it.node, it.object); err != nil {
			return err
		}
		for i := range it.object.Links {
			l := &it.object.Links[i]
			child, err := w.link(it.node, l)
			if err != nil {
				return err
			}
			if child == nil || child.Kind == KindLink {
				continue
			}
			if err := w.budget.Depth(it.depth + 1); err != nil {
				w.opener.problem(child, err)
				continue
			}
			queue = append(queue, item{l.Target, child, it.depth + 1})
		}
	}
	return nil
}

// link makes the node of one link: the object itself where it is met first, else
// a KindLink.
func (w *hdf5Walk) link(group *Node, l *hdf5.Link) (*Node, error) {
	if l.Kind == hdf5.Hard && l.Target == nil {
		return nil, nil // the decoder has a problem for it
	}
	if l.Kind == hdf5.Hard && w.nodes[l.Target] == nil {
		n, err := w.add(group, objectKind(l.Target.Kind), l.Name)
		if err == nil {
			w.nodes[l.Target] = n
		}
		return n, err
	}
	n, err := w.add(group, KindLink, l.Name)
	if err != nil {
		return nil, err
	}
	switch l.Kind {
	case hdf5.Hard:
		n.facts = &Link{Type: LinkHard, Path: w.path(w.nodes[l.Target])}
	case hdf5.Soft:
		n.facts = &Link{Type: LinkSoft, Path: l.Path}
	case hdf5.External:
		n.facts = &Link{Type: LinkExternal, File: l.File, Path: l.Path}
	default:
		n.facts = &Link{Type: LinkUser}
		w.opener.problem(n, bounds.Unsupportedf(-1, "a user-defined link"))
	}
	n.Text = n.Link().Path
	return n, nil
}

// path is the absolute path of an object's node in its file.
func (w *hdf5Walk) path(n *Node) string {
	var names []string
	for ; n.Parent != nil && n.Name != rootGroup; n = n.Parent {
		names = append(names, n.Name)
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteString("/" + names[i])
	}
	if b.Len() == 0 {
		return rootGroup
	}
	return b.String()
}

func objectKind(k hdf5.Kind) Kind {
	switch k {
	case hdf5.Dataset:
		return KindDataset
	case hdf5.NamedType:
		return KindType
	}
	return KindGroup
}

// object adds what one object holds besides links.
func (w *hdf5Walk) object(n *Node, obj *hdf5.Object) error {
	for i := range obj.Attrs {
		if err := w.attribute(n, &obj.Attrs[i]); err != nil {
			return err
		}
	}
	if n.Kind != KindDataset {
		return nil
	}
	n.facts = datasetFacts(obj)
	if obj.Data == nil {
		return nil
	}
	w.pickledData(n, obj)
	for _, e := range obj.Data.External {
		if err := w.part(n, KindExternal, e.Name); err != nil {
			return err
		}
	}
	for _, v := range obj.Data.Virtual {
		if err := w.part(n, KindVirtual, v.File); err != nil {
			return err
		}
	}
	return nil
}

// layouts are the names that Dataset.Layout uses.
var layouts = map[hdf5.Layout]string{hdf5.Compact: "compact", hdf5.Contiguous: "contiguous", hdf5.Chunked: "chunked", hdf5.Virtual: "virtual"}

// classes are the names that Dataset.Type uses.
var classes = map[hdf5.Class]string{hdf5.Integer: "integer", hdf5.Float: "float", hdf5.Time: "time", hdf5.String: "string", hdf5.Bitfield: "bit field",
	hdf5.Opaque: "opaque", hdf5.Compound: "compound", hdf5.Reference: "reference", hdf5.Enum: "enumeration", hdf5.VarLen: "variable-length",
	hdf5.Array: "array", hdf5.Complex: "complex"}

// datasetFacts is never nil: what the header does not say is zero.
func datasetFacts(obj *hdf5.Object) *Dataset {
	d := &Dataset{Stored: -1}
	if obj.Type != nil {
		d.Type, d.ItemSize = classes[obj.Type.Class], int64(obj.Type.Size)
	}
	if s := obj.Data; s != nil {
		d.Shape, d.Layout, d.Stored, d.Filters = s.Space.Dims, layouts[s.Layout], s.Stored, filterIDs(s.Filters)
	}
	return d
}

func (w *hdf5Walk) part(n *Node, kind Kind, file string) error {
	p, err := w.add(n, kind, "")
	if err == nil {
		p.Text = file
	}
	return err
}

func filterIDs(filters []hdf5.Filter) []int {
	var ids []int
	for _, f := range filters {
		ids = append(ids, int(f.ID))
	}
	return ids
}

// attribute adds an attribute and reads the document in it. Keras decodes those
// of its own name as UTF-8 and hands them to json.loads as text.
func (w *hdf5Walk) attribute(n *Node, a *hdf5.Attr) error {
	at, err := w.add(n, KindAttribute, a.Name)
	if err != nil {
		return err
	}
	required := documentAttributes[a.Name]
	w.pickled(at, a)
	if len(a.Strings) == 0 {
		if required {
			w.opener.problem(at, bounds.Unsupportedf(-1, "attribute %s is not a string", a.Name))
		}
		return nil
	}
	at.Text, at.facts = a.Strings[0], &Attribute{Strings: a.Strings, Hidden: a.Hidden, Array: a.Space.Kind == hdf5.Simple, Text: a.Type.VarString && a.Type.UTF8}
	if required || strings.HasPrefix(at.Text, "{") {
		text, err := pyjson.DecodeString(at.Text)
		if err == nil {
			_, err = w.document(at, text)
		}
		if err != nil && required {
			w.opener.problem(at, err)
		}
	}
	return nil
}

// pickled reads the pickles in an attribute: in its bytes, or in its strings.
func (w *hdf5Walk) pickled(at *Node, a *hdf5.Attr) {
	if len(a.Strings) == 0 {
		w.pickledBytes(at, a.Raw)
		return
	}
	for _, text := range a.Strings {
		w.pickledBytes(at, []byte(text))
	}
}

func (w *hdf5Walk) pickledBytes(at *Node, data []byte) {
	if head := data[:min(len(data), sniffLen)]; isPickle(head) || w.callsNames(head) {
		w.pickleText(at, bounds.FromBytes(data, w.budget), 0, 1, false)
	}
}

// pickledData reads the pickle that a dataset of bytes holds. Datasets of numbers are
// weights, and never looked at.
func (w *hdf5Walk) pickledData(n *Node, obj *hdf5.Object) {
	d := obj.Data
	if obj.Type == nil || d.Offset < 0 || d.Stored < 4 || len(d.Filters) > 0 {
		return
	}
	switch {
	case obj.Type.Class == hdf5.Opaque, obj.Type.Class == hdf5.String, obj.Type.Class == hdf5.Integer && obj.Type.Size == 1:
	default:
		return
	}
	data, err := w.src.Section(d.Offset, d.Stored)
	if err != nil {
		return // the decoder has a problem for it
	}
	head, err := data.Bytes(0, min(sniffLen, data.Size()))
	if err != nil {
		w.opener.problem(n, err)
	} else if isPickle(head) || w.callsNames(head) {
		w.pickleText(n, data, 0, 1, false)
	}
}
