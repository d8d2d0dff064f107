package pycodec

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

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
func Base64(s string) ([]byte, error) { return a2b(s, true) }

// Base64PastPadding decodes as Base64 does, but goes on after padding, as CPython
// does since gh-145264 (3.13 and 3.14 from their releases of 2026, and 3.15).
func Base64PastPadding(s string) ([]byte, error) { return a2b(s, false) }

// a2b is the state machine of binascii_a2b_base64_impl. quad is the position in a
// group of four digits, pads how many "=" stand behind the last digit.
func a2b(s string, paddingEnds bool) ([]byte, error) {
	if !isASCII(s) {
		return nil, bounds.Malformedf(-1, "base64 with a character that is not ASCII")
	}
	out := make([]byte, 0, len(s)/4*3+2)
	var left byte
	quad, pads := 0, 0
	for i := range len(s) {
		if s[i] == '=' {
			pads++
			if paddingEnds && quad >= 2 && quad+pads >= 4 {
				return out, nil
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
	switch {
	case quad == 1:
		return nil, bounds.Malformedf(int64(len(s)), "base64 of a number of digits that is 1 more than a multiple of 4")
	case quad != 0 && quad+pads < 4:
		return nil, bounds.Malformedf(int64(len(s)), "base64 with incomplete padding")
	}
	return out, nil
}
