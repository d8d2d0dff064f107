package pyjson

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Kind is the kind of a Token. The zero Kind is invalid.
type Kind uint8

const (
	BeginObject Kind = iota + 1
	EndObject
	BeginArray
	EndArray
	Key    // a string before a colon
	String // a string as a value
	Number // NaN and the infinities too
	Literal
	EOF
)

// Token is one piece of a document. Start and End are byte offsets in the text,
// quotes included.
type Token struct {
	Kind       Kind
	Start, End int64
	// Text is the decoded string of a Key or String, the source of a Number or
	// Literal. It is a part of the document wherever nothing had to be decoded.
	Text string
}

// Decoder reads the tokens of a document, at any depth without recursion. What it
// has delivered before an error is what Python would have read by then; the
// error's offset is that of JSONDecodeError.pos, in bytes, as CPython up to 3.12
// has it (3.13 points at a trailing comma itself, not behind it).
type Decoder struct {
	s       string
	pos     int
	budget  *bounds.Budget
	open    []byte // the closing bracket of each open container
	expect  expectation
	scratch []byte // where strings with escapes are put together
	err     error  // what ended the reading
}

type expectation uint8

const (
	value      expectation = iota
	firstKey               // a key or the end of the object
	firstValue             // a value or the end of the array
	separator              // a comma or the end of the container, the end of the text outside
)

// NewDecoder returns a decoder of a document. Its depth and its tokens are paid
// from the budget.
func NewDecoder(text string, b *bounds.Budget) *Decoder {
	return &Decoder{s: text, budget: b}
}

// Next returns the next token. After the whole document it returns EOF; anything
// but white space after the value is an error, as in json.loads. After an error it
// returns the same error again.
func (d *Decoder) Next() (t Token, err error) {
	if d.err == nil {
		if d.err = d.budget.Step(1); d.err == nil {
			d.read(&t)
		}
	}
	return t, d.err
}

// read reads a token into t, which it leaves alone if it fails.
func (d *Decoder) read(t *Token) {
	c := d.space()
	switch d.expect {
	case separator:
		d.separated(t, c)
	case firstKey:
		if c == '}' {
			d.end(t, EndObject)
		} else {
			d.key(t, c)
		}
	case firstValue:
		if c == ']' {
			d.end(t, EndArray)
		} else {
			d.value(t, c)
		}
	default:
		d.value(t, c)
	}
}

// space skips white space as json.decoder.WHITESPACE has it, no others of Unicode,
// and returns the byte after it: 0 at the end of the text. A NUL in the text is no
// JSON either.
func (d *Decoder) space() byte {
	for ; d.pos < len(d.s); d.pos++ {
		if c := d.s[d.pos]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// separated reads the token after a value, where c is what comes next.
func (d *Decoder) separated(t *Token, c byte) {
	if len(d.open) == 0 {
		if d.pos < len(d.s) {
			d.fail(d.pos, "extra data after the document")
			return
		}
		*t = Token{Kind: EOF, Start: int64(d.pos), End: int64(d.pos)}
		return
	}
	closing := d.open[len(d.open)-1]
	switch {
	case c == closing && c == '}':
		d.end(t, EndObject)
	case c == closing:
		d.end(t, EndArray)
	case c != ',':
		d.fail(d.pos, "expected a comma")
	default:
		d.pos++
		if c = d.space(); closing == '}' {
			d.key(t, c)
		} else {
			d.value(t, c)
		}
	}
}

func (d *Decoder) fail(pos int, what string) {
	d.err = bounds.Malformedf(int64(pos), "not JSON: %s", what)
}

// token fills t with a token that ends at an offset, and goes on from there.
func (d *Decoder) token(t *Token, kind Kind, end int, text string) {
	t.Kind, t.Start, t.End, t.Text = kind, int64(d.pos), int64(end), text
	d.pos = end
	d.expect = separator
}

func (d *Decoder) end(t *Token, kind Kind) {
	d.open = d.open[:len(d.open)-1]
	d.token(t, kind, d.pos+1, "")
}

// begin enters a container, which costs one byte of memory whatever its depth.
func (d *Decoder) begin(t *Token, kind Kind, closing byte, next expectation) {
	if err := d.budget.Depth(len(d.open) + 1); err != nil {
		e := bounds.As(err)
		e.Off = int64(d.pos)
		d.err = e
		return
	}
	d.open = append(d.open, closing)
	d.token(t, kind, d.pos+1, "")
	d.expect = next
}

// key reads a key and the colon behind it.
func (d *Decoder) key(t *Token, c byte) {
	if c != '"' {
		d.fail(d.pos, "expected a key in double quotes")
		return
	}
	if !d.str(t, Key) {
		return
	}
	if d.space() != ':' {
		d.fail(d.pos, "expected a colon")
		*t = Token{}
		return
	}
	d.pos++
	d.expect = value
}

// value reads a value or the beginning of one. Words are matched as prefixes, as
// scan_once_unicode does: what follows is looked at afterwards.
func (d *Decoder) value(t *Token, c byte) {
	switch c {
	case '"':
		d.str(t, String)
		return
	case '{':
		d.begin(t, BeginObject, '}', firstKey)
		return
	case '[':
		d.begin(t, BeginArray, ']', firstValue)
		return
	case 'n':
		d.word(t, Literal, "null")
		return
	case 't':
		d.word(t, Literal, "true")
		return
	case 'f':
		d.word(t, Literal, "false")
		return
	case 'N':
		d.word(t, Number, "NaN")
		return
	case 'I':
		d.word(t, Number, "Infinity")
		return
	}
	d.number(t)
}

func (d *Decoder) word(t *Token, kind Kind, word string) {
	if !strings.HasPrefix(d.s[d.pos:], word) {
		d.fail(d.pos, "expected a value")
		return
	}
	d.token(t, kind, d.pos+len(word), word)
}
