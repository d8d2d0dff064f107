package formatstest

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// encode rewrites UTF-8 text in another encoding, named as Python names them:
// utf-16 and utf-32 write a byte order mark and are little-endian.
func encode(text []byte, encoding string) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("cannot encode as %s: the text is not UTF-8", encoding)
	}
	runes := []rune(string(text))
	switch encoding {
	case "utf-8-sig":
		return append([]byte("\xef\xbb\xbf"), text...), nil
	case "utf-16":
		return encode16(binary.LittleEndian, append([]rune{0xfeff}, runes...)), nil
	case "utf-16-le":
		return encode16(binary.LittleEndian, runes), nil
	case "utf-16-be":
		return encode16(binary.BigEndian, runes), nil
	case "utf-32":
		return encode32(binary.LittleEndian, append([]rune{0xfeff}, runes...)), nil
	case "utf-32-le":
		return encode32(binary.LittleEndian, runes), nil
	case "utf-32-be":
		return encode32(binary.BigEndian, runes), nil
	case "latin-1":
		return encodeLatin1(runes)
	}
	return nil, fmt.Errorf("unknown encoding %q", encoding)
}

func encode16(order binary.AppendByteOrder, runes []rune) []byte {
	var out []byte
	for _, u := range utf16.Encode(runes) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func encode32(order binary.AppendByteOrder, runes []rune) []byte {
	var out []byte
	for _, r := range runes {
		out = order.AppendUint32(out, uint32(r))
	}
	return out
}

func encodeLatin1(runes []rune) ([]byte, error) {
	var out []byte
	for _, r := range runes {
		if r > 0xff {
			return nil, fmt.Errorf("%q has no byte in latin-1", r)
		}
		out = append(out, byte(r))
	}
	return out, nil
}
