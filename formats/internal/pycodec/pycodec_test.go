package pycodec

import (
	"context"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyjson"
)

// TestCPython compares with what CPython answered (testdata/record.py).
func TestCPython(t *testing.T) {
	table, err := os.ReadFile("testdata/cpython.tsv")
	if err != nil {
		t.Fatal(err)
	}
	budget := bounds.New(context.Background(), bounds.Limits{Steps: 1 << 20, Depth: 1})
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		f := strings.Split(line, "\t")
		token, err := pyjson.NewDecoder(f[1], budget).Next()
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		switch f[0] {
		case "base64":
			got, err = Base64(token.Text)
		case "raw":
			got = RawUnicodeEscape(token.Text)
		default:
			t.Fatalf("unknown function %q", f[0])
		}
		if failed := strings.HasSuffix(f[2], "Error"); failed != (err != nil) || !failed && hex.EncodeToString(got) != f[2] {
			t.Errorf("%s(%s) = %x, %v; CPython: %s", f[0], f[1], got, err, f[2])
		}
	}
}
