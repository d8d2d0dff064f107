package hdf5

import (
	"strings"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// lie is a file that breaks one rule.
type lie struct {
	name string
	file func(w *builder) []byte
	code bounds.Code
	what string // part of the problem
}

// inRoot is a file whose root group has the messages.
func inRoot(msgs ...msg) func(*builder) []byte {
	return func(w *builder) []byte { return w.file2(2, w.group(msgs...), undefined) }
}

// asChild is a file whose root group leads to one object.
func asChild(msgs ...msg) func(*builder) []byte {
	return func(w *builder) []byte { return w.file2(2, w.group(hard("x", w.object(msgs...))), undefined) }
}

// withHeap is a file whose root has an attribute in a global heap collection.
func withHeap(collection []byte) func(*builder) []byte {
	return func(w *builder) []byte {
		return w.file2(2, w.group(attr("a", typeVS, scalar, varLen(5, w.put(collection), 1))), undefined)
	}
}

// withOld is an old-style root group over a local heap with the names "a", "b"
// and "c", whose B-tree has the address that build returns.
func withOld(build func(w *builder, names []uint64) uint64) func(*builder) []byte {
	return func(w *builder) []byte {
		heap, names := w.localHeap("a", "b", "c")
		t := table{build(w, names), heap}
		return w.file0(w.object1(symbolTableMsg(t)), t)
	}
}

// withLinks is a root group with dense links at what build returns.
func withLinks(build func(w *builder, leaf uint64) (heap, byName uint64)) func(*builder) []byte {
	return func(w *builder) []byte {
		leaf := w.object(dataset(typeF4, scalar, contiguous(undefined, 0))...)
		return w.file2(2, w.object(linkInfo(build(w, leaf))), undefined)
	}
}

func layoutOf(data ...any) []msg { return dataset(typeI4, simple(4), msg{msgLayout, 0, cat(data...)}) }

// huge is a size that no file has.
const huge = uint64(1) << 62

var superblockLies = []lie{
	{"wrong checksum", func(w *builder) []byte {
		b := w.file2(2, w.group(), undefined)
		b[44] ^= 1
		return b
	}, bounds.Malformed, "checksum of superblock"},
	{"cut short", func(w *builder) []byte { b := w.file2(2, w.group(), undefined); return b[:len(b)-1] }, bounds.Malformed, "file is truncated"},
	{"end before everything", func(w *builder) []byte {
		root := w.group()
		n := w.b
		w.b = w.b[:60]
		w.file2(2, root, undefined)
		return n
	}, bounds.Malformed, "reaches past the end of the file (60)"},
	{"base elsewhere", func(w *builder) []byte {
		b := w.file2(2, w.group(), undefined)
		copy(b, sum(cat(b[:12], u64(8), b[20:28], uint64(len(b)+8), b[36:44])))
		return b
	}, bounds.Malformed, "superblock says that it lies at 8"},
	{"open for writing", func(w *builder) []byte {
		b := w.file2(3, w.group(), undefined)
		b[11] = 5
		copy(b, sum(b[:44:44]))
		return b
	}, bounds.Malformed, "marked as open for writing"},
	{"no root", func(w *builder) []byte { return w.file2(2, undefined, undefined) }, bounds.Malformed, "object header has no address"},
	{"driver information", func(w *builder) []byte {
		return w.file2(2, w.group(), w.object(msg{msgDriver, 0, cat(0, "NCSAfami", u16(0))}))
	}, bounds.Unsupported, "driver information"},
	{"cache image", func(w *builder) []byte {
		return w.file2(2, w.group(), w.object(msg{msgCacheImage, 0, cat(0, u64(64), u64(64))}))
	}, bounds.Unsupported, "metadata cache image"},
	{"shared message table without table", func(w *builder) []byte {
		return w.file2(2, w.group(), w.object(msg{msgSharedTable, 0, cat(0, u64(8), 1)}))
	}, bounds.Malformed, `want "SMTB"`},
	{"cached symbol table differs", func(w *builder) []byte {
		root, _ := w.oldGroup([]string{"a"}, []uint64{w.object1(dataset(typeI4, scalar, contiguous(undefined, 0))...)})
		_, other := w.oldGroup(nil, nil)
		return w.file0(root, other)
	}, bounds.Malformed, "another symbol table"},
}

var headerLies = []lie{
	{"continues at itself", func(w *builder) []byte {
		at := w.here()
		return w.file2(2, w.group(msg{msgContinuation, 0, cat(at, u64(40))}), undefined)
	}, bounds.Malformed, "already read"},
	{"old header continues at itself", func(w *builder) []byte {
		at := w.here()
		return w.file2(2, w.object1(msg{msgContinuation, 0, cat(at+16, u64(24))}), undefined)
	}, bounds.Malformed, "already read"},
	{"old header goes in a circle", func(w *builder) []byte {
		at := w.here()
		b := w.put(cat(u16(msgContinuation), u16(16), u32(0), at+24, u64(24)))
		w.put(cat(u16(msgContinuation), u16(16), u32(0), b, u64(24)))
		return w.file2(2, w.object1(msg{msgContinuation, 0, cat(b, u64(24))}), undefined)
	}, bounds.Malformed, "already read"},
	{"continuation of 2^62 bytes", inRoot(msg{msgContinuation, 0, cat(u64(8), huge)}), bounds.Malformed, "past the end"},
	{"header of 4 GB", func(w *builder) []byte {
		root := w.group()
		copy(w.b[root+6:], u32(1<<32-1))
		return w.file2(2, root, undefined)
	}, bounds.Malformed, "past the end"},
	{"header checksum", func(w *builder) []byte {
		root := w.group()
		w.b[root+12] ^= 1
		return w.file2(2, root, undefined)
	}, bounds.Malformed, "checksum of object header"},
	{"message longer than its chunk", func(w *builder) []byte {
		body := cat(msgNil, u16(500), 0)
		return w.file2(2, w.put(sum(cat("OHDR", 2, 0, len(body), body))), undefined)
	}, bounds.Malformed, "does not fit"},
	{"old message longer than its chunk", func(w *builder) []byte {
		return w.file2(2, w.put(cat(1, 0, u16(1), u32(1), u32(8), u32(0), u16(0), u16(4096), u32(0))), undefined)
	}, bounds.Malformed, "does not fit"},
	{"unknown message", asChild(append(dataset(typeI4, scalar, contiguous(undefined, 0)), msg{0x33, flagMustKnow, nil})...), bounds.Unsupported, "type 0x33"},
	{"group and dataset", inRoot(dataset(typeI4, scalar)...), bounds.Malformed, "both a group and a dataset"},
	{"nothing at all", asChild(), bounds.Malformed, "neither group nor dataset"},
	{"two datatypes", asChild(dataset(typeI4, scalar, contiguous(undefined, 0), msg{msgDatatype, 0, typeF4})...), bounds.Malformed, "two messages of type 0x3"},
	{"shared and never to be shared", asChild(msg{msgDatatype, flagShared | flagDontShare, typeI4}), bounds.Malformed, "never to be shared"},
	{"shared without table", asChild(msg{msgDatatype, flagShared, cat(3, sharedInHeap, u64(0))}), bounds.Malformed, "no shared message index"},
	{"committed to itself", func(w *builder) []byte {
		at := w.here()
		return w.file2(2, w.group(hard("x", w.object(msg{msgDatatype, flagShared, cat(2, 0, at)}))), undefined)
	}, bounds.Malformed, "leads to itself"},
	{"header version", func(w *builder) []byte { return w.file2(2, w.put(make([]byte, 64)), undefined) }, bounds.Malformed, "no object header"},
}

var linkLies = []lie{
	{"two links of one name", inRoot(soft("x", "/a"), soft("x", "/b")), bounds.Malformed, "two links of one name"},
	{"empty name", inRoot(soft("", "/a")), bounds.Malformed, "which no path can hold"},
	{"name .", inRoot(soft(".", "/a")), bounds.Malformed, "which no path can hold"},
	{"name with slash", inRoot(soft("a/b", "/a")), bounds.Malformed, "which no path can hold"},
	{"name with NUL", inRoot(soft("a\x00b", "/a")), bounds.Malformed, "which no path can hold"},
	{"name of 2^62 bytes", inRoot(msg{msgLink, 0, cat(1, 3, huge, "x")}), bounds.Malformed, "cut short"},
	{"link version", inRoot(msg{msgLink, 0, cat(9, 0, 1, "x", u64(0))}), bounds.Unsupported, "link message version 9"},
	{"reserved type", inRoot(link(9, "x", nil)), bounds.Unsupported, "reserved type 9"},
	{"hard link to nothing", inRoot(hard("x", undefined)), bounds.Malformed, "no address"},
	{"hard link past the end", inRoot(hard("x", huge)), bounds.Malformed, "past the end"},
	{"soft link with NUL", inRoot(soft("x", "/a\x00/b")), bounds.Malformed, "empty or holds NUL"},
	{"external link without path", inRoot(link(linkExternal, "x", cat(0, "file"))), bounds.Malformed, "external link is cut short"},
	{"external link version", inRoot(link(linkExternal, "x", cat(0x10, "f", 0, "p", 0))), bounds.Unsupported, "external link of version 1"},
	{"links without link info", asChild(soft("x", "/a")), bounds.Malformed, "no link info"},
	{"old and new links", func(w *builder) []byte {
		root, t := w.oldGroup(nil, nil, linkInfo(undefined, undefined))
		return w.file0(root, t)
	}, bounds.Malformed, "both old-style and new-style"},
	{"dense and compact links", func(w *builder) []byte {
		heap, ids := w.fractal(7, soft("d", "/x").data)
		return w.file2(2, w.object(linkInfo(heap, w.tree2of(treeLinkName, linkRecord("d", ids[0]))), soft("c", "/y")), undefined)
	}, bounds.Malformed, "both compact and dense links"},
}

var oldGroupLies = []lie{
	{"node leads to itself", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(1, 0, w.here(), n[2]))
	}), bounds.Malformed, "same node twice"},
	{"node under a node of its level", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(1, 0, w.put(tree1(1, 0)), n[2]))
	}), bounds.Malformed, "level 1, want 0"},
	{"one node twice", withOld(func(w *builder, n []uint64) uint64 {
		node := w.put(snod(symbol(n[0], 96, 0, nil)))
		return w.put(tree1(0, 0, node, n[0], node, n[1]))
	}), bounds.Malformed, "same node twice"},
	{"65,535 children", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(cat("TREE", 0, 0, u16(65535), undefined, undefined))
	}), bounds.Malformed, "at most 32 fit"},
	{"65,535 symbols", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, 0, w.put(cat("SNOD", 1, 0, u16(65535))), n[0]))
	}), bounds.Malformed, "at most 8 fit"},
	{"chunk B-tree", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(cat("TREE", 1, 0, u16(0), undefined, undefined, u64(0)))
	}), bounds.Malformed, "of type 1"},
	{"out of order", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, 0, w.put(snod(symbol(n[1], 96, 0, nil), symbol(n[0], 96, 0, nil))), n[2]))
	}), bounds.Malformed, "out of order"},
	{"name above its key", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, 0, w.put(snod(symbol(n[1], 96, 0, nil))), n[0]))
	}), bounds.Malformed, "out of order"},
	{"name not above its left key", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, n[0], w.put(snod(symbol(n[0], 96, 0, nil))), n[2]))
	}), bounds.Malformed, "out of order"},
	{"keys out of order", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, n[2], w.put(snod()), n[0]))
	}), bounds.Malformed, "out of order"},
	{"name outside the heap", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, 0, w.put(snod(symbol(huge, 96, 0, nil))), n[2]))
	}), bounds.Malformed, "has no string at"},
	{"cache type", withOld(func(w *builder, n []uint64) uint64 {
		return w.put(tree1(0, 0, w.put(snod(symbol(n[0], 96, 7, nil))), n[2]))
	}), bounds.Malformed, "cache type 7"},
	{"heap of 2 TB", func(w *builder) []byte {
		t := table{w.put(tree1(0, 0)), w.put(cat("HEAP", 0, 0, 0, 0, uint64(2<<40), u64(1), u64(96)))}
		return w.file0(w.object1(symbolTableMsg(t)), t)
	}, bounds.LimitExceeded, "StructureBytes"},
	{"heap past the end", func(w *builder) []byte {
		t := table{w.put(tree1(0, 0)), w.put(cat("HEAP", 0, 0, 0, 0, u64(4096), u64(1), u64(96)))}
		return w.file0(w.object1(symbolTableMsg(t)), t)
	}, bounds.Malformed, "past the end"},
	{"string without end", func(w *builder) []byte {
		data := w.put([]byte("\x00abcdefg"))
		heap := w.put(cat("HEAP", 0, 0, 0, 0, u64(8), u64(1), data))
		t := table{w.put(tree1(0, 0, w.put(snod(symbol(1, 96, 0, nil))), 0)), heap}
		return w.file0(w.object1(symbolTableMsg(t)), t)
	}, bounds.Malformed, "has no end"},
}

var denseLies = []lie{
	{"wrong hash", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("y", ids[0]))
	}), bounds.Malformed, "a lookup by name may not find it"},
	{"hashes out of order", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data, hard("y", leaf).data)
		r := [][]byte{linkRecord("x", ids[0]), linkRecord("y", ids[1])}
		if le.Uint32(r[0]) < le.Uint32(r[1]) {
			r[0], r[1] = r[1], r[0]
		}
		return heap, w.tree2of(treeLinkName, r...)
	}), bounds.Malformed, "out of order"},
	{"same name twice", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data, soft("x", "/y").data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", ids[0]), linkRecord("x", ids[1]))
	}), bounds.Malformed, "two links of one name"},
	{"no such record type", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeAttrName, attrRecord("x", cat(ids[0], 0), 0))
	}), bounds.Malformed, "B-tree of type 8"},
	{"node leads to itself", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data)
		at := w.here()
		node := w.put(sum(cat("BTIN", 0, treeLinkName, linkRecord("x", ids[0]), at, 1, uint8s(3, 2), at, 1, uint8s(3, 2))))
		return heap, w.tree2header(treeLinkName, 11, 2, node, 1, 3)
	}), bounds.Malformed, "same node twice"},
	{"more records than fit", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2header(treeLinkName, 11, 0, leaf, 65535, 65535)
	}), bounds.Malformed, "at most 45 fit"},
	{"65,535 levels", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2header(treeLinkName, 11, 65535, leaf, 1, 1)
	}), bounds.LimitExceeded, "Depth"},
	{"count of records", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data)
		node := w.put(sum(cat("BTLF", 0, treeLinkName, linkRecord("x", ids[0]))))
		return heap, w.tree2header(treeLinkName, 11, 0, node, 1, huge)
	}), bounds.Malformed, "B-tree has 1 records, its header says"},
	{"no B-tree", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, undefined
	}), bounds.Malformed, "no address"},
	{"indexes differ", func(w *builder) []byte {
		heap, ids := w.fractal(7, soft("x", "/x").data, soft("y", "/y").data)
		byName := w.tree2of(treeLinkName, linkRecord("x", ids[0]))
		byOrder := w.tree2of(treeLinkOrder, cat(u64(0), ids[1]))
		return w.file2(2, w.object(msg{msgLinkInfo, 0, cat(0, 3, u64(1), heap, byName, byOrder)}), undefined)
	}, bounds.Malformed, "differs from the index by name"},
	{"object outside its block", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", heapID(7, 500, 100)))
	}), bounds.Malformed, "does not fit its block"},
	{"object in a block's header", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", heapID(7, 3, 10)))
	}), bounds.Malformed, "does not fit its block"},
	{"id of unknown type", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", cat(0x30, make([]byte, 6))))
	}), bounds.Malformed, "id of type 3"},
	{"huge object that is not there", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", cat(0x10, make([]byte, 6))))
	}), bounds.Malformed, "no address"},
	{"tiny object longer than its id", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, _ := w.fractal(7, hard("x", leaf).data)
		return heap, w.tree2of(treeLinkName, linkRecord("x", cat(0x2f, make([]byte, 6))))
	}), bounds.Malformed, "with an object of 16"},
	{"huge object of 2^62 bytes", func(w *builder) []byte {
		heap, _ := w.fractal(20, []byte("x"))
		id := cat(0x10, u64(96), huge, 0, 0, 0)
		return w.file2(2, w.object(linkInfo(heap, w.tree2of(treeLinkName, linkRecord("x", id[:7])))), undefined)
	}, bounds.Malformed, "ids of 20 bytes"},
	{"heap block checksum", withLinks(func(w *builder, leaf uint64) (uint64, uint64) {
		heap, ids := w.fractal(7, hard("x", leaf).data)
		w.b[len(w.b)-1] ^= 1
		return heap, w.tree2of(treeLinkName, linkRecord("x", ids[0]))
	}), bounds.Malformed, "checksum of fractal heap direct block"},
	{"compact and dense attributes", func(w *builder) []byte {
		heap, ids := w.fractal(8, attrData("d", typeI4, scalar, u32(1)))
		return w.file2(2, w.group(attrInfo(heap, w.tree2of(treeAttrName, attrRecord("d", ids[0], 0))), attr("c", typeI4, scalar, u32(1))), undefined)
	}, bounds.Malformed, "both compact and dense attributes"},
	{"dense attributes in an old header", func(w *builder) []byte {
		heap, ids := w.fractal(8, attrData("d", typeI4, scalar, u32(1)))
		root, t := w.oldGroup(nil, nil, attrInfo(heap, w.tree2of(treeAttrName, attrRecord("d", ids[0], 0))))
		return w.file0(root, t)
	}, bounds.Malformed, "header of version 1"},
}

// uint8s is n little-endian bytes of a small number.
func uint8s(v, n int) []byte { return cat(v, make([]byte, n-1)) }

func TestLies(t *testing.T) {
	for _, group := range [][]lie{superblockLies, headerLies, linkLies, oldGroupLies, denseLies, valueLies, storageLies} {
		for _, l := range group {
			t.Run(l.name, func(t *testing.T) {
				start := time.Now()
				f, err := Read(source(l.file(newBuilder())))
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, p := range f.Problems {
					found = found || p.Err.Code == l.code && strings.Contains(p.Err.Error(), l.what)
				}
				if !found {
					t.Errorf("no problem with code %d and %q, but:\n%s%s", l.code, l.what, problems(f), dump(f))
				}
				if d := time.Since(start); d > time.Second {
					t.Errorf("took %v", d)
				}
			})
		}
	}
}

// TestPlaces checks that a problem has its place, and that siblings are read.
func TestPlaces(t *testing.T) {
	w := newBuilder()
	bad := w.object(dataset(typeI4, scalar, contiguous(undefined, 0), attr("before", typeI4, scalar, u32(1)),
		attr("bad", typeI4, simple(9), nil), attr("last", typeI4, scalar, u32(2)))...)
	data := w.file2(2, w.group(hard("good", w.group()), hard("bad", bad), hard("none", undefined)), undefined)
	f, err := Read(source(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Problems) != 2 || f.Problems[0].Link != "none" || f.Problems[0].Object != f.Root ||
		f.Problems[1].Attr != "bad" || f.Problems[1].Object.Addr != int64(bad) {
		t.Errorf("problems:\n%s", problems(f))
	}
	if o := f.Problems[1].Object; len(o.Attrs) != 2 || o.Kind != Dataset {
		t.Errorf("object: %+v", o)
	}
}

func TestNoFile(t *testing.T) {
	for _, data := range []string{"", "\x89HDF", strings.Repeat("x", 4096), signature, signature + "\x09" + strings.Repeat("\x00", 100), signature + "\x00" + strings.Repeat("\x00", 100)} {
		if f, err := Read(source([]byte(data))); err == nil || f != nil {
			t.Errorf("%.20q: no error", data)
		}
	}
}
