package formatstest

import (
	"fmt"
	"strings"
)

// h5File is an HDF5 file as a graph, before it has addresses.
type h5File struct {
	superblock          int // version: 0 and 1 store groups the old way, 2 and 3 the new way
	offsetSize, lenSize int
	userBlock           []byte
	root                *h5Object
	claimedEOF          *uint64
	breakSuperblock     bool
	styles              map[string]string // how attribute sections are stored, by "path@name"
}

type h5Kind int

const (
	h5Group h5Kind = iota + 1
	h5Dataset
	h5CommittedType
)

// h5Object is one object header and what hangs from it.
type h5Object struct {
	kind  h5Kind
	links []h5Link // of a group
	attrs []h5Attr
	data  *h5Data // of a dataset
	typ   *h5Type // of a committed type

	raw          []h5Message // appended as they are
	continued    bool        // messages stand in a continuation block
	loop         bool        // and that block continues in itself
	dense        bool        // attributes in a fractal heap
	denseLinks   bool        // links in a fractal heap
	unsorted     bool        // names in the order of the script, not sorted
	breakHeader  bool        // wrong checksum
	newStyle     bool        // link messages although the file is an old one
	references   int         // hard links to this object
	staleAddress bool        // the parent's cached symbol table address is wrong
}

type h5LinkKind byte

// The link types of the link message.
const (
	hardLink     h5LinkKind = 0
	softLink     h5LinkKind = 1
	externalLink h5LinkKind = 64
)

type h5Link struct {
	name   string
	kind   h5LinkKind
	object *h5Object // hard
	value  []byte    // soft: the path; external and user-defined: the stored value
}

type h5Attr struct {
	name  string
	typ   *h5Type
	shape h5Shape
	value []string // words, see h5Type.encode
}

type h5Message struct {
	id    uint16
	flags byte
	data  []byte
}

type h5Layout byte

// The layout classes of the data layout message.
const (
	compactLayout    h5Layout = 0
	contiguousLayout h5Layout = 1
	chunkedLayout    h5Layout = 2
	virtualLayout    h5Layout = 3
)

type h5Data struct {
	typ     *h5Type
	shape   h5Shape
	value   []string
	layout  h5Layout
	stored  bool // data is present in the file
	chunk   []uint64
	filters []h5Filter
	fill    string // fill value; empty for none
	files   []h5Extern
	sources []h5Source

	claimedShape   *h5Shape
	claimedSize    *uint64
	claimedAddress *uint64
}

type h5Filter struct {
	id     uint16
	client []uint32
}

// h5Extern is one file of external storage.
type h5Extern struct {
	name         string
	offset, size uint64
}

// h5Source is one mapping of a virtual dataset, whole to whole.
type h5Source struct{ file, path string }

// h5Shape is a dataspace: null, or dimensions (none for a scalar).
type h5Shape struct {
	null bool
	dims []uint64
}

func parseShape(text string) (h5Shape, error) {
	switch text {
	case "scalar":
		return h5Shape{}, nil
	case "null":
		return h5Shape{null: true}, nil
	}
	var s h5Shape
	for part := range strings.SplitSeq(text, "x") {
		n, err := parseNumber(part)
		if err != nil || len(s.dims) == 32 {
			return h5Shape{}, fmt.Errorf("%q is not a shape: write scalar, null or 2x3", text)
		}
		s.dims = append(s.dims, n)
	}
	return s, nil
}

// elements counts, and fails where honest data could not be written.
func (s h5Shape) elements() (uint64, error) {
	if s.null {
		return 0, nil
	}
	n := uint64(1)
	for _, d := range s.dims {
		if d > maxContent || n*d > maxContent {
			return 0, fmt.Errorf("a shape of more than %d elements cannot be written; use unallocated or claim-shape", maxContent)
		}
		n *= d
	}
	return n, nil
}

func newH5File() *h5File {
	return &h5File{offsetSize: 8, lenSize: 8, root: &h5Object{kind: h5Group, references: 1}, styles: map[string]string{}}
}

// find walks hard links only; nil when there is no such object.
func (f *h5File) find(path string) *h5Object {
	o := f.root
	for _, name := range pathNames(path) {
		var next *h5Object
		for _, l := range o.links {
			if l.name == name && l.kind == hardLink {
				next = l.object
				break
			}
		}
		if next == nil {
			return nil
		}
		o = next
	}
	return o
}

func pathNames(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// group returns the group at a path, making it and those above it.
func (f *h5File) group(path string) (*h5Object, error) {
	o, at := f.root, ""
	for _, name := range pathNames(path) {
		at += "/" + name
		next := f.find(at)
		if next == nil {
			next = &h5Object{kind: h5Group}
			o.link(h5Link{name: name, object: next})
		}
		if next.kind != h5Group {
			return nil, fmt.Errorf("%s is not a group", at)
		}
		o = next
	}
	return o, nil
}

func (o *h5Object) link(l h5Link) {
	if l.object != nil {
		l.object.references++
	}
	o.links = append(o.links, l)
}

// place adds a link at a path, making the groups above it. A second link of
// the same name is not an error: files with one exist to mislead.
func (f *h5File) place(path string, l h5Link) error {
	names := pathNames(path)
	if len(names) == 0 {
		return fmt.Errorf("%q names nothing below the root", path)
	}
	l.name = names[len(names)-1]
	parent, err := f.group(strings.Join(names[:len(names)-1], "/"))
	if err != nil {
		return err
	}
	parent.link(l)
	return nil
}

// dataset returns the dataset at a path.
func (f *h5File) dataset(path string) (*h5Object, error) {
	o := f.find(path)
	if o == nil || o.kind != h5Dataset {
		return nil, fmt.Errorf("%s is not a dataset of this script", path)
	}
	return o, nil
}
