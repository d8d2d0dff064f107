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
	// Text is the decoded string of a Key or String, the source of a Number or Literal.
	Text string
}

// Decoder reads the tokens of a document, at any depth without recursion. What it
// has delivered before an error is what Python would have read by then.
type Decoder struct {
	s      string
	pos    int
	budget *bounds.Budget
	open   []byte // '{' or '[' of each open container
	expect expectation
}

type expectation uint8

const (
	value      expectation = iota
	firstKey               // a key or the end of the object
	nextKey                // a key
	firstValue             // a value or the end of the array
	separator              // a comma or the end of the container, the end of the text outside
)

// NewDecoder returns a decoder of a document. Its depth and its tokens are paid
// from the budget.
func NewDecoder(text string, b *bounds.Budget) *Decoder {
	return &Decoder{s: text, budget: b}
}

// Next returns the next token. After the whole document it returns EOF; anything
// but white space after the value is an error, as in json.loads.
func (d *Decoder) Next() (Token, error) {
	if err := d.budget.Step(1); err != nil {
		return Token{}, err
	}
	d.space()
	if d.expect == separator {
		t, done, err := d.separator()
		if done || err != nil {
			return t, err
		}
	}
	c := d.peek()
	switch d.expect {
	case firstKey:
		if c == '}' {
			return d.end(), nil
		}
		return d.keyToken()
	case nextKey:
		return d.keyToken()
	case firstValue:
		if c == ']' {
			return d.end(), nil
		}
	}
	return d.value(c)
}

// separator reads what may follow a value; done if that is a token by itself.
func (d *Decoder) separator() (t Token, done bool, err error) {
	c := d.peek()
	if len(d.open) == 0 {
		if d.pos < len(d.s) {
			return t, true, d.errorf("extra data after the document")
		}
		return Token{Kind: EOF, Start: int64(d.pos), End: int64(d.pos)}, true, nil
	}
	object := d.open[len(d.open)-1] == '{'
	switch {
	case object && c == '}', !object && c == ']':
		return d.end(), true, nil
	case c != ',':
		return t, true, d.errorf("expected a comma")
	}
	d.pos++
	d.space()
	d.expect = value
	if object {
		d.expect = nextKey
	}
	return t, false, nil
}

func (d *Decoder) errorf(what string) error {
	return bounds.Malformedf(int64(d.pos), "not JSON: %s", what)
}

// peek returns the next byte, 0 at the end of the text; a NUL in the text is no
// JSON either.
func (d *Decoder) peek() byte {
	if d.pos < len(d.s) {
		return d.s[d.pos]
	}
	return 0
}

// space skips white space as json.decoder.WHITESPACE has it: no others of Unicode.
func (d *Decoder) space() {
	for d.pos < len(d.s) {
		switch d.s[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

func (d *Decoder) end() Token {
	kind := EndArray
	if d.open[len(d.open)-1] == '{' {
		kind = EndObject
	}
	d.open = d.open[:len(d.open)-1]
	d.pos++
	d.expect = separator
	return Token{Kind: kind, Start: int64(d.pos - 1), End: int64(d.pos)}
}

func (d *Decoder) keyToken() (Token, error) {
	if d.peek() != '"' {
		return Token{}, d.errorf("expected a key in double quotes")
	}
	t, err := d.str()
	if err != nil {
		return Token{}, err
	}
	d.space()
	if d.peek() != ':' {
		return Token{}, d.errorf("expected a colon")
	}
	d.pos++
	d.expect = value
	t.Kind = Key
	return t, nil
}

func (d *Decoder) value(c byte) (Token, error) {
	switch c {
	case '"':
		t, err := d.str()
		d.expect = separator
		return t, err
	case '{', '[':
		if err := d.budget.Depth(len(d.open) + 1); err != nil {
			return Token{}, err
		}
		d.open = append(d.open, c)
		d.pos++
		t := Token{Kind: BeginObject, Start: int64(d.pos - 1), End: int64(d.pos)}
		d.expect = firstKey
		if c == '[' {
			t.Kind, d.expect = BeginArray, firstValue
		}
		return t, nil
	}
	start := d.pos
	kind := d.scalar()
	if kind == 0 {
		return Token{}, d.errorf("expected a value")
	}
	d.expect = separator
	return Token{kind, int64(start), int64(d.pos), d.s[start:d.pos]}, nil
}

// words are the values that are matched as prefixes, as the scanner of CPython
// does: what follows is looked at afterwards.
var words = []struct {
	text string
	kind Kind
}{{"null", Literal}, {"true", Literal}, {"false", Literal}, {"NaN", Number}, {"Infinity", Number}, {"-Infinity", Number}}

// scalar moves behind a literal or number and returns its kind, 0 if there is none.
func (d *Decoder) scalar() Kind {
	rest := d.s[d.pos:]
	for _, w := range words {
		if strings.HasPrefix(rest, w.text) {
			d.pos += len(w.text)
			return w.kind
		}
	}
	if n := number(rest); n > 0 {
		d.pos += n
		return Number
	}
	return 0
}

// number returns the length of the number that s begins with, 0 if there is none
// (_match_number_unicode): a fraction or exponent without digits is not part of it.
func number(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && s[i] >= '1' && s[i] <= '9':
		i += digits(s[i:])
	default:
		return 0
	}
	if i < len(s) && s[i] == '.' {
		if n := digits(s[i+1:]); n > 0 {
			i += 1 + n
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if n := digits(s[j:]); n > 0 {
			i = j + n
		}
	}
	return i
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
