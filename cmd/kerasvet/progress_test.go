package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/analyzer"
)

func TestProgressLine(t *testing.T) {
	const wipe = "\r\x1b[K"
	for _, tt := range []struct {
		name  string
		steps []time.Duration // when inputs are finished
		want  string
	}{
		{"short run", []time.Duration{0, 100 * time.Millisecond, 499 * time.Millisecond}, ""},
		{"long run", []time.Duration{100 * time.Millisecond, 500 * time.Millisecond}, wipe + "scanned 2 of 9 files" + wipe},
		{"no faster than can be read",
			[]time.Duration{600 * time.Millisecond, 601 * time.Millisecond, 699 * time.Millisecond, 700 * time.Millisecond},
			wipe + "scanned 1 of 9 files" + wipe + "scanned 4 of 9 files" + wipe},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Unix(1_000_000, 0)
			clock := begin
			var out bytes.Buffer
			p := newProgress(&out, func() time.Time { return clock }, 9)
			for _, at := range tt.steps {
				clock = begin.Add(at)
				p.step(analyzer.Result{})
			}
			p.stop()
			p.step(analyzer.Result{}) // of a scan that was interrupted
			if out.String() != tt.want {
				t.Errorf("wrote %q, want %q", out.String(), tt.want)
			}
		})
	}
}

func TestProgressZeroValue(t *testing.T) {
	var p progress
	p.step(analyzer.Result{})
	p.stop()
}

func TestProgressIsWatched(t *testing.T) {
	for _, tt := range []struct {
		name     string
		flags    scanFlags
		env      map[string]string
		terminal bool
		want     bool
	}{
		{"terminal", scanFlags{}, nil, true, true},
		{"no terminal", scanFlags{}, nil, false, false},
		{"quiet", scanFlags{quiet: true}, nil, true, false},
		{"no progress", scanFlags{noProgress: true}, nil, true, false},
		{"CI", scanFlags{}, map[string]string{"CI": "true"}, true, false},
		{"CI=false", scanFlags{}, map[string]string{"CI": "false"}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := command{Env: func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok }}
			if got := c.watched(tt.flags, tt.terminal); got != tt.want {
				t.Errorf("watched = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestNotATerminal holds what is no terminal against the check, the null device
// above all, which is a character device too.
func TestNotATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	c := command{Env: func(string) (string, bool) { return "", false }}
	if c.terminal(null) || c.terminal(&bytes.Buffer{}) {
		t.Error("taken for a terminal")
	}
}
