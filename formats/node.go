// Package formats reads Keras model files without executing anything and turns
// them into one tree of nodes that know where they came from.
//
// Every decoder reads its format as the loaders do: zip archives as CPython's
// zipfile, documents as Python's json, HDF5 as libhdf5. Where two loaders
// disagree about the same bytes, each reading is kept. Whatever could not be read
// is a Problem at the node where reading stopped. The package knows nothing of
// danger: what a construct means is for package rules to say.
package formats

import (
	"io/fs"
	"iter"
)

// Kind says what a Node is. The zero Kind is invalid.
type Kind uint8

const (
	KindFile      Kind = iota + 1 // the input itself
	KindMember                    // an entry of a zip or tar archive, or what a compressed file holds
	KindGroup                     // an HDF5 group
	KindDataset                   // an HDF5 dataset; its values are never read
	KindType                      // an HDF5 committed datatype
	KindLink                      // an HDF5 soft, external or user-defined link, or another name of an object met before
	KindAttribute                 // an HDF5 attribute; a document in it is its child
	KindExternal                  // a file that holds an HDF5 dataset's values
	KindVirtual                   // a source of an HDF5 virtual dataset
	KindObject                    // a JSON object; its children are named
	KindArray                     // a JSON array
	KindString                    // a JSON string
	KindNumber                    // a JSON number, NaN or an infinity
	KindLiteral                   // true, false or null
	KindCode                      // a Python code object; below the string that holds it, or the code object that makes it
	KindConstant                  // a constant of a code object
	KindGraph                     // a graph of a SavedModel
	KindFunction                  // a function of a graph's library
	KindOperation                 // an operation of a graph or function; its text is the type
	KindAsset                     // a file that a SavedModel names; its text is the path
	KindTracked                   // an object of a SavedModel that has metadata; a document in it is its child
	KindVariable                  // a tensor that the index of a checkpoint lists
	KindPickle                    // one pickle; of several in one text each
	KindGlobal                    // a name that a pickle imports or looks up, or an operator of TorchScript that opens files; its Text is the dotted path
	KindBytes                     // an archive that a pickle holds as bytes
)

// Kinds is above every Kind, for arrays by kind.
const Kinds = KindBytes + 1

var kindNames = [...]string{"invalid", "file", "member", "group", "dataset", "datatype", "link", "attribute", "external file", "virtual source",
	"object", "array", "string", "number", "literal", "code object", "constant",
	"graph", "function", "operation", "asset", "tracked object", "variable",
	"pickle", "pickle global", "bytes in a pickle"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// JSON reports whether a node of kind k is a JSON value.
func (k Kind) JSON() bool { return k >= KindObject && k <= KindLiteral }

// graph reports whether a node of kind k is a part of a SavedModel.
func (k Kind) graph() bool { return k >= KindGraph && k <= KindVariable }

// Span is a range of bytes in the nearest enclosing text: the file, the
// decompressed member, or the attribute's string. In a document that is not
// UTF-8 it counts bytes of the document transcoded to UTF-8.
type Span struct{ Start, End int64 }

// Node is one thing in an artifact. Decoders make nodes; everybody else only
// reads them.
type Node struct {
	Kind Kind
	// Name is how the parent calls the node: a file, member, link or attribute
	// name, a key; empty for array elements and for the root value of a document.
	Name string
	// Text is the content of a scalar: a JSON string (decoded; lone surrogates
	// as three-byte sequences), a number or literal as written, a string
	// attribute, the file that a KindExternal or KindVirtual names.
	Text     string
	Span     Span
	Parent   *Node // nil for the file
	Children []*Node

	facts any // *Content, *Member, *Dataset, *Link, *Attribute or *document, as Kind has it
}

// Content is what was learned about the bytes of a KindFile or KindMember beside
// the tree below it. The zero Content says nothing.
type Content struct {
	Format  Format // of a member; empty where it is not known, as for data
	Begins  string // what a member that is no container begins as, such as "an ELF program"; empty where that is not known
	Program bool   // a machine, a shell or an interpreter runs what begins like that
	Pickled bool   // a NumPy array of Python objects, or a pickle that NumPy would take for one
	Array   int64  // bytes of the elements that the header of a NumPy array claims
	// Expanded is how many bytes came out of a compressed tar archive, whose members are
	// children of the compressed file; 0 for other content.
	Expanded int64
	// Outside is the bytes that the format does not account for: before, between
	// and behind what a reader of it looks at. Bytes in which another reading of
	// an archive was found are not among them.
	Outside []Outside
}

// Side says where bytes outside a format lie. The zero Side is invalid.
type Side uint8

const (
	Before  Side = iota + 1 // in front of the archive, or of the HDF5 superblock
	Between                 // between the entries of an archive
	Behind                  // behind the end of the archive, or of the HDF5 file
	Comment                 // in the comment of an archive
)

// Outside is a range of bytes that a format does not account for.
type Outside struct {
	Side   Side
	HDF5   bool   // the format is HDF5, else a zip archive
	Span   Span   // in the nearest enclosing text
	Begins string // what they begin as; empty where that is not known
	Text   bool   // they begin as text that can be printed
}

// Content returns the facts of a KindFile or KindMember; nil for other nodes, and
// for a file of which nothing was learned.
func (n *Node) Content() *Content {
	switch f := n.facts.(type) {
	case *Content:
		return f
	case *Member:
		return &f.Content
	}
	return nil
}

// Member is what the archive's directory says of a KindMember.
type Member struct {
	Method           uint16 // compression method of APPNOTE 4.4.5; 0 is stored
	Size, Compressed int64  // bytes, as the central directory claims
	Mode             fs.FileMode
	Encrypted        bool
	Target           string // where a link leads: a symbolic one from its directory, a hard one from the archive's
	Hard             bool   // a hard link
	Tar              bool   // of a tar archive, in which links and modes are ordinary
	// Python is the first release line of Python whose zipfile has the member, under
	// this name or at all, such as "3.12"; empty where all have it.
	Python  string
	Content Content
}

// Member returns the facts of a KindMember, nil for other nodes.
func (n *Node) Member() *Member { m, _ := n.facts.(*Member); return m }

// PythonSince returns the first release line of Python that reads what holds n so,
// such as "3.12"; empty where all do.
func (n *Node) PythonSince() string {
	for ; n != nil; n = n.Parent {
		if m := n.Member(); m != nil && m.Python != "" {
			return m.Python
		}
	}
	return ""
}

// Dataset is what the object header says of a KindDataset.
type Dataset struct {
	Type     string   // class of the elements' type, such as "float" or "opaque"; empty where it could not be read
	ItemSize int64    // bytes of one element
	Shape    []uint64 // empty for a scalar
	Layout   string   // "compact", "contiguous", "chunked" or "virtual"
	Stored   int64    // bytes of raw data allocated in this file; -1 where the header does not say
	Filters  []int    // filter identifiers in pipeline order
}

// Dataset returns the facts of a KindDataset, nil for other nodes.
func (n *Node) Dataset() *Dataset { d, _ := n.facts.(*Dataset); return d }

// LinkType says how a KindLink reaches its target. The zero LinkType is invalid.
type LinkType uint8

const (
	LinkHard     LinkType = iota + 1 // one more name of an object that the tree has elsewhere
	LinkSoft                         // a path in the same file, resolved when it is used
	LinkExternal                     // an object in another file
	LinkUser                         // a user-defined class of link
)

// Link is what a KindLink points to.
type Link struct {
	Type LinkType
	File string // the other file of a LinkExternal
	Path string // the target's path
}

// Link returns the facts of a KindLink, nil for other nodes.
func (n *Node) Link() *Link { l, _ := n.facts.(*Link); return l }

// Attribute is what a KindAttribute holds beside documents.
type Attribute struct {
	Strings []string // the elements of one that holds strings, as h5py would return them
	Hidden  bool     // a string is followed by bytes that its reader never sees
	Array   bool     // the strings are elements of an array, if only of one
	Text    bool     // of variable length and UTF-8: every h5py returns it as a str, never as bytes
}

// Attribute returns the facts of a KindAttribute that holds strings, nil for other
// nodes.
func (n *Node) Attribute() *Attribute { a, _ := n.facts.(*Attribute); return a }

// Strings returns the elements of a KindAttribute that holds strings, as h5py
// would return them.
func (n *Node) Strings() []string {
	if a := n.Attribute(); a != nil {
		return a.Strings
	}
	return nil
}

// Get returns the child that Python would see under a name: of several, the
// last. It is nil if there is none, and on a nil node.
func (n *Node) Get(name string) *Node {
	if n == nil || n.Kind == KindArray {
		return nil
	}
	if keys := n.keys(); keys != nil {
		if _, end := keys.find(n, name); end > 0 {
			return n.Children[keys[end-1]]
		}
		return nil
	}
	for i := len(n.Children) - 1; i >= 0; i-- {
		if c := n.Children[i]; c.Name == name {
			return c
		}
	}
	return nil
}

// GetString returns the text of the string that Get finds; ok is false where
// there is none or it is not a string.
func (n *Node) GetString(name string) (text string, ok bool) { return n.Get(name).str() }

// Elements returns the elements of an array; none for other nodes and for nil.
func (n *Node) Elements() []*Node {
	if n != nil && n.Kind == KindArray {
		return n.Children
	}
	return nil
}

// str returns the text of a string; ok is false for other nodes and for nil.
func (n *Node) str() (text string, ok bool) {
	if n != nil && n.Kind == KindString {
		return n.Text, true
	}
	return "", false
}

// All yields n and everything below it, parents before children, in the order of
// the file. A child shadowed by a later one of the same name is yielded too.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		// An own stack: the tree is as deep as the input made it.
		stack := []*Node{n}
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(top) {
				return
			}
			for i := len(top.Children) - 1; i >= 0; i-- {
				stack = append(stack, top.Children[i])
			}
		}
	}
}
