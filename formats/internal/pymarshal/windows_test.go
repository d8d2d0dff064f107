package pymarshal_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// TestWindows reads every fact as Keras on Windows stores it, with 0x2f in place
// of 0x5c: each has a strict reading for its writer, as it stands or repaired,
// and a repaired one differs from the original by no instruction.
func TestWindows(t *testing.T) {
	changed, repaired := 0, 0
	for _, v := range pymarshal.Versions {
		for _, f := range facts(t, v) {
			data := bytes.ReplaceAll(f.Marshal, []byte{0x5c}, []byte{0x2f})
			if bytes.Equal(data, f.Marshal) {
				continue
			}
			changed++
			readings, err := pymarshal.Readings(data, budget())
			if err != nil {
				t.Errorf("%s %s: %v", v, f.ID, err)
				continue
			}
			found := false
			for _, r := range readings {
				if r.Version != v || !r.Strict {
					continue
				}
				found = true
				if r.Repairs == nil {
					continue
				}
				repaired++
				diff := cmp.Diff(f.Code.Dis, disassemble(r.Code, v))
				if diff != "" && !ambiguous[v.String()+" "+f.ID] {
					t.Errorf("%s %s: repaired at %d (-original +repaired):\n%s", v, f.ID, r.Repairs, diff)
				}
			}
			if !found {
				t.Errorf("%s %s: no strict reading for its writer", v, f.ID)
			}
		}
	}
	if changed < 150 || repaired < 120 {
		t.Errorf("%d streams changed and %d repaired, want at least 150 and 120", changed, repaired)
	}
}

// ambiguous are the facts in which a changed argument is in range too, and so is
// left alone.
var ambiguous = map[string]bool{"3.12 match_stmt": true, "3.14 many_names": true}

// TestWindowsLengths repairs lengths: that of instructions, of a name and of a
// tuple.
func TestWindowsLengths(t *testing.T) {
	name := string(bytes.Repeat([]byte{'n'}, 0x5c))
	c := bytecode(t, v312, "9700"+string(bytes.Repeat([]byte("0900"), 43))+"7c00 5300")
	c.Names = []string{name}
	for range 0x5b {
		c.Names = append(c.Names, "x")
	}
	original := encodeCode(c, v312)
	readings, err := pymarshal.Readings(bytes.ReplaceAll(original, []byte{0x5c}, []byte{0x2f}), budget())
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range []pymarshal.Version{v311, v312} { // NOP and LOAD_FAST are the same in both
		r := readings[i]
		if r.Version != v || !r.Strict || len(r.Repairs) != 3 {
			t.Errorf("%s, strict %v, repaired at %d", r.Version, r.Strict, r.Repairs)
		}
		if diff := cmp.Diff(c.Names, r.Code.Names); diff != "" {
			t.Errorf("names (-original +repaired):\n%s", diff)
		}
	}
	if len(readings) != 2 {
		t.Errorf("%d readings, want 2", len(readings))
	}
}
