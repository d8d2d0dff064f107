package analyzer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

func benchmarkInputs(b *testing.B, inputs []analyzer.Input, opts analyzer.Options) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		r := analyzer.AnalyzeAll(context.Background(), inputs, opts, nil)
		if len(r.Results) != len(inputs) || r.Incomplete() {
			b.Fatalf("%d results of %d, incomplete %v", len(r.Results), len(inputs), r.Incomplete())
		}
	}
	b.ReportMetric(float64(len(inputs)*b.N)/b.Elapsed().Seconds(), "models/s")
}

// BenchmarkSmallModels scans 2,000 small models in one process.
func BenchmarkSmallModels(b *testing.B) {
	for _, file := range []string{"honest.keras", "honest-legacy.h5"} {
		data, err := os.ReadFile("../testdata/samples/" + file)
		if err != nil {
			b.Fatal(err)
		}
		inputs := make([]analyzer.Input, 2000)
		for i := range inputs {
			inputs[i] = analyzer.Input{Name: fmt.Sprintf("m%d%s", i, file[strings.LastIndexByte(file, '.'):]), Open: func(context.Context) (io.ReaderAt, int64, error) {
				return bytes.NewReader(data), int64(len(data)), nil
			}}
		}
		b.Run(file, func(b *testing.B) { benchmarkInputs(b, inputs, analyzer.Options{}) })
	}
}

func build(b *testing.B, container, text string) analyzer.Input {
	b.Helper()
	c, err := formatstest.Parse("bench", []byte("container: "+container+"\n"+text))
	if err != nil {
		b.Fatal(err)
	}
	built, err := c.Build(container)
	if err != nil {
		b.Fatal(err)
	}
	return analyzer.Input{Name: built.Name, Open: func(context.Context) (io.ReaderAt, int64, error) {
		return bytes.NewReader(built.Data), int64(len(built.Data)), nil
	}}
}

// BenchmarkLargeConfig scans one configuration of 2,000 layers.
func BenchmarkLargeConfig(b *testing.B) {
	layer := `{"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense_%d", "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units": 2, "activation": "linear", "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}, "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null}}, "registered_name": null, "build_config": {"input_shape": [null, 3]}, "name": "dense_%d", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": ["dense", 0, 0]}}], "kwargs": {}}]}`
	layers := make([]string, 2000)
	for i := range layers {
		layers[i] = fmt.Sprintf(layer, i, i)
	}
	config := `{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "f", "layers": [` + strings.Join(layers, ", ") + `]}}`
	in := build(b, "keras", "-- config.json --\n"+config+"\n")
	benchmarkInputs(b, []analyzer.Input{in}, analyzer.Options{})
}

// BenchmarkManyDatasets scans an HDF5 file of 100,000 datasets in 1,000 groups.
func BenchmarkManyDatasets(b *testing.B) {
	var script strings.Builder
	script.WriteString("h5: superblock 3\n")
	for g := range 1000 {
		for d := range 100 {
			fmt.Fprintf(&script, "h5: dataset /layers/g%d/vars/%d f4 2\n", g, d)
		}
	}
	benchmarkInputs(b, []analyzer.Input{build(b, "h5", script.String())}, analyzer.Options{})
}
