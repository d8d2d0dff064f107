package savedmodel

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// Types of tensors (tensorflow/core/framework/types.proto).
const (
	typeString   = 7
	typeResource = 20
	typeVariant  = 21
)

const (
	maxName  = 1 << 10 // bytes kept of a name
	maxText  = 1 << 10 // bytes kept of a constant text
	maxTexts = 8       // constants kept of a value
	maxTypes = 1 << 16 // bytes read of a list of types
)

// nodeDef is a NodeDef; one is used for all, since there are many.
type nodeDef struct {
	arena            []byte
	name, op, device span
	inputs           []span
	attrs            []attr
	calls            []span
}

// span is a range of the arena.
type span struct{ start, end int32 }

// attr is one attribute of a node.
type attr struct {
	key    span
	number int64 // an int, bool or type
	types  []int64
	texts  []span
	tensor protowire.Field
	kind   byte // 's' text, 'n' number, 't' tensor, 'l' list; 0 for others
	count  int  // elements of a list
}

func (d *nodeDef) reset() {
	d.arena, d.inputs, d.attrs, d.calls = d.arena[:0], d.inputs[:0], d.attrs[:0], d.calls[:0]
	d.name, d.op, d.device = span{}, span{}, span{}
}

func (d *nodeDef) bytes(s span) []byte { return d.arena[s.start:s.end] }
func (d *nodeDef) text(s span) string  { return string(d.arena[s.start:s.end]) }

// keep copies a text, at most limit bytes of it.
func (d *nodeDef) keep(f *protowire.Field, limit int64) (span, error) {
	b, err := f.Bytes(limit)
	if err != nil {
		return span{}, err
	}
	start := int32(len(d.arena))
	d.arena = append(d.arena, b...)
	return span{start, int32(len(d.arena))}, nil
}

// read reads a NodeDef.
func (d *nodeDef) read(f *protowire.Field) error {
	const name, op, inputs, device, attrs = 1, 2, 3, 4, 5
	d.reset()
	m, err := f.Message()
	if err != nil {
		return err
	}
	for {
		f, ok, err := m.Next()
		if !ok || err != nil {
			return err
		}
		if f.Type != protowire.Bytes {
			continue
		}
		switch f.Number {
		case name:
			d.name, err = d.keep(&f, maxName)
		case op:
			d.op, err = d.keep(&f, maxName)
		case device:
			d.device, err = d.keep(&f, maxName)
		case inputs:
			var s span
			s, err = d.keep(&f, maxName)
			d.inputs = append(d.inputs, s)
		case attrs:
			err = d.entry(&f)
		}
		if err != nil {
			return err
		}
	}
}

// entry reads one attribute, an entry of a map.
func (d *nodeDef) entry(f *protowire.Field) error {
	const key, value = 1, 2
	m, err := f.Message()
	if err != nil {
		return err
	}
	at := len(d.attrs)
	d.attrs = append(d.attrs, attr{})
	var a attr
	for {
		f, ok, err := m.Next()
		if !ok || err != nil {
			d.attrs[at] = a
			return err
		}
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == key:
			a.key, err = d.keep(&f, maxName)
		case f.Number == value:
			err = d.value(&a, &f)
		}
		if err != nil {
			return err
		}
	}
}

// value reads an AttrValue. Functions are collected, wherever they stand.
func (d *nodeDef) value(a *attr, f *protowire.Field) error {
	const list, s, i, b, typ, tensor, function = 1, 2, 3, 5, 6, 8, 10
	m, err := f.Message()
	if err != nil {
		return err
	}
	for {
		f, ok, err := m.Next()
		if !ok || err != nil {
			return err
		}
		switch {
		case f.Type == protowire.Varint && (f.Number == i || f.Number == b || f.Number == typ):
			a.kind, a.number = 'n', int64(f.Value)
		case f.Type != protowire.Bytes:
		case f.Number == s:
			var t span
			t, err = d.keep(&f, maxText)
			a.kind, a.texts = 's', append(a.texts[:0:0], t)
		case f.Number == tensor:
			a.kind, a.tensor = 't', f
		case f.Number == function:
			err = d.function(&f)
		case f.Number == list:
			a.kind = 'l'
			err = d.list(a, &f)
		}
		if err != nil {
			return err
		}
	}
}

// function reads a NameAttrList: the name of a function and what its attributes
// are bound to, which may be functions too.
func (d *nodeDef) function(f *protowire.Field) error {
	const name, attrs = 1, 2
	m, err := f.Message()
	if err != nil {
		return err
	}
	for {
		f, ok, err := m.Next()
		if !ok || err != nil {
			return err
		}
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == name:
			var s span
			s, err = d.keep(&f, maxName)
			d.calls = append(d.calls, s)
		case f.Number == attrs:
			inner := len(d.attrs)
			err = d.entry(&f)
			d.attrs = d.attrs[:inner] // they are the function's, not the node's
		}
		if err != nil {
			return err
		}
	}
}

// list reads an AttrValue.ListValue.
func (d *nodeDef) list(a *attr, f *protowire.Field) error {
	const s, typ, function = 2, 6, 9
	m, err := f.Message()
	if err != nil {
		return err
	}
	for {
		f, ok, err := m.Next()
		if !ok || err != nil {
			return err
		}
		switch {
		case f.Number == typ && f.Type == protowire.Varint:
			a.types = append(a.types, int64(f.Value))
		case f.Type != protowire.Bytes:
		case f.Number == typ:
			var b []byte
			if b, err = f.Bytes(maxTypes); err == nil {
				a.types = appendVarints(a.types, b)
			}
		case f.Number == s:
			if a.count++; a.count <= maxTexts {
				var t span
				t, err = d.keep(&f, maxText)
				a.texts = append(a.texts, t)
			}
		case f.Number == function:
			err = d.function(&f)
		}
		if err != nil {
			return err
		}
	}
}

func appendVarints(to []int64, b []byte) []int64 {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			break
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to
}

// attr returns the attribute of that name, nil if there is none. Of several the
// last counts, as in every map of protobuf.
func (d *nodeDef) attr(key string) *attr {
	for i := len(d.attrs) - 1; i >= 0; i-- {
		if string(d.bytes(d.attrs[i].key)) == key {
			return &d.attrs[i]
		}
	}
	return nil
}
