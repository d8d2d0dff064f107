package expand

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// further are the streams of which more is read than CPython reads: the xz program skips
// zeros between streams, LZMAFile stops at them.
var further = map[string]string{"xz-padding": "ok 81fe13b1 6372"}

// TestStreams holds the decoders to what CPython's modules made of the same streams
// (testdata/streams.py). Where CPython fails, what it returned before is here too.
func TestStreams(t *testing.T) {
	data, err := os.ReadFile("testdata/streams.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, line := range lines {
		f := strings.SplitN(line, " ", 4)
		if more := further[f[0]]; more != "" {
			f[3] = more
		}
		t.Run(f[0], func(t *testing.T) {
			raw, err := hex.DecodeString(f[2])
			if err != nil {
				t.Fatal(err)
			}
			if kind := Kind(raw); kind != f[1] {
				t.Errorf("kind %q, want %q", kind, f[1])
			}
			src := source(raw, testLimits)
			out := &Output{Budget: src.Budget, Limit: 1 << 24}
			used, more, err := Stream(f[1], src, out)
			got := fmt.Sprintf("ok %08x %d", crc32.ChecksumIEEE(out.Data), len(out.Data))
			if err != nil {
				got = fmt.Sprintf("error %d", len(out.Data))
				var before int
				if _, e := fmt.Sscanf(f[3], "error %d", &before); e == nil && len(out.Data) >= before {
					got = f[3] // CPython hands out less of the block that breaks
				}
			}
			if got != f[3] || more {
				t.Errorf("got %s (%v, more %v), want %s", got, err, more, f[3])
			}
			if err == nil && used != int64(len(raw)) && !strings.HasSuffix(f[0], "garbage") {
				t.Errorf("took %d of %d bytes", used, len(raw))
			}
		})
	}
}

// A stream that holds more than may come out is cut there, and says so.
func TestStreamLimit(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := enc.EncodeAll(make([]byte, 1<<20), nil)
	for _, limit := range []int64{1000, 1<<20 - 1, 1 << 20, 1<<20 + 1} {
		src := source(append(append([]byte{}, frame...), frame...), testLimits)
		out := &Output{Budget: src.Budget, Limit: limit}
		_, more, err := Stream("zstd", src, out)
		if err != nil || !more || int64(len(out.Data)) != limit {
			t.Errorf("limit %d: %d bytes, more %v, %v", limit, len(out.Data), more, err)
		}
	}
}

func FuzzStream(f *testing.F) {
	data, err := os.ReadFile("testdata/streams.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		raw, err := hex.DecodeString(strings.Fields(line)[2])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind := Kind(data)
		if kind == "" {
			return
		}
		l := testLimits
		l.MemberBytes, l.Steps = 1<<20, 1<<16
		src := bounds.FromBytes(data, bounds.New(context.Background(), l))
		out := &Output{Budget: src.Budget, Limit: 1 << 20}
		used, _, _ := Stream(kind, src, out)
		if used < 0 || used > int64(len(data)) || int64(len(out.Data)) > out.Limit {
			t.Errorf("took %d of %d bytes, gave %d", used, len(data), len(out.Data))
		}
	})
}

// TestLZ4 reads one frame after another, as the lz4 program does.
func TestLZ4(t *testing.T) {
	const own = "04224d18684014000000000000" + "00a3" + "14000080" + "8004636f730a73797374656d0a8c0269648552" + "2e" + "00000000"
	raw, err := hex.DecodeString(own + own)
	if err != nil {
		t.Fatal(err)
	}
	src := source(raw, testLimits)
	out := &Output{Budget: src.Budget, Limit: 1 << 10}
	used, more, err := Stream(Kind(raw), src, out)
	if err != nil || more || used != int64(len(raw)) || len(out.Data) != 40 {
		t.Errorf("took %d bytes for %q (more %v): %v", used, out.Data, more, err)
	}
}
