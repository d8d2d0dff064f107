package pyflow_test

import (
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// BenchmarkAnalyze is a typical lambda: K.sum(K.abs(x[0] - x[1]), axis=1,
// keepdims=True).
func BenchmarkAnalyze(b *testing.B) {
	for _, v := range []pymarshal.Version{{Major: 2, Minor: 7}, {Major: 3, Minor: 8}, {Major: 3, Minor: 13}} {
		b.Run(v.String(), func(b *testing.B) {
			for _, g := range goldens(b, v) {
				if g.ID != "k_sum" {
					continue
				}
				code := decode(b, g.Marshal, v)
				budget := budget()
				b.ReportAllocs()
				for b.Loop() {
					if _, err := pyflow.Analyze(code, v, pyflow.Env{}, budget); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkThousand is a model with a thousand Lambda layers: decoding, analysis
// and grading of each. All small functions of the descriptions take turns.
func BenchmarkThousand(b *testing.B) {
	v := pymarshal.Version{Major: 3, Minor: 11}
	n := readNames(b)
	var streams [][]byte
	for _, g := range goldens(b, v) {
		if len(g.Marshal) < 600 {
			streams = append(streams, g.Marshal)
		}
	}
	for _, grades := range []bool{false, true} {
		name := "decode and analyze"
		if grades {
			name += " and grade by the slow grader of the tests"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for i := range 1000 {
					budget := budget()
					root, err := pymarshal.Decode(streams[i%len(streams)], v, budget)
					if err != nil {
						b.Fatal(err)
					}
					f, err := pyflow.Analyze(root.Code, v, pyflow.Env{}, budget)
					if err != nil {
						b.Fatal(err)
					}
					if grades {
						n.gradeResolved(f)
					}
				}
			}
		})
	}
}
