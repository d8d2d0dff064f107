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
// detected from a byte-order mark or from where the zero bytes are, and surrogates
// pass (errors="surrogatepass").
func Decode(data []byte) (Text, error) {
	e := detect(data)
	var text string
	bad := -1
	switch body := data[e.mark:]; e.unit {
	case 1:
		text = string(body)
		bad = invalid(text)
	case 2:
		text, bad = decode16(body, e.order)
	case 4:
		text, bad = decode32(body, e.order)
	}
	if bad >= 0 {
		return Text{}, bounds.Malformedf(int64(e.mark+bad), "document is not %s", e.name)
	}
	return Text{text, e.name}, nil
}

// DecodeString takes a document that is text already, as json.loads does with a
// str: UTF-8, and a byte-order mark is an error. Bytes that are not UTF-8 become
// the surrogates U+DC80 to U+DCFF, as h5py reads strings of variable length since
// 3.0 (h5py/_hl/attrs.py, errors="surrogateescape"): a loader gets a document all
// the same. Strings of fixed length with such bytes are what Keras does not read.
func DecodeString(s string) (Text, error) {
	if strings.HasPrefix(s, "\ufeff") {
		return Text{}, bounds.Malformedf(0, "JSON text begins with a byte-order mark")
	}
	if !utf8.ValidString(s) {
		s = escapeInvalid(s)
	}
	return Text{s, "utf-8"}, nil
}

// escapeInvalid decodes UTF-8 with errors="surrogateescape".
func escapeInvalid(s string) string {
	out := make([]byte, 0, len(s)+len(s)/8)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			out = appendRune(out, 0xdc00|rune(s[i]))
		} else {
			out = append(out, s[i:i+size]...)
		}
		i += size
	}
	return string(out)
}

// encoding is how a document's characters are laid out.
type encoding struct {
	name  string // as Python names it
	unit  int    // bytes
	order binary.ByteOrder
	mark  int // bytes of the byte-order mark, which is no part of the text
}

// detect is json.detect_encoding. The marks of UTF-32 come before those of UTF-16,
// one of which they begin with.
func detect(b []byte) encoding {
	begins := func(mark string) bool { return len(b) >= len(mark) && string(b[:len(mark)]) == mark }
	switch {
	case begins("\x00\x00\xfe\xff"):
		return encoding{"utf-32", 4, binary.BigEndian, 4}
	case begins("\xff\xfe\x00\x00"):
		return encoding{"utf-32", 4, binary.LittleEndian, 4}
	case begins("\xfe\xff"):
		return encoding{"utf-16", 2, binary.BigEndian, 2}
	case begins("\xff\xfe"):
		return encoding{"utf-16", 2, binary.LittleEndian, 2}
	case begins("\xef\xbb\xbf"):
		return encoding{"utf-8-sig", 1, nil, 3}
	}
	wide := len(b) >= 4
	switch {
	case wide && b[0] == 0 && b[1] == 0:
		return encoding{"utf-32-be", 4, binary.BigEndian, 0}
	case wide && b[0] != 0 && b[1] == 0 && b[2] == 0 && b[3] == 0:
		return encoding{"utf-32-le", 4, binary.LittleEndian, 0}
	case (wide || len(b) == 2) && b[0] == 0:
		return encoding{"utf-16-be", 2, binary.BigEndian, 0}
	case (wide || len(b) == 2) && b[1] == 0:
		return encoding{"utf-16-le", 2, binary.LittleEndian, 0}
	}
	return encoding{"utf-8", 1, nil, 0}
}

// invalid returns the offset of the first bytes that are neither UTF-8 nor a
// surrogate in its three bytes (errors="surrogatepass"); -1 if there are none.
func invalid(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			if !surrogate(s[i:]) {
				return i
			}
			size = 3
		}
		i += size
	}
	return -1
}

// surrogateLead is the first of the three bytes of a surrogate. Characters from
// U+D000 to U+D7FF begin with it too.
const surrogateLead = 0xed

// surrogate reports whether s begins with the three bytes of a surrogate.
func surrogate(s string) bool {
	return len(s) >= 3 && s[0] == surrogateLead && s[1] >= 0xa0 && s[1] <= 0xbf && s[2] >= 0x80 && s[2] <= 0xbf
}

// appendRune appends a code point, a surrogate as its three bytes.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}

// decode16 decodes UTF-16 in which surrogates need no partner; bad is the offset of
// half a code unit at the end, -1 if there is none.
func decode16(data []byte, order binary.ByteOrder) (text string, bad int) {
	out := make([]byte, 0, len(data)/2+len(data)/8)
	for i := 0; i < len(data); i += 2 {
		if len(data)-i < 2 {
			return "", i
		}
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) && len(data)-i >= 4 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(data[i+2:]))); pair != utf8.RuneError {
				r = pair
				i += 2
			}
		}
		out = appendRune(out, r)
	}
	return string(out), -1
}

// decode32 decodes UTF-32; bad is the offset of what is no code point, -1 if there
// is nothing of the kind. Surrogates are code points here.
func decode32(data []byte, order binary.ByteOrder) (text string, bad int) {
	out := make([]byte, 0, len(data)/4+len(data)/16)
	for i := 0; i < len(data); i += 4 {
		if len(data)-i < 4 {
			return "", i
		}
		u := order.Uint32(data[i:])
		if u > utf8.MaxRune {
			return "", i
		}
		out = appendRune(out, rune(u))
	}
	return string(out), -1
}
