package pyjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// special marks the bytes of a string that need a look: quote, backslash and
// control characters.
var special = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// str reads a string at its opening quote (scanstring_unicode, strict); false if
// it fails. Without escapes the token's text is a part of the document.
func (d *Decoder) str(t *Token, kind Kind) bool {
	s := d.s
	from := d.pos + 1
	copied := false // what is before from lies decoded in scratch
	for i := from; ; {
		for i < len(s) && !special[s[i]] {
			i++
		}
		if i >= len(s) {
			d.fail(d.pos, "string does not end")
			return false
		}
		switch s[i] {
		case '"':
			text := s[from:i]
			if copied {
				d.scratch = append(d.scratch, text...)
				text = string(d.scratch)
			}
			d.token(t, kind, i+1, text)
			return true
		case '\\':
			if !copied {
				d.scratch, copied = d.scratch[:0], true
			}
			d.scratch = append(d.scratch, s[from:i]...)
			r, n := d.escape(i)
			if n == 0 {
				return false
			}
			d.scratch = appendRune(d.scratch, r)
			i += n
			from = i
		default:
			d.fail(i, "control character in a string")
			return false
		}
	}
}

// simple maps the character after a backslash to what it stands for.
var simple = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads the escape at i and returns its length; 0 if it fails. Two escapes
// of a surrogate pair are one character, a surrogate alone is kept.
func (d *Decoder) escape(i int) (r rune, n int) {
	s := d.s[i:]
	if len(s) < 2 {
		d.fail(d.pos, "string does not end")
		return 0, 0
	}
	if c := simple[s[1]]; c != 0 {
		return rune(c), 2
	}
	if s[1] != 'u' {
		d.fail(i, "unknown escape in a string")
		return 0, 0
	}
	r, ok := unicodeEscape(s)
	if !ok {
		d.fail(i+1, `\u without four hexadecimal digits in a string`)
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unicodeEscape(s[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return r, 6
}

// unicodeEscape reads \uXXXX. Only hexadecimal digits count, where int(x, 16) of
// the scanner in pure Python would take more, and the text must not end with them.
func unicodeEscape(s string) (rune, bool) {
	if len(s) <= 6 || s[0] != '\\' || s[1] != 'u' {
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
