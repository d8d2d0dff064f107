package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/integrity"
)

// TestBytesProgress shows a bar with a rate, not before half a second, not faster
// than can be read, and wipes it.
func TestBytesProgress(t *testing.T) {
	now := time.Unix(0, 0)
	var shown []string
	p := &bytesProgress{verb: "hashed", now: func() time.Time { return now }, begun: now, show: func(line string) { shown = append(shown, line) }}
	p.expect([]integrity.File{{Size: 3e9}, {Size: 1e9}})
	for _, at := range []time.Duration{100, 600, 650, 1000, 2000} { // in milliseconds
		now = time.Unix(0, 0).Add(at * time.Millisecond)
		p.add(500_000_000)
	}
	p.stop()
	p.stop()
	want := []string{
		"hashed 1.0 of 4.0 GB [#####               ] 1667 MB/s, 2s left",
		"hashed 2.0 of 4.0 GB [##########          ] 2000 MB/s, 1s left",
		"hashed 2.5 of 4.0 GB [############        ] 1250 MB/s, 1s left",
		"",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDayDuration reads spans in days too.
func TestDayDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "12h": 12 * time.Hour, "0d": 0, "-1d": 0, "d": 0, "soon": 0, "99999999d": 0, "0s": 0} {
		var got time.Duration
		if err := (*dayDuration)(&got).Set(text); got != want || (err != nil) != (want == 0) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}

// TestRulesDigestIsStable: a gate compares it.
func TestRulesDigestIsStable(t *testing.T) {
	first, second := rulesDigest(), rulesDigest()
	if first != second || first == (integrity.Digest{}) {
		t.Errorf("the digest of the rules is %s, then %s", first, second)
	}
}
