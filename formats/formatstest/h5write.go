package formatstest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

const h5Signature = "\x89HDF\r\n\x1a\n"

// undefined is the address of what does not exist.
const undefined = ^uint64(0)

// h5Writer lays out one file. Objects may refer to each other in cycles, so a
// file is written twice: the first round finds out every object's address, and
// no size depends on an address, so the second round puts the same things in
// the same places with the right addresses.
type h5Writer struct {
	file                *h5File
	offsetSize, lenSize int
	buf                 []byte               // from the base address on
	known               map[*h5Object]uint64 // from the round before
	placed              map[*h5Object]uint64
	symbols             map[*h5Object]symbolTable // of the groups stored the old way
	knownSymbols        map[*h5Object]symbolTable
	errs                []error
}

// bytes writes the file.
func (f *h5File) bytes() ([]byte, error) {
	w := &h5Writer{known: map[*h5Object]uint64{}, knownSymbols: map[*h5Object]symbolTable{}}
	for range 2 {
		w = &h5Writer{
			file: f, offsetSize: f.offsetSize, lenSize: f.lenSize,
			known: w.placed, knownSymbols: w.symbols,
			placed: map[*h5Object]uint64{}, symbols: map[*h5Object]symbolTable{},
		}
		w.write()
	}
	return append(bytes.Clone(f.userBlock), w.buf...), errors.Join(w.errs...)
}

func (w *h5Writer) fail(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// address and length append numbers of the file's two variable sizes; the
// undefined address becomes all ones in either size.
func (w *h5Writer) address(a uint64) []byte { return littleEndian(a, w.offsetSize) }
func (w *h5Writer) length(n uint64) []byte  { return littleEndian(n, w.lenSize) }

func littleEndian(n uint64, size int) []byte {
	return binary.LittleEndian.AppendUint64(nil, n)[:size]
}

// alloc appends a structure at the next multiple of 8.
func (w *h5Writer) alloc(b []byte) uint64 {
	w.buf = padTo(w.buf, 8)
	at := uint64(len(w.buf))
	w.buf = append(w.buf, b...)
	return at
}

func padTo(b []byte, n int) []byte {
	if rest := len(b) % n; rest != 0 {
		b = append(b, make([]byte, n-rest)...)
	}
	return b
}

func checksummed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, lookup3(b))
}

func (w *h5Writer) write() {
	w.buf = make([]byte, len(w.superblock()))
	for _, o := range w.file.objects() {
		w.object(o)
	}
	copy(w.buf, w.superblock())
}

// objects lists what hard links reach, each once, in a fixed order.
func (f *h5File) objects() []*h5Object {
	list := []*h5Object{f.root}
	seen := map[*h5Object]bool{f.root: true}
	for i := 0; i < len(list); i++ {
		for _, l := range list[i].links {
			if l.object != nil && !seen[l.object] {
				seen[l.object] = true
				list = append(list, l.object)
			}
		}
	}
	return list
}

// superblock encodes the superblock; its base address is its own place, which
// the user block decides.
func (w *h5Writer) superblock() []byte {
	f, le := w.file, binary.LittleEndian
	base := uint64(len(f.userBlock))
	end := base + uint64(len(w.buf))
	if f.claimedEOF != nil {
		end = *f.claimedEOF
	}
	b := append([]byte(h5Signature), byte(f.superblock))
	if f.superblock >= 2 {
		b = append(b, byte(w.offsetSize), byte(w.lenSize), 0)
		b = append(b, w.address(base)...)
		b = append(b, w.address(undefined)...) // superblock extension
		b = append(b, w.address(end)...)
		b = append(b, w.address(w.known[f.root])...)
		b = checksummed(b)
		if f.breakSuperblock {
			b[len(b)-1] ^= 0xff
		}
		return b
	}
	b = append(b, 0, 0, 0, 0, byte(w.offsetSize), byte(w.lenSize), 0)
	b = le.AppendUint16(b, symbolLeafK)
	b = le.AppendUint16(b, symbolInternalK)
	b = le.AppendUint32(b, 0)
	if f.superblock == 1 {
		b = le.AppendUint16(b, chunkInternalK)
		b = le.AppendUint16(b, 0)
	}
	b = append(b, w.address(base)...)
	b = append(b, w.address(undefined)...) // free space
	b = append(b, w.address(end)...)
	b = append(b, w.address(undefined)...) // driver information
	return append(b, w.symbolEntry(0, h5Link{object: f.root})...)
}

// object writes an object header, after everything that it points to.
func (w *h5Writer) object(o *h5Object) {
	messages := w.messages(o)
	var header []byte
	if w.file.newHeader(o) {
		header = w.headerV2(o, messages)
	} else {
		header = w.headerV1(o, messages)
	}
	w.placed[o] = w.alloc(header)
}

// newHeader reports whether an object gets a version 2 header: the library
// looks for dense attributes only in those, and writes them to old files too.
func (f *h5File) newHeader(o *h5Object) bool { return f.superblock >= 2 || o.dense }

func (w *h5Writer) headerV1(o *h5Object, messages []h5Message) []byte {
	le := binary.LittleEndian
	pack := func(messages []h5Message) []byte {
		var b []byte
		for _, m := range messages {
			data := padTo(bytes.Clone(m.data), 8)
			w.checkSize(m, len(data))
			b = le.AppendUint16(b, m.id)
			b = le.AppendUint16(b, uint16(len(data)))
			b = append(b, m.flags, 0, 0, 0)
			b = append(b, data...)
		}
		return b
	}
	count := len(messages)
	body := pack(messages)
	if o.continued {
		where := w.nextAddress()
		if o.loop {
			self := h5Message{id: msgContinuation, data: w.continuation(where, uint64(len(body))+8+uint64(len(padTo(w.continuation(0, 0), 8))))}
			body = append(body, pack([]h5Message{self})...)
			count++
		}
		w.alloc(body)
		body = pack([]h5Message{{id: msgContinuation, data: w.continuation(where, uint64(len(body)))}})
		count++
	}
	b := []byte{1, 0}
	b = le.AppendUint16(b, uint16(count))
	b = le.AppendUint32(b, uint32(max(o.references, 1)))
	b = le.AppendUint32(b, uint32(len(body)))
	b = le.AppendUint32(b, 0)
	return append(b, body...)
}

func (w *h5Writer) headerV2(o *h5Object, messages []h5Message) []byte {
	le := binary.LittleEndian
	pack := func(messages []h5Message) []byte {
		var b []byte
		for _, m := range messages {
			w.checkSize(m, len(m.data))
			b = append(b, byte(m.id))
			b = le.AppendUint16(b, uint16(len(m.data)))
			b = append(b, m.flags)
			b = append(b, m.data...)
		}
		return b
	}
	if o.references > 1 {
		messages = append(messages, h5Message{id: msgReferences, data: le.AppendUint32([]byte{0}, uint32(o.references))})
	}
	body := pack(messages)
	if o.continued {
		where := w.nextAddress()
		size := uint64(len("OCHK") + len(body) + 4)
		if o.loop {
			size += uint64(4 + len(w.continuation(0, 0)))
			body = append(body, pack([]h5Message{{id: msgContinuation, data: w.continuation(where, size)}})...)
		}
		w.alloc(checksummed(append([]byte("OCHK"), body...)))
		body = pack([]h5Message{{id: msgContinuation, data: w.continuation(where, size)}})
	}
	b := append([]byte("OHDR"), 2, 2) // flags 2: the size of the first chunk has four bytes
	b = le.AppendUint32(b, uint32(len(body)))
	b = checksummed(append(b, body...))
	if o.breakHeader {
		b[len(b)-1] ^= 0xff
	}
	return b
}

func (w *h5Writer) nextAddress() uint64 { return uint64(len(padTo(bytes.Clone(w.buf), 8))) }

func (w *h5Writer) continuation(at, size uint64) []byte {
	return append(w.address(at), w.length(size)...)
}

func (w *h5Writer) checkSize(m h5Message, size int) {
	if size > 0xffff {
		w.fail("a header message of type 0x%x would have %d bytes, more than 65535: use dense for attributes", m.id, size)
	}
}

// globalHeap writes a collection with one object, whose index is 1.
func (w *h5Writer) globalHeap(data []byte) uint64 {
	le := binary.LittleEndian
	object := func(index, references uint16, size uint64) []byte {
		b := le.AppendUint16(le.AppendUint16(nil, index), references)
		return padTo(append(append(b, 0, 0, 0, 0), w.length(size)...), 8)
	}
	head := len(padTo(append([]byte("GCOL\x01\x00\x00\x00"), w.length(0)...), 8))
	body := padTo(append(object(1, 1, uint64(len(data))), data...), 8)
	// The library refuses collections below 4096 bytes; what is left over is
	// object 0, whose size counts its own header.
	size := max(head+len(body), 4096)
	if left := size - head - len(body); left >= 16 {
		body = append(body, object(0, 0, uint64(left))...)
	}
	b := padTo(append([]byte("GCOL\x01\x00\x00\x00"), w.length(uint64(size))...), 8)
	b = append(b, body...)
	return w.alloc(append(b, make([]byte, size-len(b))...))
}
