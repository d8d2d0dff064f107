package formats_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

// countingReader counts the reads.
type countingReader struct {
	io.ReaderAt
	reads int
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return c.ReaderAt.ReadAt(p, off)
}

// A file that nobody gives to a loader costs one read, however large it is.
func TestOneRead(t *testing.T) {
	for _, name := range []string{"a.png", "a.py", "a.log", "README.md"} {
		data := bytes.Repeat([]byte("line\n"), 1_000_000)
		r := &countingReader{ReaderAt: bytes.NewReader(data)}
		a := formats.Open(context.Background(), name, r, int64(len(data)), formats.Limits{})
		if r.reads != 1 || a.Model {
			t.Errorf("%s: %d reads, model %v", name, r.reads, a.Model)
		}
	}
}

// What such a name hides is found where the beginning shows it.
func TestMisnamed(t *testing.T) {
	for _, text := range []string{
		"container: keras\nname: a.png\n-- config.json --\n{\"class_name\": \"Sequential\", \"config\": {}}\n",
		"container: h5\nname: a.txt\nh5: user-block 2048\nh5: group /layers\n",
		"container: tar\nname: a.log\ncompress: xz\n-- config.json --\n{\"class_name\": \"Sequential\", \"config\": {}}\n",
		"container: file\nname: a.md\n-- a.md --\nclass_name: Sequential\nconfig: []\n",
	} {
		b := buildOne(t, text)
		if a := open(b.Data, b.Name, formats.Limits{}); !a.Model {
			t.Errorf("%s is passed over: %s", b.Name, a.Format)
		}
	}
}

func buildOne(t testing.TB, text string) *formatstest.Built {
	t.Helper()
	c, err := formatstest.Parse("case", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Build(c.Containers[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// One stream of each kind, and one in another, take their place in addresses.
func TestStreamAddresses(t *testing.T) {
	const member = "-- a/b.json --\n{\"class_name\": \"Dense\"}\n"
	for _, tt := range []struct{ text, want string }{
		{"container: tar\nname: models.tar.gz\ncompress: gzip\n" + member, "models.tar.gz!a/b.json#/class_name"},
		{"container: tar\nname: models.tgz\ncompress: gzip\n" + member, "models.tgz!a/b.json#/class_name"},
		{"container: tar\nname: models.tar.bz2\ncompress: bzip2\n" + member, "models.tar.bz2!a/b.json#/class_name"},
		{"container: tar\nname: models.tar.xz\ncompress: xz\n" + member, "models.tar.xz!a/b.json#/class_name"},
		{"container: tar\nname: models.tar.lzma\ncompress: lzma\n" + member, "models.tar.lzma!a/b.json#/class_name"},
		{"container: tar\nname: models.tar.zst\ncompress: zstd\n" + member, "models.tar.zst!a/b.json#/class_name"},
		{"container: keras\nname: model.keras.gz\ncompress: gzip\n-- config.json --\n{\"class_name\": \"Dense\"}\n", "model.keras.gz!model.keras!config.json#/class_name"},
		{"container: file\nname: x\ncompress: gzip\n-- x --\n{\"class_name\": \"Dense\"}\n", "x!content#/class_name"},
		{"container: tar\nname: a.tar\n-- inner.tar!c.json --\n{\"class_name\": \"Dense\"}\n", "a.tar!inner.tar!c.json#/class_name"},
	} {
		b := buildOne(t, tt.text)
		a := open(b.Data, b.Name, formats.Limits{})
		var got []string
		for n := range a.Root.All() {
			if n.Name == "class_name" {
				got = append(got, n.Location().String())
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" || !a.Model || len(a.Problems) > 0 {
			t.Errorf("model %v, problems %v (-want +got):\n%s", a.Model, a.Problems, diff)
		}
	}
}

// Archives in archives end at the limit, which says so.
func TestStreamNesting(t *testing.T) {
	b := buildOne(t, "container: tar\nname: a.tar\ncompress: gzip\n-- b.tar!c.tar!d.tar!e.json --\n{\"class_name\": \"Dense\"}\n")
	a := open(b.Data, "a.tar.gz", formats.Limits{Nesting: 2})
	if len(a.Problems) != 1 || a.Problems[0].Limit != "Nesting" {
		t.Errorf("problems %v", a.Problems)
	}
}

// TestAliases holds what YAML aliases, merge keys and tags become.
func TestAliases(t *testing.T) {
	text := "a: &x {k: 1, l: &y [2, ~]}\nb: *x\nc: *y\nd:\n  <<: *x\n  k: yes\ne: [*y, *y]\n? [z]\n: 1.5\nf: !!python/name:os.system ''\n*s: t\n"
	a := open([]byte("s: &s u\n"+text), "m.yaml", formats.Limits{})
	var got []string
	for n := range a.Root.All() {
		if n.Kind.JSON() && len(n.Children) == 0 {
			got = append(got, n.Location().String()+" "+n.Kind.String()+" "+n.Text+n.Tag())
		}
	}
	want := []string{"s string u", "a/k number 1", "a/l/0 number 2", "a/l/1 literal null", "b/k number 1", "b/l/0 number 2", "b/l/1 literal null",
		"c/0 number 2", "c/1 literal null", "d/k;1 number 1", "d/l/0 number 2", "d/l/1 literal null", "d/k literal true",
		"e/0/0 number 2", "e/0/1 literal null", "e/1/0 number 2", "e/1/1 literal null", "?/0 string z", ": number 1.5", "f string name:os.system", "u string t"}
	for i := range want {
		want[i] = "m.yaml#/" + want[i]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, a.Problems)
	}
	if err := invariants(a); err != nil {
		t.Error(err)
	}
}

func FuzzYAML(f *testing.F) {
	f.Add("a: &x {k: 1, l: &y [2, ~]}\nb: *x\nd:\n  <<: *x\n  k: yes\ne: [*y, *y]\n? [z]\n: 1.5\n")
	f.Add("class_name: !!python/object/apply:os.system [a]\nx: *y")
	f.Fuzz(func(t *testing.T, text string) {
		if err := invariants(open([]byte(text), "m.yaml", formats.Limits{Nodes: 10_000})); err != nil {
			t.Error(err)
		}
	})
}
