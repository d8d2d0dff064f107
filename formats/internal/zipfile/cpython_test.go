package zipfile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var testLimits = bounds.Limits{
	ReadBytes: 64 << 20, MemberBytes: 16 << 20, TextBytes: 32 << 20, StructureBytes: 16 << 20,
	Nodes: 1 << 20, Steps: 1 << 20, Depth: 64, Nesting: 8,
}

func source(data []byte, l bounds.Limits) *bounds.Source {
	return bounds.NewSource(bytes.NewReader(data), int64(len(data)), bounds.New(context.Background(), l))
}

// recorded is one line of what releases of CPython see.
type recorded struct {
	releases []string
	refused  string // the error for the archive as a whole
	entries  [][2]string
}

type recordedCase struct {
	name string
	data []byte
	seen []recorded
}

// cases reads testdata/cpython.tsv; record.py says what is in it.
func cases(t testing.TB) []recordedCase {
	f, err := os.Open("testdata/cpython.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recordedCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		if field[0] == "case" {
			all = append(all, recordedCase{name: field[1], data: pieces(t, field[2])})
			continue
		}
		r := recorded{releases: strings.Split(field[2], ",")}
		if err := json.Unmarshal([]byte(field[3]), &r.entries); err != nil {
			if err := json.Unmarshal([]byte(field[3]), &r.refused); err != nil {
				t.Fatalf("%s: %v", field[1], err)
			}
		}
		last := &all[len(all)-1]
		last.seen = append(last.seen, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func pieces(t testing.TB, text string) []byte {
	var data []byte
	for _, p := range strings.Fields(text) {
		if b, n, ok := strings.Cut(p, "*"); ok {
			c, err := hex.DecodeString(b)
			count, err2 := strconv.Atoi(n)
			if err != nil || err2 != nil {
				t.Fatalf("bad run %q", p)
			}
			data = append(data, bytes.Repeat(c, count)...)
			continue
		}
		b, err := base64.StdEncoding.DecodeString(p)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
	}
	return data
}

func caseNamed(t testing.TB, name string) []byte {
	for _, c := range cases(t) {
		if c.name == name {
			return c.data
		}
	}
	t.Fatalf("no case %q", name)
	return nil
}

func sum(t testing.TB, src *bounds.Source) string {
	b, err := src.Bytes(0, src.Size())
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])[:12]
}

// Whatever some release of CPython sees must be among what Read and Open give.
func TestCPython(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			src := source(c.data, testLimits)
			a, err := Read(src)
			accepted := slices.ContainsFunc(c.seen, func(r recorded) bool { return r.refused == "" })
			if accepted != (err == nil) {
				t.Fatalf("Read: %v; CPython: %+v", err, c.seen)
			}
			if ok, err := Find(src); err != nil || accepted && !ok {
				t.Errorf("Find: %v, %v", ok, err)
			}
			if !accepted {
				return
			}
			read := make(map[*Entry]bool) // whether some release reads the member
			for _, r := range c.seen {
				if r.refused == "" {
					compare(t, a, r, read)
				}
			}
			for e, ok := range read {
				if _, err := e.Open(); !ok && err == nil {
					t.Errorf("%q opens without a problem; no release opens it", e.Name)
				}
			}
		})
	}
}

func compare(t *testing.T, a *Archive, r recorded, read map[*Entry]bool) {
	reading := Older
	if slices.Contains(r.releases, "3.14") {
		reading = Newer
	}
	var entries []*Entry
	for _, e := range a.Entries {
		if e.Readings&reading != 0 {
			entries = append(entries, e)
		}
	}
	if len(entries) != len(r.entries) {
		t.Fatalf("%v: %d entries, want %q", r.releases, len(entries), r.entries)
	}
	for i, want := range r.entries {
		e := entries[i]
		if !slices.Contains(e.Names(), want[0]) {
			t.Errorf("%v: entry %d is named %q, want %q", r.releases, i, e.Names(), want[0])
		}
		if strings.HasPrefix(want[1], "!") {
			if !read[e] {
				read[e] = false
			}
			continue
		}
		read[e] = true
		got, err := e.Open()
		if got == nil {
			t.Errorf("%v: %q: %v", r.releases, e.Name, err)
			continue
		}
		if s := sum(t, got); s != want[1] {
			t.Errorf("%v: %q holds %s (%d bytes, %v), want %s", r.releases, e.Name, s, got.Size(), err, want[1])
		}
		head, err := e.Head(64)
		all, _ := got.Bytes(0, min(64, got.Size()))
		if !bytes.Equal(head, all) {
			t.Errorf("%q: Head is %q (%v), want %q", e.Name, head, err, all)
		}
	}
}
