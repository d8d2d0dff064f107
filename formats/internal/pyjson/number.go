package pyjson

import (
	"strings"
)

// number reads a number, or fails.
func (d *Decoder) number(t *Token) {
	rest := d.s[d.pos:]
	if strings.HasPrefix(rest, "-Infinity") {
		d.word(t, Number, "-Infinity")
		return
	}
	n := number(rest)
	if n == 0 {
		d.fail(d.pos, "expected a value")
		return
	}
	d.token(t, Number, d.pos+n, rest[:n])
}

// number returns the length of the number that s begins with, 0 if there is none
// (_match_number_unicode): a fraction or exponent without digits is not part of
// it. An integer may be of any length: CPython since 3.11 converts 4,300 digits, older
// releases all.
func number(s string) (n int) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && s[i] >= '1' && s[i] <= '9':
		i = skipDigits(s, i)
	default:
		return 0
	}
	if i < len(s) && s[i] == '.' {
		if j := skipDigits(s, i+1); j > i+1 {
			i = j
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if k := skipDigits(s, j); k > j {
			i = k
		}
	}
	return i
}

// skipDigits returns the offset behind the ASCII digits at i; no others count.
func skipDigits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}
