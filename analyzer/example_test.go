package analyzer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
)

// One model that is in memory, as an upload is.
func ExampleAnalyze() {
	data, err := os.ReadFile("../testdata/samples/hostile-os-system.keras")
	if err != nil {
		log.Fatal(err)
	}
	in := analyzer.Input{
		Name:     "upload.keras",
		Explicit: true, // what is no model is a problem, not passed over
		Open: func(context.Context) (io.ReaderAt, int64, error) {
			return bytes.NewReader(data), int64(len(data)), nil
		},
	}
	result, _ := analyzer.Analyze(context.Background(), in, analyzer.Options{})
	fmt.Println(result.Verdict())
	for _, f := range result.Findings {
		fmt.Println(f.Rule.Severity, f.Rule.ID, f.Place.Address)
	}
	// Output:
	// flagged
	// critical dangerous-reference upload.keras!config.json#/config/layers/1
}

// What could not be read whole is neither clean nor flagged.
func ExampleResult_Verdict() {
	inputs, err := analyzer.Discover([]string{"../testdata/samples/honest.keras"})
	if err != nil {
		log.Fatal(err)
	}
	opts := analyzer.Options{Limits: formats.Limits{ReadBytes: 1 << 10}, Timeout: 5 * time.Second}
	result, _ := analyzer.Analyze(context.Background(), inputs[0], opts)
	fmt.Println(result.Verdict(), result.Problems[0].Code, result.Problems[0].Limit)

	result, _ = analyzer.Analyze(context.Background(), inputs[0], analyzer.Options{})
	fmt.Println(result.Verdict())
	// Output:
	// unanalyzed limit exceeded ReadBytes
	// clean
}

// A directory stands for every model below it, whatever the files are called.
func ExampleAnalyzeAll() {
	inputs, err := analyzer.Discover([]string{"../testdata/samples"})
	if err != nil {
		log.Fatal(err)
	}
	report := analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil)
	verdicts := map[analyzer.Verdict]int{}
	for _, r := range report.Results {
		verdicts[r.Verdict()]++
	}
	fmt.Println(verdicts[analyzer.Clean], "clean,", verdicts[analyzer.Flagged], "flagged,", verdicts[analyzer.Unanalyzed], "not analysed")
	// Output: 5 clean, 4 flagged, 1 not analysed
}
