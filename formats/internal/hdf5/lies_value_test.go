package hdf5

import (
	"bytes"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var valueLies = []lie{
	{"two attributes of one name", inRoot(attr("a", typeI4, scalar, u32(1)), attr("a", typeI4, scalar, u32(2))), bounds.Malformed, "two attributes of one name"},
	{"2^36 strings", inRoot(attr("a", typeVS, simple(1<<36), nil)), bounds.Malformed, "has only 0 bytes"},
	{"product wraps to 0", inRoot(attr("a", typeI4, simple(1<<32, 1<<32), nil)), bounds.Malformed, "more elements than 64 bits count"},
	{"name without end", inRoot(msg{msgAttribute, 0, cat(3, 0, u16(1), u16(8), u16(4), 0, "a", typeI4[:8], scalar)}), bounds.Malformed, "attribute name"},
	{"name with NUL", inRoot(attr("a\x00b", typeI4, scalar, u32(1))), bounds.Malformed, "attribute name"},
	{"attribute version", inRoot(msg{msgAttribute, 0, cat(9, 0, u64(0))}), bounds.Unsupported, "attribute message version 9"},
	{"attribute cut short", inRoot(msg{msgAttribute, 0, cat(3, 0, u16(200), u16(8), u16(4), 0)}), bounds.Malformed, "attribute is cut short"},
	{"datatype of size 0", inRoot(attr("a", typeS(NullPad, 0), scalar, nil)), bounds.Malformed, "datatype of size 0"},
	{"datatype class", inRoot(attr("a", cat(0x1e, 0, 0, 0, u32(4)), scalar, u32(0))), bounds.Unsupported, "datatype class 14"},
	{"datatype version", inRoot(attr("a", cat(0x93, 0, 0, 0, u32(4)), scalar, u32(0))), bounds.Unsupported, "datatype version 9"},
	{"string padding", inRoot(attr("a", typeS(9, 4), scalar, u32(0))), bounds.Malformed, "padding 9"},
	{"precision past the size", inRoot(attr("a", cat(0x10, 0, 0, 0, u32(4), u16(0), u16(64)), scalar, u32(0))), bounds.Malformed, "bits 0 to 64"},
	{"array of the wrong size", inRoot(attr("a", typeArray(1<<30, 2, typeI4), scalar, nil)), bounds.Malformed, "elements of 4"},
	{"nested arrays", inRoot(attr("a", bytes.Repeat(typeArray(1, 4, nil), 3000), scalar, u32(0))), bounds.LimitExceeded, "Depth"},
	{"compound field past the end", inRoot(attr("a", cat(0x36, 1, 0, 0, u32(4), "f", 0, 2, typeI4), scalar, u32(0))), bounds.Malformed, "field of 4 at 2"},
	{"compound of 65,535 fields", inRoot(attr("a", cat(0x36, 255, 255, 0, u32(4), "f", 0, 0, typeI4), scalar, u32(0))), bounds.Malformed, "datatype is cut short"},
	{"enumeration of floats", inRoot(attr("a", cat(0x38, 1, 0, 0, u32(4), typeF4), scalar, u32(0))), bounds.Malformed, "enumeration of 4 bytes over a type of class 1"},
	{"variable-length size", inRoot(attr("a", cat(0x19, 1, 0, 0, u32(1), typeI4), scalar, u32(0))), bounds.Malformed, "want 16"},
	{"dataspace of 2 bytes", inRoot(attr("a", typeI4, cat(2, 0), u32(0))), bounds.Malformed, "dataspace is cut short"},
	{"dataspace of 200 dimensions", inRoot(attr("a", typeI4, cat(2, 200, 0, 1), u32(0))), bounds.Malformed, "with 200 dimensions"},
	{"dataspace version", inRoot(attr("a", typeI4, cat(7, 0, 0, 0), u32(0))), bounds.Unsupported, "dataspace version 7"},
	{"heap object of size -16", withHeap(cat("GCOL", 1, 0, 0, 0, u64(4096), u16(0), u16(0), u32(0), ^uint64(15), make([]byte, 4096))), bounds.Malformed, "does not fit its collection"},
	{"heap object of size 0", withHeap(cat("GCOL", 1, 0, 0, 0, u64(4096), make([]byte, 4096))), bounds.Malformed, "does not fit its collection"},
	{"heap object of 2^62 bytes", withHeap(cat("GCOL", 1, 0, 0, 0, u64(4096), u16(1), u16(0), u32(0), huge, make([]byte, 4096))), bounds.Malformed, "does not fit its collection"},
	{"heap object of 2^64-1 bytes", withHeap(cat("GCOL", 1, 0, 0, 0, u64(4096), u16(1), u16(0), u32(0), undefined, make([]byte, 4096))), bounds.Malformed, "does not fit its collection"},
	{"two heap objects of one number", withHeap(cat("GCOL", 1, 0, 0, 0, u64(64), u16(1), u16(0), u32(0), u64(8), "abcdefgh", u16(1), u16(0), u32(0), u64(8), "abcdefgh")), bounds.Malformed, "two objects 1"},
	{"heap of 1 TB", withHeap(cat("GCOL", 1, 0, 0, 0, uint64(1<<40), make([]byte, 100))), bounds.Malformed, "past the end"},
	{"heap without the object", withHeap(cat("GCOL", 1, 0, 0, 0, u64(16))), bounds.Malformed, "has no object 1"},
	{"heap object shorter than the string", withHeap(cat("GCOL", 1, 0, 0, 0, u64(40), u16(1), u16(0), u32(0), u64(2), "abcdefgh")), bounds.Malformed, "value of 5 bytes in a heap object of 2"},
}

var storageLies = []lie{
	{"no layout", asChild(dataset(typeI4, scalar)...), bounds.Malformed, "without a layout"},
	{"raw data past the end", asChild(layoutOf(3, layoutContiguous, u64(96), huge)...), bounds.Malformed, "raw data of 4611686018427387904 bytes"},
	{"raw data too short", asChild(layoutOf(3, layoutContiguous, u64(0), u64(8))...), bounds.Malformed, "dataset needs 16"},
	{"compact data too short", asChild(layoutOf(3, layoutCompact, u16(4), u32(0))...), bounds.Malformed, "dataset needs 16"},
	{"compact data cut short", asChild(layoutOf(3, layoutCompact, u16(400), u32(0))...), bounds.Malformed, "layout is cut short"},
	{"layout version", asChild(layoutOf(9, 1)...), bounds.Unsupported, "layout version 9"},
	{"layout class", asChild(layoutOf(3, 9)...), bounds.Malformed, "layout of class 9"},
	{"chunks of 0", asChild(layoutOf(3, layoutChunked, 2, undefined, u32(0), u32(4))...), bounds.Malformed, "dimension of 0"},
	{"chunks of other rank", asChild(layoutOf(3, layoutChunked, 4, undefined, u32(1), u32(1), u32(1), u32(4))...), bounds.Malformed, "chunks of 3 dimensions"},
	{"chunks of 255 dimensions", asChild(layoutOf(4, layoutChunked, 0, 255, 8, 0)...), bounds.Malformed, "cut short"},
	{"33 filters", asChild(dataset(typeI4, scalar, contiguous(undefined, 0), msg{msgFilters, 0, cat(2, 33)})...), bounds.Malformed, "pipeline of 33 filters"},
	{"filter cut short", asChild(dataset(typeI4, scalar, contiguous(undefined, 0), msg{msgFilters, 0, cat(2, 1, u16(1), u16(0), u16(60000))})...), bounds.Malformed, "filter pipeline is cut short"},
	{"65,535 external files", func(w *builder) []byte {
		heap, n := w.localHeap("f")
		return asChild(dataset(typeI4, simple(4), contiguous(undefined, 16), msg{msgExternal, 0,
			cat(1, 0, 0, 0, u16(1), u16(65535), heap, n[0], u64(0), u64(16))})...)(w)
	}, bounds.Malformed, "external data files is cut short"},
	{"external files without heap", asChild(dataset(typeI4, simple(4), contiguous(undefined, 16), msg{msgExternal, 0,
		cat(1, 0, 0, 0, u16(1), u16(1), undefined, u64(0), u64(0), u64(16))})...), bounds.Malformed, "local heap has no address"},
	{"2^62 virtual sources", func(w *builder) []byte {
		list := sum(cat(0, huge, "f", 0, "d", 0, u32(selectAll), u32(1), u64(0), u32(selectAll), u32(1), u64(0)))
		return asChild(layoutOf(4, layoutVirtual, w.collection(string(list)), u32(1))...)(w)
	}, bounds.Malformed, "cut short"},
	{"virtual selection of 2^62 points", func(w *builder) []byte {
		list := sum(cat(0, u64(1), "f", 0, "d", 0, u32(selectPoints), u32(1), u64(0), u32(1<<31), u32(1<<31)))
		return asChild(layoutOf(4, layoutVirtual, w.collection(string(list)), u32(1))...)(w)
	}, bounds.Malformed, "selection is cut short"},
	{"virtual selection of unknown type", func(w *builder) []byte {
		list := sum(cat(0, u64(1), "f", 0, "d", 0, u32(77), u32(1), u64(0)))
		return asChild(layoutOf(4, layoutVirtual, w.collection(string(list)), u32(1))...)(w)
	}, bounds.Unsupported, "selection of type 77"},
	{"virtual name of a later entry", func(w *builder) []byte {
		list := sum(cat(1, u64(1), virtualSharedFile, u64(0)))
		return asChild(layoutOf(4, layoutVirtual, w.collection(string(list)), u32(1))...)(w)
	}, bounds.Malformed, "does not come before it"},
	{"virtual list checksum", func(w *builder) []byte {
		return asChild(layoutOf(4, layoutVirtual, w.collection("0123456789abcdef"), u32(1))...)(w)
	}, bounds.Malformed, "checksum of list of virtual sources"},
}
