package hdf5

import (
	"bytes"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Cache types of a symbol table entry (section III.C).
const (
	cacheTable = 1 // the scratch pad repeats the symbol table message of the group
	cacheSoft  = 2 // the scratch pad leads to the value of a soft link
)

// table is where the links of an old-style group are (section IV.A.2.r).
type table struct{ tree, heap uint64 }

// symbolEntry is a symbol table entry (section III.C).
type symbolEntry struct {
	name   uint64 // offset in the local heap
	header uint64
	cache  uint32
	table  table  // cacheTable
	value  uint32 // cacheSoft: offset in the local heap
}

func (c *cursor) symbolEntry() symbolEntry {
	e := symbolEntry{name: c.length(), header: c.addr(), cache: c.u32()}
	c.skip(4)
	pad := cursor{b: c.take(16), off: -1, sizes: c.sizes}
	switch e.cache {
	case cacheTable:
		e.table = table{pad.addr(), pad.addr()}
	case cacheSoft:
		e.value = pad.u32()
	}
	return e
}

// cachedTable is what a symbol table entry says of the group it leads to.
// libhdf5 may use it instead of the group's own header.
type cachedTable struct {
	object *Object
	parent *Object
	link   string
	table  table
}

// checkCached compares the cached tables with the groups' own. A group that has
// become new-style has none to compare with; there they are merely stale.
func (r *reader) checkCached() {
	for _, c := range r.cached {
		if o := c.object; o.old && o.table != c.table {
			r.cur = c.parent
			r.problem("", c.link, bounds.Malformedf(c.object.Addr, "group has another symbol table than the entry that leads to it says"))
		}
	}
}

// symbolTable walks the B-tree and the symbol nodes of one old-style group.
type symbolTable struct {
	r      *reader
	o      *Object
	heap   localHeap
	last   []byte // the last name
	any    bool
	broken bool // an order problem has been reported
}

// oldLinks reads the links of an old-style group.
func (r *reader) oldLinks(o *Object, t table) error {
	heap, err := r.localHeap(t.heap)
	if err != nil {
		return err
	}
	r.nodes = emptied(r.nodes)
	s := &symbolTable{r: r, o: o, heap: heap}
	return s.tree(t.tree, -1, 0)
}

// visit notes that a node is read; one read before is refused.
func (s *symbolTable) visit(addr uint64, off int64) error {
	if _, ok := s.r.nodes[addr]; ok {
		return bounds.Malformedf(off, "group B-tree leads to the same node twice")
	}
	s.r.nodes[addr] = struct{}{}
	return s.r.budget.Step(1)
}

// tree reads a node of the group B-tree (section III.A.1) and all under it. The
// level is the one that the parent expects, -1 at the root.
func (s *symbolTable) tree(addr uint64, level, depth int) error {
	r := s.r
	if err := r.budget.Depth(depth); err != nil {
		return err
	}
	prefix := 8 + 2*r.sizes.offset
	c, err := r.bytes(addr, uint64(prefix), "group B-tree node")
	if err != nil {
		return err
	}
	if err := s.visit(addr, c.off); err != nil {
		return err
	}
	if err := c.signature("TREE"); err != nil {
		return err
	}
	kind, own, used := c.u8(), int(c.u8()), int(c.u16())
	switch {
	case kind != 0:
		return bounds.Malformedf(c.off, "group B-tree node of type %d", kind)
	case level >= 0 && own != level:
		return bounds.Malformedf(c.off, "group B-tree node of level %d, want %d", own, level)
	case used > 2*r.nodeK:
		return bounds.Malformedf(c.off, "group B-tree node with %d children, at most %d fit", used, 2*r.nodeK)
	}
	c, err = r.bytes(addr, uint64(prefix+used*(r.sizes.length+r.sizes.offset)+r.sizes.length), "group B-tree node")
	if err != nil {
		return err
	}
	c.skip(prefix)
	left := c.length()
	for range used {
		child := c.addr()
		right := c.length()
		if err := s.child(child, own, depth, left, right); err != nil {
			r.problem("", "", err)
			if r.spent {
				return nil
			}
		}
		left = right
	}
	return nil
}

// child reads one child of a B-tree node. All names under it must be greater
// than its left key and not greater than its right key, or else libhdf5 would
// not find them.
func (s *symbolTable) child(addr uint64, level, depth int, left, right uint64) error {
	low, err := s.heap.text(left)
	if err != nil {
		return err
	}
	high, err := s.heap.text(right)
	if err != nil {
		return err
	}
	if bytes.Compare(low, high) > 0 {
		s.disorder(addr)
	}
	from := len(s.o.Links)
	if level > 0 {
		err = s.tree(addr, level-1, depth+1)
	} else {
		err = s.node(addr)
	}
	if n := len(s.o.Links); n > from && (s.o.Links[from].Name <= string(low) || s.o.Links[n-1].Name > string(high)) {
		s.disorder(addr)
	}
	return err
}

// disorder reports, once for a group, that lookups and listings may differ.
func (s *symbolTable) disorder(addr uint64) {
	if s.broken {
		return
	}
	s.broken = true
	off, err := s.r.offset(addr, 0, "group B-tree node")
	if err != nil {
		off = -1
	}
	s.r.problem("", "", bounds.Malformedf(off, "names of the group are out of order: a lookup by name may not find what a listing shows"))
}

// node reads a symbol table node (section III.B).
func (s *symbolTable) node(addr uint64) error {
	r := s.r
	c, err := r.bytes(addr, 8, "symbol table node")
	if err != nil {
		return err
	}
	if err := s.visit(addr, c.off); err != nil {
		return err
	}
	if err := c.signature("SNOD"); err != nil {
		return err
	}
	version := c.u8()
	c.skip(1)
	count := int(c.u16())
	if version != 1 {
		return bounds.Unsupportedf(c.off, "symbol table node version %d", version)
	}
	if count > 2*r.leafK {
		return bounds.Malformedf(c.off, "symbol table node with %d symbols, at most %d fit", count, 2*r.leafK)
	}
	entry := r.sizes.length + r.sizes.offset + 24
	c, err = r.bytes(addr, uint64(8+count*entry), "symbol table node")
	if err != nil {
		return err
	}
	c.skip(8)
	for range count {
		at := c.here()
		e := c.symbolEntry()
		if err := s.link(e, at); err != nil {
			r.problem("", "", err)
		}
		if r.spent {
			return nil
		}
	}
	return nil
}

// link adds the link that a symbol table entry stands for.
func (s *symbolTable) link(e symbolEntry, at int64) error {
	r := s.r
	name, err := s.heap.text(e.name)
	if err != nil {
		return err
	}
	if s.any && bytes.Compare(name, s.last) <= 0 {
		s.disorder(undefined)
	}
	s.last, s.any = name, true
	if e.cache != cacheSoft {
		return s.hard(name, e, at)
	}
	l := Link{Kind: Soft}
	value, err := s.heap.text(uint64(e.value))
	if err == nil {
		l.Path, err = r.keep(value)
	}
	if err != nil {
		r.problem("", string(name), err)
	}
	return r.addLink(s.o, name, l, at)
}

func (s *symbolTable) hard(name []byte, e symbolEntry, at int64) error {
	r := s.r
	if e.cache > cacheSoft {
		r.problem("", string(name), bounds.Malformedf(at, "symbol table entry with cache type %d", e.cache))
	}
	target, err := r.object(e.header)
	if err != nil {
		r.problem("", string(name), err)
	}
	if err := r.addLink(s.o, name, Link{Kind: Hard, Target: target}, at); err != nil {
		return err
	}
	if e.cache == cacheTable && target != nil {
		l := &s.o.Links[len(s.o.Links)-1]
		r.cached = append(r.cached, cachedTable{target, s.o, l.Name, e.table})
	}
	return nil
}
