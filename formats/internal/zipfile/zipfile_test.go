package zipfile

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// disagreements are the kinds that each recorded case gives; a case not named gives
// none.
const disagreements = `
comment-is-archive            hidden-entry second-end-record
comment-cut-hides-earlier     second-end-record
count-less                    entry-count
count-more                    entry-count
directory-size-less           local-header entry-count second-directory hidden-entry hidden-entry
directory-size-zero           entry-count second-directory hidden-entry
concatenated                  hidden-entry second-end-record
concatenated-two-directories  second-directory hidden-entry second-end-record
offset-negative-shift         local-header hidden-entry
offset-past-end               local-header hidden-entry
offset-before-start           local-header hidden-entry
gap-hidden-entry              hidden-entry
gap-before-directory          hidden-entry
duplicate                     duplicate-name
nul-in-name                   nul-in-name duplicate-name
nul-first                     nul-in-name
utf8-flag-central-only        local-name
local-utf8-invalid            local-name
unicode-path                  unicode-path
unicode-path-duplicate        unicode-path duplicate-name
unicode-path-nul              unicode-path
unicode-path-twice            unicode-path
unicode-path-nul-in-raw       nul-in-name unicode-path
zip64-order                   local-fields stored-size
zip64-offset-huge             local-header hidden-entry
zip64-no-extra                local-fields stored-size
zip64-size-huge               local-fields stored-size
end64-offset-huge             local-header hidden-entry
end64-contradicts             second-directory
end64-two-directories         second-directory second-directory
end64-count-wrong             entry-count
local-name                    local-name
local-name-length             local-name
local-magic                   local-header
local-method                  local-fields
local-crc                     local-fields
local-packed                  local-fields
local-size                    local-fields
local-zero-without-descriptor local-fields
local-encrypted               local-fields
overlap-next                  local-fields stored-size overlap
overlap-directory             local-fields stored-size overlap
same-header-twice             duplicate-name overlap hidden-entry
overlap-quine                 overlap overlap overlap
stored-size-less              local-fields stored-size
stored-size-more              local-fields stored-size
stored-packed-less            local-fields stored-size
stored-past-end               overlap
`

func TestDisagreements(t *testing.T) {
	want := make(map[string]string)
	for line := range strings.Lines(disagreements) {
		if f := strings.Fields(line); len(f) > 0 {
			want[f[0]] = strings.Join(f[1:], " ")
		}
	}
	for _, c := range cases(t) {
		a, err := Read(source(c.data, testLimits))
		if err != nil {
			continue
		}
		var got []string
		for _, d := range a.Disagreements {
			got = append(got, string(d.Kind))
			if d.What == "" {
				t.Errorf("%s: %s says nothing", c.name, d.Kind)
			}
		}
		if g := strings.Join(got, " "); g != want[c.name] {
			t.Errorf("%s: %q, want %q", c.name, g, want[c.name])
		}
		delete(want, c.name)
	}
	for name := range want {
		t.Errorf("%s: not read", name)
	}
}

func TestGeometry(t *testing.T) {
	tests := []struct {
		name                    string
		shift, prefix, trailing int64
		gaps                    []Range
		comment                 string
	}{
		{"stored", 0, 0, 0, nil, ""},
		{"comment", 0, 0, 0, nil, "hello"},
		{"comment-cut", 0, 0, 0, nil, "hello"},
		{"trailing-65535", 0, 0, 65535, nil, ""},
		{"prefix", 30, 30, 0, []Range{{0, 30}}, ""},
		{"prefix-mended", 0, 30, 0, []Range{{0, 30}}, ""},
		{"end64-prefix", 6, 6, 0, []Range{{0, 6}}, ""},
		{"concatenated", 113, 113, 0, []Range{{0, 113}}, ""},
		{"gap-harmless", 0, 0, 0, []Range{{40, 100}}, ""},
		{"descriptor", 0, 0, 0, nil, ""},
	}
	for _, tt := range tests {
		a, err := Read(source(caseNamed(t, tt.name), testLimits))
		if err != nil {
			t.Fatal(tt.name, err)
		}
		if a.Shift != tt.shift || a.Prefix != tt.prefix || a.Trailing != tt.trailing || !slices.Equal(a.Gaps, tt.gaps) || string(a.Comment) != tt.comment {
			t.Errorf("%s: shift %d prefix %d trailing %d gaps %v comment %q, want %+v", tt.name, a.Shift, a.Prefix, a.Trailing, a.Gaps, a.Comment, tt)
		}
	}
}

func TestNames(t *testing.T) {
	a, err := Read(source(caseNamed(t, "names"), testLimits))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range a.Entries {
		got = append(got, e.Names()...)
	}
	want := []string{"../e", "/abs", `C:\x`, "C:/x", `a\b`, "a/b", "CON", "a ", "a."}
	if !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	a, err = Read(source(caseNamed(t, "local-name"), testLimits))
	if err != nil || a.Entries[0].LocalName != "b.txt" {
		t.Errorf("local name: %+v, %v", a.Entries[0], err)
	}
	if e := (&Entry{Name: "d/", Attributes: 0o120777 << 16}); !e.IsDir() || !e.IsSymlink() || e.UnixMode() != 0o120777 {
		t.Errorf("attributes of %+v", e)
	}
}

// Every prefix of a small archive ends in an error, and of an archive cut inside its
// comment in the archive.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"deflated", "lzma", "descriptor", "end64", "unicode-path", "concatenated"} {
		data := caseNamed(t, name)
		for n := range len(data) {
			if a, err := Read(source(data[:n], testLimits)); err == nil && name != "concatenated" {
				t.Errorf("%s cut to %d of %d bytes: %d entries", name, n, len(data), len(a.Entries))
			}
		}
	}
}

// An archive that cannot be read to its end gives what comes before.
func TestRefused(t *testing.T) {
	for _, name := range []string{"bad-directory-magic", "version-needed-64", "utf8-invalid", "extra-too-long"} {
		a, err := Read(source(caseNamed(t, name), testLimits))
		if err == nil || a == nil || len(a.Entries) != 1 {
			t.Fatalf("%s: %+v, %v", name, a, err)
		}
		src, err := a.Entries[0].Open()
		if err != nil || src.Size() != 5 {
			t.Errorf("%s: %v, %v", name, src, err)
		}
	}
}

func TestUnsupported(t *testing.T) {
	for name, want := range map[string]string{
		"encrypted": "member is encrypted", "strong-encryption": "strong encryption", "patched": "patched data",
		"bzip2-randomised": "randomised", "method-9": "deflate64", "method-95": "xz", "method-98": "PPMd", "method-777": "777",
	} {
		a, err := Read(source(caseNamed(t, name), testLimits))
		if err != nil {
			t.Fatal(name, err)
		}
		e := a.Entries[0]
		src, err := e.Open()
		if src != nil || bounds.As(err).Code != bounds.Unsupported || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if _, err := e.Head(4); err == nil || bounds.As(err).Code != bounds.Unsupported {
			t.Errorf("%s: Head: %v", name, err)
		}
	}
}

// What is read of a damaged member comes with what is wrong with it.
func TestProblems(t *testing.T) {
	for name, want := range map[string]string{
		"local-name":                      "name in the local header differs",
		"bad-crc-stored":                  "CRC is d0e0396a",
		"bad-crc-deflated":                "CRC is d0e0396a",
		"stored-past-end":                 "past the end of the file",
		"deflate-size-less":               "more than its 9 bytes",
		"zstd-size-more":                  "ends after 508 of 9999 bytes",
		"deflate-slack":                   "20 bytes follow",
		"bzip2-two-streams-size-of-first": "510 bytes follow",
		"lzma-broken":                     "corrupt LZMA data",
		"bzip2-junk":                      "corrupt bzip2 data",
		"zstd-junk":                       "corrupt zstd data",
		"deflate-cut-200-crc-fits":        "ends after 423 of 508 bytes",
	} {
		a, err := Read(source(caseNamed(t, name), testLimits))
		if err != nil {
			t.Fatal(name, err)
		}
		src, err := a.Entries[0].Open()
		if src == nil || err == nil || bounds.As(err).Code != bounds.Malformed || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", name, src, err, want)
		}
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBombs(t *testing.T) {
	for _, name := range []string{"bomb-deflate", "bomb-bzip2", "bomb-lzma", "bomb-zstd"} {
		data := caseNamed(t, name)
		for limit, l := range map[string]func(*bounds.Limits){
			"MemberBytes": func(l *bounds.Limits) { l.MemberBytes = 256 << 10 },
			"TextBytes":   func(l *bounds.Limits) { l.TextBytes = 256 << 10 },
			"ReadBytes":   func(l *bounds.Limits) { l.ReadBytes = 512 << 10 },
		} {
			limits := testLimits
			l(&limits)
			used := allocated(func() {
				a, err := Read(source(data, limits))
				if err != nil {
					t.Fatal(name, err)
				}
				src, err := a.Entries[0].Open()
				if e := bounds.As(err); src != nil || e.Code != bounds.LimitExceeded || e.Limit != limit {
					t.Errorf("%s with little %s: %v, %v", name, limit, src, err)
				}
			})
			// compress/bzip2 needs 3.6 MB for a block of the largest size.
			if used > 8<<20 {
				t.Errorf("%s with little %s allocates %d bytes", name, limit, used)
			}
		}
		a, err := Read(source(data, testLimits))
		if err != nil {
			t.Fatal(name, err)
		}
		used := allocated(func() {
			if head, err := a.Entries[0].Head(512); len(head) != 512 || err != nil {
				t.Errorf("%s: Head: %d bytes, %v", name, len(head), err)
			}
		})
		if used > 6<<20 {
			t.Errorf("%s: Head allocates %d bytes", name, used)
		}
	}
}

// Overlapping entries multiply what is stored: the budget is one for all of them.
func TestOverlapBomb(t *testing.T) {
	limits := testLimits
	limits.TextBytes = 12 << 10
	a, err := Read(source(caseNamed(t, "overlap-quine"), limits))
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, e := range a.Entries {
		if _, err := e.Open(); err != nil {
			last = err
		}
	}
	if last == nil || bounds.As(last).Limit != "TextBytes" {
		t.Errorf("opening every entry: %v", last)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	data := caseNamed(t, "bomb-deflate")
	limits := testLimits
	a, err := Read(bounds.NewSource(bytes.NewReader(data), int64(len(data)), bounds.New(ctx, limits)))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if src, err := a.Entries[0].Open(); src != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("Open after cancelling: %v, %v", src, err)
	}
}

// failing reads nothing from off on.
type failing struct {
	r   io.ReaderAt
	off int64
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.off {
		return 0, io.ErrClosedPipe
	}
	return f.r.ReadAt(p, off)
}

func TestUnreadable(t *testing.T) {
	data := caseNamed(t, "stored")
	src := bounds.NewSource(failing{bytes.NewReader(data), 10}, int64(len(data)), bounds.New(context.Background(), testLimits))
	if _, err := Read(src); bounds.As(err).Code != bounds.Unreadable {
		t.Errorf("Read: %v", err)
	}
	if _, err := Find(src); bounds.As(err).Code != bounds.Unreadable {
		t.Errorf("Find: %v", err)
	}
}

// many is an archive of n small members.
func many(t testing.TB, n int) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		f, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("layer/%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestManyEntries(t *testing.T) {
	const n = 70_000 // more than the end record can count
	a, err := Read(source(many(t, n), testLimits))
	if err != nil || len(a.Entries) != n || len(a.Disagreements) != 0 {
		t.Fatalf("%d entries, %v, %v", len(a.Entries), err, a.Disagreements)
	}
	limits := testLimits
	limits.Steps = 1000
	a, err = Read(source(many(t, n), limits))
	if bounds.As(err).Limit != "Steps" || len(a.Entries) != 1000 {
		t.Errorf("with few steps: %v", err)
	}
}

// counting counts the bytes that are read.
type counting struct {
	r io.ReaderAt
	n int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// A sparse file of 4.5 GB whose stored member is never read.
func TestLargeMember(t *testing.T) {
	const size = 9 << 29
	f, err := os.Create(filepath.Join(t.TempDir(), "large.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	le := binary.LittleEndian
	extra := le.AppendUint64(le.AppendUint64(le.AppendUint32(nil, 16<<16|extraZip64), size), size)
	header := func(sig, name string, n uint32, extra []byte, offset []byte) []byte {
		b := []byte(sig)
		if sig == sigCentral {
			b = le.AppendUint16(b, 45)
		}
		b = append(b, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, 0), n), n)
		b = le.AppendUint16(le.AppendUint16(b, uint16(len(name))), uint16(len(extra)))
		if sig == sigCentral {
			b = append(append(b, make([]byte, 10)...), offset...)
		}
		return append(append(b, name...), extra...)
	}
	first := header(sigLocal, "weights.h5", 1<<32-1, extra, nil)
	at := int64(len(first)) + size
	rest := header(sigLocal, "config.json", 0, nil, nil)
	start := at + int64(len(rest))
	dir := header(sigCentral, "weights.h5", 1<<32-1, extra, make([]byte, 4))
	extra = le.AppendUint64(le.AppendUint32(nil, 8<<16|extraZip64), uint64(at))
	dir = append(dir, header(sigCentral, "config.json", 0, extra, []byte{255, 255, 255, 255})...)
	rest = append(rest, dir...)
	rest = le.AppendUint64(append(rest, sigEnd64...), 44)
	rest = append(rest, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []uint64{2, 2, uint64(len(dir)), uint64(start)} {
		rest = le.AppendUint64(rest, v)
	}
	rest = le.AppendUint64(append(rest, sigLocator64+"\x00\x00\x00\x00"...), uint64(start)+uint64(len(dir)))
	rest = append(append(rest, 1, 0, 0, 0), sigEnd+"\x00\x00\x00\x00\x02\x00\x02\x00"...)
	rest = append(le.AppendUint32(rest, uint32(len(dir))), 255, 255, 255, 255, 0, 0)
	if _, err := f.Write(first); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(rest, at); err != nil {
		t.Fatal(err)
	}

	r := &counting{r: f}
	a, err := Read(bounds.NewSource(r, at+int64(len(rest)), bounds.New(context.Background(), testLimits)))
	if err != nil || len(a.Entries) != 2 || len(a.Disagreements) != 0 || len(a.Gaps) != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	src, err := a.Entries[0].Open()
	if err != nil || src.Size() != size {
		t.Fatalf("large member: %v, %v", src, err)
	}
	if _, err := a.Entries[1].Open(); err != nil {
		t.Error(err)
	}
	if r.n > 256<<10 {
		t.Errorf("%d bytes were read", r.n)
	}
}

// What is hidden in the prefix is found as far as the search goes, and told where
// it does not.
func TestHiddenInPrefix(t *testing.T) {
	data := caseNamed(t, "stored")
	local := data[:40]
	for _, at := range []int{0, 1, scanChunk - 3, scanChunk - 1, scanChunk, 3*scanChunk - 2, maxScan - 40} {
		prefix := make([]byte, maxScan+100)
		copy(prefix[at:], local)
		a, err := Read(source(append(prefix, data...), testLimits))
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Disagreements) != 1 || a.Disagreements[0].Kind != HiddenEntry || a.Disagreements[0].Off != int64(at) {
			t.Errorf("at %d: %+v", at, a.Disagreements)
		}
		if a.Unscanned != 100 || a.Prefix != maxScan+100 {
			t.Errorf("unscanned %d, prefix %d", a.Unscanned, a.Prefix)
		}
	}
	prefix := bytes.Repeat(local, 1000)
	a, err := Read(source(append(prefix, data...), testLimits))
	if err != nil || len(a.Disagreements) != maxHidden {
		t.Errorf("%d disagreements, %v", len(a.Disagreements), err)
	}
}

func BenchmarkRead3(b *testing.B) {
	src := bounds.FromBytes(many(b, 3), bounds.New(context.Background(), bounds.Limits{
		ReadBytes: 1 << 60, MemberBytes: 1 << 60, TextBytes: 1 << 60, StructureBytes: 1 << 60, Steps: 1 << 60}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead100k(b *testing.B) {
	src := bounds.FromBytes(many(b, 100_000), bounds.New(context.Background(), bounds.Limits{
		ReadBytes: 1 << 60, MemberBytes: 1 << 60, TextBytes: 1 << 60, StructureBytes: 1 << 60, Steps: 1 << 60}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLZMA(b *testing.B) {
	data := caseNamed(b, "bomb-lzma")
	b.SetBytes(4 << 20)
	for b.Loop() {
		a, err := Read(source(data, testLimits))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.Entries[0].Open(); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRead opens whatever is read under small limits.
func FuzzRead(f *testing.F) {
	for _, c := range cases(f) {
		if len(c.data) < 4<<10 {
			f.Add(c.data)
		}
	}
	limits := bounds.Limits{
		ReadBytes: 4 << 20, MemberBytes: 256 << 10, TextBytes: 512 << 10, StructureBytes: 64 << 10,
		Nodes: 1 << 16, Steps: 1 << 16, Depth: 64, Nesting: 8,
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		src := source(data, limits)
		a, err := Read(src)
		if a == nil {
			if err == nil {
				t.Fatal("no archive and no error")
			}
			return
		}
		for _, e := range a.Entries {
			if len(e.Names()) == 0 {
				t.Error("an entry without a name")
			}
			e.Head(64)
			if got, _ := e.Open(); got != nil && got.Size() > max(e.Size, 0) {
				t.Errorf("%d bytes of %d", got.Size(), e.Size)
			}
		}
	})
}
