package tarfile

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var testLimits = bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20, StructureBytes: 64 << 20, Nodes: 1 << 20, Steps: 1 << 24, Depth: 1000, Nesting: 6}

func source(data []byte) *bounds.Source {
	return bounds.FromBytes(data, bounds.New(context.Background(), testLimits))
}

type testCase struct {
	name string
	data []byte
	want string
}

// recorded are the archives of testdata/tars.py and what CPython 3.13 made of them.
func recorded(t testing.TB) (cases []testCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/tars.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if f[0] != "case" {
			cases[len(cases)-1].want += line
			continue
		}
		packed, err := hex.DecodeString(f[2])
		if err != nil {
			t.Fatal(err)
		}
		r, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, testCase{name: f[1], data: data})
	}
	return cases
}

// described writes entries as tars.py does.
func described(a *Archive, err error) string {
	var b strings.Builder
	for _, e := range a.Entries {
		if e.Behind {
			continue
		}
		kind := map[Type]string{Regular: "file", HardLink: "hardlink", Symlink: "symlink", Directory: "directory", Device: "device", Pipe: "pipe"}[e.Type]
		fmt.Fprintf(&b, "%s %o %d %d %s %s%s\n", kind, e.Mode, max(e.Size, e.Expanded), e.DataOff, pythonLiteral(e.Name), pythonLiteral(e.Link), content(e))
	}
	if err != nil {
		return b.String() + "error\n"
	}
	return b.String() + "end\n"
}

// content is the CRC-32 of a sparse file.
func content(e *Entry) string {
	if !e.Sparse {
		return ""
	}
	src, err := e.Open()
	if err != nil {
		return " unread"
	}
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, src.Reader()); err != nil {
		return " unread"
	}
	return fmt.Sprintf(" %08x", h.Sum32())
}

func pythonLiteral(s string) string {
	return "'" + strings.Trim(strings.ReplaceAll(strconv.QuoteToASCII(string([]rune(latin1(s)))), `\u00`, `\x`), `"`) + "'"
}

func latin1(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

// deviations are what is read otherwise than by CPython 3.13, on purpose.
var deviations = map[string]string{
	// A size below zero makes CPython go back in the file, or refuse it since the fix of CVE-2025-8194.
	"size-negative":    "file 644 5 512 'a' ''\nerror\n",
	"size-minus-octal": "file 644 5 512 'a' ''\nerror\n",
	"size-huge":        "file 644 5 512 'a' ''\nerror\n",
	// The size that an entry without content states is not one of its data.
	"link-with-size":      "symlink 644 0 512 'l' '/etc'\nend\n",
	"directory-with-size": "directory 644 0 512 'd' ''\nfile 644 5 1024 'a' ''\nend\n",
	// Maps that other readers take otherwise, or that reach past the data, are not read.
	"sparse-gnu-disorder": "file 644 600 512 's' '' unread\nfile 644 5 1536 'a' ''\nend\n",
	"sparse-gnu-past-end": "file 644 50 512 's' '' unread\nend\n",
	"sparse-01-odd":       "file 644 2000 1536 's' '' unread\nfile 644 5 2560 'a' ''\nend\n",
	"sparse-10-unended":   "file 644 2000 2048 'real' '' unread\nfile 644 5 3072 'a' ''\nend\n",
	// CPython takes less than a block for the end.
	"cut-header": "file 644 5 512 'a' ''\nerror\n",
}

func TestRecorded(t *testing.T) {
	for _, c := range recorded(t) {
		t.Run(c.name, func(t *testing.T) {
			a, err := Read(source(c.data))
			want := c.want
			if d := deviations[c.name]; d != "" {
				want = d
			}
			if diff := cmp.Diff(want, described(a, err)); diff != "" {
				t.Errorf("-CPython +here:\n%s\n%v", diff, err)
			}
		})
	}
}

// TestDisagreements holds what other readers than Python make of the recorded archives.
func TestDisagreements(t *testing.T) {
	want := map[string]string{
		"zero-block-between":  "further entries stand behind the end of the tar archive, where Python stops and other readers go on: 1",
		"concatenated":        "further entries stand behind the end of the tar archive, where Python stops and other readers go on: 1",
		"garbage-between":     "further entries stand behind the end of the tar archive, where Python stops and other readers go on: 1",
		"checksum-wrong":      "further entries stand behind the end of the tar archive, where Python stops and other readers go on: 1",
		"size-empty":          "an earlier entry has the same name and holds something else; the last one wins in Python",
		"link-with-size":      "an entry without content states a size of 5 bytes: Python reads the next header right behind it, others skip as much|further entries stand behind the end of the tar archive, where Python stops and other readers go on: 1",
		"directory-with-size": "an entry without content states a size of 5 bytes: Python reads the next header right behind it, others skip as much",
		"duplicate":           "an earlier entry has the same name and holds something else; the last one wins in Python",
	}
	for _, c := range recorded(t) {
		a, _ := Read(source(c.data))
		var got []string
		for _, d := range a.Disagreements {
			got = append(got, d.What)
		}
		if diff := cmp.Diff(want[c.name], strings.Join(got, "|")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestUnended(t *testing.T) {
	for _, c := range recorded(t) {
		a, err := Read(source(c.data))
		if want := c.name == "no-end"; err == nil && a.Unended != want {
			t.Errorf("%s: unended %v", c.name, a.Unended)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range recorded(f) {
		f.Add(c.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := testLimits
		l.Steps = 1 << 16
		src := bounds.FromBytes(data, bounds.New(context.Background(), l))
		a, _ := Read(src)
		for _, e := range a.Entries {
			if e.Type == 0 || e.Size < 0 || e.DataOff < 0 || e.DataOff+e.Size > src.Size() {
				t.Fatalf("entry %+v of %d bytes", e, src.Size())
			}
			if _, err := e.Open(); err != nil && !e.Sparse {
				t.Fatal(err)
			}
		}
	})
}
