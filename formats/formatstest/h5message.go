package formatstest

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// The header message types.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgGroupInfo    = 0x0a
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgAttrInfo     = 0x15
	msgReferences   = 0x16

	flagConstant = 1 // the message does not change
	flagShared   = 2 // the message is the address of another object's
)

// messages encodes all messages of an object, writing what they point to.
func (w *h5Writer) messages(o *h5Object) []h5Message {
	var out []h5Message
	switch o.kind {
	case h5Group:
		out = w.groupMessages(o)
	case h5Dataset:
		out = w.dataMessages(o.data)
	case h5CommittedType:
		out = []h5Message{{msgDatatype, flagConstant, o.typ.message(w)}}
	}
	var attributes [][]byte
	for _, a := range o.attrs {
		attributes = append(attributes, w.attribute(a, o.dense))
	}
	if o.dense {
		out = append(out, h5Message{msgAttrInfo, 0, w.denseAttributes(o, attributes)})
	} else {
		for _, a := range attributes {
			out = append(out, h5Message{msgAttribute, 0, a})
		}
	}
	return append(out, o.raw...)
}

// groupMessages stores links the old way where the file is an old one and
// every link is of a kind that the old way knows.
func (w *h5Writer) groupMessages(o *h5Object) []h5Message {
	if w.file.oldStyle(o) {
		t := w.symbolTable(o)
		return []h5Message{{msgSymbolTable, 0, append(w.address(t.tree), w.address(t.heap)...)}}
	}
	heap, tree := uint64(undefined), uint64(undefined)
	if o.denseLinks {
		heap, tree = w.denseLinkStorage(o)
	}
	info := append([]byte{0, 0}, w.address(heap)...)
	info = append(info, w.address(tree)...)
	out := []h5Message{{msgLinkInfo, 0, info}, {msgGroupInfo, flagConstant, []byte{0, 0}}}
	if o.denseLinks {
		return out
	}
	for _, l := range o.links {
		out = append(out, h5Message{msgLink, 0, w.linkMessage(l)})
	}
	return out
}

func (f *h5File) oldStyle(o *h5Object) bool {
	if o.kind != h5Group || f.superblock >= 2 || o.dense || o.denseLinks || o.newStyle {
		return false
	}
	for _, l := range o.links {
		if l.kind != hardLink && l.kind != softLink {
			return false
		}
	}
	return true
}

func (w *h5Writer) linkMessage(l h5Link) []byte {
	// Flags: 1 is a two-byte length of the name, 8 that the type is given, and
	// 16 that the character set is.
	le := binary.LittleEndian
	b := []byte{1, 1 | 8 | 16, byte(l.kind), 1}
	b = le.AppendUint16(b, uint16(len(l.name)))
	b = append(b, l.name...)
	if l.kind == hardLink {
		return append(b, w.address(w.known[l.object])...)
	}
	b = le.AppendUint16(b, uint16(len(l.value)))
	return append(b, l.value...)
}

func (w *h5Writer) dataspace(s h5Shape) []byte {
	if s.null {
		return []byte{2, 0, 0, 2}
	}
	b := []byte{1, byte(len(s.dims)), 0, 0, 0, 0, 0, 0}
	if w.file.superblock >= 2 {
		kind := byte(1)
		if len(s.dims) == 0 {
			kind = 0
		}
		b = []byte{2, byte(len(s.dims)), 0, kind}
	}
	for _, d := range s.dims {
		b = append(b, w.length(d)...)
	}
	return b
}

// typeReference is the datatype message or, for a committed type, a pointer to
// the object that holds it.
func (w *h5Writer) typeReference(t *h5Type) (data []byte, shared bool) {
	if t.committed == nil {
		return t.message(w), false
	}
	return append([]byte{3, 2}, w.address(w.known[t.committed])...), true
}

// attribute encodes an attribute message: version 1 as old files have it,
// version 3 where that cannot express it.
func (w *h5Writer) attribute(a h5Attr, dense bool) []byte {
	n, err := a.shape.elements()
	if err != nil {
		w.fail("attribute %q: %v", a.name, err)
		return nil
	}
	value, err := a.typ.encode(w, a.value, n)
	if err != nil {
		w.fail("attribute %q: %v", a.name, err)
		return nil
	}
	typ, shared := w.typeReference(a.typ)
	space := w.dataspace(a.shape)
	name := a.name + "\x00"
	le := binary.LittleEndian
	old := w.file.superblock < 2 && !shared && !dense && isASCII(a.name) && !a.shape.null
	b := []byte{1, 0}
	if !old {
		b = []byte{3, 0}
		if shared {
			b[1] = 1
		}
	}
	b = le.AppendUint16(b, uint16(len(name)))
	b = le.AppendUint16(b, uint16(len(typ)))
	b = le.AppendUint16(b, uint16(len(space)))
	if !old {
		b = append(b, 1) // the name is UTF-8
		return append(append(append(append(b, name...), typ...), space...), value...)
	}
	for _, part := range [][]byte{[]byte(name), typ, space} {
		b = append(b, padTo(bytes.Clone(part), 8)...)
	}
	return append(b, value...)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}
