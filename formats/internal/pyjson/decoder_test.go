package pyjson

import (
	"context"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

func budget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{Steps: 1 << 30, Depth: 2000})
}

// TestDeepNesting: a million nested arrays stop at the depth limit at once.
func TestDeepNesting(t *testing.T) {
	d := NewDecoder(strings.Repeat("[", 1_000_000), budget())
	for i := 0; ; i++ {
		if _, err := d.Next(); err != nil {
			if e := bounds.As(err); e.Limit != "Depth" || i != 2000 || e.Off != 2000 {
				t.Errorf("after %d tokens: %#v", i, e)
			}
			return
		}
	}
}

// TestTruncation: no prefix of a document is a document.
func TestTruncation(t *testing.T) {
	doc := `{"a": [1, -2.5e3, "x\u00e9\ud83d\ude00", {"b": null, "c": [true, false, NaN]}], "d": -Infinity}`
	for i := range len(doc) {
		if s, err := dump(NewDecoder(doc[:i], budget())); err == nil {
			t.Errorf("the first %d bytes are a document: %s", i, s)
		}
	}
}

// TestErrorStays: what comes after an error is not read.
func TestErrorStays(t *testing.T) {
	d := NewDecoder(`["a" "b", "c"]`, budget())
	var first error
	for first == nil {
		_, first = d.Next()
	}
	for range 3 {
		if tok, err := d.Next(); err != first || tok != (Token{}) {
			t.Errorf("after %v came %+v, %v", first, tok, err)
		}
	}
}

// TestNoCopy: strings without escapes are parts of the document.
func TestNoCopy(t *testing.T) {
	doc := `["` + strings.Repeat("é", 1<<16) + `", "` + strings.Repeat("x", 1<<16) + `", "` + "\ud55c" + `"]`
	if n := testing.AllocsPerRun(10, func() {
		d := NewDecoder(doc, budget())
		for {
			if tok, err := d.Next(); err != nil || tok.Kind == EOF {
				break
			}
		}
	}); n > 4 {
		t.Errorf("%v allocations for a document without escapes", n)
	}
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

func BenchmarkLongString(b *testing.B) {
	doc := `"` + strings.Repeat("4wEAAAA", 1<<17) + `"`
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := NewDecoder(doc, budget()).Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte(config(2000))
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := Decode(doc); err != nil {
			b.Fatal(err)
		}
	}
}
