package expand

import (
	"errors"
	"io"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// A bzip2 decoder, since compress/bzip2 refuses code tables that libbz2 takes (with
// codes too many or too few) and goes on with a stream after the first, where
// CPython's BZ2Decompressor stops. It follows decompress.c and huffman.c of libbz2
// 1.0.8. Memory grows with what is decoded, not with the level in the header.

var errBzip2 = errors.New("invalid bzip2 stream")

const (
	bzip2Block = 0x314159265359
	bzip2End   = 0x177245385090

	bzip2MaxCode      = 20    // bits
	bzip2MaxSelectors = 18002 // of use: a block of 900,000 in groups of 50
	bzip2Group        = 50
	bzip2Symbols      = 258

	// bzip2Plain is how many bytes of a block the long deprecated randomisation leaves
	// alone (BZ_RAND_UPD_MASK). Nothing has written it since 1997.
	bzip2Plain = 617
)

type bzip2Decoder struct {
	in   io.ByteReader
	err  error // of in; sticky
	bits uint64
	have uint

	max       int // symbols in a block
	text      []uint32
	selectors []byte
	tables    [6]bzip2Table
}

// bzip2Table is a code as hbCreateDecodeTables builds it.
type bzip2Table struct {
	min         int
	limit, base [bzip2MaxCode + 3]int32
	perm        [bzip2Symbols]uint16
}

// expandBzip2 decodes the first stream.
func expandBzip2(in *input, out *Output) error {
	d := &bzip2Decoder{in: in}
	magic := d.read(24)
	level := int(d.read(8)) - '0'
	switch {
	case d.err != nil:
		return d.err
	case magic != 'B'<<16|'Z'<<8|'h' || level < 1 || level > 9:
		return errors.New("no bzip2 header")
	}
	d.max = level * 100_000
	for !out.full() {
		magic := d.read(24)<<24 | d.read(24)
		if d.err == nil && magic == bzip2End {
			d.read(32)
			return d.err
		}
		if d.err == nil && magic != bzip2Block {
			return errBzip2
		}
		err := d.block(out)
		if e := out.pay(); e != nil {
			return e
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read takes n bits, the highest first, and no byte more than they need.
func (d *bzip2Decoder) read(n uint) uint64 {
	for d.have < n {
		c, err := d.in.ReadByte()
		if err != nil && d.err == nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			d.err = err
		}
		d.bits = d.bits<<8 | uint64(c)
		d.have += 8
	}
	d.have -= n
	return d.bits >> d.have & (1<<n - 1)
}

// block decodes one block, after its magic.
func (d *bzip2Decoder) block(out *Output) error {
	sum := uint32(d.read(32))
	randomised := d.read(1)
	start := int(d.read(24))
	used := d.usedBytes()
	if err := d.codes(len(used) + 2); err != nil {
		return err
	}
	counts, err := d.symbols(used)
	if err != nil {
		return err
	}
	if start >= len(d.text) {
		return errBzip2
	}
	if randomised != 0 && len(d.text) > bzip2Plain {
		return bounds.Unsupportedf(-1, "randomised bzip2 block")
	}
	// Undo the Burrows-Wheeler transform: the upper bits of text become links.
	var next [256]int
	total := 0
	for i, n := range counts {
		next[i], total = total, total+n
	}
	for i := range d.text {
		c := byte(d.text[i])
		d.text[next[c]] |= uint32(i) << 8
		next[c]++
	}
	return d.runs(start, sum, out)
}

// usedBytes reads which bytes the block holds.
func (d *bzip2Decoder) usedBytes() []byte {
	var used []byte
	groups := d.read(16)
	for i := range 16 {
		if groups>>(15-i)&1 == 0 {
			continue
		}
		set := d.read(16)
		for j := range 16 {
			if set>>(15-j)&1 != 0 {
				used = append(used, byte(i<<4|j))
			}
		}
	}
	return used
}

// codes reads the selectors and the code tables.
func (d *bzip2Decoder) codes(symbols int) error {
	groups, n := int(d.read(3)), int(d.read(15))
	if d.err != nil {
		return d.err
	}
	if groups < 2 || groups > 6 || n < 1 || symbols < 3 {
		return errBzip2
	}
	d.selectors = d.selectors[:0]
	front := [6]byte{0, 1, 2, 3, 4, 5}
	for range n {
		j := 0
		for d.read(1) != 0 {
			if j++; j >= groups {
				return errBzip2
			}
		}
		selector := front[j]
		copy(front[1:j+1], front[:j])
		front[0] = selector
		if len(d.selectors) < bzip2MaxSelectors {
			d.selectors = append(d.selectors, selector)
		}
	}
	for t := range groups {
		var lengths [bzip2Symbols]int
		length := int(d.read(5))
		for i := range symbols {
			for {
				if d.err != nil {
					return d.err
				}
				if length < 1 || length > bzip2MaxCode {
					return errBzip2
				}
				if d.read(1) == 0 {
					break
				}
				length += 1 - 2*int(d.read(1))
			}
			lengths[i] = length
		}
		d.tables[t].build(lengths[:symbols])
	}
	return d.err
}

// build is hbCreateDecodeTables, which checks nothing.
func (t *bzip2Table) build(lengths []int) {
	lo, hi := slices.Min(lengths), slices.Max(lengths)
	*t = bzip2Table{min: lo}
	n := 0
	for l := lo; l <= hi; l++ {
		for symbol, length := range lengths {
			if length == l {
				t.perm[n] = uint16(symbol)
				n++
			}
		}
	}
	for _, length := range lengths {
		t.base[length+1]++
	}
	for i := 1; i < len(t.base); i++ {
		t.base[i] += t.base[i-1]
	}
	vec := int32(0)
	for l := lo; l <= hi; l++ {
		vec += t.base[l+1] - t.base[l]
		t.limit[l] = vec - 1
		vec <<= 1
	}
	for l := lo + 1; l <= hi; l++ {
		t.base[l] = (t.limit[l-1]+1)<<1 - t.base[l]
	}
}

// symbol decodes one symbol; -1 if there is none.
func (d *bzip2Decoder) symbol(t *bzip2Table) int {
	n := t.min
	v := int32(d.read(uint(n)))
	for v > t.limit[n] {
		if n++; n > bzip2MaxCode {
			return -1
		}
		v = v<<1 | int32(d.read(1))
	}
	i := v - t.base[n]
	if i < 0 || i >= bzip2Symbols {
		return -1
	}
	return int(t.perm[i])
}

// symbols decodes the block's text into d.text, run lengths and move-to-front
// undone, and counts each byte.
func (d *bzip2Decoder) symbols(used []byte) (counts [256]int, err error) {
	d.text = d.text[:0]
	front := append(make([]byte, 0, 256), used...)
	end := len(used) + 1
	run, weight := 0, 1
	for i := 0; ; i++ {
		if i/bzip2Group >= len(d.selectors) {
			return counts, errBzip2
		}
		s := d.symbol(&d.tables[d.selectors[i/bzip2Group]])
		switch {
		case d.err != nil:
			return counts, d.err
		case s < 0 || s > end:
			return counts, errBzip2
		case s <= 1: // a digit of a run length
			if weight >= 2<<20 {
				return counts, errBzip2
			}
			run += weight << s
			weight <<= 1
			continue
		}
		if run > d.max-len(d.text) {
			return counts, errBzip2
		}
		counts[front[0]] += run
		for ; run > 0; run-- {
			d.text = append(d.text, uint32(front[0]))
		}
		weight = 1
		if s == end {
			return counts, nil
		}
		if len(d.text) >= d.max {
			return counts, errBzip2
		}
		c := front[s-1]
		copy(front[1:s], front[:s-1])
		front[0] = c
		counts[c]++
		d.text = append(d.text, uint32(c))
	}
}

// runs follows the links from start and writes the text: after four equal bytes
// comes a byte that says how many more there are.
func (d *bzip2Decoder) runs(start int, want uint32, out *Output) error {
	sum := ^uint32(0)
	pos := d.text[start] >> 8
	equal, last := 0, -1
	for range d.text {
		link := d.text[pos]
		c := byte(link)
		pos = link >> 8
		n := 1
		switch {
		case equal == 4:
			n, c = int(c), byte(last)
			equal, last = 0, -1
		case int(c) == last:
			equal++
		default:
			equal, last = 1, int(c)
		}
		for ; n > 0; n-- {
			if out.full() {
				return nil
			}
			out.Data = append(out.Data, c)
			sum = sum<<8 ^ bzip2CRC[byte(sum>>24)^c]
		}
		if int64(len(out.Data))-out.paid >= step {
			if err := out.pay(); err != nil {
				return err
			}
		}
	}
	if equal == 4 || ^sum != want {
		return errBzip2
	}
	return nil
}

// bzip2CRC is the table of CRC-32 with the highest bit first.
var bzip2CRC = func() (table [256]uint32) {
	for i := range table {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
		table[i] = c
	}
	return table
}()
