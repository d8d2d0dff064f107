package pymarshal_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// TestEncodeAgain decodes what the encoder makes of every decoded fact.
func TestEncodeAgain(t *testing.T) {
	places := cmpopts.IgnoreFields(pymarshal.Value{}, "Off", "End")
	codes := cmpopts.IgnoreFields(pymarshal.Code{}, "Off", "End")
	for _, v := range pymarshal.Versions {
		for _, f := range facts(t, v) {
			first, err := pymarshal.Decode(f.Marshal, v, budget())
			if err != nil {
				t.Fatalf("%s %s: %v", v, f.ID, err)
			}
			second, err := pymarshal.Decode(encode(first, v), v, budget())
			if err != nil {
				t.Fatalf("%s %s, encoded again: %v", v, f.ID, err)
			}
			if diff := cmp.Diff(first, second, places, codes, cmpopts.IgnoreUnexported(pymarshal.Code{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s %s: (-first +second)\n%s", v, f.ID, diff)
			}
		}
	}
}

// TestTruncated cuts streams of every version at every byte.
func TestTruncated(t *testing.T) {
	for _, v := range pymarshal.Versions {
		for _, f := range facts(t, v)[:12] {
			for n := range f.Marshal {
				if root, err := pymarshal.Decode(f.Marshal[:n], v, budget()); err == nil {
					t.Fatalf("%s %s cut at %d of %d decodes as %s", v, f.ID, n, len(f.Marshal), root.Kind)
				}
				if readings, err := pymarshal.Readings(f.Marshal[:n], budget()); err == nil {
					t.Fatalf("%s %s cut at %d of %d has %d readings", v, f.ID, n, len(f.Marshal), len(readings))
				}
			}
		}
	}
}

// FuzzReadings wants of any bytes that they are refused or read within the
// budget, that what is decoded survives being encoded, and that instructions
// advance.
func FuzzReadings(f *testing.F) {
	for _, line := range [][]byte{
		[]byte("c\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00s\x04\x00\x00\x00d\x00\x00S(\x01\x00\x00\x00N(\x00\x00\x00\x00(\x00\x00\x00\x00(\x00\x00\x00\x00(\x00\x00\x00\x00s\x01\x00\x00\x00ms\x01\x00\x00\x00f\x01\x00\x00\x00s\x00\x00\x00\x00"),
		[]byte("\xa9\x02r\x00\x00\x00\x00\xfb\xe9\x01\x00\x00\x00r\x00\x00\x00\x000"),
		[]byte("l\x02\x00\x00\x00\x01\x00\x02\x00"),
		[]byte("f\x031.5"),
	} {
		f.Add(line)
	}
	for _, v := range []pymarshal.Version{{Major: 2, Minor: 7}, {Major: 3, Minor: 7}, {Major: 3, Minor: 10}, {Major: 3, Minor: 12}, {Major: 3, Minor: 14}} {
		for _, one := range factsIfHere(v) {
			f.Add(one.Marshal)
		}
	}
	limits := bounds.Limits{ReadBytes: 1 << 20, MemberBytes: 1 << 20, TextBytes: 1 << 20, StructureBytes: 1 << 20, Nodes: 1 << 16, Steps: 1 << 20, Depth: 10_000, Nesting: 8}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range pymarshal.Versions {
			root, err := pymarshal.Decode(data, v, bounds.New(context.Background(), limits))
			if err != nil {
				continue
			}
			first := encode(root, v)
			again, err := pymarshal.Decode(first, v, budget())
			if err != nil {
				t.Fatalf("%s: decoded, but not again: %v", v, err)
			}
			if second := encode(again, v); !bytes.Equal(first, second) {
				t.Fatalf("%s: encoded\n%q, then\n%q", v, first, second)
			}
		}
		readings, err := pymarshal.Readings(data, bounds.New(context.Background(), limits))
		if (err == nil) != (len(readings) > 0) {
			t.Fatalf("%d readings and error %v", len(readings), err)
		}
		for _, r := range readings {
			advances(t, pyopcode.For(r.Version), r.Code.Bytecode)
		}
	})
}

func advances(t *testing.T, table *pyopcode.Table, code []byte) {
	last := 0
	for _, in := range table.Decode(code) {
		if in.Off != last || in.At < in.Off || in.End <= in.At {
			t.Fatalf("instruction %+v after one that ends at %d", in, last)
		}
		last = in.End
	}
	for off := range code {
		if in, ok := table.At(code, off); ok && in.Off != off {
			t.Fatalf("instruction %+v at %d", in, off)
		}
	}
}
