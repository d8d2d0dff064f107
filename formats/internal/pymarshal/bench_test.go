package pymarshal_test

import (
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// BenchmarkReadings tells the version of one typical lambda, which takes four
// layouts and the five versions of the last.
func BenchmarkReadings(b *testing.B) {
	for _, v := range []pymarshal.Version{{Major: 2, Minor: 7}, {Major: 3, Minor: 10}, {Major: 3, Minor: 14}} {
		var data []byte
		for _, f := range facts(b, v) {
			if f.ID == "normalise" {
				data = f.Marshal
			}
		}
		b.Run(v.String(), func(b *testing.B) {
			b.ReportAllocs()
			limits := budget()
			for i := 0; b.Loop(); i++ {
				if i%1000 == 0 {
					limits = budget()
				}
				if readings, err := pymarshal.Readings(data, limits); err != nil || !readings[0].Strict {
					b.Fatal(readings, err)
				}
			}
		})
	}
}
