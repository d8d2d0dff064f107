package hdf5

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// seeds are small files that have between them everything the reader reads.
func seeds() map[string][]byte {
	return map[string][]byte{"new style": newStyle(), "old style": oldStyle()}
}

// TestTruncated cuts files at every length: each cut must be noticed.
func TestTruncated(t *testing.T) {
	for name, data := range seeds() {
		for n := range data {
			f, err := Read(source(data[:n:n]))
			if err == nil && len(f.Problems) == 0 {
				t.Errorf("%s: nothing wrong with the first %d of %d bytes", name, n, len(data))
			}
		}
	}
}

// TestFlipped changes every byte of files in several ways. In the new-style one
// nearly everything has a checksum: values may change silently, facts may not go.
func TestFlipped(t *testing.T) {
	for name, data := range seeds() {
		whole := strings.Count(dump(mustRead(t, data)), "\n")
		for i := range data {
			ways := []byte{0x01, 0x80, 0xff}
			if data[i] == 0 {
				ways = ways[:1] // there are many
			}
			for _, with := range ways {
				b := bytes.Clone(data)
				b[i] ^= with
				f, err := Read(source(b))
				if err != nil || len(f.Problems) > 0 {
					continue
				}
				if got := dump(f); name == "new style" && strings.Count(got, "\n") != whole {
					t.Errorf("byte %d changed by %#x: facts are gone, silently:\n%s", i, with, got)
				}
			}
		}
	}
}

func mustRead(t *testing.T, data []byte) *File {
	t.Helper()
	f, err := Read(source(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// bombs are files that cost much if read without bounds.
var bombs = []struct {
	name string
	file func(w *builder) []byte
}{
	{"a chain of 100,000 groups", func(w *builder) []byte {
		at := w.group()
		for range 100_000 {
			at = w.group(hard("g", at))
		}
		return w.file2(2, at, undefined)
	}},
	{"two links per level, 40,000 levels", func(w *builder) []byte {
		at := w.group()
		for range 40_000 {
			at = w.group(hard("a", at), hard("b", at))
		}
		return w.file2(2, at, undefined)
	}},
	{"20,000 broken objects", func(w *builder) []byte {
		var links []msg
		for i := range 20_000 {
			links = append(links, hard(fmt.Sprint(i), w.put(make([]byte, 8))))
		}
		return w.file2(2, w.group(links...), undefined)
	}},
	{"references to one long string", func(w *builder) []byte {
		heap := w.collection(strings.Repeat("x", 1<<20))
		var attrs []msg
		for i := range 1000 {
			attrs = append(attrs, attr(fmt.Sprint(i), typeVS, simple(50), bytes.Repeat(varLen(1<<20, heap, 1), 50)))
		}
		return w.file2(2, w.group(attrs...), undefined)
	}},
	{"sequences of sequences of one object", func(w *builder) []byte {
		at := w.here()
		loop := bytes.Repeat(varLen(100, at, 1), 100)
		w.collection(string(loop))
		typ := typeVS
		for range 30 {
			typ = typeSeq(typ)
		}
		return w.file2(2, w.group(attr("a", typ, scalar, varLen(100, at, 1))), undefined)
	}},
	{"links that share one long name", func(w *builder) []byte {
		data := w.put(cat("\x00", bytes.Repeat([]byte("x"), 1<<20), 0))
		heap := w.put(cat("HEAP", 0, 0, 0, 0, uint64(1<<20+2), u64(1), data))
		var top []uint64
		for i := range 30 {
			var entries [][]byte
			for j := range 8 {
				entries = append(entries, symbol(uint64(1+8*i+j), 96, 0, nil))
			}
			top = append(top, 1, w.put(snod(entries...)))
		}
		t := table{w.put(tree1(0, append(top, 1)...)), heap}
		return w.file0(w.object1(symbolTableMsg(t)), t)
	}},
	{"collections that overlap", func(w *builder) []byte {
		var attrs []msg
		for i := range 2000 {
			at := w.put(cat("GCOL", 1, 0, 0, 0, uint64(60<<20), u16(0), u16(0), u32(0), u64(16)))
			attrs = append(attrs, attr(fmt.Sprint(i), typeVS, scalar, varLen(1, at, 1)))
		}
		root := w.group(attrs...)
		w.b = append(w.b, make([]byte, 60<<20)...)
		return w.file2(2, root, undefined)
	}},
	{"200,000 attributes", func(w *builder) []byte {
		var attrs []msg
		for i := range 200_000 {
			attrs = append(attrs, attr(fmt.Sprint(i), typeI4, scalar, u32(0)))
		}
		return w.file2(2, w.group(attrs...), undefined)
	}},
	{"200,000 soft links", func(w *builder) []byte {
		var links []msg
		for i := range 200_000 {
			links = append(links, soft(fmt.Sprint(i), "/"))
		}
		return w.file2(2, w.group(links...), undefined)
	}},
	{"20,000 datasets of one element", func(w *builder) []byte {
		var links []msg
		for i := range 20_000 {
			links = append(links, hard(fmt.Sprint(i), w.object(dataset(typeI4, simple(1), contiguous(undefined, 0))...)))
		}
		return w.file2(2, w.group(links...), undefined)
	}},
	{"headers that overlap", func(w *builder) []byte {
		var links []msg
		for i := range 5000 {
			links = append(links, hard(fmt.Sprint(i), w.put(cat("OHDR", 2, 2, u32(30<<20), 0, 0, 0, 0))))
		}
		root := w.group(links...)
		w.b = append(w.b, make([]byte, 31<<20)...)
		return w.file2(2, root, undefined)
	}},
}

// TestBombs reads bombs from a reader, so that every read costs. The budget may
// run out; time and memory may not.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	for _, b := range bombs {
		t.Run(b.name, func(t *testing.T) {
			data := b.file(newBuilder())
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			f, err := Read(bounds.NewSource(bytes.NewReader(data), int64(len(data)), bounds.New(context.Background(), limits)))
			d := time.Since(start)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			t.Logf("%d bytes: %v, %d MB kept, %d objects, %d problems, first %.200s", len(data), d, kept>>20, len(f.Objects), len(f.Problems), problems(f))
			if d > 20*time.Second { // with the race detector and other work beside it
				t.Errorf("took %v", d)
			}
			if kept > 256<<20 {
				t.Errorf("keeps %d bytes", kept)
			}
			if len(f.Problems) > maxProblems+2 {
				t.Errorf("%d problems", len(f.Problems))
			}
			runtime.KeepAlive(f)
		})
	}
}

// TestSpentOnce checks that a spent budget ends the reading, said once.
func TestSpentOnce(t *testing.T) {
	small := limits
	small.Nodes = 10
	f, err := Read(bounds.FromBytes(newStyle(), bounds.New(context.Background(), small)))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Problems) != 1 || f.Problems[0].Err.Limit != "Nodes" {
		t.Errorf("problems:\n%s", problems(f))
	}
}

func FuzzRead(f *testing.F) {
	for _, data := range seeds() {
		f.Add(data)
	}
	for _, group := range [][]lie{superblockLies, headerLies, linkLies, oldGroupLies, denseLies, valueLies, storageLies} {
		for _, l := range group {
			f.Add(l.file(newBuilder()))
		}
	}
	small := bounds.Limits{
		ReadBytes: 16 << 20, MemberBytes: 1 << 20, TextBytes: 1 << 20, StructureBytes: 1 << 20,
		Nodes: 10_000, Steps: 100_000, Depth: 200, Nesting: 6,
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		file, err := Read(bounds.FromBytes(data, bounds.New(context.Background(), small)))
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("took %v", d)
		}
		if err != nil {
			if file != nil || bounds.As(err).Code == 0 {
				t.Errorf("file with error %v", err)
			}
			return
		}
		known := make(map[*Object]bool)
		for _, o := range file.Objects {
			known[o] = true
		}
		for _, o := range file.Objects {
			if o.Kind == Dataset && o.Data == nil {
				t.Error("dataset without storage")
			}
			for i := range o.Attrs {
				value(&o.Attrs[i])
			}
			for _, l := range o.Links {
				if l.Target != nil && !known[l.Target] {
					t.Errorf("link %q leads to an object that is not listed", l.Name)
				}
			}
		}
		for _, p := range file.Problems {
			if p.Err == nil || p.Err.Code == 0 {
				t.Errorf("problem %+v: %v", p, p.Err)
			}
		}
	})
}
