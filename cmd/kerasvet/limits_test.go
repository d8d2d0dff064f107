package main

import (
	"testing"

	"github.com/kerasvet/kerasvet/formats"
)

func TestByteSize(t *testing.T) {
	for _, tt := range []struct {
		in    string
		bytes int64 // 0: refused
		shown string
	}{
		{"1", 1, "1"},
		{"1024", 1024, "1KiB"},
		{"1KiB", 1 << 10, "1KiB"},
		{"3 MiB", 3 << 20, "3MiB"},
		{"2GB", 2e9, "1953125KiB"},
		{"7B", 7, "7"},
		{"4611686018427387904", 1 << 62, "4294967296GiB"},
		{"", 0, ""},
		{"KiB", 0, ""},
		{"0", 0, ""},
		{"-1KiB", 0, ""},
		{"1.5MiB", 0, ""},
		{"1kib", 0, ""},
		{"4294967297GiB", 0, ""},
	} {
		var b byteSize
		err := b.Set(tt.in)
		if tt.bytes == 0 {
			if err == nil {
				t.Errorf("Set(%q) gave %d, want an error", tt.in, b)
			}
			continue
		}
		if err != nil || int64(b) != tt.bytes || b.String() != tt.shown {
			t.Errorf("Set(%q) = %v, gave %d shown as %q; want %d shown as %q", tt.in, err, b, b.String(), tt.bytes, tt.shown)
		}
	}
}

// TestLimitFlagsDefaults: what help shows is what holds.
func TestLimitFlagsDefaults(t *testing.T) {
	var l formats.Limits
	limitFlags(&l)
	if l != formats.DefaultLimits {
		t.Errorf("without flags limits are %+v, want %+v", l, formats.DefaultLimits)
	}
}
