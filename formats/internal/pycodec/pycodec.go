// Package pycodec decodes the text forms of Python bytes that Keras writes code in.
package pycodec

import (
	"fmt"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// FuncLoad returns the marshalled code that a string of a configuration holds, as
// func_load of Keras 2 and 3 reads it (keras/src/utils/python_utils.py): base64,
// and where the text is not ASCII or not base64 the characters themselves.
func FuncLoad(s string) []byte {
	if code, err := Base64(s); err == nil {
		return code
	}
	return RawUnicodeEscape(s)
}

// digits maps characters to their value in base64, 0xff for all others.
var digits = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	return t
}()

// Base64 decodes as binascii.a2b_base64 does when it is not strict: characters
// outside of the alphabet are skipped, and complete padding ends the data whatever
// follows. The error is that of binascii.Error, or of a character that is not ASCII.
func Base64(s string) ([]byte, error) {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return nil, bounds.Malformedf(int64(i), "base64 with a character that is not ASCII")
		}
	}
	out := make([]byte, 0, len(s)/4*3+2)
	var left byte
	quad, pads := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == '=' {
			if pads++; quad >= 2 && quad+pads >= 4 {
				return out, nil
			} else if quad < 2 {
				pads = 0 // a pad before two digits counts for nothing
			}
			continue
		}
		v := digits[s[i]]
		if v == 0xff {
			continue
		}
		pads = 0
		switch quad {
		case 0:
			left = v
		case 1:
			out = append(out, left<<2|v>>4)
			left = v & 0xf
		case 2:
			out = append(out, left<<4|v>>2)
			left = v & 0x3
		case 3:
			out = append(out, left<<6|v)
		}
		quad = (quad + 1) % 4
	}
	switch quad {
	case 0:
		return out, nil
	case 1:
		return nil, bounds.Malformedf(int64(len(s)), "base64 of a number of digits that is 1 more than a multiple of 4")
	}
	return nil, bounds.Malformedf(int64(len(s)), "base64 with incomplete padding")
}

// RawUnicodeEscape encodes as str.encode("raw_unicode_escape") does: characters up
// to U+00FF are one byte each, others \uXXXX or \UXXXXXXXX. s may hold lone
// surrogates as three-byte sequences.
func RawUnicodeEscape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 && i+3 <= len(s) && s[i] == 0xed {
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
