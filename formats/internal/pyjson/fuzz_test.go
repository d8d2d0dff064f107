package pyjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// FuzzDecoder: tokens lie one after another within the text, and a document that
// encoding/json takes is read with the same values.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"\u00e9"}]}`, `[NaN,-Infinity,1e999]`, "\xff\xfe[\x00]\x00", `"\ud800"`, `{"a":1,"a":2}`, "\x00\x00\x00[\x00\x00\x00]", `["\"\\\/", -0.5E+7, true]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, err := DecodeString(string(data)); err == nil {
			if _, err := read(t, text.UTF8); err == nil && bytes.HasPrefix(data, []byte("\ufeff")) {
				t.Fatal("a byte-order mark is read as text")
			}
		}
		text, err := Decode(data)
		if err != nil {
			return
		}
		got, err := read(t, text.UTF8)
		if text.Encoding != "utf-8" || !utf8.Valid(data) || !json.Valid(data) {
			return
		}
		if err != nil {
			if bounds.As(err).Limit == "" {
				t.Fatalf("valid JSON is refused: %v", err)
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %#v, encoding/json has %#v", got, want)
		}
	})
}

// replaced returns a string with surrogates as encoding/json has them.
func replaced(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if surrogate(s[i:]) {
			out = append(out, "\ufffd"...)
			i += 3
			continue
		}
		out = append(out, s[i])
		i++
	}
	return string(out)
}

type level struct {
	object map[string]any // nil for an array
	array  []any
	key    string
}

// read returns a document's value as encoding/json makes it.
func read(t *testing.T, text string) (any, error) {
	d := NewDecoder(text, budget())
	open := []level{{}}
	last := int64(0)
	for {
		tok, err := d.Next()
		if err != nil {
			if off := bounds.As(err).Off; off < 0 || off > int64(len(text)) {
				t.Fatalf("error %v at offset %d of %d", err, off, len(text))
			}
			return nil, err
		}
		if tok.Start < last || tok.End < tok.Start || tok.End > int64(len(text)) || tok.End == tok.Start && tok.Kind != EOF {
			t.Fatalf("token %+v after offset %d of %d", tok, last, len(text))
		}
		last = tok.End
		top := &open[len(open)-1]
		var v any
		switch tok.Kind {
		case EOF:
			return open[0].array[0], nil
		case BeginObject:
			open = append(open, level{object: map[string]any{}})
			continue
		case BeginArray:
			open = append(open, level{array: []any{}})
			continue
		case Key:
			top.key = replaced(tok.Text)
			continue
		case EndObject, EndArray:
			v = any(top.array)
			if top.object != nil {
				v = top.object
			}
			open = open[:len(open)-1]
			top = &open[len(open)-1]
		case String:
			v = replaced(tok.Text)
		case Number:
			v = json.Number(tok.Text)
		case Literal:
			v = map[string]any{"true": true, "false": false, "null": nil}[tok.Text]
		}
		if top.object != nil {
			top.object[top.key] = v
		} else {
			top.array = append(top.array, v)
		}
	}
}
