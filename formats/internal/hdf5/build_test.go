package hdf5

import (
	"bytes"
	"encoding/binary"
	"math"
)

// builder writes HDF5 files piece by piece, truthfully or not: every piece is
// appended, and its address returned for the pieces that lead to it. Addresses
// and lengths have 8 bytes.
type builder struct{ b []byte }

var le = binary.LittleEndian

// superblockLen is room for a superblock of any version.
const superblockLen = 96

func newBuilder() *builder { return &builder{make([]byte, superblockLen)} }

func (w *builder) put(piece []byte) uint64 {
	for len(w.b)%8 != 0 {
		w.b = append(w.b, 0)
	}
	at := uint64(len(w.b))
	w.b = append(w.b, piece...)
	return at
}

// here is the address of the next piece.
func (w *builder) here() uint64 { return uint64(len(w.b)+7) &^ 7 }

func u16(v int) []byte    { return le.AppendUint16(nil, uint16(v)) }
func u32(v uint32) []byte { return le.AppendUint32(nil, v) }
func u64(v uint64) []byte { return le.AppendUint64(nil, v) }
func cat(p ...any) []byte {
	var b []byte
	for _, v := range p {
		switch v := v.(type) {
		case []byte:
			b = append(b, v...)
		case string:
			b = append(b, v...)
		case int: // a single byte
			b = append(b, byte(v))
		case uint64:
			b = le.AppendUint64(b, v)
		}
	}
	return b
}

// sum appends the checksum.
func sum(b []byte) []byte { return le.AppendUint32(b, lookup3(b)) }

// pad8 fills up to a multiple of 8 bytes.
func pad8(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

// file2 ends a file with a superblock of version 2 or 3.
func (w *builder) file2(version int, root, extension uint64) []byte {
	s := sum(cat(signature, version, 8, 8, 0, u64(0), extension, uint64(len(w.b)), root))
	copy(w.b, s)
	return w.b
}

// file0 ends a file with a superblock of version 0.
func (w *builder) file0(root uint64, t table) []byte {
	entry := cat(u64(0), root, u32(cacheTable), u32(0), t.tree, t.heap)
	copy(w.b, cat(signature, 0, 0, 0, 0, 0, 8, 8, 0, u16(4), u16(16), u32(0), u64(0), undefined, uint64(len(w.b)), undefined, entry))
	return w.b
}

// msg is a header message.
type msg struct {
	kind, flags int
	data        []byte
}

func messages2(msgs []msg) []byte {
	var b []byte
	for _, m := range msgs {
		b = append(b, cat(m.kind, u16(len(m.data)), m.flags, m.data)...)
	}
	return b
}

// object writes an object header of version 2.
func (w *builder) object(msgs ...msg) uint64 {
	body := messages2(msgs)
	return w.put(sum(cat("OHDR", 2, 2, u32(uint32(len(body))), body)))
}

// object1 writes an object header of version 1.
func (w *builder) object1(msgs ...msg) uint64 {
	var body []byte
	for _, m := range msgs {
		data := pad8(bytes.Clone(m.data))
		body = append(body, cat(u16(m.kind), u16(len(data)), m.flags, 0, 0, 0, data)...)
	}
	return w.put(cat(1, 0, u16(len(msgs)), u32(1), u32(uint32(len(body))), u32(0), body))
}

// group writes a new-style group with compact links and further messages.
func (w *builder) group(msgs ...msg) uint64 {
	return w.object(append([]msg{linkInfo(undefined, undefined)}, msgs...)...)
}

func linkInfo(heap, byName uint64) msg { return msg{msgLinkInfo, 0, cat(0, 0, heap, byName)} }
func attrInfo(heap, byName uint64) msg { return msg{msgAttrInfo, 0, cat(0, 0, heap, byName)} }

func hard(name string, addr uint64) msg {
	return msg{msgLink, 0, cat(1, 0, len(name), name, addr)}
}

func link(kind int, name string, value []byte) msg {
	return msg{msgLink, 0, cat(1, 8, kind, len(name), name, u16(len(value)), value)}
}

func soft(name, path string) msg { return link(linkSoft, name, []byte(path)) }

func external(name, file, path string) msg {
	return link(linkExternal, name, cat(0, file, 0, path, 0))
}

// Datatypes.
var (
	typeI4  = cat(0x10, 8, 0, 0, u32(4), u16(0), u16(32))
	typeU2B = cat(0x10, 1, 0, 0, u32(2), u16(0), u16(16))
	typeF4  = cat(0x11, 0x20, 31, 0, u32(4), u16(0), u16(32), 23, 8, 0, 23, u32(127))
	typeVS  = cat(0x19, 1, 1, 0, u32(16), 0x13, 0, 0, 0, u32(1))
)

func typeS(pad Padding, n int) []byte { return cat(0x13, int(pad), 0, 0, u32(uint32(n))) }

func typeSeq(base []byte) []byte { return cat(0x19, 0, 0, 0, u32(16), base) }

func typeArray(n, size int, base []byte) []byte {
	return cat(0x3a, 0, 0, 0, u32(uint32(n*size)), 1, u32(uint32(n)), base)
}

// Dataspaces.
var (
	scalar = cat(2, 0, 0, 0)
	null   = cat(2, 0, 0, 2)
)

func simple(dims ...uint64) []byte {
	b := cat(2, len(dims), 0, 1)
	for _, d := range dims {
		b = le.AppendUint64(b, d)
	}
	return b
}

func attrData(name string, typ, space, value []byte) []byte {
	return cat(3, 0, u16(len(name)+1), u16(len(typ)), u16(len(space)), 0, name, 0, typ, space, value)
}

func attr(name string, typ, space, value []byte) msg {
	return msg{msgAttribute, 0, attrData(name, typ, space, value)}
}

func contiguous(addr, size uint64) msg {
	return msg{msgLayout, 0, cat(3, layoutContiguous, addr, size)}
}

func dataset(typ, space []byte, more ...msg) []msg {
	return append([]msg{{msgDataspace, 0, space}, {msgDatatype, 0, typ}}, more...)
}

// collection writes a global heap collection with objects 1, 2, ...
func (w *builder) collection(objects ...string) uint64 {
	var body []byte
	for i, s := range objects {
		body = append(body, cat(u16(i+1), u16(1), u32(0), uint64(len(s)), pad8([]byte(s)))...)
	}
	rest := max(4096-16-len(body), 16)
	body = append(body, cat(u16(0), u16(0), u32(0), uint64(rest), make([]byte, rest-16))...)
	return w.put(cat("GCOL", 1, 0, 0, 0, uint64(16+len(body)), body))
}

// varLen is a variable-length element.
func varLen(n int, collection uint64, index int) []byte {
	return cat(u32(uint32(n)), collection, u32(uint32(index)))
}

// localHeap writes a local heap with an empty string at 0, and returns the
// offsets of the others.
func (w *builder) localHeap(names ...string) (uint64, []uint64) {
	data := make([]byte, 8)
	offsets := make([]uint64, len(names))
	for i, n := range names {
		offsets[i] = uint64(len(data))
		data = pad8(cat(data, n, 0))
	}
	at := w.put(data)
	return w.put(cat("HEAP", 0, 0, 0, 0, uint64(len(data)), u64(1), at)), offsets
}

func symbol(name, header uint64, cache int, pad []byte) []byte {
	return cat(name, header, u32(uint32(cache)), u32(0), pad, make([]byte, 16-len(pad)))
}

func snod(entries ...[]byte) []byte {
	return cat("SNOD", 1, 0, u16(len(entries)), bytes.Join(entries, nil))
}

// tree1 is a group B-tree node: key, child, key, ..., key.
func tree1(level int, keysAndChildren ...uint64) []byte {
	b := cat("TREE", 0, level, u16(len(keysAndChildren)/2), undefined, undefined)
	for _, v := range keysAndChildren {
		b = le.AppendUint64(b, v)
	}
	return b
}

func symbolTableMsg(t table) msg { return msg{msgSymbolTable, 0, cat(t.tree, t.heap)} }

// oldGroup writes an old-style group of hard links in the order given.
func (w *builder) oldGroup(names []string, targets []uint64, more ...msg) (uint64, table) {
	heap, offsets := w.localHeap(names...)
	var entries [][]byte
	last := uint64(0)
	for i := range names {
		entries = append(entries, symbol(offsets[i], targets[i], 0, nil))
		last = offsets[i]
	}
	node := w.put(snod(entries...))
	t := table{w.put(tree1(0, 0, node, last)), heap}
	return w.object1(append([]msg{symbolTableMsg(t)}, more...)...), t
}

// heapID is the id of a managed object at an offset in a fractal heap.
func heapID(idLen, offset, n int) []byte {
	return cat(0, u32(uint32(offset)), u16(n), make([]byte, idLen))[:idLen]
}

// fractal writes a fractal heap with one direct block of 512 bytes that holds
// the objects, and returns their ids.
func (w *builder) fractal(idLen int, objects ...[]byte) (uint64, [][]byte) {
	at := w.here()
	header := uint64(26 + 12*8 + 3*8)
	block := (at + header + 7) &^ 7
	data := cat("FHDB", 0, at, u32(0), u32(0))
	var ids [][]byte
	for _, o := range objects {
		ids = append(ids, heapID(idLen, len(data), len(o)))
		data = append(data, o...)
	}
	data = append(data, make([]byte, 512-len(data))...)
	le.PutUint32(data[17:], lookup3(data))
	w.put(sum(cat("FRHP", 0, u16(idLen), u16(0), 2, u32(4096), u64(0), undefined, u64(0), undefined,
		u64(512), u64(512), u64(512), uint64(len(objects)), make([]byte, 4*8), u16(4), u64(512), u64(65536), u16(32), u16(1), block, u16(0))))
	w.put(data)
	return at, ids
}

// tree2of writes a B-tree of one leaf.
func (w *builder) tree2of(kind int, records ...[]byte) uint64 {
	leaf := w.put(sum(cat("BTLF", 0, kind, bytes.Join(records, nil))))
	return w.tree2header(kind, len(records[0]), 0, leaf, len(records), uint64(len(records)))
}

func (w *builder) tree2header(kind, record, depth int, root uint64, count int, total uint64) uint64 {
	return w.put(sum(cat("BTHD", 0, kind, u32(512), u16(record), u16(depth), 100, 40, root, u16(count), total)))
}

func linkRecord(name string, id []byte) []byte { return cat(u32(lookup3([]byte(name))), id) }

func attrRecord(name string, id []byte, order int) []byte {
	return cat(id, 0, u32(uint32(order)), u32(lookup3([]byte(name))))
}

func f32(v float32) []byte { return u32(math.Float32bits(v)) }
