package hdf5

import (
	"bytes"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// readGroup reads the links of a group, old-style or new-style. One that has
// both is a problem, as are links that libhdf5 would not look at.
func (r *reader) readGroup(o *Object, h *header, p *parts, links int) {
	info := p[msgLinkInfo]
	if info != nil {
		dense, err := r.linkInfo(o, info)
		if err != nil {
			r.problem("", "", err)
		}
		if dense && links > 0 {
			r.problem("", "", bounds.Malformedf(info.off, "group with both compact and dense links"))
		}
	}
	if links > 0 {
		if info == nil {
			r.problem("", "", bounds.Malformedf(o.Addr, "object with link messages but no link info"))
		}
		r.compactLinks(o, h)
	}
	if m := p[msgSymbolTable]; m != nil {
		if info != nil || links > 0 {
			r.problem("", "", bounds.Malformedf(m.off, "group with both old-style and new-style links"))
		}
		c := r.cursor(m.data, m.off)
		o.table, o.old = table{c.addr(), c.addr()}, true
		err := c.err("symbol table message")
		if err == nil {
			err = r.oldLinks(o, o.table)
		}
		if err != nil {
			r.problem("", "", err)
		}
	}
	r.sortLinks(o)
}

func (r *reader) compactLinks(o *Object, h *header) {
	for i := range h.messages {
		m := &h.messages[i]
		if m.kind != msgLink {
			continue
		}
		err := r.resolve(m)
		if err == nil {
			_, err = r.linkMessage(o, r.cursor(m.data, m.off))
		}
		if err != nil {
			r.problem("", "", err)
		}
		if r.spent {
			return
		}
	}
}

// linkInfo reads a link info message (section IV.A.2.c) and the dense links
// that it leads to; dense says that there are any.
func (r *reader) linkInfo(o *Object, m *message) (dense bool, err error) {
	c := r.cursor(m.data, m.off)
	if version := c.u8(); version != 0 {
		return false, bounds.Unsupportedf(m.off, "link info version %d", version)
	}
	flags := c.u8()
	if flags&1 != 0 {
		c.skip(8) // the next creation order
	}
	heap, byName, byOrder := c.addr(), c.addr(), undefined
	if flags&2 != 0 {
		byOrder = c.addr()
	}
	if err := c.err("link info"); err != nil || heap == undefined {
		return false, err
	}
	d := denseStorage{heapAddr: heap, byName: byName, byOrder: byOrder, nameType: treeLinkName, orderType: treeLinkOrder}
	return true, r.dense(&d, func(rec denseRecord) ([]byte, error) {
		data, off, err := d.heap.object(rec.id)
		if err != nil {
			return nil, err
		}
		return r.linkMessage(o, r.cursor(data, off))
	})
}

// sortLinks orders links by name and reports names that come twice.
func (r *reader) sortLinks(o *Object) {
	byName := func(a, b Link) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(o.Links, byName) {
		slices.SortStableFunc(o.Links, byName)
	}
	for i := 1; i < len(o.Links); i++ {
		if name := o.Links[i].Name; name == o.Links[i-1].Name {
			r.problem("", name, bounds.Malformedf(o.Addr, "group with two links of one name"))
		}
	}
}

// denseRecord is a record of one of the B-trees over dense links or attributes
// (sections III.A.2, types 5, 6, 8 and 9).
type denseRecord struct {
	id    []byte // in the fractal heap
	flags uint8  // of an attribute message
	order uint32 // creation order of an attribute
	hash  uint32 // of the name, in the index by name
}

// denseStorage is dense storage: a heap and the indexes over it.
type denseStorage struct {
	heapAddr, byName, byOrder uint64
	nameType, orderType       uint8

	heap *fractalHeap
	ids  map[string]struct{} // what the index by name holds, if there is another
	last denseRecord
	name []byte // of last
	n    int
}

// dense reads every record of the index by name. visit reads what the heap has
// for it and returns its name, which must be the one that the index says; an
// error of it concerns that record alone.
func (r *reader) dense(d *denseStorage, visit func(denseRecord) ([]byte, error)) error {
	var err error
	if d.heap, err = r.fractalHeap(d.heapAddr); err != nil {
		return err
	}
	if d.byOrder != undefined {
		d.ids = make(map[string]struct{})
	}
	err = r.tree2(d.byName, d.nameType, func(rec []byte) error {
		e := parseDense(d.nameType, rec)
		if d.ids != nil {
			d.ids[string(e.id)] = struct{}{}
		}
		name, err := visit(e)
		if err != nil {
			r.problem("", "", err)
			if r.spent {
				return err
			}
		}
		if name != nil {
			r.checkDense(d, e, name)
		}
		d.n++
		return nil
	})
	if err != nil || d.byOrder == undefined {
		return err
	}
	return r.checkOrderIndex(d)
}

// checkDense checks what libhdf5 relies on to find a name: the hash, and the
// order of the records by hash and name.
func (r *reader) checkDense(d *denseStorage, e denseRecord, name []byte) {
	if hash := lookup3(name); hash != e.hash {
		r.problem("", "", bounds.Malformedf(-1, "index has hash %08x for the name %.100q, want %08x: a lookup by name may not find it", e.hash, name, hash))
	}
	if d.name != nil && (e.hash < d.last.hash || e.hash == d.last.hash && bytes.Compare(name, d.name) <= 0) {
		r.problem("", "", bounds.Malformedf(-1, "index by name is out of order at %.100q: a lookup by name may not find it", name))
	}
	d.last, d.name = e, name
}

// checkOrderIndex compares the index by creation order, which listings use,
// with the index by name, which lookups use.
func (r *reader) checkOrderIndex(d *denseStorage) error {
	n, strange := 0, false
	err := r.tree2(d.byOrder, d.orderType, func(rec []byte) error {
		n++
		id := string(parseDense(d.orderType, rec).id)
		if _, ok := d.ids[id]; !ok {
			strange = true
		}
		delete(d.ids, id)
		return nil
	})
	if err == nil && (strange || n != d.n || len(d.ids) > 0) {
		err = bounds.Malformedf(-1, "index by creation order differs from the index by name (%d and %d entries)", n, d.n)
	}
	return err
}

// parseDense reads a record; rec has the length that its type requires.
func parseDense(kind uint8, rec []byte) denseRecord {
	c := cursor{b: rec, off: -1}
	var e denseRecord
	switch kind {
	case treeLinkName:
		e.hash = c.u32()
		e.id = c.take(7)
	case treeLinkOrder:
		c.skip(8)
		e.id = c.take(7)
	case treeAttrName:
		e.id = c.take(8)
		e.flags = c.u8()
		e.order = c.u32()
		e.hash = c.u32()
	case treeAttrOrder:
		e.id = c.take(8)
		e.flags = c.u8()
		e.order = c.u32()
	}
	return e
}
