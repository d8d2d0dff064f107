package pickle

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unquote decodes the argument of STRING, a literal of Python 2 in quotes
// (codecs.escape_decode); ok is false where the quotes are missing.
func unquote(s string) (text string, ok bool) {
	s = strings.TrimRight(s, " \t\r\v\f") // as Python 2 does
	if ok = len(s) >= 2 && s[0] == s[len(s)-1] && (s[0] == '\'' || s[0] == '"'); ok {
		s = s[1 : len(s)-1]
	}
	if !strings.Contains(s, `\`) {
		return s, ok
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c == 'x' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteString(`\x`)
		case c >= '0' && c <= '7':
			end := i + 1
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			n, _ := strconv.ParseUint(s[i:end], 8, 16) // only octal digits
			b.WriteByte(byte(n))
			i = end - 1
		default:
			if k := strings.IndexByte(`abfnrtv\'"`, c); k >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\\'\""[k])
			} else {
				b.WriteString(s[i-1 : i+1])
			}
		}
	}
	return b.String(), ok
}

// unescapeUnicode decodes the argument of UNICODE: raw_unicode_escape, in which
// bytes are characters up to U+00FF. A backslash that another one precedes an odd
// number of times begins no escape.
func unescapeUnicode(s string) string {
	var b strings.Builder
	slashes := 0
	for i := 0; i < len(s); i++ {
		digits := 0
		if s[i] == '\\' {
			slashes++
			if i+1 < len(s) && slashes%2 == 1 {
				digits = map[byte]int{'u': 4, 'U': 8}[s[i+1]]
			}
		} else {
			slashes = 0
		}
		if digits > 0 && i+2+digits <= len(s) {
			if n, err := strconv.ParseUint(s[i+2:i+2+digits], 16, 32); err == nil && n <= utf8.MaxRune {
				b.WriteRune(rune(n))
				i += 1 + digits
				slashes = 0
				continue
			}
		}
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}
