package formats

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPrintable is how many characters of one string from a model are shown.
const maxPrintable = 120

// Printable writes a string from a model for people: control characters, escape
// sequences, bidirectional and zero-width characters and bytes that are not UTF-8
// become visible as \u{...}, a long string loses its middle, and sequences that a
// CI log or a Markdown viewer would obey are broken. Every such string passes
// here before any reporter sees it; the function is idempotent on short strings.
func Printable(s string) string { return printable(s, maxPrintable) }

// PrintableText is Printable for text that contains several such strings, with
// its own cap in characters.
func PrintableText(s string, most int) string { return printable(s, most) }

func printable(s string, most int) string {
	if plain(s, most) {
		return s
	}
	var head, tail []string // escaped characters: the first and the last ones
	half := most / 2
	cut := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		c := escapeRune(s, i, r, size)
		i += size
		if len(head) < most-half {
			head = append(head, c)
			continue
		}
		tail = append(tail, c)
		if len(tail) > 4*most { // keep the window small on a text of megabytes
			cut += len(tail) - half
			tail = append(tail[:0], tail[len(tail)-half:]...)
		}
	}
	if n := len(tail) - half; n > 0 {
		cut += n
		tail = tail[n:]
	}
	if cut > 0 {
		head = append(head, "…")
	}
	return strings.Join(head, "") + strings.Join(tail, "")
}

// plain reports whether a string can be shown as it is; nearly all can.
func plain(s string, most int) bool {
	if len(s) > most {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ':' && i == 0 || c == '#' || c == '(' {
			return false
		}
	}
	return true
}

func escapeRune(s string, i int, r rune, size int) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\u{%x}`, s[i])
	case !unicode.IsPrint(r) || invisible(r):
		return fmt.Sprintf(`\u{%x}`, r)
	case r == ':' && i == 0 && strings.HasPrefix(s, "::"), // GitHub workflow command
		r == '#' && (strings.HasPrefix(s[i:], "##[") || strings.HasPrefix(s[i:], "##vso[")), // runner commands
		r == '(' && i > 0 && s[i-1] == ']':                                                  // Markdown link
		return fmt.Sprintf(`\u{%x}`, r)
	}
	return s[i : i+size]
}

// invisible characters count as printable in Unicode or change how others are shown.
func invisible(r rune) bool {
	return r == 0x00ad || r == 0x034f || r == 0x061c || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 ||
		r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f ||
		r >= 0xfe00 && r <= 0xfe0f || r == 0xfeff || r >= 0xe0000 && r <= 0xe0fff
}
