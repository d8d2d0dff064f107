package rules_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// BenchmarkRules runs each rule alone over one configuration of 2,000 layers, and
// all of them together. What a rule alone takes includes the walk of the tree
// that all share.
func BenchmarkRules(b *testing.B) {
	const layer = `{"module": "keras.layers", "class_name": "Dense", "config": {"name": "d%d", "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units": 2, "activation": "linear", "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}, "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null}}, "registered_name": null, "build_config": {"input_shape": [null, 3]}, "name": "d%d", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": ["d", 0, 0]}}], "kwargs": {}}]}`
	layers := make([]string, 2000)
	for i := range layers {
		layers[i] = fmt.Sprintf(layer, i, i)
	}
	doc := []byte(`{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "f", "layers": [` + strings.Join(layers, ", ") + `]}}`)
	a := formats.Open(context.Background(), "m.json", bytes.NewReader(doc), int64(len(doc)), formats.Limits{})
	if !a.Complete() {
		b.Fatal(a.Problems)
	}
	run := func(list []*rules.Rule) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				rules.NewChecker(list).Check(a, func(f rules.Finding) { b.Fatal(f.Message) }, func(r *rules.Rule, v any) { b.Fatal(r.ID, v) })
			}
		}
	}
	walk := &rules.Rule{ID: "walk", Check: func(p *rules.Pass) { p.Objects() }}
	b.Run("walk", run([]*rules.Rule{walk}))
	b.Run("all", run(rules.All()))
	for _, r := range rules.All() {
		b.Run(r.ID, run([]*rules.Rule{r}))
	}
}
