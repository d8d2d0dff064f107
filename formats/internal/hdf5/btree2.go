package hdf5

import (
	"math"
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Record types of version 2 B-trees (section III.A.2).
const (
	treeHuge           = 1 // indirectly accessed huge objects
	treeHugeFiltered   = 2
	treeLinkName       = 5
	treeLinkOrder      = 6
	treeAttrName       = 8
	treeAttrOrder      = 9
	nodeOverhead       = 10 // signature, version, type, checksum
	treeHeaderOverhead = 22 // without address and length
)

// recordSize is the length of a record of the type.
func (s sizes) recordSize(kind uint8) int {
	switch kind {
	case treeHuge:
		return s.offset + 2*s.length
	case treeHugeFiltered:
		return s.offset + 3*s.length + 4
	case treeLinkName:
		return 11
	case treeLinkOrder:
		return 15
	case treeAttrName:
		return 17
	}
	return 13 // treeAttrOrder
}

// level is what follows from the sizes of the tree for the nodes of one depth.
type level struct {
	max      uint64 // records in a node
	total    uint64 // records in a node and all under it
	countLen int    // bytes of a child's total in its parent
}

// tree2 is one version 2 B-tree (section III.A.2).
type tree2 struct {
	r        *reader
	kind     uint8
	record   int // bytes of a record
	node     uint64
	countLen int // bytes of a child's own count in its parent
	levels   []level
	seen     map[uint64]struct{}
	visit    func([]byte) error
}

// child is a pointer to a node.
type child struct {
	addr  uint64
	count uint64 // its records
	total uint64 // those of all under it too
}

// tree2 calls visit for each record of a B-tree, in order. A node that
// cannot be read, or that visit refuses, is a problem; its siblings are still read.
func (r *reader) tree2(addr uint64, kind uint8, visit func([]byte) error) error {
	c, err := r.bytes(addr, uint64(treeHeaderOverhead+r.sizes.offset+r.sizes.length), "B-tree header")
	if err != nil {
		return err
	}
	if err := c.signature("BTHD"); err != nil {
		return err
	}
	if err := r.verify(c.b, c.off, "B-tree header"); err != nil {
		return err
	}
	version, own := c.u8(), c.u8()
	if version != 0 {
		return bounds.Unsupportedf(c.off, "B-tree header version %d", version)
	}
	t := &tree2{r: r, kind: kind, visit: visit, node: uint64(c.u32()), record: int(c.u16())}
	depth := int(c.u16())
	c.skip(2) // split and merge percentages
	root := child{addr: c.addr(), count: uint64(c.u16()), total: c.length()}
	if want := r.sizes.recordSize(kind); own != kind || t.record != want {
		return bounds.Malformedf(c.off, "B-tree of type %d with records of %d bytes, want type %d with %d", own, t.record, kind, want)
	}
	if root.addr == undefined {
		if root.total != 0 || root.count != 0 {
			return bounds.Malformedf(c.off, "B-tree with %d records but no root", root.total)
		}
		return nil
	}
	if err := t.plan(depth, c.off); err != nil {
		return err
	}
	t.seen = make(map[uint64]struct{})
	n, err := t.walk(root, depth)
	if err == nil && n != root.total && !r.spent {
		err = bounds.Malformedf(c.off, "B-tree has %d records, its header says %d", n, root.total)
	}
	return err
}

// plan computes the capacities of the levels, on which the widths of the child
// pointers depend.
func (t *tree2) plan(depth int, off int64) error {
	if err := t.r.budget.Depth(depth); err != nil {
		return err
	}
	record := uint64(t.record)
	if t.node < nodeOverhead+record {
		return bounds.Malformedf(off, "B-tree with nodes of %d bytes", t.node)
	}
	leaf := (t.node - nodeOverhead) / record
	t.countLen = numberLen(leaf)
	t.levels = append(t.levels, level{max: leaf, total: leaf})
	for i := 1; i <= depth; i++ {
		below := t.levels[i-1]
		pointer := uint64(t.pointerLen(below))
		if t.node < nodeOverhead+pointer+record+pointer {
			return bounds.Malformedf(off, "B-tree with inner nodes of %d bytes", t.node)
		}
		l := level{max: (t.node - nodeOverhead - pointer) / (record + pointer)}
		hi, lo := bits.Mul64(l.max+1, below.total)
		l.total = lo + l.max
		if hi != 0 || l.total < lo {
			l.total = math.MaxUint64
		}
		l.countLen = numberLen(l.total)
		t.levels = append(t.levels, l)
	}
	return nil
}

// pointerLen is the length of a pointer to a node of the level.
func (t *tree2) pointerLen(below level) int {
	return t.r.sizes.offset + t.countLen + below.countLen
}

// numberLen is how many bytes libhdf5 takes for numbers up to n.
func numberLen(n uint64) int { return max(1, (bits.Len64(n)+7)/8) }

// walk reads a node and all under it, and returns the number of records.
func (t *tree2) walk(at child, depth int) (uint64, error) {
	r := t.r
	c, err := t.open(at, depth)
	if err != nil {
		return 0, err
	}
	records := c.take(int(at.count) * t.record)
	if depth == 0 {
		for i := range at.count {
			if err := t.each(records, i); err != nil {
				return i, err
			}
		}
		return at.count, nil
	}
	below := t.levels[depth-1]
	n := at.count
	for i := range at.count + 1 {
		next := child{addr: c.addr(), count: c.uint(t.countLen)}
		next.total = next.count
		if depth > 1 {
			next.total = c.uint(below.countLen)
		}
		got, err := t.walk(next, depth-1)
		if err != nil {
			r.problem("", "", err)
			if r.spent {
				return n, nil
			}
		} else if got != next.total {
			r.problem("", "", bounds.Malformedf(c.off, "B-tree node with %d records under it, its parent says %d", got, next.total))
		}
		n += got
		if i < at.count {
			if err := t.each(records, i); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (t *tree2) each(records []byte, i uint64) error {
	if err := t.r.budget.Step(1); err != nil {
		return err
	}
	from := int(i) * t.record
	return t.visit(records[from : from+t.record])
}

// open reads a node up to its records.
func (t *tree2) open(at child, depth int) (cursor, error) {
	r := t.r
	l := t.levels[depth]
	if at.count > l.max {
		return cursor{}, bounds.Malformedf(-1, "B-tree node with %d records, at most %d fit", at.count, l.max)
	}
	size := 6 + at.count*uint64(t.record) + 4
	sign, what := "BTLF", "B-tree leaf"
	if depth > 0 {
		size += (at.count + 1) * uint64(t.pointerLen(t.levels[depth-1]))
		sign, what = "BTIN", "B-tree node"
	}
	c, err := r.bytes(at.addr, size, what)
	if err != nil {
		return c, err
	}
	if _, ok := t.seen[at.addr]; ok {
		return c, bounds.Malformedf(c.off, "B-tree leads to the same node twice")
	}
	t.seen[at.addr] = struct{}{}
	if err := c.signature(sign); err != nil {
		return c, err
	}
	if err := r.verify(c.b, c.off, what); err != nil {
		return c, err
	}
	if version, kind := c.u8(), c.u8(); version != 0 || kind != t.kind {
		return c, bounds.Malformedf(c.off, "%s of version %d and type %d, want 0 and %d", what, version, kind, t.kind)
	}
	return c, nil
}
