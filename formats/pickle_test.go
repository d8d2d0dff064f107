package formats_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

// hostilePickle calls os.system.
const hostilePickle = "\x80\x04cos\nsystem\n\x8c\x02id\x85R."

// globals are the addresses of the names that pickles import or look up.
func globals(a *formats.Artifact) (list []string) {
	for n := range a.Root.All() {
		if n.Kind == formats.KindGlobal {
			list = append(list, n.Location().String())
		}
	}
	return list
}

// TestCompressedPickles reads the same pickle in each compression of joblib, as
// written by Python.
func TestCompressedPickles(t *testing.T) {
	for _, test := range []struct{ name, data string }{
		{"lz4", "BCJNGGhAFAAAAAAAAACjFAAAgIAEY29zCnN5c3RlbQqMAmlkhVIuAAAAAA=="},
		{"lz4 in linked blocks with checksums", "BCJNGHxAtAAAAAAAAACgHwAAAP8FgARjb3MKc3lzdGVtCowCaWSFUi4UAIhQaWSFUi6IAxAlAAAAABD/pDI="},
		{"lzma", "XQAAgAD//////////wBAAQgDvDC9NN4vXibQagTwMrwGnfg0+MUF//+YegAA"},
		{"xz", "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQATgARjb3MKc3lzdGVtCowCaWSFUi4Ae8XVkY1AObwAASwU+AptAx+2830BAAAAAARZWg=="},
		{"zlib", "eJxrYEnOL+YqriwuSc3l6mHKTGkN0gMAST8G4w=="},
		{"gzip", "H4sIAAAAAAACA2tgSc4v5iquLC5JzeXqYcpMaQ3SAwBIRRiIFAAAAA=="},
		{"bzip2", "QlpoOTFBWSZTWTedKTcAAAjTwBQQAAEQAA4ijCBCBCAAIpoBo2mUKGmmABERxbBeQVMUKv8XckU4UJA3nSk3"},
		{"old joblib", "WkYweDE0ICAgICAgICAgICAgICAgeJxrYEnOL+YqriwuSc3l6mHKTGkN0gMAST8G4w=="},
	} {
		t.Run(test.name, func(t *testing.T) {
			data, err := base64.StdEncoding.DecodeString(test.data)
			if err != nil {
				t.Fatal(err)
			}
			a := open(data, "model.joblib", formats.Limits{})
			got := globals(a)
			if !a.Complete() || a.Format != formats.FormatPickle || len(got) == 0 || !strings.HasSuffix(got[0], "!os.system") {
				t.Errorf("format %q, names %q, problems %v", a.Format, got, a.Problems)
			}
			if unnamed := open(data, "weights.bin", formats.Limits{}); len(globals(unnamed)) == 0 { // joblib goes by the content
				t.Error("not read under another name")
			}
			for n := range len(data) - 12 { // what is cut off is not clean
				if a := open(data[:n], "model.joblib", formats.Limits{}); a.Complete() && len(globals(a)) == 0 {
					t.Fatalf("the first %d bytes pass for a whole file", n)
				}
			}
		})
	}
}

// TestCutCompressedPickle reads what comes out of a stream before its check fails or
// it ends: pickle.load runs that first.
func TestCutCompressedPickle(t *testing.T) {
	for name, encoded := range map[string]string{
		"zlib": "eJxrYEnOL+YqriwuSc3l6mHKTGkN0gMAST8G4w==",
		"gzip": "H4sIAAAAAAACA2tgSc4v5iquLC5JzeXqYcpMaQ3SAwBIRRiIFAAAAA==",
	} {
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		a := open(data[:len(data)-2], "model.joblib", formats.Limits{})
		if got := globals(a); a.Complete() || len(got) == 0 || !strings.HasSuffix(got[0], "!os.system") {
			t.Errorf("%s: names %q, problems %v", name, got, a.Problems)
		}
	}
}

// TestPickleCarriers looks for the same pickle where it may lie.
func TestPickleCarriers(t *testing.T) {
	for _, test := range []struct {
		name, file, data string
		want             []string
		complete         bool
	}{
		{"by its mark", "weights.dat", hostilePickle, []string{"weights.dat!pickle!os.system"}, true},
		{"by what it calls", "weights.dat", "cos\nsystem\n(S'id'\ntR.", []string{"weights.dat!pickle!os.system"}, true},
		{"a mark of protocol 1", "weights.dat", "\x80\x01cos\nsystem\n(S'id'\ntR.", []string{"weights.dat!pickle!os.system"}, true},
		{"several", "a.pkl", "\x80\x04N." + hostilePickle + "\x80\x04N.", []string{"a.pkl!pickle;2!os.system"}, true},
		{"data behind it", "a.pkl", hostilePickle + "\x00\x01\x02\x03", []string{"a.pkl!pickle!os.system"}, true},
		{"in bytes", "a.pkl", "\x80\x04C\x14" + hostilePickle + ".", []string{"a.pkl!pickle!pickle!os.system"}, true},
		{"in a text of protocol 2", "a.pkl", "\x80\x02c_codecs\nencode\nX\x11\x00\x00\x00\xc2\x80\x04cos\nsystem\n)R.X\x06\x00\x00\x00latin1\x86R.",
			[]string{"a.pkl!pickle!_codecs.encode", "a.pkl!pickle!pickle!os.system"}, true},
		{"in a line of protocol 0", "a.pkl", `S'\x80\x04cos\nsystem\n)R.'` + "\n.", []string{"a.pkl!pickle!pickle!os.system"}, true},
		{"a text file of that name", "a.pkl", "hello", nil, false},
		{"bytes that only begin alike", "weights.dat", "\x80\x04\xff\xff", nil, false},
		{"a text with the words", "notes.txt", "cos and sin\nare functions\n", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := open([]byte(test.data), test.file, formats.Limits{})
			if diff := cmp.Diff(test.want, globals(a)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if a.Complete() != test.complete {
				t.Errorf("complete %v; problems %v", a.Complete(), a.Problems)
			}
		})
	}
}

// TestNameMakesNoPickle: a name that promises a pickle makes none of an archive,
// unless one stands before it.
func TestNameMakesNoPickle(t *testing.T) {
	h5, err := os.ReadFile("../testdata/samples/honest.weights.h5")
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	if _, err := w.Create("a.txt"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	behind := func(data []byte) []byte {
		return append([]byte(hostilePickle+strings.Repeat("\x00", 512-len(hostilePickle))), data...)
	}
	for _, test := range []struct {
		name  string
		data  []byte
		calls []string
	}{
		{"HDF5", h5, nil},
		{"zip", z.Bytes(), nil},
		{"HDF5 behind a pickle", behind(h5), []string{"a.pkl!pickle!os.system"}},
		{"zip behind a pickle", behind(z.Bytes()), []string{"a.pkl!pickle!os.system"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := open(test.data, "a.pkl", formats.Limits{})
			if diff := cmp.Diff(test.calls, globals(a)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			ambiguous := slices.ContainsFunc(a.Problems, func(p formats.Problem) bool { return p.Code == formats.Ambiguous })
			if ambiguous != (test.calls != nil) || a.Format == "" {
				t.Errorf("ambiguous %v, format %q; problems %v", ambiguous, a.Format, a.Problems)
			}
		})
	}
}

// TestPickleLimits: a pickle that a limit cuts short is not passed over.
func TestPickleLimits(t *testing.T) {
	data := []byte("\x80\x04" + strings.Repeat("N0", 1000) + hostilePickle)
	for _, l := range []formats.Limits{{Steps: 500}, {Nodes: 1}, {TextBytes: 200}} {
		if a := open(data, "a.pkl", l); a.Complete() {
			t.Errorf("%+v: complete, with names %q", l, globals(a))
		}
	}
}

// TestAssembledCode follows a code object that a pickle puts together from its
// parts, as cloudpickle and dill do.
func TestAssembledCode(t *testing.T) {
	data, err := formatstest.AssemblePickle(`
		PROTO 4
		GLOBAL types CodeType
		MARK
		BININT1 0
		BININT1 0
		BININT1 0
		BININT1 0
		BININT1 3
		BININT1 67
		SHORT_BINBYTES hex 740064018301a0016402a101010064005300
		MARK
		NONE
		SHORT_BINUNICODE os
		SHORT_BINUNICODE id
		TUPLE
		MARK
		SHORT_BINUNICODE __import__
		SHORT_BINUNICODE system
		TUPLE
		EMPTY_TUPLE
		SHORT_BINUNICODE x.py
		SHORT_BINUNICODE f
		BININT1 1
		SHORT_BINBYTES hex 0001
		EMPTY_TUPLE
		EMPTY_TUPLE
		TUPLE
		REDUCE
		STOP`)
	if err != nil {
		t.Fatal(err)
	}
	a := open(data, "f.pkl", formats.Limits{})
	for n := range a.Root.All() {
		if c := n.CodeObject(); c != nil {
			if flow := c.Flow("3.8"); flow == nil || !slices.Contains(flow.Calls, "__import__") {
				t.Errorf("versions %v, flow %+v", c.Versions, flow)
			}
			return
		}
	}
	t.Errorf("no code object; problems %v", a.Problems)
}
