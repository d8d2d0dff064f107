package hdf5

import (
	"cmp"
	"math"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// maxProblems is how many problems are listed: enough to see what is wrong,
// few enough that a file of a million broken objects stays small in memory.
const maxProblems = 1000

// reader is the state of one Read.
type reader struct {
	src    *bounds.Source
	budget *bounds.Budget
	file   *File
	sizes  sizes
	base   int64 // offset of the superblock
	end    int64 // offset behind the last byte that may be read
	leafK  int   // half the symbols of a symbol table node
	nodeK  int   // half the children of a group B-tree node

	objects map[int64]*Object
	slab    []Object
	cached  []cachedTable
	cur     *Object // the object being read, for problems

	messages []message           // scratch of the header being read
	chunks   map[uint64]struct{} // its parts
	nodes    map[uint64]struct{} // B-tree nodes of the old-style group being read
	types    map[string]*Datatype
	named    map[uint64]*namedType
	heaps    globalHeaps
	shared   []sharedIndex

	spent bool // the budget of the whole scan is used up
	more  int  // problems beyond maxProblems
}

// Read reads all metadata of src within its budget. What could not be read is
// in File.Problems; the error is for files without a superblock that can be
// read at all, and then the File is nil.
func Read(src *bounds.Source) (*File, error) {
	r := &reader{src: src, budget: src.Budget, file: new(File), objects: make(map[int64]*Object)}
	root, err := r.superblock()
	if err != nil {
		return nil, err
	}
	r.file.Root, err = r.object(root)
	if err != nil {
		r.problem("", "", err)
	}
	for done := 0; done < len(r.file.Objects) && !r.spent; {
		level := r.file.Objects[done:]
		done += len(level)
		r.readLevel(level)
	}
	r.checkCached()
	r.cur = nil
	if r.more > 0 {
		r.file.Problems = append(r.file.Problems, Problem{Err: bounds.Malformedf(-1, "%d more problems", r.more)})
	}
	return r.file, nil
}

// readLevel reads the objects that are equally far from the root, in the order
// in which they lie in the file: in that of their names, every one of a large
// group could cost a read of its own.
func (r *reader) readLevel(level []*Object) {
	byAddr := func(a, b *Object) int { return cmp.Compare(a.Addr, b.Addr) }
	if !slices.IsSortedFunc(level, byAddr) {
		slices.SortFunc(level, byAddr)
	}
	for _, o := range level {
		if r.spent {
			return
		}
		r.cur = o
		r.readObject(o)
	}
}

// problem records an obstacle met in the current object. Once the budget of the
// scan is spent it says so once, and nothing more is read.
func (r *reader) problem(attr, link string, err error) {
	if r.spent {
		return
	}
	e := bounds.As(err)
	if e.Code == bounds.LimitExceeded {
		switch e.Limit {
		case "StructureBytes", "Depth": // of one structure: its siblings can still be read
		default:
			r.spent = true
		}
	}
	if len(r.file.Problems) >= maxProblems && !r.spent {
		r.more++
		return
	}
	r.file.Problems = append(r.file.Problems, Problem{Object: r.cur, Attr: attr, Link: link, Err: e})
}

// keptSet is how large a set may have grown to be cleared for the next use:
// clearing costs what it has held, for ever after.
const keptSet = 64

// emptied returns an empty set, s itself if that is cheap.
func emptied(s map[uint64]struct{}) map[uint64]struct{} {
	if s == nil || len(s) > keptSet {
		return make(map[uint64]struct{})
	}
	clear(s)
	return s
}

// offset turns a stored address into a file offset, if n bytes fit there.
func (r *reader) offset(addr, n uint64, what string) (int64, error) {
	if addr == undefined {
		return 0, bounds.Malformedf(-1, "%s has no address", what)
	}
	if room := uint64(r.end - r.base); addr > room || n > room-addr {
		at := int64(-1)
		if addr <= uint64(math.MaxInt64-r.base) {
			at = r.base + int64(addr)
		}
		return 0, bounds.Malformedf(at, "%s of %d bytes reaches past the end of the file (%d)", what, n, r.end)
	}
	return r.base + int64(addr), nil
}

// bytes returns the n bytes at a stored address as a cursor.
func (r *reader) bytes(addr, n uint64, what string) (cursor, error) {
	off, err := r.offset(addr, n, what)
	if err != nil {
		return cursor{}, err
	}
	b, err := r.src.Bytes(off, int64(n))
	if err != nil {
		return cursor{}, err
	}
	return cursor{b: b, off: off, sizes: r.sizes}, nil
}

// cursor reads bytes that some structure holds at off.
func (r *reader) cursor(b []byte, off int64) cursor {
	return cursor{b: b, off: off, sizes: r.sizes}
}

// slabSize is how many objects are allocated together.
const slabSize = 64

// object returns the object at a stored address, new or known.
func (r *reader) object(addr uint64) (*Object, error) {
	off, err := r.offset(addr, minHeader, "object header")
	if err != nil {
		return nil, err
	}
	if o := r.objects[off]; o != nil {
		return o, nil
	}
	if err := r.budget.Node(1); err != nil {
		return nil, err
	}
	if len(r.slab) == 0 {
		r.slab = make([]Object, slabSize)
	}
	o := &r.slab[0]
	r.slab = r.slab[1:]
	o.Addr = off
	r.objects[off] = o
	r.file.Objects = append(r.file.Objects, o)
	return o, nil
}

// keep copies text that stays in memory with the File.
func (r *reader) keep(b []byte) (string, error) {
	if err := r.budget.Text(int64(len(b))); err != nil {
		return "", err
	}
	return string(b), nil
}
