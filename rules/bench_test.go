package rules

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
)

// BenchmarkRules measures a configuration of 2,000 layers: reading it, what the
// rules share, all of them together, and what each takes beside what they share.
func BenchmarkRules(b *testing.B) {
	const layer = `{"module": "keras.layers", "class_name": "Dense", "config": {"name": "d%d", "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units": 2, "activation": "linear", "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}, "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null}}, "registered_name": null, "build_config": {"input_shape": [null, 3]}, "name": "d%d", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": ["d%d", 0, 0]}}], "kwargs": {}}]}`
	layers := make([]string, 2000)
	for i := range layers {
		layers[i] = fmt.Sprintf(layer, i, i, i-1)
	}
	doc := []byte(`{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "f", "layers": [` + strings.Join(layers, ", ") + `], "output_layers": [["d1999", 0, 0]]}}`)
	a := formats.Open(context.Background(), "m.json", bytes.NewReader(doc), int64(len(doc)), formats.Limits{})
	if !a.Complete() {
		b.Fatal(a.Problems)
	}
	shared := func() *index {
		p := &Pass{Artifact: a, index: &index{root: a.Root}}
		p.references()
		p.invocations()
		p.graphs()
		return p.index
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			formats.Open(context.Background(), "m.json", bytes.NewReader(doc), int64(len(doc)), formats.Limits{})
		}
	})
	b.Run("shared", func(b *testing.B) {
		for b.Loop() {
			shared()
		}
	})
	b.Run("all", func(b *testing.B) {
		c := NewChecker(All())
		for b.Loop() {
			c.Check(a, func(f Finding) { b.Fatal(f.Message) }, func(r *Rule, v any) { b.Fatal(r.ID, v) })
		}
	})
	for _, r := range All() {
		b.Run(r.ID, func(b *testing.B) {
			p := &Pass{Artifact: a, rule: r, index: shared(), report: func(f Finding) { b.Fatal(f.Message) }}
			for b.Loop() {
				r.Check(p)
			}
		})
	}
}

// BenchmarkLambdas reads and grades a thousand Lambda layers whose code differs:
// a distance function as CPython 3.11 compiles it.
func BenchmarkLambdas(b *testing.B) {
	const euclidean = "YwEAAAAAAAAAAAAAAAoAAAADAAAA8wwBAACXAHwAXAIAAH0BfQJ0AAAAAAAAAAAAAACgAQAAAAAAAAAAAAAAAAAAAAAAAAAAdAAAAAAAAAAAAAAAoAIAAAAAAAAAAAAAAAAAAAAAAAAAAHQAAAAAAAAAAAAAAKADAAAAAAAAAAAAAAAAAAAAAAAAAAB0AAAAAAAAAAAAAACgBAAAAAAAAAAAAAAAAAAAAAAAAAAAfAF8AnoKAACmAQAAqwEAAAAAAAAAAGQBZAKsA6YDAACrAwAAAAAAAAAAdAAAAAAAAAAAAAAAoAUAAAAAAAAAAAAAAAAAAAAAAAAAAKYAAACrAAAAAAAAAAAApgIAAKsCAAAAAAAAAACmAQAAqwEAAAAAAAAAAFMAKQRO6QEAAABUKQLaBGF4aXPaCGtlZXBkaW1zKQbaAUvaBHNxcnTaB21heGltdW3aA3N1bdoGc3F1YXJl2gdlcHNpbG9uKQPaBXZlY3Rz2gF42gF5cwMAAAAgICD6BzxzdGRpbj7aCWV1Y2xpZGVhbnIOAAAAAQAAAHNTAAAAgADYCxCBRIBBgHHdCwyPNoo2lSGXKZIpnUGfRZpFpSGnKKIoqDGocak1oS+kL7gBwESYRdEcSdQcSc0xzznKOck7zDvRElfUElfRC1jUC1jQBFjzAAAAAA=="
	raw, err := base64.StdEncoding.DecodeString(euclidean)
	if err != nil {
		b.Fatal(err)
	}
	layers := make([]string, 1000)
	for i := range layers {
		own := base64.StdEncoding.EncodeToString(bytes.ReplaceAll(raw, []byte("<stdin>"), fmt.Appendf(nil, "<%05d>", i)))
		layers[i] = fmt.Sprintf(`{"class_name": "Lambda", "config": {"name": "l%d", "function": [%q, null, null], "function_type": "lambda", "module": "__main__"}}`, i, own)
	}
	doc := []byte(`{"class_name": "Sequential", "config": {"name": "s", "layers": [` + strings.Join(layers, ", ") + `]}}`)
	for b.Loop() {
		a := formats.Open(context.Background(), "m.json", bytes.NewReader(doc), int64(len(doc)), formats.Limits{})
		found := 0
		NewChecker([]*Rule{LambdaBytecode, LambdaBytecodeDangerous, LambdaBytecodeOpaque}).Check(a, func(f Finding) { found++ }, func(r *Rule, v any) { b.Fatal(r.ID, v) })
		if found < 1000 {
			b.Fatal(found, a.Problems)
		}
	}
}
