package reporters_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/reporters"
)

func ExampleByName() {
	inputs, err := analyzer.Discover([]string{"../testdata/samples"})
	if err != nil {
		log.Fatal(err)
	}
	report := analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil)
	sarif, err := reporters.ByName("sarif")
	if err != nil {
		log.Fatal(err)
	}
	if err := sarif(io.Discard, report); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(report.Results), "models, worst:", report.Worst())
	// Output: 10 models, worst: critical
}

// One line a finding.
func ExampleConcise() {
	inputs, err := analyzer.Discover([]string{"../testdata/samples/hostile-os-system.keras"})
	if err != nil {
		log.Fatal(err)
	}
	inputs[0].Name = "model.keras"
	report := analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil)
	report.Rules = nil // so that the summary below does not change with every new rule
	if err := reporters.Concise(os.Stdout, report); err != nil {
		log.Fatal(err)
	}
	// Output:
	// model.keras!config.json#/config/layers/1: critical[dangerous-reference] Layer "shell" names os.system, which starts programs, changes files and the environment.
	// 1 finding in 1 model, 0 rules
}
