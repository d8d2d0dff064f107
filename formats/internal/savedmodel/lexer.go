package savedmodel

import (
	"strconv"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// lexer reads the tokens of text form.
type lexer struct {
	text []byte
	at   int
}

func (l *lexer) malformed(want string, args ...any) error {
	return bounds.Malformedf(int64(l.at), "text form: want "+want, args...)
}

// peek returns the next byte, 0 at the end.
func (l *lexer) peek() byte {
	if l.at < len(l.text) {
		return l.text[l.at]
	}
	return 0
}

// blank passes over white space and comments.
func (l *lexer) blank() {
	for l.at < len(l.text) {
		switch l.text[l.at] {
		case ' ', '\t', '\n', '\r', '\v', '\f':
			l.at++
		case '#':
			for l.at < len(l.text) && l.text[l.at] != '\n' {
				l.at++
			}
		default:
			return
		}
	}
}

// word reads a name.
func (l *lexer) word() string {
	start := l.at
	for l.at < len(l.text) && wordByte(l.text[l.at]) {
		l.at++
	}
	return string(l.text[start:min(l.at, start+maxName)])
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// token reads a name or number. A sign may stand apart from its number.
func (l *lexer) token() string {
	sign := ""
	if l.peek() == '-' {
		sign = "-"
		l.at++
		l.blank()
	}
	start := l.at
	for l.at < len(l.text) {
		c := l.text[l.at]
		exponent := (c == '+' || c == '-') && l.at > start && (l.text[l.at-1] == 'e' || l.text[l.at-1] == 'E')
		if !wordByte(c) && c != '.' && !exponent {
			break
		}
		l.at++
	}
	return sign + string(l.text[start:min(l.at, start+maxName)])
}

// literal reads one or more strings that stand side by side and are one.
func (l *lexer) literal() ([]byte, error) {
	var out []byte
	found := false
	for {
		l.blank()
		quote := l.peek()
		if quote != '"' && quote != '\'' {
			if !found {
				return nil, l.malformed("a string")
			}
			return out, nil
		}
		found = true
		l.at++
		for l.peek() != quote {
			switch c := l.peek(); {
			case l.at >= len(l.text) || c == '\n':
				return nil, l.malformed("the end of a string")
			case c == '\\':
				l.at++
				b, err := l.escape()
				if err != nil {
					return nil, err
				}
				out = append(out, b...)
			default:
				out = append(out, c)
				l.at++
			}
		}
		l.at++
	}
}

var escapes = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '?': '?', '\'': '\'', '"': '"'}

// escape reads what stands behind a backslash: a letter, up to three octal or two
// hexadecimal digits, or a character by its number.
func (l *lexer) escape() ([]byte, error) {
	c := l.peek()
	if b, ok := escapes[c]; ok {
		l.at++
		return []byte{b}, nil
	}
	base, most := 8, 3
	switch c {
	case 'x', 'X':
		base, most = 16, 2
	case 'u':
		base, most = 16, 4
	case 'U':
		base, most = 16, 8
	}
	if base == 16 {
		l.at++
	}
	start := l.at
	for l.at < len(l.text) && l.at < start+most && digit(l.text[l.at], base) {
		l.at++
	}
	v, err := strconv.ParseUint(string(l.text[start:l.at]), base, 32)
	if err != nil {
		return nil, l.malformed("an escape sequence")
	}
	if c == 'u' || c == 'U' {
		return utf8.AppendRune(nil, rune(v)), nil
	}
	return []byte{byte(v)}, nil
}

func digit(c byte, base int) bool {
	if base == 8 {
		return '0' <= c && c <= '7'
	}
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
