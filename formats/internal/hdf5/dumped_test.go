package hdf5

import (
	"slices"
	"testing"
)

// newStyle is a file with about everything that newer formats have.
func newStyle() []byte {
	w := newBuilder()
	raw := w.put(make([]byte, 24))
	heap := w.collection("hello", "abc\x00def", string(cat(u32(1), u32(2))))
	leaf := w.object(dataset(typeF4, simple(2, 3), contiguous(raw, 24))...)
	names, offsets := w.localHeap("/etc/passwd")
	outside := w.object(dataset(typeI4, simple(10), msg{msgExternal, 0,
		cat(1, 0, 0, 0, u16(1), u16(1), names, offsets[0], u64(0), undefined)}, contiguous(undefined, 40))...)
	list := sum(cat(0, u64(1), "a.h5", 0, "data", 0, u32(selectAll), u32(1), u64(0), u32(selectAll), u32(1), u64(0)))
	lists := w.collection(string(list))
	virtual := w.object(dataset(typeI4, simple(4), msg{msgLayout, 0, cat(4, layoutVirtual, lists, u32(1))})...)
	chunked := w.object(dataset(typeI4, simple(8, 8), msg{msgFilters, 0, cat(2, 1, u16(1), u16(0), u16(1), u32(6))},
		msg{msgLayout, 0, cat(4, layoutChunked, 0, 3, 1, 4, 4, 4, indexFixedArray, 10, undefined)})...)
	named := w.object(msg{msgDatatype, 0, typeF4})
	useNamed := w.object(msg{msgDataspace, 0, null}, msg{msgDatatype, flagShared, cat(3, sharedCommitted, named)},
		msg{msgLayout, 0, cat(3, layoutCompact, u16(0))})

	dense := cat(1, 0, 5, "dense", leaf)
	linkHeap, ids := w.fractal(7, dense)
	byName := w.tree2of(treeLinkName, linkRecord("dense", ids[0]))
	fixed := typeS(NullTerm, 8)
	attrHeap, attrIDs := w.fractal(8, attrData("one", typeI4, scalar, u32(7)), attrData("two", fixed, scalar, []byte("ab\x00cdefg")))
	records := [][]byte{attrRecord("one", attrIDs[0], 0), attrRecord("two", attrIDs[1], 1)}
	slices.SortFunc(records, func(a, b []byte) int { return int(int64(le.Uint32(a[13:])) - int64(le.Uint32(b[13:]))) })
	attrs := w.tree2of(treeAttrName, records...)
	denseGroup := w.object(linkInfo(linkHeap, byName), attrInfo(attrHeap, attrs))

	return w.file2(3, w.group(
		attr("vs", typeVS, scalar, varLen(5, heap, 1)),
		attr("vs2", typeVS, simple(2), cat(varLen(7, heap, 2), varLen(0, 0, 0))),
		attr("seq", typeSeq(typeI4), scalar, varLen(2, heap, 3)),
		attr("arr", typeArray(2, 3, typeS(NullPad, 3)), scalar, []byte("a\x00\x00bcd")),
		attr("be", typeU2B, scalar, []byte{1, 2}),
		attr("f", typeF4, simple(2), cat(f32(1.5), f32(-2))),
		attr("null", typeF4, null, nil),
		attr("space", typeS(SpacePad, 4), scalar, []byte("x\\  ")),
		hard("leaf", leaf), hard("alias", leaf), hard("outside", outside), hard("virtual", virtual),
		hard("chunked", chunked), hard("named", named), hard("usenamed", useNamed), hard("group", denseGroup),
		soft("soft", "/leaf"), external("ext", "/etc/other.h5", "/x"),
	), undefined)
}

const newStyleFacts = `obj / group
attr / @arr = [s:a,s:bcd]
attr / @be = i:258
attr / @f = [f:1.5,f:-2]
attr / @null = EMPTY
attr / @seq = [i:1,i:2]
attr / @space = s:x\\
attr / @vs = s:hello
attr / @vs2 = [s:abc,s:]
obj /alias dataset
shape /alias 2x3
dtype /alias class=1 size=4
layout /alias contiguous
obj /chunked dataset
shape /chunked 8x8
dtype /chunked class=0 size=4
layout /chunked chunked
filter /chunked 1
link /ext ext /etc/other.h5 /x
obj /group group
attr /group @one = i:7
attr /group @two = s:ab
obj /group/dense dataset
shape /group/dense 2x3
dtype /group/dense class=1 size=4
layout /group/dense contiguous
obj /leaf dataset
shape /leaf 2x3
dtype /leaf class=1 size=4
layout /leaf contiguous
obj /named datatype
obj /outside dataset
shape /outside 10
dtype /outside class=0 size=4
layout /outside contiguous
extfile /outside /etc/passwd
link /soft soft /leaf
obj /usenamed dataset
shape /usenamed null
dtype /usenamed class=1 size=4
layout /usenamed compact
obj /virtual dataset
shape /virtual 4
dtype /virtual class=0 size=4
layout /virtual virtual
vds /virtual a.h5 data
`

// oldStyle is a file as older libraries write them, with a cycle.
func oldStyle() []byte {
	w := newBuilder()
	raw := w.put(make([]byte, 8))
	data := w.object1(
		msg{msgDataspace, 0, cat(1, 1, 0, 0, u32(0), u64(2))},
		msg{msgDatatype, 0, typeF4},
		msg{msgLayout, 0, cat(1, 2, layoutContiguous, 0, u32(0), raw, u32(2), u32(4))},
		msg{msgAttribute, 0, cat(1, 0, u16(5), u16(8), u16(8), pad8([]byte("name\x00")), typeS(NullPad, 3), cat(1, 0, 0, 0, u32(0)), "a\x00b")},
	)
	heap, at := w.localHeap("data", "soft", "up", "/data")
	root := w.here() + 2*24 + 1024 // behind node and tree
	node := w.put(snod(
		symbol(at[0], data, 0, nil),
		symbol(at[1], undefined, cacheSoft, u32(uint32(at[3]))),
		symbol(at[2], root, 0, nil)))
	t := table{w.put(tree1(0, 0, node, at[2])), heap}
	for w.here() < root {
		w.put(make([]byte, 8))
	}
	// The header continues elsewhere, with the symbol table.
	w.put(cat(1, 0, u16(2), u32(1), u32(24), u32(0), u16(msgContinuation), u16(16), u32(0), root+40, u64(24)))
	w.put(cat(u16(msgSymbolTable), u16(16), u32(0), t.tree, t.heap))
	return w.file0(root, t)
}

const oldStyleFacts = `obj / group
obj /data dataset
attr /data @name = s:a\x00b
shape /data 2
dtype /data class=1 size=4
layout /data contiguous
link /soft soft /data
cycle /up
`

func TestDump(t *testing.T) {
	for _, c := range []struct {
		name  string
		data  []byte
		facts string
	}{
		{"new style", newStyle(), newStyleFacts},
		{"old style", oldStyle(), oldStyleFacts},
		{"new style behind a user block", append(make([]byte, 512), newStyle()...), newStyleFacts},
		{"old style behind a user block", append(make([]byte, 2048), oldStyle()...), oldStyleFacts},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Read(source(c.data))
			if err != nil {
				t.Fatal(err)
			}
			if p := problems(f); p != "" {
				t.Errorf("problems:\n%s", p)
			}
			if got := dump(f); got != c.facts {
				t.Errorf("dump differs at %s\n%s", firstDifference(got, c.facts), got)
			}
		})
	}
}

// TestDetails checks what dumps do not show.
func TestDetails(t *testing.T) {
	data := append(append(make([]byte, 512), newStyle()...), "trailing"...)
	f, err := Read(source(data))
	if err != nil {
		t.Fatal(err)
	}
	if f.Base != 512 || f.SuperblockVersion != 3 || f.End != int64(len(data)-8) {
		t.Errorf("base %d, version %d, end %d", f.Base, f.SuperblockVersion, f.End)
	}
	link := func(o *Object, name string) *Object {
		for i := range o.Links {
			if o.Links[i].Name == name {
				return o.Links[i].Target
			}
		}
		t.Fatalf("no link %q", name)
		return nil
	}
	leaf := link(f.Root, "leaf")
	if leaf != link(f.Root, "alias") || leaf != link(link(f.Root, "group"), "dense") {
		t.Error("three links to one object lead to different ones")
	}
	if d := leaf.Data; d.Offset != 512+superblockLen || d.Stored != 24 {
		t.Errorf("raw data at %d, %d bytes", d.Offset, d.Stored)
	}
	if d := link(f.Root, "chunked").Data; d.Stored != 0 || !slices.Equal(d.ChunkDims, []uint64{4, 4}) || d.Filters[0].Params != 1 {
		t.Errorf("chunked: %+v", d)
	}
	for _, a := range f.Root.Attrs {
		if want := a.Name == "vs2"; a.Hidden != want {
			t.Errorf("attribute %s: hidden is %v", a.Name, a.Hidden)
		}
		if a.Name == "vs" && string(data[a.Off:a.Off+5]) != "hello" {
			t.Errorf("attribute %s lies at %d", a.Name, a.Off)
		}
	}
	if a := link(f.Root, "group").Attrs[1]; !a.Hidden || string(data[a.Off:a.Off+2]) != "ab" {
		t.Errorf("dense attribute: %+v", a)
	}
}
