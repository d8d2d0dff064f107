package pyjson

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// str reads a string at its opening quote (scanstring_unicode, strict). Without
// escapes its text is a part of the document; nothing is copied.
func (d *Decoder) str() (Token, error) {
	start := d.pos
	i := start + 1
	for i < len(d.s) {
		switch c := d.s[i]; {
		case c == '"':
			d.pos = i + 1
			return Token{String, int64(start), int64(d.pos), d.s[start+1 : i]}, nil
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ':
			return Token{}, bounds.Malformedf(int64(i), "not JSON: control character in a string")
		}
		i++
	}
	return Token{}, bounds.Malformedf(int64(start), "not JSON: string does not end")
}

// escaped reads on from the first escape, at i.
func (d *Decoder) escaped(start, i int) (Token, error) {
	out := append(make([]byte, 0, 2*(i-start)+16), d.s[start+1:i]...)
	for i < len(d.s) {
		switch c := d.s[i]; {
		case c == '"':
			d.pos = i + 1
			return Token{String, int64(start), int64(d.pos), string(out)}, nil
		case c == '\\':
			r, n := escape(d.s[i:])
			if n == 0 {
				return Token{}, bounds.Malformedf(int64(i), "not JSON: escape in a string")
			}
			out = appendRune(out, r)
			i += n
		case c < ' ':
			return Token{}, bounds.Malformedf(int64(i), "not JSON: control character in a string")
		default:
			out = append(out, c)
			i++
		}
	}
	return Token{}, bounds.Malformedf(int64(start), "not JSON: string does not end")
}

// simple maps the character after a backslash to what it stands for.
var simple = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads the escape that s begins with and returns its length, 0 if it is
// none. Two escapes of a surrogate pair are one character, a surrogate alone is kept.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if c := simple[s[1]]; c != 0 {
		return rune(c), 2
	}
	r, ok := unicodeEscape(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) && len(s) >= 12 {
		if low, ok := unicodeEscape(s[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return r, 6
}

// unicodeEscape reads \uXXXX. Only hexadecimal digits count, as in the C scanner.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
