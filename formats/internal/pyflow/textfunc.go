package pyflow

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// textFunctions are functions that make strings.
var textFunctions map[string]func(f *frame, args *arguments) *set

func init() {
	decode := func(codec string) func(f *frame, args *arguments) *set {
		return func(f *frame, args *arguments) *set {
			s, ok := text(args.arg(0, ""))
			if !ok {
				return computed
			}
			return f.decoded(s, codec)
		}
	}
	textFunctions = map[string]func(f *frame, args *arguments) *set{
		"base64.b64decode": decode("base64"), "base64.standard_b64decode": decode("base64"), "base64.decodebytes": decode("base64"),
		"binascii.a2b_base64": decode("base64"), "binascii.unhexlify": decode("hex"), "binascii.a2b_hex": decode("hex"),
		"bytes.fromhex": decode("hex"), "bytearray.fromhex": decode("hex"), "base64.b16decode": decode("hex"),
		"codecs.decode": textCodec, "codecs.encode": textCodec,
		"chr": textChr, "unichr": textChr,
		"str": textStr, "unicode": textStr, "bytes": textBytes, "bytearray": textBytes,
		"str.join": func(f *frame, args *arguments) *set { return f.joined(args.arg(0, ""), args.arg(1, "")) },
		"format":   textStr, "repr": textComputed, "ascii": textComputed, "hex": textComputed, "oct": textComputed, "bin": textComputed,
	}
}

func textComputed(*frame, *arguments) *set { return computed }

func textCodec(f *frame, args *arguments) *set {
	s, ok := text(args.arg(0, "obj"))
	codec, ok2 := text(args.arg(1, "encoding"))
	if !ok || !ok2 {
		return computed
	}
	return f.decoded(s, codec)
}

func textChr(f *frame, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return nil
	}
	out := empty
	for _, a := range x.atoms {
		k, ok := index(only(a))
		if !ok || k < 0 || k > utf8.MaxRune {
			return computed
		}
		out = f.z.join(out, f.made(string(rune(k))))
	}
	if len(out.atoms) == 0 {
		return computed
	}
	return out
}

func textStr(f *frame, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return nil
	}
	if args.arg(1, "encoding") != nil {
		if s, ok := text(x); ok {
			return f.made(s)
		}
	}
	return f.shown(x)
}

// textBytes is bytes of a sequence of small ints.
func textBytes(f *frame, args *arguments) *set {
	x := args.arg(0, "")
	if x == nil {
		return nil
	}
	if s, ok := text(x); ok {
		return f.made(s)
	}
	list, ok := f.sequence(x)
	if !ok {
		return computed
	}
	b := make([]byte, 0, len(list))
	for _, e := range list {
		k, ok := index(e)
		if !ok || k < 0 || k > 255 {
			return computed
		}
		b = append(b, byte(k))
	}
	return f.made(string(b))
}

// decoded is a string after one of the codecs that hide text.
func (f *frame) decoded(s, codec string) *set {
	if len(s) > textLimit {
		return computed
	}
	switch strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(codec)) {
	case "rot13":
		return f.made(strings.Map(rot13, s))
	case "hex", "hexcodec":
		if b, err := hex.DecodeString(s); err == nil {
			return f.made(string(b))
		}
	case "base64", "base64codec":
		s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
		if b, err := base64.RawStdEncoding.DecodeString(s); err == nil {
			return f.made(string(b))
		}
	case "utf8", "ascii", "latin1", "iso88591", "usascii":
		return f.made(s)
	}
	return computed
}

func rot13(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return 'a' + (r-'a'+13)%26
	case r >= 'A' && r <= 'Z':
		return 'A' + (r-'A'+13)%26
	}
	return r
}

// joined is sep.join(v).
func (f *frame) joined(sep, v *set) *set {
	s, ok := text(sep)
	if !ok || v == nil {
		return computed
	}
	if t, isText := text(v); isText {
		return f.made(strings.Join(strings.Split(t, ""), s))
	}
	list, complete := f.sequence(v)
	if !complete {
		return computed
	}
	parts := make([]string, len(list))
	n := 0
	for i, e := range list {
		if parts[i], ok = text(e); !ok {
			return computed
		}
		n += len(parts[i]) + len(s)
	}
	if n > textLimit {
		return computed
	}
	return f.made(strings.Join(parts, s))
}
