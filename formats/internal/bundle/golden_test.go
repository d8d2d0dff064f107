package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

func testBudget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20, StructureBytes: 64 << 20,
		Nodes: 700_000, Steps: 20_000_000, Depth: 10_000, Nesting: 6})
}

func assemble(t testing.TB, script string) []byte {
	t.Helper()
	data, err := formatstest.AssembleBundle(script)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAsTensorFlowWrites assembles what TensorFlow's writers wrote (testdata/record.py):
// the script gives the same bytes, and reading them gives what the script says.
func TestAsTensorFlowWrites(t *testing.T) {
	for _, version := range []string{"2.4", "2.15"} {
		a, err := txtar.ParseFile("testdata/written-" + version + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			t.Run(version+"/"+f.Name, func(t *testing.T) {
				script := string(f.Data)
				data := assemble(t, script)
				sum := sha256.Sum256(data)
				if digest := "# " + hex.EncodeToString(sum[:]) + "\n"; !strings.HasPrefix(script, digest) {
					t.Fatalf("not the bytes that TensorFlow wrote: %s", digest)
				}
				x, err := Read(bounds.FromBytes(data, testBudget()))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tensorLines(script), entryLines(x)); diff != "" {
					t.Errorf("tensors (-TensorFlow +read):\n%s", diff)
				}
			})
		}
	}
}

// tensorLines are the tensors of a script without their checksums.
func tensorLines(script string) (lines []string) {
	for line := range strings.Lines(script) {
		switch words := strings.Fields(line); words[0] {
		case "tensor":
			lines = append(lines, line[len("tensor "):strings.LastIndexByte(line, ' ')])
		case "tensors":
			n, _ := strconv.Atoi(words[1])
			for i := range n {
				lines = append(lines, fmt.Sprintf("%q float scalar 0 %d 4", fmt.Sprintf(words[2], i), 4*i))
			}
		case "slice":
			lines[len(lines)-1] += " slice"
		}
	}
	return lines
}

func entryLines(x *Index) (lines []string) {
	for _, e := range x.Entries {
		lines = append(lines, fmt.Sprintf("%s %s %s %d %d %d", quoted(e.Name), e.Type, shapeText(e.Shape, "scalar"), e.Shard, e.Offset, e.Size)+strings.Repeat(" slice", e.Slices))
	}
	return lines
}

// quoted writes a name as testdata/record.py does.
func quoted(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "\\x%02x", c)
		}
	}
	return `"` + b.String() + `"`
}

func shapeText(shape []int64, scalar string) string {
	if len(shape) == 0 {
		return scalar
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

// TestLies reads indexes that no writer writes. TensorFlow lists them and looks the names
// up (testdata/record.py); what it refuses, what ends its process, what it passes over in
// silence, and what a list shows and a search does not find, is refused. What is only said
// of the data file is read.
func TestLies(t *testing.T) {
	table, err := os.ReadFile("testdata/lies.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		columns := strings.Split(strings.TrimSpace(line), "\t")
		name, listed, found := columns[0], columns[1], columns[2]
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile("testdata/lies/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			x, err := Read(bounds.FromBytes(assemble(t, string(script)), testBudget()))
			claim := strings.HasPrefix(name, "data-") || strings.HasPrefix(name, "large-")
			reads := listed == found && listed[0] == '[' && !strings.HasPrefix(name, "passed-over-")
			if (reads || claim) != (err == nil) {
				t.Fatalf("TensorFlow lists %s and finds %s; error %v", listed, found, err)
			}
			if err != nil {
				if !strings.Contains(err.Error(), " at offset ") {
					t.Errorf("no position: %v", err)
				}
				return
			}
			got := []string{}
			for _, e := range x.Entries {
				got = append(got, e.Name+":"+shapeText(e.Shape, ""))
			}
			if list := "[" + strings.Join(got, " ") + "]"; list != listed {
				t.Errorf("read %s, TensorFlow lists %s", list, listed)
			}
		})
	}
	if scripts, _ := filepath.Glob("testdata/lies/*.txt"); n != len(scripts) {
		t.Errorf("%d lies are measured, of %d", n, len(scripts))
	}
}

// TestWriteLies writes the lies for testdata/record.py to the directory that LIES names.
func TestWriteLies(t *testing.T) {
	to := os.Getenv("LIES")
	if to == "" {
		t.Skip("LIES is not set")
	}
	scripts, _ := filepath.Glob("testdata/lies/*.txt")
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		if err := os.WriteFile(filepath.Join(to, name+".index"), assemble(t, string(script)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
