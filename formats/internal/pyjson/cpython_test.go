package pyjson

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// dump writes a document as testdata/record.py does.
func dump(d *Decoder) (string, error) {
	var b strings.Builder
	comma := false
	for {
		t, err := d.Next()
		if err != nil {
			return "", err
		}
		if comma && t.Kind != EndObject && t.Kind != EndArray && t.Kind != EOF {
			b.WriteByte(',')
		}
		comma = t.Kind != BeginObject && t.Kind != BeginArray && t.Kind != Key
		switch t.Kind {
		case EOF:
			return b.String(), nil
		case BeginObject:
			b.WriteByte('{')
		case BeginArray:
			b.WriteByte('[')
		case EndObject:
			b.WriteByte('}')
		case EndArray:
			b.WriteByte(']')
		case Key:
			fmt.Fprintf(&b, "\"%x\":", t.Text)
		case String:
			fmt.Fprintf(&b, "\"%x\"", t.Text)
		case Number:
			b.WriteString("#" + t.Text)
		case Literal:
			b.WriteString(t.Text)
		}
	}
}

// longInteger reports whether a dump has an integer that CPython since 3.11 refuses
// to convert.
func longInteger(dumped string) bool {
	for _, number := range strings.Split(dumped, "#")[1:] {
		digits := strings.TrimLeft(number, "-")
		rest := strings.TrimLeft(digits, "0123456789")
		if len(digits)-len(rest) > 4300 && strings.IndexAny(rest, ".eE") != 0 {
			return true
		}
	}
	return false
}

// result is what testdata/record.py records of a document.
func result(raw []byte, kind string) (string, error) {
	text, err := Text{}, error(nil)
	if kind == "bytes" {
		text, err = Decode(raw)
	} else if text, err = DecodeString(string(raw)); err != nil {
		return "json 0", err // the byte-order mark is all that json.loads refuses before it begins
	}
	if err != nil {
		return fmt.Sprint("unicode ", bounds.As(err).Off), err
	}
	d := NewDecoder(text.UTF8, budget())
	dumped, err := dump(d)
	switch {
	case err != nil:
		return fmt.Sprint("json ", codePoints(text.UTF8[:bounds.As(err).Off])), err
	case longInteger(dumped):
		return "digits " + dumped, nil
	}
	return "ok " + dumped, nil
}

// codePoints counts code points, surrogates included.
func codePoints(s string) (n int) {
	for i := range len(s) {
		if s[i]&0xc0 != 0x80 {
			n++
		}
	}
	return n
}

// TestCPython compares with what CPython made of the same documents.
func TestCPython(t *testing.T) {
	table, err := os.ReadFile("testdata/cpython.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		raw, err := hex.DecodeString(f[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := result(raw, f[1])
		if got != f[2] {
			t.Errorf("%.80q as %s is %.200s (%v), CPython: %.200s", raw, f[1], got, err, f[2])
		}
		if err != nil && bounds.As(err).Code != bounds.Malformed {
			t.Errorf("%.80q: error %v is not Malformed", raw, err)
		}
		for _, other := range f[3:] {
			if release, other, _ := strings.Cut(other, "="); !known(f[2], other) {
				t.Errorf("%.80q: Python %s differs in a way that nothing is written of: %.80s", raw, release, other)
			}
		}
	}
}

// known reports whether releases differ in a way that the documentation of this
// package names: where a trailing comma is reported, and how long integers may be.
func known(first, other string) bool {
	a, aDump, _ := strings.Cut(first, " ")
	b, bDump, _ := strings.Cut(other, " ")
	return a == "json" && b == "json" || a == "digits" && b == "ok" && aDump == bDump
}
