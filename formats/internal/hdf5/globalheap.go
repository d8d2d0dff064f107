package hdf5

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// globalHeaps are the collections read so far. Only the places of their objects
// are kept, not the bytes.
type globalHeaps struct {
	byAddr map[uint64]*collection
	kept   int // objects in them
}

// keptHeapObjects is how many objects the kept collections have together.
const keptHeapObjects = 1 << 20

// collection is a global heap collection (section III.E).
type collection struct {
	off     int64
	objects map[uint16]heapObject
	err     error // what stopped the reading of the collection
}

type heapObject struct {
	off  int64
	size uint64
}

// heapPrefix is the length of the collection's header, and of an object's. Both
// are padded to 8 bytes, which shows with short lengths only.
func (s sizes) heapPrefix() int64 { return int64(8+s.length+7) &^ 7 }

// globalObject returns the bytes of an object of the global heap and where they
// lie in the file.
func (r *reader) globalObject(addr uint64, index uint32) ([]byte, int64, error) {
	g := r.heaps.byAddr[addr]
	if g == nil {
		var err error
		if g, err = r.collection(addr); err != nil {
			return nil, 0, err
		}
	}
	o, ok := g.objects[uint16(index)]
	if !ok || index > 0xffff || index == 0 {
		if g.err != nil {
			return nil, 0, g.err
		}
		return nil, 0, bounds.Malformedf(g.off, "global heap collection has no object %d", index)
	}
	b, err := r.src.Bytes(o.off, int64(o.size))
	return b, o.off, err
}

// collection finds the objects of a collection. What comes before something
// unreadable stays usable.
func (r *reader) collection(addr uint64) (*collection, error) {
	prefix := r.sizes.heapPrefix()
	c, err := r.bytes(addr, uint64(prefix), "global heap collection")
	if err != nil {
		return nil, err
	}
	if err := c.signature("GCOL"); err != nil {
		return nil, err
	}
	if version := c.u8(); version != 1 {
		return nil, bounds.Unsupportedf(c.off, "global heap version %d", version)
	}
	c.skip(3)
	size := c.length()
	if _, err := r.offset(addr, size, "global heap collection"); err != nil {
		return nil, err
	}
	g := &collection{off: c.off, objects: make(map[uint16]heapObject)}
	g.err = r.heapObjects(g, c.off+int64(size))
	if g.err != nil {
		r.problem("", "", g.err)
	}
	if r.heaps.kept+len(g.objects) > keptHeapObjects || r.heaps.byAddr == nil {
		r.heaps.byAddr, r.heaps.kept = make(map[uint64]*collection), 0
	}
	r.heaps.byAddr[addr] = g
	r.heaps.kept += len(g.objects) + 1
	return g, nil
}

// heapObjects walks the objects of a collection that ends at end.
func (r *reader) heapObjects(g *collection, end int64) error {
	prefix := r.sizes.heapPrefix()
	for at := g.off + prefix; end-at >= prefix; {
		if err := r.budget.Step(1); err != nil {
			return err
		}
		b, err := r.src.Bytes(at, prefix)
		if err != nil {
			return err
		}
		c := r.cursor(b, at)
		index := c.u16()
		c.skip(6)
		size := c.length()
		room := uint64(end - at)
		need := size // of free space, with its header
		if index != 0 {
			if size > room {
				return bounds.Malformedf(at, "global heap object of %d bytes does not fit its collection", size)
			}
			need = uint64(prefix) + (size+7)&^7
		}
		if need < uint64(prefix) || need > room {
			return bounds.Malformedf(at, "global heap object of %d bytes does not fit its collection", size)
		}
		if index != 0 {
			if _, ok := g.objects[index]; ok {
				return bounds.Malformedf(at, "global heap collection with two objects %d", index)
			}
			g.objects[index] = heapObject{at + prefix, size}
		}
		at += int64(need)
	}
	return nil
}
