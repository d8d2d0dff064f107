package expand

import (
	"errors"
	"io"
	"slices"
)

// An LZMA decoder that writes straight to the output, which is then also the
// dictionary: nothing is allocated for the dictionary size that a header claims.
// A distance beyond that size is therefore not refused; liblzma does refuse it, so
// this reads whatever liblzma reads. The format is that of Igor Pavlov's LZMA
// specification (DOC/lzma-specification.txt of the LZMA SDK).

var errLZMA = errors.New("invalid LZMA stream")

const (
	lzmaStates   = 12
	lzmaTopValue = 1 << 24
	lzmaHalf     = 1 << 10 // a probability of one half
)

// lengthCoder decodes match lengths: low 0 to 7, mid to 15, high to 271.
type lengthCoder struct {
	choice, choice2 uint16
	low, mid        [16][8]uint16
	high            [256]uint16
}

type lzmaDecoder struct {
	in          io.ByteReader
	err         error // of in; sticky
	rng, code   uint32
	lc          uint
	lpMask      uint32
	pbMask      uint32
	literal     []uint16
	isMatch     [lzmaStates][16]uint16
	isRep       [lzmaStates]uint16
	isRepG0     [lzmaStates]uint16
	isRepG1     [lzmaStates]uint16
	isRepG2     [lzmaStates]uint16
	isRep0Long  [lzmaStates][16]uint16
	slot        [4][64]uint16
	special     [115]uint16
	align       [16]uint16
	length, rep lengthCoder

	// Of the stream so far; LZMA2 goes on with them in its next chunk.
	last  [4]uint32 // the distances used last
	state int
	base  int // of the output, where the dictionary begins
}

// expandLZMA decodes a member of method 14: version, length of the properties, the
// properties, a raw stream (APPNOTE 5.8; LZMADecompressor).
func expandLZMA(in *input, out *Output) error {
	var head [9]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if le.Uint16(head[2:]) != 5 {
		return errors.New("invalid LZMA properties")
	}
	return expandRawLZMA(in, out, head[4])
}

// expandRawLZMA decodes a raw stream of the given properties.
func expandRawLZMA(in *input, out *Output, props byte) error {
	d := &lzmaDecoder{in: in, base: len(out.Data)}
	if err := d.properties(props); err != nil {
		return err
	}
	d.start()
	err := d.run(out)
	if e := out.pay(); e != nil {
		return e
	}
	return err
}

// properties takes the byte that states lc, lp and pb, and resets the state. liblzma
// wants lc and lp to be 4 at most together.
func (d *lzmaDecoder) properties(props byte) error {
	lc, lp, pb := props%9, props/9%5, props/9/5
	if pb > 4 || lc+lp > 4 {
		return errors.New("invalid LZMA properties")
	}
	d.lc, d.lpMask, d.pbMask = uint(lc), 1<<lp-1, 1<<pb-1
	d.literal = make([]uint16, 0x300<<(lc+lp))
	d.init()
	return nil
}

// start begins a range coder.
func (d *lzmaDecoder) start() {
	d.rng, d.code = 1<<32-1, 0
	for range 5 {
		d.code = d.code<<8 | uint32(d.next())
	}
}

// init resets the state and all probabilities.
func (d *lzmaDecoder) init() {
	d.last, d.state = [4]uint32{}, 0
	fill := func(probs []uint16) {
		for i := range probs {
			probs[i] = lzmaHalf
		}
	}
	for s := range lzmaStates {
		fill(d.isMatch[s][:])
		fill(d.isRep0Long[s][:])
	}
	for _, p := range [][]uint16{d.literal, d.isRep[:], d.isRepG0[:], d.isRepG1[:], d.isRepG2[:], d.special[:], d.align[:]} {
		fill(p)
	}
	for i := range d.slot {
		fill(d.slot[i][:])
	}
	for _, l := range []*lengthCoder{&d.length, &d.rep} {
		l.choice, l.choice2 = lzmaHalf, lzmaHalf
		for i := range l.low {
			fill(l.low[i][:])
			fill(l.mid[i][:])
		}
		fill(l.high[:])
	}
}

func (d *lzmaDecoder) next() byte {
	c, err := d.in.ReadByte()
	if err != nil && d.err == nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
	}
	return c
}

func (d *lzmaDecoder) normalize() {
	if d.rng < lzmaTopValue {
		d.rng <<= 8
		d.code = d.code<<8 | uint32(d.next())
	}
}

func (d *lzmaDecoder) bit(prob *uint16) uint32 {
	d.normalize()
	p := uint32(*prob)
	bound := d.rng >> 11 * p
	if d.code < bound {
		d.rng = bound
		*prob = uint16(p + (2048-p)>>5)
		return 0
	}
	d.rng -= bound
	d.code -= bound
	*prob = uint16(p - p>>5)
	return 1
}

func (d *lzmaDecoder) direct(n uint) uint32 {
	var v uint32
	for ; n > 0; n-- {
		d.normalize()
		d.rng >>= 1
		v <<= 1
		if d.code >= d.rng {
			d.code -= d.rng
			v |= 1
		}
	}
	return v
}

// tree decodes n bits, the highest first; reverse the lowest first.
func (d *lzmaDecoder) tree(probs []uint16, n uint) uint32 {
	m := uint32(1)
	for range n {
		m = m<<1 | d.bit(&probs[m])
	}
	return m - 1<<n
}

func (d *lzmaDecoder) reverse(probs []uint16, n uint) uint32 {
	m, v := uint32(1), uint32(0)
	for i := range n {
		b := d.bit(&probs[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

func (d *lzmaDecoder) lengthOf(l *lengthCoder, posState uint32) int {
	if d.bit(&l.choice) == 0 {
		return 2 + int(d.tree(l.low[posState][:], 3))
	}
	if d.bit(&l.choice2) == 0 {
		return 10 + int(d.tree(l.mid[posState][:], 3))
	}
	return 18 + int(d.tree(l.high[:], 8))
}

func (d *lzmaDecoder) distance(length int) uint32 {
	slot := d.tree(d.slot[min(length-2, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	n := uint(slot>>1 - 1)
	dist := (2 | slot&1) << n
	if slot < 14 {
		return dist + d.reverse(d.special[dist-slot:], n)
	}
	dist += d.direct(n-4) << 4
	return dist + d.reverse(d.align[:], 4)
}

func (d *lzmaDecoder) byteAt(data []byte, state int, rep0 uint32) byte {
	var prev byte
	if len(data) > d.base {
		prev = data[len(data)-1]
	}
	at := (uint32(len(data)-d.base)&d.lpMask)<<d.lc + uint32(prev)>>(8-d.lc)
	probs := d.literal[0x300*at:][:0x300]
	m := uint32(1)
	if state >= 7 { // after a match: the byte at its distance says where to look
		match := uint32(data[len(data)-1-int(rep0)])
		for m < 0x100 {
			match <<= 1
			hint := match & 0x100
			b := d.bit(&probs[0x100+hint+m])
			m = m<<1 | b
			if hint>>8 != b {
				break
			}
		}
	}
	for m < 0x100 {
		m = m<<1 | d.bit(&probs[m])
	}
	return byte(m)
}

// run decodes until the end marker, until out is full or until the input fails.
func (d *lzmaDecoder) run(out *Output) error {
	rep, state := &d.last, &d.state
	for !out.full() {
		if int64(len(out.Data))-out.paid >= step {
			if err := out.pay(); err != nil {
				return err
			}
		}
		posState := uint32(len(out.Data)-d.base) & d.pbMask
		if d.bit(&d.isMatch[*state][posState]) == 0 {
			c := d.byteAt(out.Data, *state, rep[0])
			if d.err != nil {
				return d.err
			}
			out.Data = append(out.Data, c)
			switch {
			case *state < 4:
				*state = 0
			case *state < 10:
				*state -= 3
			default:
				*state -= 6
			}
			continue
		}
		length := d.match(rep, state, posState)
		switch {
		case d.err != nil:
			return d.err
		case length == 0:
			d.normalize() // as liblzma does after the marker
			return nil
		case int64(rep[0]) >= int64(len(out.Data)-d.base):
			return errLZMA
		}
		n := int(min(int64(length), out.Limit-int64(len(out.Data))))
		out.Data = slices.Grow(out.Data, n)
		for range n {
			out.Data = append(out.Data, out.Data[len(out.Data)-1-int(rep[0])])
		}
	}
	return nil
}

// match decodes what follows a set match bit. It returns the length, with the
// distance in rep[0], or 0 for the end marker.
func (d *lzmaDecoder) match(rep *[4]uint32, state *int, posState uint32) int {
	afterLiteral := *state < 7
	next := func(literal, other int) {
		*state = other
		if afterLiteral {
			*state = literal
		}
	}
	if d.bit(&d.isRep[*state]) == 0 {
		rep[3], rep[2], rep[1] = rep[2], rep[1], rep[0]
		length := d.lengthOf(&d.length, posState)
		next(7, 10)
		if rep[0] = d.distance(length); rep[0] == 1<<32-1 {
			return 0
		}
		return length
	}
	if d.bit(&d.isRepG0[*state]) == 0 {
		if d.bit(&d.isRep0Long[*state][posState]) == 0 {
			next(9, 11)
			return 1
		}
	} else if d.bit(&d.isRepG1[*state]) == 0 {
		rep[0], rep[1] = rep[1], rep[0]
	} else if d.bit(&d.isRepG2[*state]) == 0 {
		rep[0], rep[1], rep[2] = rep[2], rep[0], rep[1]
	} else {
		rep[0], rep[1], rep[2], rep[3] = rep[3], rep[0], rep[1], rep[2]
	}
	length := d.lengthOf(&d.rep, posState)
	next(8, 11)
	return length
}
