package formatstest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// bundleIndex is what a script of a checkpoint's index has written so far.
type bundleIndex struct {
	blocks      []bundleBlock
	pending     *pbMessage // the tensor above, to which slices can still be added
	crc         uint32     // of it
	lead        []byte     // in front of the first block
	split       bool       // the script says where blocks begin
	interval    int
	compression byte
	snappy      bool
}

// bundleBlock is one block, and what is said of it.
type bundleBlock struct {
	text     []byte
	restarts []uint32
	claimed  []uint32 // in place of restarts, if not nil
	entries  int
	last     string
	finder   *string // under which it is found, in place of the shortest key that will do
	again    bool
	broken   bool // its checksum is wrong
}

// What TensorFlow's writer does (tensorflow/core/lib/io/table_options.h).
const (
	bundleBlockSize = 256 << 10
	bundleInterval  = 16
)

type bundleVerb struct {
	least, most int
	run         func(*bundleIndex, line) error
}

var bundleVerbs = map[string]bundleVerb{
	"header":         {1, 4, (*bundleIndex).header},
	"tensor":         {6, 7, (*bundleIndex).tensor},
	"tensors":        {5, 6, (*bundleIndex).tensors},
	"slice":          {0, -1, (*bundleIndex).slice},
	"before":         {1, 1, (*bundleIndex).before},
	"raw":            {1, 2, (*bundleIndex).raw},
	"key":            {3, 4, (*bundleIndex).key},
	"block":          {0, 0, (*bundleIndex).block},
	"found-by":       {1, 1, (*bundleIndex).foundBy},
	"found-again":    {0, 0, (*bundleIndex).foundAgain},
	"restarts":       {0, -1, (*bundleIndex).restarts},
	"interval":       {1, 1, (*bundleIndex).setInterval},
	"snappy":         {0, 0, (*bundleIndex).setSnappy},
	"compression":    {1, 1, (*bundleIndex).setCompression},
	"break-checksum": {0, 0, (*bundleIndex).breakChecksum},
}

// AssembleBundle returns the bytes of an index written as a section "!bundle" of a case
// writes it.
func AssembleBundle(text string) ([]byte, error) {
	c := &Case{Name: "bundle"}
	lines, err := c.scriptLines(&section{name: "bundle"}, text, 1)
	if err != nil {
		return nil, err
	}
	return bundle(lines)
}

// bundle runs a script.
func bundle(script []line) ([]byte, error) {
	x := &bundleIndex{blocks: make([]bundleBlock, 1), interval: bundleInterval}
	for _, l := range script {
		verb, found := bundleVerbs[l.verb]
		if !found {
			return nil, l.errorf("unknown verb %q", l.verb)
		}
		if err := l.want(verb.least, verb.most); err != nil {
			return nil, err
		}
		if err := verb.run(x, l); err != nil {
			return nil, l.at(err)
		}
	}
	return x.bytes(), nil
}

func (x *bundleIndex) current() *bundleBlock { return &x.blocks[len(x.blocks)-1] }

// flush writes the tensor that waits for its slices.
func (x *bundleIndex) flush() {
	if x.pending == nil {
		return
	}
	m := *x.pending
	x.pending = nil
	name := m[0].value.(string)
	body := m[1:]
	cut := slices.IndexFunc(body, func(f pbField) bool { return f.number > 6 })
	if cut < 0 {
		cut = len(body)
	}
	value := body[:cut].wire()
	if x.crc != 0 {
		value = binary.LittleEndian.AppendUint32(append(value, 6<<3|5), x.crc)
	}
	x.add(name, append(value, body[cut:].wire()...))
}

// add writes a key and its value as the next entry.
func (x *bundleIndex) add(name string, value []byte) {
	b := x.current()
	if !x.split && len(b.text)+4*len(b.restarts)+4 >= bundleBlockSize {
		x.blocks = append(x.blocks, bundleBlock{})
		b = x.current()
	}
	shared := 0
	if b.entries%x.interval == 0 {
		b.restarts = append(b.restarts, uint32(len(b.text)))
	} else {
		for shared < min(len(name), len(b.last)) && name[shared] == b.last[shared] {
			shared++
		}
	}
	b.entry(shared, name[shared:], value)
}

func (b *bundleBlock) entry(shared int, rest string, value []byte) {
	for _, n := range []int{shared, len(rest), len(value)} {
		b.text = binary.AppendUvarint(b.text, uint64(n))
	}
	b.text = append(append(b.text, rest...), value...)
	b.entries++
	b.last = b.last[:min(shared, len(b.last))] + rest
}

// header is the entry of the empty key: SHARDS [ENDIANNESS [PRODUCER [CONSUMER]]].
func (x *bundleIndex) header(l line) error {
	numbers := []int64{0, 0, 1, 0}
	for i := range l.args {
		n, err := signed(l, i)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	var header, version pbMessage
	header.add(1, "num_shards", numbers[0])
	header.unlessZero(2, "endianness", numbers[1])
	version.unlessZero(1, "producer", numbers[2])
	version.unlessZero(2, "min_consumer", numbers[3])
	header.add(3, "version", version)
	x.flush()
	x.add("", header.wire())
	return nil
}

// unlessZero adds a number that protobuf leaves out where it is 0.
func (m *pbMessage) unlessZero(number int, name string, v int64) {
	if v != 0 {
		m.add(number, name, v)
	}
}

func signed(l line, i int) (int64, error) {
	n, err := strconv.ParseInt(l.args[i], 0, 64)
	if err != nil {
		return 0, l.errorf("%q is not a number", l.args[i])
	}
	return n, nil
}

// bundleTypes are names of DataType that scripts have need of beside dataTypes.
var bundleTypes = map[string]int64{"double": 2, "uint8": 4, "complex64": 8, "bfloat16": 14, "half": 19}

// bundleShape reads "scalar", "unknown" or dimensions as in "2x3".
func bundleShape(l line, text string) (pbMessage, error) {
	shape := pbMessage{}
	switch text {
	case "scalar":
		return shape, nil
	case "unknown":
		shape.add(3, "unknown_rank", int64(1))
		return shape, nil
	}
	for dim := range strings.SplitSeq(text, "x") {
		n, err := strconv.ParseInt(dim, 10, 64)
		if err != nil {
			return nil, l.errorf("%q is not a shape", text)
		}
		m := pbMessage{}
		m.unlessZero(1, "size", n)
		shape.add(2, "dim", m)
	}
	return shape, nil
}

// tensor adds an entry: NAME TYPE SHAPE SHARD OFFSET SIZE [CRC].
func (x *bundleIndex) tensor(l line) error {
	x.flush()
	t, ok := dataTypes[l.args[1]]
	if !ok {
		t, ok = bundleTypes[l.args[1]]
	}
	if !ok {
		n, err := signed(l, 1)
		if err != nil {
			return err
		}
		t = n
	}
	shape, err := bundleShape(l, l.args[2])
	if err != nil {
		return err
	}
	var place [3]int64
	for i := range place {
		if place[i], err = signed(l, 3+i); err != nil {
			return err
		}
	}
	x.crc = 0
	if len(l.args) > 6 {
		n, err := l.number(6)
		if err != nil {
			return err
		}
		x.crc = uint32(n)
	}
	m := pbMessage{{0, "", l.args[0]}}
	m.unlessZero(1, "dtype", t)
	m.add(2, "shape", shape)
	m.unlessZero(3, "shard_id", place[0])
	m.unlessZero(4, "offset", place[1])
	m.unlessZero(5, "size", place[2])
	x.pending = &m
	return nil
}

// tensors adds N tensors of numbered names behind each other: N NAME%dNAME TYPE SHAPE SIZE [CRC].
func (x *bundleIndex) tensors(l line) error {
	n, err := l.number(0)
	if err != nil {
		return err
	}
	size, err := signed(l, 4)
	if err != nil {
		return err
	}
	for i := range int64(n) {
		args := []string{fmt.Sprintf(l.args[1], i), l.args[2], l.args[3], "0", strconv.FormatInt(i*size, 10)}
		args = append(args, l.args[4:]...)
		if err := x.tensor(line{l.file, l.no, l.verb, args}); err != nil {
			return err
		}
	}
	return nil
}

// slice says that a part of the tensor above is stored: "START LENGTH" for each dimension, "-"
// for all of it.
func (x *bundleIndex) slice(l line) error {
	if x.pending == nil || len(l.args)%2 != 0 {
		return l.errorf("a slice needs a tensor above, and two words a dimension")
	}
	var slice pbMessage
	for i := 0; i < len(l.args); i += 2 {
		var extent pbMessage
		if l.args[i] != "-" {
			start, err := signed(l, i)
			if err != nil {
				return err
			}
			length, err := signed(l, i+1)
			if err != nil {
				return err
			}
			extent.unlessZero(1, "start", start)
			extent.add(2, "length", length)
		}
		slice.add(1, "extent", extent)
	}
	x.pending.add(7, "slices", slice)
	return nil
}

// before puts bytes in front of the first block.
func (x *bundleIndex) before(l line) (err error) {
	x.lead, err = hex.DecodeString(l.args[0])
	return err
}

// raw adds an entry of any value: NAME [HEX].
func (x *bundleIndex) raw(l line) error {
	x.flush()
	value, err := hex.DecodeString(strings.Join(l.args[1:], ""))
	if err == nil {
		x.add(l.args[0], value)
	}
	return err
}

// key adds an entry as it stands in a block: SHARED REST LENGTH [HEX].
func (x *bundleIndex) key(l line) error {
	x.flush()
	shared, err := l.number(0)
	if err != nil {
		return err
	}
	length, err := l.number(2)
	if err != nil {
		return err
	}
	value, err := hex.DecodeString(strings.Join(l.args[3:], ""))
	b := x.current()
	for _, n := range []uint64{shared, uint64(len(l.args[1])), length} {
		b.text = binary.AppendUvarint(b.text, n)
	}
	b.text = append(append(b.text, l.args[1]...), value...)
	b.entries++
	return err
}

func (x *bundleIndex) block(line) error {
	x.flush()
	x.split = true
	x.blocks = append(x.blocks, bundleBlock{})
	return nil
}

func (x *bundleIndex) foundBy(l line) error {
	x.flush()
	x.current().finder = &l.args[0]
	return nil
}

func (x *bundleIndex) foundAgain(line) error {
	x.flush()
	x.current().again = true
	return nil
}

func (x *bundleIndex) breakChecksum(line) error {
	x.flush()
	x.current().broken = true
	return nil
}

func (x *bundleIndex) restarts(l line) error {
	x.flush()
	claimed := []uint32{}
	for i := range l.args {
		n, err := l.number(i)
		if err != nil {
			return err
		}
		claimed = append(claimed, uint32(n))
	}
	x.current().claimed = claimed
	return nil
}

func (x *bundleIndex) setInterval(l line) error {
	n, err := l.number(0)
	x.interval = max(int(n), 1)
	return err
}

func (x *bundleIndex) setSnappy(line) error {
	x.compression, x.snappy = 1, true
	return nil
}

func (x *bundleIndex) setCompression(l line) error {
	n, err := l.number(0)
	x.compression = byte(n)
	return err
}

// bytes writes the table: the blocks, one that nothing uses, the one that finds the
// others, and the footer.
func (x *bundleIndex) bytes() []byte {
	x.flush()
	out := slices.Clone(x.lead)
	put := func(b *bundleBlock, compression byte) string {
		text := b.finished()
		if x.snappy && compression == 1 {
			text = snappyLiterals(text)
		}
		handle := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(out))), uint64(len(text)))
		text = append(text, compression)
		sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
		sum = (sum>>15 | sum<<17) + 0xa282ead8
		if b.broken {
			sum++
		}
		out = binary.LittleEndian.AppendUint32(append(out, text...), sum)
		return string(handle)
	}
	finder := &bundleIndex{blocks: make([]bundleBlock, 1), interval: 1, split: true}
	for i := range x.blocks {
		b := &x.blocks[i]
		handle := put(b, x.compression)
		key := successor(b.last)
		if i+1 < len(x.blocks) {
			key = separator(b.last, x.blocks[i+1].first())
		}
		if b.finder != nil {
			key = *b.finder
		}
		finder.add(key, []byte(handle))
		if b.again {
			finder.add(key+"~", []byte(handle))
		}
	}
	footer := put(&bundleBlock{}, 0)
	footer += put(finder.current(), x.compression)
	footer += strings.Repeat("\x00", 40-len(footer))
	return binary.LittleEndian.AppendUint64(append(out, footer...), 0xdb4775248b80fb57)
}

// finished is the text of a block with its restarts.
func (b *bundleBlock) finished() []byte {
	restarts := b.restarts
	if len(restarts) == 0 {
		restarts = []uint32{0}
	}
	if b.claimed != nil {
		restarts = b.claimed
	}
	out := slices.Clone(b.text)
	for _, r := range restarts {
		out = binary.LittleEndian.AppendUint32(out, r)
	}
	return binary.LittleEndian.AppendUint32(out, uint32(len(restarts)))
}

// first is the first key of a block.
func (b *bundleBlock) first() string {
	var n [3]int
	at := 0
	for i := range n {
		v, used := binary.Uvarint(b.text[at:])
		n[i] = int(v)
		at += max(used, 0)
	}
	return string(b.text[at : at+n[1]])
}

// separator is the shortest key from one key up to another, and successor one that is no
// less than a key (FindShortestSeparator and FindShortSuccessor of LevelDB's bytewise order).
func separator(from, to string) string {
	same := 0
	for same < min(len(from), len(to)) && from[same] == to[same] {
		same++
	}
	if same < min(len(from), len(to)) && from[same] < 0xff && from[same]+1 < to[same] {
		return from[:same] + string([]byte{from[same] + 1})
	}
	return from
}

func successor(key string) string {
	for i := range len(key) {
		if key[i] != 0xff {
			return key[:i] + string([]byte{key[i] + 1})
		}
	}
	return key
}

// snappyLiterals writes a block of Snappy that repeats nothing.
func snappyLiterals(text []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(len(text)))
	for chunk := range slices.Chunk(text, 256) {
		out = append(out, 60<<2, byte(len(chunk)-1))
		out = append(out, chunk...)
	}
	return out
}
