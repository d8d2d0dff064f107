package pyjson

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

func budget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{Steps: 1 << 30, Depth: 2000})
}

// dump writes a document as testdata/record.py does.
func dump(text string) (string, error) {
	var b strings.Builder
	comma := false
	d := NewDecoder(text, budget())
	for {
		t, err := d.Next()
		if err != nil {
			return "", err
		}
		if comma && t.Kind != EndObject && t.Kind != EndArray && t.Kind != EOF {
			b.WriteByte(',')
		}
		comma = true
		switch t.Kind {
		case EOF:
			return b.String(), nil
		case BeginObject, BeginArray:
			b.WriteString(map[Kind]string{BeginObject: "{", BeginArray: "["}[t.Kind])
			comma = false
		case EndObject:
			b.WriteByte('}')
		case EndArray:
			b.WriteByte(']')
		case Key:
			fmt.Fprintf(&b, "\"%x\":", t.Text)
			comma = false
		case String:
			fmt.Fprintf(&b, "\"%x\"", t.Text)
		case Number:
			b.WriteString("#" + t.Text)
		case Literal:
			b.WriteString(t.Text)
		}
	}
}

// TestCPython compares with what CPython made of the same documents.
func TestCPython(t *testing.T) {
	table, err := os.ReadFile("testdata/cpython.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSuffix(string(table), "\n"), "\n") {
		f := strings.Split(line, "\t")
		raw, err := hex.DecodeString(f[0])
		if err != nil {
			t.Fatal(err)
		}
		var text Text
		if f[1] == "bytes" {
			text, err = Decode(raw)
		} else {
			text, err = DecodeString(string(raw))
		}
		got := "error"
		if err == nil {
			var d string
			if d, err = dump(text.UTF8); err == nil {
				got = "ok " + d
			}
		}
		want := f[2]
		if !strings.HasPrefix(want, "ok ") {
			want = "error"
		}
		if got != want {
			t.Errorf("line %d: %q as %s is %s (%v), CPython: %s", n+1, raw, f[1], got, err, f[2])
		}
		if err != nil && bounds.As(err).Code != bounds.Malformed {
			t.Errorf("line %d: %q: error %v is not Malformed", n+1, raw, err)
		}
	}
}

// TestDeepNesting: a million nested arrays stop at the depth limit at once.
func TestDeepNesting(t *testing.T) {
	d := NewDecoder(strings.Repeat("[", 1_000_000), budget())
	for i := 0; ; i++ {
		if _, err := d.Next(); err != nil {
			if e := bounds.As(err); e.Limit != "Depth" || i != 2000 {
				t.Errorf("after %d tokens: %v", i, err)
			}
			return
		}
	}
}

// TestTruncation: no prefix of a document is a document.
func TestTruncation(t *testing.T) {
	doc := `{"a": [1, -2.5e3, "x\u00e9\ud83d\ude00", {"b": null, "c": [true, false, NaN]}], "d": -Infinity}`
	for i := range len(doc) {
		if d, err := dump(doc[:i]); err == nil {
			t.Errorf("the first %d bytes are a document: %s", i, d)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"\u00e9"}]}`, `[NaN,-Infinity,1e999]`, "\xff\xfe[\x00]\x00", `"\ud800"`, `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := Decode(data)
		if err != nil {
			return
		}
		d := NewDecoder(text.UTF8, budget())
		last := int64(0)
		for {
			tok, err := d.Next()
			if err != nil {
				if json.Valid(data) && text.Encoding == "utf-8" && bounds.As(err).Limit == "" {
					t.Fatalf("valid JSON is refused: %v", err)
				}
				return
			}
			if tok.Start < last || tok.End < tok.Start || tok.End > int64(len(text.UTF8)) {
				t.Fatalf("token %+v after offset %d of %d", tok, last, len(text.UTF8))
			}
			last = tok.End
			if tok.Kind == EOF {
				return
			}
		}
	})
}

// config is a document of n layers, as Keras 3 writes them.
func config(n int) string {
	layer := `{"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense_1", "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units": 2, "activation": "linear", "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}}, "registered_name": null, "build_config": {"input_shape": [null, 3]}}`
	return `{"layers": [` + strings.Repeat(layer+", ", n-1) + layer + `]}`
}

func BenchmarkDecoder(b *testing.B) {
	doc := config(2000)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		d := NewDecoder(doc, budget())
		for {
			t, err := d.Next()
			if err != nil {
				b.Fatal(err)
			}
			if t.Kind == EOF {
				break
			}
		}
	}
}
