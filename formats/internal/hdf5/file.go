package hdf5

import "github.com/kerasvet/kerasvet/formats/internal/bounds"

// File is the metadata of one HDF5 file. All offsets in it count from the start
// of the source that was given to Read.
type File struct {
	// Base is the offset of the superblock, to which stored addresses are
	// relative; the bytes before it are the user block.
	Base int64
	// SuperblockVersion is 0 to 3 (section II.A).
	SuperblockVersion int
	// End is the offset at which the superblock says the file ends. libhdf5
	// reads nothing behind it, and refuses a file that is shorter.
	End int64
	// Root is the root group; nil if the superblock has no usable address.
	Root *Object
	// Objects are all objects that hard links reach: the root, then those that it
	// links to, and so on, each such level in the order of the file. Each object
	// is read once, however many links lead to it.
	Objects []*Object
	// Problems is everything that could not be read, and everything read that
	// breaks the format. A file without problems has been read whole. Only the
	// first 1,000 are kept; then a last one tells how many more there were.
	Problems []Problem
}

// Problem is an obstacle and its place.
type Problem struct {
	Object *Object       // nil where the file as a whole is meant
	Attr   string        // the attribute it concerns, if one
	Link   string        // the link it concerns, if one
	Err    *bounds.Error // offsets are file offsets, or -1
}

// Kind is what an object is, decided as libhdf5 does: what has a symbol table
// or link info is a group, else what has a datatype and a dataspace is a
// dataset, else what has a datatype is a committed datatype.
type Kind uint8

const (
	// Unknown is an object whose header could not be read, or fits no kind.
	Unknown Kind = iota
	// Group holds links.
	Group
	// Dataset holds raw data.
	Dataset
	// NamedType is a committed datatype.
	NamedType
)

// Object is one object header and what it leads to (section IV.A).
type Object struct {
	Addr int64 // offset of the object header
	Kind Kind
	// Attrs are the attributes in the order of h5py: by creation where that is
	// tracked, else by name. One that could not be read is a Problem instead.
	Attrs []Attr
	// Links are the links of a group, ordered by name.
	Links []Link
	// Type is the type of a dataset or of a committed datatype; nil otherwise,
	// or if it could not be read.
	Type *Datatype
	// Data is what only datasets have; nil otherwise.
	Data *Storage

	old   bool  // has a symbol table message
	table table // what it says
}

// Storage is how a dataset stores its elements.
type Storage struct {
	Space  Dataspace
	Layout Layout
	// Offset is where the bytes of a contiguous or compact dataset begin in the
	// file; -1 if it has none.
	Offset int64
	// Stored is how many bytes of raw data the layout message has allocated: 0
	// if none yet, or if they lie in other files; -1 for chunks, which only an
	// index could tell.
	Stored    int64
	ChunkDims []uint64 // elements per chunk and dimension, of a chunked dataset
	Filters   []Filter
	External  []ExternalFile
	Virtual   []VirtualSource
}

// LinkKind is the kind of a link (section IV.A.2.g).
type LinkKind uint8

const (
	// Hard names an object of this file.
	Hard LinkKind = iota + 1
	// Soft names a path in this file.
	Soft
	// External names a path in another file.
	External
	// UserDefined needs code that the application registers.
	UserDefined
)

// Link is one name in a group.
type Link struct {
	Name   string
	Kind   LinkKind
	Target *Object // of a hard link; nil if its address is no address
	File   string  // of an external link: the file, as stored
	Path   string  // of a soft or external link: the path, as stored
}

// Filter is one step of a dataset's filter pipeline (section IV.A.2.l).
type Filter struct {
	ID     uint16 // 1 deflate, 2 shuffle, 3 fletcher32, 4 szip; from 256 on registered ones
	Name   string // as stored; often empty
	Flags  uint16 // bit 0: optional
	Params int    // number of client data values
	param  uint32 // the first of them
}

// ExternalFile is one piece of raw data in another file (section IV.A.2.h).
type ExternalFile struct {
	Name   string // as stored: absolute, or relative to some directory
	Offset uint64 // where in that file
	Size   uint64 // bytes; all ones for unlimited
}

// VirtualSource is one source of a virtual dataset (section IV.A.2.i).
type VirtualSource struct {
	File    string // as stored; "." for this file
	Dataset string
}

// Layout is how raw data are laid out (section IV.A.2.i).
type Layout uint8

const (
	// NoLayout is a layout message that is missing or could not be read.
	NoLayout Layout = iota
	// Compact raw data lie in the object header.
	Compact
	// Contiguous raw data are one block of the file, or lie in external files.
	Contiguous
	// Chunked raw data are blocks that an index leads to.
	Chunked
	// Virtual raw data are those of other datasets.
	Virtual
)
