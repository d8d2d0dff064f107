package pickle

import (
	"bytes"
	"strings"
	"testing"
)

// Of equal events the first maxEqual are kept, unless what they hand over may be source
// or a pickle.
func TestManyEvents(t *testing.T) {
	const (
		object  = "csklearn.base\nBaseEstimator\n)\x81"
		loader  = "ctorch.storage\n_load_from_bytes\n"
		payload = "C\x15cos\nsystem\n(S'x'\ntR.\x85R0"
	)
	for _, c := range []struct {
		name, one string
		kind      EventKind
		want      int
	}{
		{"numbers", object + "}X\x01\x00\x00\x00nK\x01sb0", Restore, maxEqual},
		{"source", object + "}X\x01\x00\x00\x00nX\x09\x00\x00\x00import xysb0", Restore, 2 * maxEqual},
		{"dates", "cdatetime\ndate\nC\x04\x07\xe8\x01\x01\x85R0", Call, maxEqual},
		{"pickles", loader + payload, Call, 2 * maxEqual},
	} {
		stream := append(bytes.Repeat([]byte(c.one), 2*maxEqual), "N."...)
		p, err := Walk(source(append([]byte("\x80\x04"), stream...)), 0)
		if err != nil || p.Fault != nil {
			t.Fatalf("%s: %v, %v", c.name, err, p.Fault)
		}
		got := 0
		for _, e := range p.Events {
			if e.Kind == c.kind && (e.Value.Func.Path() != "sklearn.base.BaseEstimator") {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d events kept, want %d", c.name, got, c.want)
		}
	}
}

// A STRING of protocol 0 may be longer than what is kept of it: Python 2 wrote arrays so.
func TestLongString(t *testing.T) {
	for text, faulty := range map[string]bool{"'" + strings.Repeat("a", 2*KeptText) + "'": false, "'" + strings.Repeat("a", KeptText/2): true} {
		p, err := Walk(source([]byte("S"+text+"\n.")), 0)
		if err != nil || p.Fault != nil != faulty || p.Value.Whole() == (len(text) > KeptText) {
			t.Errorf("%d bytes: %v, %v", len(text), err, p.Fault)
		}
	}
}
