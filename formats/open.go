package formats

import (
	"context"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/hdf5"
	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// Open reads the size bytes of r. It never fails: an input that cannot be read is
// an Artifact whose content is a Problem. The content decides what is read and
// the name what was promised; the deadline of ctx is the time limit.
func Open(ctx context.Context, name string, r io.ReaderAt, size int64, limits Limits) (a *Artifact) {
	o := &opener{budget: bounds.New(ctx, limits.bounds())}
	root := &Node{Kind: KindFile, Name: name, Span: Span{0, size}}
	a = &Artifact{Root: root}
	defer func() {
		if v := recover(); v != nil {
			o.problems = append(o.problems, Problem{At: root, Code: Internal, Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())})
			o.model = true
		}
		a.Problems = o.finish(root)
		a.Foreign = o.foreignFormat(a)
		a.Model = o.model || promisesModel(name) || len(a.Problems) > 0 && modelName(name) || !decided(a.Problems)
	}()
	src := bounds.NewSource(r, size, o.budget)
	a.Format = o.content(root, fileText{src}, 0)
	return a
}

// decided reports whether it can be told that content is no model: not where
// reading was cut short, whatever the file is called.
func decided(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == LimitExceeded || p.Code == Unreadable })
}

// foreignFormat names the format of an input that was read and is no model of Keras.
func (o *opener) foreignFormat(a *Artifact) string {
	if len(a.Problems) > 0 {
		return ""
	}
	if len(a.Root.Children) == 0 && foreignHead(o.head, a.Root.Name, a.Root.Span.End) != "" {
		return foreignNames[a.Format]
	}
	return foreignNames[foreign(a.Root, a.Format, o.head)]
}

// opener builds the tree of one artifact.
type opener struct {
	budget   *bounds.Budget
	problems []Problem
	left     int // problems beyond maxProblems
	model    bool
	head     []byte              // of the file
	codes    map[string]*decoded // by digest, so that equal code is decoded once
	slab     []Node
	slabSize int
}

// finish closes the list of problems.
func (o *opener) finish(root *Node) []Problem {
	if o.left > 0 {
		o.problems = append(o.problems, Problem{At: root, Code: Malformed, Err: fmt.Errorf("%d more problems of this kind", o.left)})
	}
	return o.problems
}

func (o *opener) problem(at *Node, err error) { o.list(classify(at, err)) }

func (o *opener) ambiguous(at *Node, what string) {
	o.list(Problem{At: at, Code: Ambiguous, Err: fmt.Errorf("%s", what)})
}

func (o *opener) list(p Problem) {
	if len(o.problems) >= maxProblems {
		o.left++
		return
	}
	o.problems = append(o.problems, p)
}

// Nodes are allocated together: few at first, since most members are small.
const minSlab, maxSlab = 16, 512

// node allocates a node below parent without linking it into Children.
func (o *opener) node(parent *Node, kind Kind, name string) (*Node, error) {
	if err := o.budget.Node(1); err != nil {
		return nil, err
	}
	if len(o.slab) == 0 {
		o.slabSize = min(max(2*o.slabSize, minSlab), maxSlab)
		o.slab = make([]Node, o.slabSize)
	}
	n := &o.slab[0]
	o.slab = o.slab[1:]
	n.Kind, n.Name, n.Parent = kind, name, parent
	return n, nil
}

// add makes a node and appends it to its parent's children.
func (o *opener) add(parent *Node, kind Kind, name string) (*Node, error) {
	n, err := o.node(parent, kind, name)
	if err == nil {
		parent.Children = append(parent.Children, n)
	}
	return n, err
}

// text is something whose content can be looked at before it is decompressed: the
// file itself or an archive member.
type text interface {
	Head(n int) ([]byte, error)
	Open() (*bounds.Source, error)
}

type fileText struct{ src *bounds.Source }

func (f fileText) Head(n int) ([]byte, error)    { return f.src.Bytes(0, min(int64(n), f.src.Size())) }
func (f fileText) Open() (*bounds.Source, error) { return f.src, nil }

// content reads what a text holds as children of n and returns its format. A text
// that is a zip archive and HDF5 at once is read as both.
func (o *opener) content(n *Node, t text, nesting int) Format {
	head, broken := t.Head(sniffLen)
	if broken != nil && len(head) == 0 {
		o.problem(n, broken)
		return ""
	}
	if len(head) == 0 {
		return o.empty(n)
	}
	src, err := o.source(n, t, head)
	if err == nil {
		err = broken // opening the whole says the same, and more
	}
	if err != nil {
		o.problem(n, err)
		if src == nil {
			return ""
		}
	}
	if n.Kind == KindFile {
		o.head = head
		if format := foreignHead(head, n.Name, src.Size()); format != "" {
			return format
		}
		if o.plainly(n, head) {
			return o.unread(n, head)
		}
	}
	if src == nil { // neither name nor content asks for more than the head
		return o.unread(n, head)
	}
	return o.containers(n, src, head, nesting)
}

// containers looks for the formats whose mark may stand anywhere, then for the rest.
func (o *opener) containers(n *Node, src *bounds.Source, head []byte, nesting int) Format {
	if o.checkpoint(n, src, head) {
		if !o.asks(head) {
			o.besides(n, src, "checkpoint", nesting)
			return FormatCheckpoint
		}
		o.ambiguous(n, "the file ends as the index of a checkpoint and begins as something else: which of them is read depends on who reads it")
	}
	if o.savedModel(n, src, head) {
		o.besides(n, src, "SavedModel", nesting)
		return FormatSavedModel
	}
	pickled, whole := o.pickles(n, src, head, nesting)
	if pickled && whole {
		return o.pickleFormat(n)
	}
	if format, ok := o.packed(n, src, head, nesting); ok {
		return format
	}
	isZip, err := o.archive(n, src, head)
	if err != nil {
		o.problem(n, err)
	}
	_, isHDF5, err := hdf5.Find(src)
	if err != nil {
		o.problem(n, err)
	}
	if isZip || isHDF5 {
		if err := o.budget.Nesting(nesting); err != nil {
			o.problem(n, err)
			return ""
		}
	}
	var format Format
	if isHDF5 {
		format = FormatHDF5
		o.hdf5(n, src)
	}
	if isZip {
		format = o.zip(n, src, nesting)
	}
	if isZip && isHDF5 {
		o.ambiguous(n, "the file is a zip archive and HDF5 at once: which of them is read depends on its name")
	}
	if other, what := unreadFormat(head, ""); format != "" && other == FormatArchive {
		o.problem(n, bounds.Unsupportedf(-1, "%s, in which another format was found", what))
	}
	switch {
	case pickled && format != "":
		o.ambiguous(n, "the file is a pickle and an archive at once: which of them is read depends on who reads it")
		return format
	case pickled:
		return o.pickleFormat(n)
	case format != "":
		return format
	}
	if yamlName(n.Name) || yamlHead(head) {
		return o.yaml(n, src)
	}
	if startsJSON(head) || modelName(n.Name) && strings.EqualFold(path.Ext(n.Name), ".json") {
		return o.json(n, src)
	}
	if isNPY(head) {
		return o.npy(n, src, head, nesting)
	}
	return o.unread(n, head)
}

// archive reports whether a text is to be read as a zip archive. A file is if
// CPython finds an end record in it, wherever the archive begins; a member, which
// no loader looks into unasked, if it begins or is named like one.
func (o *opener) archive(n *Node, src *bounds.Source, head []byte) (bool, error) {
	if (n.Kind == KindMember || n.Kind == KindBytes) && !zipHead(head) {
		switch strings.ToLower(path.Ext(n.Name)) {
		case ".keras", ".zip", ".npz":
		default:
			return false, nil
		}
	}
	return zipfile.Find(src)
}
