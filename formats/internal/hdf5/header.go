package hdf5

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Header message types (section IV.A.2).
const (
	msgNil          = 0x00
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0B
	msgAttribute    = 0x0C
	msgSharedTable  = 0x0F
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgTreeK        = 0x13
	msgDriver       = 0x14
	msgAttrInfo     = 0x15
	msgCacheImage   = 0x18

	msgKnown = 0x18 // the last type that libhdf5 knows
)

// Message flags (section IV.A.1.b).
const (
	flagShared    = 1 << 1
	flagDontShare = 1 << 2
	flagMustKnow  = 1 << 7
)

// message is one header message.
type message struct {
	data  []byte
	off   int64
	kind  uint16
	order uint16 // creation order, where the header tracks it
	flags uint8
}

// unknown reports a message that a reader has to understand to open the object.
func (m *message) unknown() error {
	if m.kind > msgKnown && m.flags&flagMustKnow != 0 {
		return bounds.Unsupportedf(m.off, "message of unknown type %#x that readers must understand", m.kind)
	}
	return nil
}

// header is one object header.
type header struct {
	messages []message
	version  uint8
	tracked  bool // creation order of attributes
	broken   bool // some of it could not be read
}

// minHeader is how many bytes every object header has at least.
const minHeader = 6

// block is a part of an object header.
type block struct{ addr, size uint64 }

// header reads the object header at addr, appending its messages to scratch.
// What it cannot read of a header that it can begin to read is a problem.
func (r *reader) header(addr uint64, scratch []message) (header, error) {
	h := header{messages: scratch}
	c, err := r.bytes(addr, minHeader, "object header")
	if err != nil {
		return h, err
	}
	first := block{addr: addr}
	var skip uint64
	order := false
	if string(c.b[:4]) == "OHDR" {
		h.version = c.b[4]
		if h.version != 2 {
			return h, bounds.Unsupportedf(c.off, "object header version %d", h.version)
		}
		flags := c.b[5]
		h.tracked, order = flags&4 != 0, flags&4 != 0
		skip, first.size, err = r.prefix2(addr, flags)
	} else {
		h.version = c.b[0]
		if h.version != 1 {
			return h, bounds.Malformedf(c.off, "no object header: version %d", h.version)
		}
		skip, first.size, err = r.prefix1(addr)
	}
	if err != nil {
		return h, err
	}
	r.chunkList(&h, first, skip, order)
	return h, nil
}

// prefix1 reads the prefix of a version 1 header (section IV.A.1.a): its length,
// and the size of the first chunk with it.
func (r *reader) prefix1(addr uint64) (skip, size uint64, err error) {
	c, err := r.bytes(addr, 16, "object header")
	if err != nil {
		return 0, 0, err
	}
	// The message count is not used: libhdf5 reads to the end of the chunks.
	return 16, 16 + uint64(binary.LittleEndian.Uint32(c.b[8:])), nil
}

// prefix2 does the same for version 2 (section IV.A.1.b).
func (r *reader) prefix2(addr uint64, flags uint8) (skip, size uint64, err error) {
	skip = 6
	if flags&0x20 != 0 {
		skip += 16 // times
	}
	if flags&0x10 != 0 {
		skip += 4 // attribute phase change values
	}
	width := uint64(1) << (flags & 3)
	c, err := r.bytes(addr, skip+width, "object header")
	if err != nil {
		return 0, 0, err
	}
	c.skip(int(skip))
	size = c.uint(int(width))
	skip += width
	if size > 1<<62 {
		return 0, 0, bounds.Malformedf(c.off, "object header of %d bytes", size)
	}
	return skip, skip + size + 4, nil
}

// chunkList reads the first chunk and those that continuation messages lead to,
// in the order of libhdf5. Each chunk is read once; none may come back.
func (r *reader) chunkList(h *header, first block, skip uint64, order bool) {
	r.chunks = emptied(r.chunks)
	var todo []block
	for b := first; ; b, todo = todo[0], todo[1:] {
		from := len(h.messages)
		if err := r.chunk(h, b, skip, order); err != nil {
			h.broken = true
			r.problem("", "", err)
		}
		for i := from; i < len(h.messages); i++ {
			if h.messages[i].kind != msgContinuation {
				continue
			}
			next, err := r.continuation(&h.messages[i], first)
			if err != nil {
				h.broken = true
				r.problem("", "", err)
				continue
			}
			todo = append(todo, next)
		}
		if len(todo) == 0 || r.spent {
			return
		}
		skip = 0
		if h.version == 2 {
			skip = 4 // the signature of the next ones
		}
	}
}

// continuation reads a continuation message (section IV.A.2.q) of the header that
// begins with first.
func (r *reader) continuation(m *message, first block) (block, error) {
	c := r.cursor(m.data, m.off)
	b := block{c.addr(), c.length()}
	if err := c.err("header continuation"); err != nil {
		return b, err
	}
	if _, seen := r.chunks[b.addr]; seen || b.addr == first.addr {
		return b, bounds.Malformedf(m.off, "object header continues at a part of it already read")
	}
	r.chunks[b.addr] = struct{}{}
	return b, nil
}

// chunk reads the messages of one chunk, from skip on.
func (r *reader) chunk(h *header, b block, skip uint64, order bool) error {
	c, err := r.bytes(b.addr, b.size, "object header")
	if err != nil {
		return err
	}
	if h.version == 1 {
		c.skip(int(skip))
		return r.messages1(h, c)
	}
	if skip == 4 {
		if err := c.signature("OCHK"); err != nil {
			return err
		}
	}
	if err := r.verify(c.b, c.off, "object header"); err != nil {
		return err
	}
	c.pos = int(skip)
	c.b = c.b[:len(c.b)-4]
	return r.messages2(h, c, order)
}

func (r *reader) messages1(h *header, c cursor) error {
	for c.left() > 0 {
		if err := r.budget.Step(1); err != nil {
			return err
		}
		at := c.here()
		m := message{kind: c.u16()}
		size := int(c.u16())
		m.flags = c.u8()
		c.skip(3)
		m.off = c.here()
		m.data = c.take(size)
		if c.short || size%8 != 0 {
			return bounds.Malformedf(at, "header message of type %#x and %d bytes does not fit", m.kind, size)
		}
		h.messages = append(h.messages, m)
	}
	return nil
}

// messages2 reads the messages of a version 2 chunk. Less than a message header
// may be left behind them: the gap.
func (r *reader) messages2(h *header, c cursor, order bool) error {
	prefix := 4
	if order {
		prefix = 6
	}
	if c.pos > len(c.b) {
		return bounds.Malformedf(c.off, "object header chunk of %d bytes", len(c.b))
	}
	for c.left() >= prefix {
		if err := r.budget.Step(1); err != nil {
			return err
		}
		at := c.here()
		m := message{kind: uint16(c.u8())}
		size := int(c.u16())
		m.flags = c.u8()
		if order {
			m.order = c.u16()
		}
		m.off = c.here()
		m.data = c.take(size)
		if c.short {
			return bounds.Malformedf(at, "header message of type %#x and %d bytes does not fit", m.kind, size)
		}
		h.messages = append(h.messages, m)
	}
	return nil
}
