package formatstest

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Dense storage: messages in a fractal heap of one direct block, found through
// a version 2 B-tree of one leaf that is ordered by the hash of the name.
// Objects of more than maxManaged bytes are "huge": each stands by itself, and
// a second B-tree lists them.
const (
	maxManaged = 4096
	maxBlock   = 65536

	treeHuge       = 1
	treeLinks      = 5
	treeAttributes = 8
)

// h5Heap collects the objects of a fractal heap.
type h5Heap struct {
	idSize   int // 8 for attributes, 7 for links
	bits     int // size of the heap's address space: 40 or 32
	managed  []byte
	objects  int
	huge     [][]byte // records of the tree of huge objects
	hugeSize uint64
}

type named struct {
	name   string
	record []byte // after the hash has been put where the tree wants it
}

func (w *h5Writer) denseAttributes(o *h5Object, messages [][]byte) []byte {
	heap := w.newHeap(8, 40)
	var list []named
	for i, m := range messages {
		name := o.attrs[i].name
		record := append(heap.add(w, m), 0)                       // message flags
		record = binary.LittleEndian.AppendUint32(record, 0)      // creation order
		record = append(record, littleEndian(hashOf(name), 4)...) // the key
		list = append(list, named{name, record})
	}
	at := heap.write(w)
	b := append([]byte{0, 0}, w.address(at)...)
	return append(b, w.address(w.nameTree(treeAttributes, list, o.unsorted))...)
}

func (w *h5Writer) denseLinkStorage(o *h5Object) (heapAt, treeAt uint64) {
	heap := w.newHeap(7, 32)
	var list []named
	for _, l := range o.links {
		record := append(littleEndian(hashOf(l.name), 4), heap.add(w, w.linkMessage(l))...)
		list = append(list, named{l.name, record})
	}
	heapAt = heap.write(w)
	return heapAt, w.nameTree(treeLinks, list, o.unsorted)
}

func hashOf(name string) uint64 { return uint64(lookup3([]byte(name))) }

func (w *h5Writer) nameTree(kind byte, list []named, unsorted bool) uint64 {
	if !unsorted {
		slices.SortStableFunc(list, func(a, b named) int {
			if x, y := hashOf(a.name), hashOf(b.name); x != y {
				return int(int64(x) - int64(y))
			}
			return strings.Compare(a.name, b.name)
		})
	}
	var records [][]byte
	for _, n := range list {
		records = append(records, n.record)
	}
	return w.treeV2(kind, records)
}

// treeV2 writes a version 2 B-tree of one leaf, as large as it must be.
func (w *h5Writer) treeV2(kind byte, records [][]byte) uint64 {
	size, leaf := 0, append([]byte("BTLF"), 0, kind)
	for _, r := range records {
		size = len(r)
		leaf = append(leaf, r...)
	}
	if size == 0 {
		size = 11 // as for links; an empty tree has no leaf
	}
	leaf = checksummed(leaf)
	node := 512
	for node < len(leaf) {
		node *= 2
	}
	at := undefined
	if len(records) > 0 {
		at = w.alloc(append(leaf, make([]byte, node-len(leaf))...))
	}
	le := binary.LittleEndian
	b := append([]byte("BTHD"), 0, kind)
	b = le.AppendUint32(b, uint32(node))
	b = le.AppendUint16(b, uint16(size))
	b = le.AppendUint16(b, 0) // depth
	b = append(b, 100, 40)    // split and merge percentages
	b = append(b, w.address(at)...)
	b = le.AppendUint16(b, uint16(len(records)))
	b = append(b, w.length(uint64(len(records)))...)
	return w.alloc(checksummed(b))
}

func (w *h5Writer) newHeap(idSize, bits int) *h5Heap {
	h := &h5Heap{idSize: idSize, bits: bits}
	// Offsets count the header of the direct block, so it comes first.
	h.managed = make([]byte, len("FHDB")+1+w.offsetSize+bits/8+4)
	return h
}

// add stores an object and returns its heap id.
func (h *h5Heap) add(w *h5Writer, data []byte) []byte {
	if len(data) > maxManaged {
		number := uint64(len(h.huge) + 1)
		record := append(w.address(w.alloc(data)), w.length(uint64(len(data)))...)
		h.huge = append(h.huge, append(record, w.length(number)...))
		h.hugeSize += uint64(len(data))
		id := append([]byte{0x10}, littleEndian(number, min(w.lenSize, h.idSize-1))...)
		return append(id, make([]byte, h.idSize-len(id))...)
	}
	id := append([]byte{0}, littleEndian(uint64(len(h.managed)), h.bits/8)...)
	id = append(id, littleEndian(uint64(len(data)), 2)...)
	h.managed = append(h.managed, data...)
	h.objects++
	return append(id, make([]byte, h.idSize-len(id))...)
}

// write writes the heap's header, direct block and tree of huge objects.
func (h *h5Heap) write(w *h5Writer) uint64 {
	block := 512
	for block < len(h.managed) {
		block *= 2
	}
	if block > maxBlock {
		w.fail("dense storage of %d bytes is more than one direct block holds", len(h.managed))
		return undefined
	}
	huge := undefined
	if len(h.huge) > 0 {
		huge = w.treeV2(treeHuge, h.huge)
	}
	size := len(padTo(h.header(w, block, huge, 0), 8))
	at := w.nextAddress()
	root := undefined
	if h.objects > 0 {
		root = at + uint64(size)
	}
	w.alloc(padTo(h.header(w, block, huge, root), 8))
	if h.objects > 0 {
		w.alloc(h.directBlock(w, at, block))
	}
	return at
}

func (h *h5Heap) header(w *h5Writer, block int, huge, root uint64) []byte {
	le := binary.LittleEndian
	used := uint64(0)
	if root != undefined {
		used = uint64(block)
	}
	b := le.AppendUint16([]byte("FRHP\x00"), uint16(h.idSize))
	b = le.AppendUint16(b, 0)
	b = append(b, 2) // direct blocks have checksums
	b = le.AppendUint32(b, maxManaged)
	b = append(b, w.length(uint64(len(h.huge)+1))...)
	b = append(b, w.address(huge)...)
	b = append(b, w.length(used-min(used, uint64(len(h.managed))))...)
	b = append(b, w.address(undefined)...) // free space
	for _, n := range []uint64{used, used, used, uint64(h.objects), h.hugeSize, uint64(len(h.huge)), 0, 0} {
		b = append(b, w.length(n)...)
	}
	b = le.AppendUint16(b, 4) // table width
	b = append(b, w.length(uint64(block))...)
	b = append(b, w.length(maxBlock)...)
	b = le.AppendUint16(b, uint16(h.bits))
	b = le.AppendUint16(b, 1)
	b = append(b, w.address(root)...)
	b = le.AppendUint16(b, 0) // the root is a direct block
	return checksummed(b)
}

// directBlock fills in the head of the block; its checksum is over the whole
// block with the checksum itself zero.
func (h *h5Heap) directBlock(w *h5Writer, header uint64, size int) []byte {
	head := append([]byte("FHDB\x00"), w.address(header)...)
	b := make([]byte, size)
	copy(b, h.managed)
	copy(b, head)
	sum := len(head) + h.bits/8
	binary.LittleEndian.PutUint32(b[sum:], 0)
	binary.LittleEndian.PutUint32(b[sum:], lookup3(b))
	return b
}
