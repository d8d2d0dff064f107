// Package pyjson reads JSON documents as CPython's json module does.
package pyjson

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Text is a decoded document.
type Text struct {
	// UTF8 is the document in UTF-8. A lone surrogate, which Python keeps, is its
	// three-byte sequence (ED A0..BF 80..BF).
	UTF8 string
	// Encoding is what the document was decoded from, as Python names it.
	Encoding string
}

// Decode decodes a document as json.loads does with bytes: the encoding is
// detected from a byte-order mark or from where the zero bytes are
// (json.detect_encoding), and surrogates pass.
func Decode(data []byte) (Text, error) {
	switch encoding := detect(data); encoding {
	case "utf-8":
		return validated(string(data), encoding)
	case "utf-8-sig":
		return validated(string(data[3:]), encoding)
	case "utf-16":
		if data[0] == 0xff {
			return decode16(data[2:], binary.LittleEndian, encoding)
		}
		return decode16(data[2:], binary.BigEndian, encoding)
	case "utf-16-le":
		return decode16(data, binary.LittleEndian, encoding)
	case "utf-16-be":
		return decode16(data, binary.BigEndian, encoding)
	case "utf-32":
		if data[0] == 0xff {
			return decode32(data[4:], binary.LittleEndian, encoding)
		}
		return decode32(data[4:], binary.BigEndian, encoding)
	case "utf-32-le":
		return decode32(data, binary.LittleEndian, encoding)
	default:
		return decode32(data, binary.BigEndian, encoding)
	}
}

// DecodeString takes a document that is text already, as json.loads does with a
// str: UTF-8, and a byte-order mark is an error.
func DecodeString(s string) (Text, error) {
	if strings.HasPrefix(s, "\ufeff") {
		return Text{}, bounds.Malformedf(0, "JSON text begins with a byte-order mark")
	}
	return validated(s, "utf-8")
}

// detect is json.detect_encoding.
func detect(b []byte) string {
	has := func(mark string) bool { return len(b) >= len(mark) && string(b[:len(mark)]) == mark }
	switch {
	case has("\x00\x00\xfe\xff"), has("\xff\xfe\x00\x00"):
		return "utf-32"
	case has("\xfe\xff"), has("\xff\xfe"):
		return "utf-16"
	case has("\xef\xbb\xbf"):
		return "utf-8-sig"
	}
	switch {
	case len(b) >= 4 && b[0] == 0:
		if b[1] != 0 {
			return "utf-16-be"
		}
		return "utf-32-be"
	case len(b) >= 4 && b[1] == 0:
		if b[2] != 0 || b[3] != 0 {
			return "utf-16-le"
		}
		return "utf-32-le"
	case len(b) == 2 && b[0] == 0:
		return "utf-16-be"
	case len(b) == 2 && b[1] == 0:
		return "utf-16-le"
	}
	return "utf-8"
}

// validated checks UTF-8 with surrogates let pass.
func validated(s, encoding string) (Text, error) {
	if utf8.ValidString(s) {
		return Text{s, encoding}, nil
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			if !surrogate(s[i:]) {
				return Text{}, bounds.Malformedf(int64(i), "document is not %s", encoding)
			}
			size = 3
		}
		i += size
	}
	return Text{s, encoding}, nil
}

// surrogate reports whether s begins with the three bytes of a surrogate.
func surrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && s[2] >= 0x80 && s[2] <= 0xbf
}

// appendRune appends a code point, a surrogate as its three bytes.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}

func decode16(data []byte, order binary.ByteOrder, encoding string) (Text, error) {
	if len(data)%2 != 0 {
		return Text{}, bounds.Malformedf(int64(len(data)), "document is not %s: it ends in half a code unit", encoding)
	}
	out := make([]byte, 0, len(data)/2+len(data)/8)
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) && i+4 <= len(data) {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(data[i+2:]))); pair != utf8.RuneError {
				r = pair
				i += 2
			}
		}
		out = appendRune(out, r)
	}
	return Text{string(out), encoding}, nil
}

func decode32(data []byte, order binary.ByteOrder, encoding string) (Text, error) {
	if len(data)%4 != 0 {
		return Text{}, bounds.Malformedf(int64(len(data)), "document is not %s: it ends in part of a code unit", encoding)
	}
	out := make([]byte, 0, len(data)/4+len(data)/16)
	for i := 0; i < len(data); i += 4 {
		u := order.Uint32(data[i:])
		if u > utf8.MaxRune {
			return Text{}, bounds.Malformedf(int64(i), "document is not %s: code point %#x", encoding, u)
		}
		out = appendRune(out, rune(u))
	}
	return Text{string(out), encoding}, nil
}
