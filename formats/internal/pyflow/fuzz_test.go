package pyflow_test

import (
	"context"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// FuzzAnalyze puts bytes in place of the instructions of compiled functions: it
// must neither panic nor run on, whatever they say, and the budget must hold.
func FuzzAnalyze(f *testing.F) {
	for i, v := range pymarshal.Versions {
		_, codes := compiled(f, v)
		for k, data := range codes {
			if k%8 == 0 {
				c := decode(f, data, v)
				f.Add(uint8(i), uint8(k), c.Bytecode, c.ExceptionTable)
			}
		}
	}
	f.Fuzz(func(t *testing.T, version, which uint8, code, table []byte) {
		v := pymarshal.Versions[int(version)%len(pymarshal.Versions)]
		_, codes := compiled(t, v)
		if len(codes) == 0 {
			return
		}
		c := *decode(t, codes[int(which)%len(codes)], v)
		c.Bytecode, c.ExceptionTable = code, table
		b := bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 20, MemberBytes: 1 << 20, TextBytes: 1 << 20, StructureBytes: 1 << 20,
			Nodes: 1 << 20, Steps: 1 << 20, Depth: 1000, Nesting: 8})
		began := time.Now()
		facts, err := pyflow.Analyze(&c, v, pyflow.Env{Modules: []string{"os"}}, b)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%d bytes took %s", len(code), took)
		}
		if err == nil && facts == nil {
			t.Error("neither facts nor error")
		}
	})
}
