package expand

import (
	"context"
	"runtime"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var testLimits = bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20, StructureBytes: 64 << 20, Nodes: 1 << 20, Steps: 1 << 24, Depth: 1000, Nesting: 6}

func source(data []byte, l bounds.Limits) *bounds.Source {
	return bounds.FromBytes(data, bounds.New(context.Background(), l))
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A frame that claims a large window gets no more than its text needs.
func TestZstdWindow(t *testing.T) {
	frame := zstdHead(maxZstdWindow, false)
	frame = append(frame, 5<<3|1, 0, 0, 'a', 'l', 'p', 'h', 'a')
	out := &Output{Budget: bounds.New(context.Background(), testLimits), Limit: 6}
	used := allocated(func() {
		n, err := Zstd(source(frame, testLimits), out, 5)
		if err != nil || n != int64(len(frame)) || string(out.Data) != "alpha" {
			t.Errorf("%q, %d, %v", out.Data, n, err)
		}
	})
	if used > 4<<20 {
		t.Errorf("allocates %d bytes", used)
	}
	_, err := Zstd(source(zstdHead(2*maxZstdWindow, false), testLimits), out, 5)
	if bounds.As(err).Code != bounds.Unsupported {
		t.Errorf("window of %d: %v", 2*maxZstdWindow, err)
	}
}
