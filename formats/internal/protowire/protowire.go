// Package protowire walks messages in the wire format of protocol buffers without
// knowing their types and without holding them in memory.
//
// What it accepts is what the decoders of Google's protobuf accept: keys of at
// most 5 bytes, varints of at most 10, groups that nest and match; anything else
// ends the message.
package protowire

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Type is the wire type of a field.
type Type uint8

// The wire types that hold values; groups are skipped.
const (
	Varint  Type = 0
	Fixed64 Type = 1
	Bytes   Type = 2
	Fixed32 Type = 5

	startGroup Type = 3
	endGroup   Type = 4
)

// MaxDepth is how deep protobuf reads nested messages (the recursion limit of its
// decoders).
const MaxDepth = 100

// windowSize is how much is read at once: many small messages, and no more than
// this of a large value that is passed over.
const windowSize = 256 << 10

// maxKey is more than the longest key and varint together.
const maxKey = 20

// Reader reads the fields of messages in one text.
type Reader struct {
	src    *bounds.Source
	window []byte
	base   int64 // of the window in the text
}

// NewReader returns a Reader of src.
func NewReader(src *bounds.Source) *Reader { return &Reader{src: src} }

// Message is a range of bytes that is to be read as fields.
type Message struct {
	r        *Reader
	Off, End int64
	depth    int
}

// Message returns the whole text as a message.
func (r *Reader) Message() Message { return Message{r: r, End: r.src.Size()} }

// Field is one field of a message.
type Field struct {
	Number int
	Type   Type
	Value  uint64 // of a varint or a fixed number
	Start  int64  // of the key
	Off    int64  // of the value
	End    int64  // behind the value
	depth  int
	r      *Reader
}

// Len is how many bytes the value has.
func (f *Field) Len() int64 { return f.End - f.Off }

// peek returns up to n bytes from off, fewer at the end of the text. They are
// valid until the next read.
func (r *Reader) peek(off int64, n int64) ([]byte, error) {
	n = min(n, r.src.Size()-off)
	if in := off - r.base; in >= 0 && in+n <= int64(len(r.window)) {
		return r.window[in : in+n], nil
	}
	size := min(max(windowSize, n), r.src.Size()-off)
	if int64(cap(r.window)) < size {
		r.window = make([]byte, size)
	}
	r.window = r.window[:size]
	if _, err := r.src.ReadAt(r.window, off); err != nil {
		r.window = r.window[:0]
		return nil, err
	}
	r.base = off
	return r.window[:n], nil
}

// Next reads the field at m.Off and moves behind it; ok is false at the end. A
// group is passed over as a field of no type that a caller asks for.
func (m *Message) Next() (f Field, ok bool, err error) {
	if m.Off >= m.End {
		return Field{}, false, nil
	}
	f, err = m.field()
	if err == nil && f.Type == startGroup {
		err = m.group(f.Number)
		f.End = m.Off
	} else if err == nil && f.Type == endGroup {
		err = bounds.Malformedf(f.Start, "the end of a group that did not begin")
	}
	return f, err == nil, err
}

// field reads one key and, but for groups, its value.
func (m *Message) field() (f Field, err error) {
	if err := m.r.src.Budget.Step(1); err != nil {
		return f, err
	}
	head, err := m.r.peek(m.Off, min(maxKey, m.End-m.Off))
	if err != nil {
		return f, err
	}
	key, n := binary.Uvarint(head)
	if n <= 0 || n > 5 || key>>3 == 0 || key > 1<<32-1 {
		return f, bounds.Malformedf(m.Off, "not the key of a protocol buffer field")
	}
	f = Field{Number: int(key >> 3), Type: Type(key & 7), Start: m.Off, r: m.r, depth: m.depth}
	f.Off = m.Off + int64(n)
	head = head[n:]
	size := uint64(0)
	switch f.Type {
	case Varint:
		if f.Value, n = binary.Uvarint(head); n == 0 {
			return f, bounds.Malformedf(f.Off, "a number that the end of its message cuts")
		} else if n < 0 {
			return f, bounds.Malformedf(f.Off, "a number of more than 10 bytes")
		}
		size = uint64(n)
	case Fixed64:
		if size = 8; len(head) >= 8 {
			f.Value = binary.LittleEndian.Uint64(head)
		}
	case Fixed32:
		if size = 4; len(head) >= 4 {
			f.Value = uint64(binary.LittleEndian.Uint32(head))
		}
	case Bytes:
		if size, n = binary.Uvarint(head); n <= 0 || n > 5 {
			return f, bounds.Malformedf(f.Off, "not the length of a protocol buffer field")
		}
		f.Off += int64(n)
	case startGroup, endGroup:
	default:
		return f, bounds.Malformedf(m.Off, "wire type %d", f.Type)
	}
	if size > uint64(m.End-f.Off) {
		return f, bounds.Malformedf(f.Start, "a field of %d bytes, where %d are left", size, m.End-f.Off)
	}
	f.End = f.Off + int64(size)
	m.Off = f.End
	return f, nil
}

// group passes over the fields of a group that has begun.
func (m *Message) group(number int) error {
	open := []int{number}
	for len(open) > 0 {
		if m.Off >= m.End {
			return bounds.Malformedf(m.Off, "a group without an end")
		}
		f, err := m.field()
		switch {
		case err != nil:
			return err
		case f.Type == startGroup && m.depth+len(open) >= MaxDepth:
			return bounds.Malformedf(f.Start, "groups nested more than %d deep", MaxDepth)
		case f.Type == startGroup:
			open = append(open, f.Number)
		case f.Type == endGroup && f.Number != open[len(open)-1]:
			return bounds.Malformedf(f.Start, "the end of another group")
		case f.Type == endGroup:
			open = open[:len(open)-1]
		}
	}
	return nil
}

// Message returns the value as a message of its own; protobuf refuses one that is
// nested too deep.
func (f *Field) Message() (Message, error) {
	if f.depth+1 > MaxDepth {
		return Message{}, bounds.Malformedf(f.Start, "messages nested more than %d deep", MaxDepth)
	}
	return Message{r: f.r, Off: f.Off, End: f.End, depth: f.depth + 1}, nil
}

// Bytes returns at most n bytes of the value. They are valid until the next read
// from the text.
func (f *Field) Bytes(n int64) ([]byte, error) { return f.r.peek(f.Off, min(n, f.Len())) }

// Text returns the value as a string and pays for it; one that is longer than
// limit bytes is cut there.
func (f *Field) Text(limit int64) (string, error) {
	n := min(limit, f.Len())
	if err := f.r.src.Budget.Text(n); err != nil {
		return "", err
	}
	b, err := f.Bytes(n)
	return string(b), err
}

// Each calls do for every field of the message.
func (m Message) Each(do func(*Field) error) error {
	var f Field // one for all: it escapes
	for {
		var ok bool
		var err error
		if f, ok, err = m.Next(); !ok || err != nil {
			return err
		}
		if err := do(&f); err != nil {
			return err
		}
	}
}
