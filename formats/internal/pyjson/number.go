package pyjson

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// maxIntDigits is how many digits an integer may have that int() converts:
// sys.int_info.default_max_str_digits of CPython 3.11, and of 3.7 to 3.10 since
// their releases of September 2022. Those before, and a process that lifts the
// limit, read longer ones.
const maxIntDigits = 4300

// number reads a number, or fails.
func (d *Decoder) number(t *Token) {
	rest := d.s[d.pos:]
	if strings.HasPrefix(rest, "-Infinity") {
		d.word(t, Number, "-Infinity")
		return
	}
	n, digits := number(rest)
	if n == 0 {
		d.fail(d.pos, "expected a value")
		return
	}
	if digits > maxIntDigits && d.note == nil {
		d.note = bounds.Malformedf(int64(d.pos), "integer of %d digits, of which CPython since 3.11 reads %d", digits, maxIntDigits)
	}
	d.token(t, Number, d.pos+n, rest[:n])
}

// number returns the length of the number that s begins with, 0 if there is none
// (_match_number_unicode): a fraction or exponent without digits is not part of
// it. If it is an integer, digits is how many digits it has.
func number(s string) (n, digits int) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	first := i
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && s[i] >= '1' && s[i] <= '9':
		i = skipDigits(s, i)
	default:
		return 0, 0
	}
	digits = i - first
	if i < len(s) && s[i] == '.' {
		if j := skipDigits(s, i+1); j > i+1 {
			i, digits = j, 0
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if k := skipDigits(s, j); k > j {
			i, digits = k, 0
		}
	}
	return i, digits
}

// skipDigits returns the offset behind the ASCII digits at i; no others count.
func skipDigits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}
