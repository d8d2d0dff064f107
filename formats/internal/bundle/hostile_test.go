package bundle

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

const twoTensors = "header 1\ntensor aa float 4 0 0 16\ntensor ab float 2x3 0 16 24\n"

// TestPrefixes reads every prefix of an index: none is one. A changed byte anywhere but in
// the padding of the footer, in the block that nothing reads and in the handle of that is
// refused, or changes nothing.
func TestPrefixes(t *testing.T) {
	data := assemble(t, twoTensors)
	honest, err := Read(bounds.FromBytes(data, testBudget()))
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := Read(bounds.FromBytes(data[:n], testBudget())); err == nil {
			t.Errorf("%d of %d bytes are an index", n, len(data))
		}
		changed := bytes.Clone(data)
		changed[n] ^= 0x41
		if x, err := Read(bounds.FromBytes(changed, testBudget())); err == nil && fmt.Sprint(x) != fmt.Sprint(honest) {
			t.Errorf("byte %d changes what is read: %v", n, x)
		}
	}
}

// TestSharedKeys reads keys that three bytes each make as long as a block: they are paid
// for as text before they are held.
func TestSharedKeys(t *testing.T) {
	script := "header 1\ninterval 1000000\nraw " + strings.Repeat("k", 200_000) + " 08011200\n"
	for i := range 2000 {
		script += fmt.Sprintf("key 200000 \"\\x00%04d\" 4 08011200\n", i)
	}
	_, err := Read(bounds.FromBytes(assemble(t, script), testBudget()))
	if e := bounds.As(err); err == nil || e.Code != bounds.LimitExceeded || e.Limit != "TextBytes" {
		t.Errorf("got %v", err)
	}
}

// TestCompressed reads blocks of Snappy: what repeats, and what claims too much.
func TestCompressed(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"literal":                     {"\x03\x08abc", "abc"},
		"literal with a long length":  {"\x03\xf0\x02abc", "abc"},
		"copy that overlaps":          {"\x08\x04ab\x09\x02", "abababab"},
		"copy with two bytes":         {"\x05\x04ab\x0a\x02\x00", "ababa"},
		"copy with four bytes":        {"\x05\x04ab\x0b\x02\x00\x00\x00", "ababa"},
		"empty":                       {"\x00", ""},
		"no length":                   {"", "error"},
		"length over 32 bits":         {"\xff\xff\xff\xff\x7f\x00", "error"},
		"more than bytes can make":    {"\xff\xff\xff\x7f\x08abc", "error"},
		"literal that is cut":         {"\x03\x08ab", "error"},
		"literal over the length":     {"\x02\x08abc", "error"},
		"copy from before":            {"\x08\x04ab\x09\x03", "error"},
		"repeat of a later format":    {"\x08\x04ab\x09\x00", "error"},
		"copy without its offset":     {"\x08\x04ab\x0a\x02", "error"},
		"less than the length":        {"\x04\x08abc", "error"},
		"literal of four bytes' size": {"\x03\xfc\xff\xff\xff\xffabc", "error"},
	} {
		out, err := decompress([]byte(c.in), testBudget())
		got := string(out)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

// TestBudget reads an index with no budget for its entries.
func TestBudget(t *testing.T) {
	data := assemble(t, "header 1\ntensors 1000 v%04d float scalar 4\n")
	l := testBudget().Limits()
	l.Steps = 500
	x, err := Read(bounds.FromBytes(data, bounds.New(context.Background(), l)))
	if e := bounds.As(err); err == nil || e.Limit != "Steps" || len(x.Entries) == 0 {
		t.Errorf("%d entries, %v", len(x.Entries), err)
	}
}

// oneBlock is a table of one block, with checksums that are right.
func oneBlock(text []byte, compression byte) []byte {
	var out []byte
	put := func(text []byte, compression byte) []byte {
		handle := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(out))), uint64(len(text)))
		text = append(bytes.Clone(text), compression)
		out = binary.LittleEndian.AppendUint32(append(out, text...), masked(crc32.Checksum(text, castagnoli)))
		return handle
	}
	handle := put(text, compression)
	finder := append([]byte{0, 1, byte(len(handle)), 0xff}, handle...)
	footer := append([]byte{0, 0}, put(append(finder, 0, 0, 0, 0, 1, 0, 0, 0), noCompression)...)
	footer = append(footer, make([]byte, footerSize-8-len(footer))...)
	return binary.LittleEndian.AppendUint64(append(out, footer...), magic)
}

// FuzzRead reads tables, and tables around blocks: a changed byte of a table mostly ends at
// a checksum.
func FuzzRead(f *testing.F) {
	scripts, _ := filepath.Glob("testdata/lies/*.txt")
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		data := assemble(f, string(script))
		f.Add(data)
		// The first block ends with its only restart, and is not compressed.
		if b, err := readBlock(bounds.FromBytes(data, testBudget()), handle{0, int64(bytes.Index(data, []byte{1, 0, 0, 0, 0}) + 4)}); err == nil {
			f.Add(b.text)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, oneBlock(data, noCompression), oneBlock(data, snappyCompression)} {
			x, err := Read(bounds.FromBytes(data, testBudget()))
			if err != nil && err.Error() == "" {
				t.Error("an error without a text")
			}
			last := ""
			for _, e := range x.Entries {
				if e.Name <= last || e.Off < 0 || e.End < e.Off || e.End > int64(len(data)) {
					t.Errorf("%q behind %q, at %d to %d of %d", e.Name, last, e.Off, e.End, len(data))
				}
				last = e.Name
			}
		}
	})
}

// BenchmarkRead reads an index of 100,000 tensors.
func BenchmarkRead(b *testing.B) {
	for name, first := range map[string]string{"plain": "", "snappy": "snappy\n"} {
		data := assemble(b, first+"header 1\ntensors 100000 model/block/layer_%06d/kernel/.ATTRIBUTES/VARIABLE_VALUE float 128x256 131072 0x3a117ba6\n")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				src := bounds.NewSource(bytes.NewReader(data), int64(len(data)), testBudget())
				if x, err := Read(src); err != nil || len(x.Entries) != 100_000 {
					b.Fatal(err)
				}
			}
		})
	}
}
