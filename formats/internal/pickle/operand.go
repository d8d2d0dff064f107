package pickle

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// integer reads a little-endian number.
func (w *walker) integer(arg operand) (int64, error) {
	b, err := w.src.Bytes(w.pos, widths[arg])
	if err != nil {
		return 0, err
	}
	w.pos += widths[arg]
	var n uint64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	if arg == int4 || arg == counted4signed {
		return int64(int32(n)), nil
	}
	return int64(n), nil
}

// number executes the opcodes with a number.
func (w *walker) number(op byte, arg operand) error {
	n, err := w.integer(arg)
	if err != nil {
		return err
	}
	switch op {
	case 0x80: // PROTO
		if n > 5 {
			w.faultf("pickle protocol %d", n)
		}
		w.proto = int(n)
		w.p.Protocol = max(w.p.Protocol, w.proto)
		return nil
	case 0x95: // FRAME
		if n < 0 || n > w.src.Size()-w.pos {
			w.faultf("frame of %d bytes reaches past the end", uint64(n))
			return nil
		}
		if w.pos >= w.frameEnd {
			w.frameEnd = w.pos + n
		}
		return nil
	case 'h', 'j':
		return w.recall(n)
	case 'q', 'r':
		return w.remember(n)
	case 0x82, 0x83, 0x84: // EXT
		v := &Value{Kind: Global, active: true, size: 2, gen: w.gen, Args: w.int(n)}
		if err := w.push(v); err != nil {
			return err
		}
		return w.event(Extension, v)
	case 'G':
		return w.push(floatSome)
	}
	return w.push(w.int(n))
}

// smallInts are shared: most numbers in a pickle are small.
var smallInts = func() (list [256]*Value) {
	for i := range list {
		list[i] = &Value{Kind: Int, Text: strconv.Itoa(i)}
	}
	return list
}()

func (w *walker) int(n int64) *Value {
	if n >= 0 && n < int64(len(smallInts)) {
		return smallInts[n]
	}
	return &Value{Kind: Int, Text: strconv.FormatInt(n, 10), size: 1, gen: w.gen}
}

// counted executes the opcodes with a text, bytes or a long behind its length.
func (w *walker) counted(op byte, arg operand) error {
	n, err := w.integer(arg)
	if err != nil {
		return err
	}
	if n < 0 || n > w.src.Size()-w.pos {
		return bounds.Malformedf(w.op, "%s of %d bytes reaches past the end", opcodes[op].name, uint64(n))
	}
	head, err := w.src.Bytes(w.pos, min(n, KeptText))
	if err != nil {
		return err
	}
	off := w.pos
	w.pos += n
	if op == 0x8a || op == 0x8b { // LONG1, LONG4
		if n <= 8 {
			return w.push(w.int(signed(head)))
		}
		return w.push(&Value{Kind: Int, size: 1, gen: w.gen})
	}
	v := &Value{Kind: Bytes, Text: string(head), Len: n, Off: off, gen: w.gen}
	switch op {
	case 'X', 0x8c, 0x8d:
		v.Kind, v.Latin1 = Text, true
	case 'T', 'U':
		v.Kind = Text
	}
	return w.pushText(v)
}

// pushText pushes a text or bytes. Those that may be read by something else are noted.
func (w *walker) pushText(v *Value) error {
	v.size = 1 + uint32(len(v.Text)/valueSize)
	if embeds(v.Text) {
		if len(w.p.Embedded) == maxEmbedded {
			return bounds.Unsupportedf(w.op, "more than %d texts in a pickle that may hold something", maxEmbedded)
		}
		v.Embedded = true
		w.p.Embedded = append(w.p.Embedded, v)
	}
	return w.push(v)
}

// embeds reports whether a text begins as a pickle of protocol 2 to 5, also as
// the UTF-8 of such bytes, or as a zip or tar archive.
func embeds(s string) bool {
	if rest, ok := strings.CutPrefix(s, "\xc2\x80"); ok {
		s = "\x80" + rest
	}
	const magic = 257 // of tar
	if len(s) > magic+5 && s[magic:magic+5] == "ustar" {
		return true
	}
	return len(s) > 3 && (s[0] == 0x80 && s[1] >= 2 && s[1] <= 5 || s[:4] == "PK\x03\x04")
}

// signed reads a little-endian number in two's complement.
func signed(b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	var n uint64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	shift := 64 - 8*len(b)
	return int64(n<<shift) >> shift
}

// readLine returns the text up to the next newline, at most KeptText bytes of it.
// Where the stream ends before, CPython takes all but the last byte.
func (w *walker) readLine() (text string, err error) {
	start, end := w.pos, int64(-1)
	for at := start; end < 0; {
		n := min(256, w.src.Size()-at)
		if n <= 0 && at > start {
			end = at - 1
			break
		}
		if n <= 0 {
			return "", bounds.Malformedf(w.op, "%s without its argument", w.name())
		}
		chunk, err := w.src.Bytes(at, n)
		if err != nil {
			return "", err
		}
		if i := bytes.IndexByte(chunk, '\n'); i >= 0 {
			end = at + int64(i)
		}
		at += n
		if err := w.src.Budget.Step(n >> 6); err != nil {
			return "", err
		}
	}
	w.pos = end + 1
	b, err := w.src.Bytes(start, min(end-start, KeptText))
	return string(b), err
}

// lines executes the opcodes of protocol 0 with text arguments.
func (w *walker) lines(op byte) error {
	first, err := w.readLine()
	if err != nil {
		return err
	}
	switch op {
	case 'c', 'i':
		second, err := w.readLine()
		if err != nil {
			return err
		}
		if op == 'c' {
			return w.global(first, second)
		}
		args := w.tuple(w.popMark())
		if err := w.global(first, second); err != nil {
			return err
		}
		return w.call(w.pop(), args)
	case 'F':
		return w.push(floatSome)
	case 'I', 'L':
		return w.push(w.numberLine(op, first))
	case 'S':
		text, ok := unquote(first)
		if !ok && len(first) < KeptText { // else its end was cut off here
			w.faultf("STRING without quotes")
		}
		return w.pushText(w.lineText(text, first))
	case 'V':
		v := w.lineText(unescapeUnicode(first), first)
		v.Latin1 = true
		return w.pushText(v)
	case 'P':
		return w.persistent(&Value{Kind: Text, Text: first, Len: int64(len(first)), Off: -1, size: 1, gen: w.gen})
	}
	n, ok := pythonInt(first) // GET, PUT
	if !ok || n < 0 {
		w.faultf("memo key %q", first)
		n = -1
	}
	if op == 'p' {
		return w.remember(n)
	}
	return w.recall(n)
}

// lineText is the text that a line stands for, of which readLine may have kept the
// beginning only.
func (w *walker) lineText(text, line string) *Value {
	v := &Value{Kind: Text, Text: text, Len: int64(len(text)), Off: -1, gen: w.gen}
	if len(line) >= KeptText {
		v.Len++
	}
	return v
}

// pythonInt reads a decimal number as int() does: blanks around it, a sign, and
// single underscores between digits.
func pythonInt(s string) (int64, bool) {
	s = strings.Trim(s, " \t\r\v\f")
	if strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") || strings.HasPrefix(s, "+_") || strings.HasPrefix(s, "-_") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	return n, err == nil
}

// numberLine reads the number of INT or LONG; INT is also bool.
func (w *walker) numberLine(op byte, s string) *Value {
	switch {
	case op == 'I' && s == "00":
		return falseBool
	case op == 'I' && s == "01":
		return trueValue
	}
	s = strings.TrimSuffix(strings.TrimSpace(s), "L")
	if n, ok := pythonInt(s); ok {
		return w.int(n)
	}
	return &Value{Kind: Int, Text: s, size: 1 + uint32(len(s)/valueSize), gen: w.gen}
}
