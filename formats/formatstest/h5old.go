package formatstest

import (
	"encoding/binary"
	"slices"
	"strings"
)

// The library's default ranks: a symbol table node has up to 8 entries, and a
// B-tree node up to 32 of those.
const (
	symbolLeafK     = 4
	symbolInternalK = 16
)

// symbolTable is where an old group keeps its links.
type symbolTable struct{ tree, heap uint64 }

// symbolTable writes the local heap of names, the symbol table nodes and the
// B-tree over them.
func (w *h5Writer) symbolTable(o *h5Object) symbolTable {
	links := slices.Clone(o.links)
	if !o.unsorted {
		slices.SortStableFunc(links, func(a, b h5Link) int { return strings.Compare(a.name, b.name) })
	}
	names := make([]byte, 8) // offset 0 is the empty name
	intern := func(s string) uint64 {
		at := uint64(len(names))
		names = padTo(append(append(names, s...), 0), 8)
		return at
	}
	keys := w.length(0)
	nodes := 0
	for group := range slices.Chunk(links, 2*symbolLeafK) {
		node := binary.LittleEndian.AppendUint16([]byte("SNOD\x01\x00"), uint16(len(group)))
		var last uint64
		for _, l := range group {
			last = intern(l.name)
			if l.kind == softLink {
				node = append(node, w.softEntry(last, intern(string(l.value)))...)
			} else {
				node = append(node, w.symbolEntry(last, l)...)
			}
		}
		size := 8 + 2*symbolLeafK*w.entrySize()
		keys = append(keys, w.address(w.alloc(append(node, make([]byte, size-len(node))...)))...)
		keys = append(keys, w.length(last)...)
		nodes++
	}
	if nodes > 2*symbolInternalK {
		w.fail("a group of %d links is more than one B-tree node holds: use superblock 2", len(links))
		return symbolTable{}
	}
	full := (2*symbolInternalK+1)*w.lenSize + 2*symbolInternalK*w.offsetSize
	t := symbolTable{
		tree: w.alloc(append(w.treeHead(0, nodes), append(keys, make([]byte, full-len(keys))...)...)),
		heap: w.localHeap(names),
	}
	w.symbols[o] = t
	return t
}

// treeHead is the head of a version 1 B-tree leaf without siblings.
func (w *h5Writer) treeHead(kind byte, entries int) []byte {
	b := append([]byte("TREE"), kind, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(entries))
	return append(append(b, w.address(undefined)...), w.address(undefined)...)
}

// localHeap writes a heap without free space (whose list then begins at 1).
func (w *h5Writer) localHeap(data []byte) uint64 {
	at := w.alloc(data)
	b := append([]byte("HEAP\x00\x00\x00\x00"), w.length(uint64(len(data)))...)
	b = append(append(b, w.length(1)...), w.address(at)...)
	return w.alloc(b)
}

func (w *h5Writer) entrySize() int { return w.lenSize + w.offsetSize + 24 }

// symbolEntry is the entry of a hard link. For a group stored the old way it
// repeats the addresses of the group's own symbol table, as the library does.
func (w *h5Writer) symbolEntry(name uint64, l h5Link) []byte {
	b := append(w.length(name), w.address(w.known[l.object])...)
	var cache uint32
	var scratch []byte
	if l.object.staleAddress || w.file.oldStyle(l.object) {
		cache = 1
		t := w.knownSymbols[l.object]
		if l.object.staleAddress {
			t = symbolTable{tree: 8, heap: 8}
		}
		scratch = append(w.address(t.tree), w.address(t.heap)...)
	}
	b = binary.LittleEndian.AppendUint32(b, cache)
	b = append(b, 0, 0, 0, 0)
	return append(append(b, scratch...), make([]byte, 16-len(scratch))...)
}

// softEntry is the entry of a soft link, whose target stands in the heap.
func (w *h5Writer) softEntry(name, target uint64) []byte {
	b := append(w.length(name), w.address(undefined)...)
	b = binary.LittleEndian.AppendUint32(b, 2)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(target))
	return append(b, make([]byte, 12)...)
}
