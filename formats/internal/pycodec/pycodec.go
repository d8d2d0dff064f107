// Package pycodec decodes the text forms of Python bytes that Keras writes code in.
package pycodec

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// FuncLoad returns the marshalled code that a string of a configuration holds, as
// func_load of Keras since 2.1.3 reads it (keras/src/utils/python_utils.py):
// base64, and where the text is not ASCII or not base64 the characters themselves.
func FuncLoad(s string) []byte {
	if code, err := Base64(s); err == nil {
		return code
	}
	return RawUnicodeEscape(s)
}

// Readings returns all byte strings that some release of Keras 2 or 3, on some
// release of Python, unmarshals for s. The first is that of FuncLoad. Others are
// there where they differ: the base64 text past its padding (Base64PastPadding),
// and the characters themselves, which is all that Keras up to 2.1.1 takes.
func Readings(s string) [][]byte {
	all := [][]byte{FuncLoad(s)}
	add := func(code []byte) {
		if !slices.ContainsFunc(all, func(have []byte) bool { return bytes.Equal(have, code) }) {
			all = append(all, code)
		}
	}
	if strings.Contains(strings.TrimRight(s, "= \t\r\n"), "=") { // or nothing is behind the padding
		if code, err := Base64PastPadding(s); err == nil {
			add(code)
		}
	}
	add(RawUnicodeEscape(s))
	return all
}

// RawUnicodeEscape encodes as str.encode("raw_unicode_escape") does: characters up
// to U+00FF are one byte each, others \uXXXX or \UXXXXXXXX. s may hold lone
// surrogates as three-byte sequences.
func RawUnicodeEscape(s string) []byte {
	if isASCII(s) {
		return []byte(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 && i+3 <= len(s) && s[i] == 0xed && s[i+1]&0xe0 == 0xa0 && s[i+2]&0xc0 == 0x80 {
			r, size = rune(s[i]&0xf)<<12|rune(s[i+1]&0x3f)<<6|rune(s[i+2]&0x3f), 3
		}
		switch {
		case r < 0x100:
			out = append(out, byte(r))
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = fmt.Appendf(out, `\U%08x`, r)
		}
		i += size
	}
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
