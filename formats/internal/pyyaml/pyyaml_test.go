package pyyaml

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

func budget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 1 << 30, TextBytes: 1 << 30, StructureBytes: 1 << 30, Nodes: 1 << 20, Steps: 1 << 24, Depth: 1000, Nesting: 6})
}

var names = map[Kind]string{DocumentStart: "DocumentStart", DocumentEnd: "DocumentEnd", Alias: "Alias", Scalar: "Scalar", SequenceStart: "SequenceStart",
	SequenceEnd: "SequenceEnd", MappingStart: "MappingStart", MappingEnd: "MappingEnd"}

// described writes the events of a text as documents.py does.
func described(text string) string {
	var b strings.Builder
	d := NewDecoder(text, budget())
	for {
		e, err := d.Next()
		switch {
		case err != nil:
			return b.String() + "error\n"
		case e.Kind == EOF:
			return b.String() + "end\n"
		}
		b.WriteString(names[e.Kind])
		switch e.Kind {
		case Alias:
			b.WriteString(" " + literal(e.Text))
		case Scalar, SequenceStart, MappingStart:
			fmt.Fprintf(&b, " anchor=%s tag=%s", e.Anchor, e.Tag)
		}
		if e.Kind == Scalar {
			b.WriteString(" " + literal(e.Text))
			if e.Tag == "" && e.Plain {
				b.WriteString(" " + resolved(e.Text))
			}
		}
		b.WriteString("\n")
	}
}

func literal(s string) string {
	if s == "" {
		return "-"
	}
	return hex.EncodeToString([]byte(s))
}

func resolved(text string) string {
	switch t, v := Resolve(text); t {
	case Null:
		return "null null"
	case Bool:
		return "bool " + v
	case Merge:
		return "merge <<"
	case Number:
		return "number " + pythonNumber(v)
	}
	return "text"
}

// pythonNumber writes a number as Python's repr does.
func pythonNumber(v string) string {
	switch v {
	case "Infinity", "-Infinity":
		return strings.Replace(v, "Infinity", "inf", 1)
	case "NaN":
		return "nan"
	}
	if n, ok := new(big.Int).SetString(v, 10); ok {
		return n.String()
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v
	}
	if f != 0 && (f < 1e-4 && f > -1e-4) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

type recordedCase struct{ text, want string }

func recorded(t testing.TB) (cases []recordedCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/documents.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if f[0] != "case" {
			cases[len(cases)-1].want += line
			continue
		}
		text, _ := hex.DecodeString(strings.Trim(f[1], "-"))
		cases = append(cases, recordedCase{text: string(text)})
	}
	return cases
}

// TestRecorded holds the decoder to what PyYAML makes of the same texts (testdata/documents.py).
func TestRecorded(t *testing.T) {
	for _, c := range recorded(t) {
		got := described(c.text)
		if c.want == "error\n" && strings.HasSuffix(got, c.want) {
			continue // PyYAML refuses some texts before it looks at the first word
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-PyYAML +here):\n%s", c.text, diff)
		}
	}
}

// Text that makes a naive scanner slow.
func TestLinear(t *testing.T) {
	for name, text := range map[string]string{
		"flow":      strings.Repeat("[", 900) + strings.Repeat("a,", 200_000),
		"keys":      strings.Repeat("a: b\n", 100_000),
		"plain":     strings.Repeat("a\n", 300_000),
		"anchors":   strings.Repeat("- &a b\n", 100_000),
		"deep":      strings.Repeat("[", 100_000),
		"deep keys": strings.Repeat("? ", 100_000),
	} {
		d := NewDecoder(text, budget())
		for n := 0; ; n++ {
			e, err := d.Next()
			if err != nil || e.Kind == EOF {
				break
			}
			if n > 2_000_000 {
				t.Fatalf("%s: too many events", name)
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, c := range recorded(f) {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := NewDecoder(text, budget())
		depth := 0
		for n := 0; ; n++ {
			e, err := d.Next()
			if err != nil {
				return
			}
			if e.Start < 0 || e.End < e.Start || e.End > len(text) {
				t.Fatalf("event %+v of %d bytes", e, len(text))
			}
			switch e.Kind {
			case SequenceStart, MappingStart, DocumentStart:
				depth++
			case SequenceEnd, MappingEnd, DocumentEnd:
				depth--
			case EOF:
				if depth != 0 {
					t.Fatalf("depth %d at the end", depth)
				}
				return
			}
			if n > 10*len(text)+100 {
				t.Fatal("more events than text")
			}
		}
	})
}
