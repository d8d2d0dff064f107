package formats_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

// built is one case in one container.
type built struct {
	name     string // for messages
	fileName string
	data     []byte
	limits   map[string]int64
}

// corpus builds every file case of the rules in each of its containers.
func corpus(t testing.TB) []built {
	t.Helper()
	cases, err := formatstest.Glob("../testdata/rules/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []built
	for _, c := range cases {
		for _, container := range c.Containers {
			b, err := c.Build(container)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, built{c.Name + " " + container, b.Name, b.Data, c.Limits})
		}
	}
	return out
}

func open(data []byte, name string, l formats.Limits) *formats.Artifact {
	return formats.Open(context.Background(), name, bytes.NewReader(data), int64(len(data)), l)
}

// invariants holds for every tree, whatever the bytes were.
func invariants(a *formats.Artifact) error {
	seen := map[string]bool{}
	for n := range a.Root.All() {
		for _, c := range n.Children {
			if c.Parent != n {
				return fmt.Errorf("child %q of %s has another parent", c.Name, n.Location())
			}
			if n.Kind.JSON() && c.Kind.JSON() && (c.Span.Start < n.Span.Start || c.Span.End > n.Span.End) {
				return fmt.Errorf("%s: span %v outside of its parent's %v", c.Location(), c.Span, n.Span)
			}
		}
		if n.Span.Start < 0 || n.Span.End < n.Span.Start {
			return fmt.Errorf("%s: span %v", n.Location(), n.Span)
		}
		if len(seen) > 2000 {
			continue // addresses of a large tree take long to compare
		}
		address := n.Location().String()
		if seen[address] {
			return fmt.Errorf("two nodes at %s", address)
		}
		seen[address] = true
		l, err := formats.ParseLocation(address)
		if err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
		if again := l.String(); again != address {
			return fmt.Errorf("%s is parsed and written as %s", address, again)
		}
		if formats.Find(a.Root, l) != n {
			return fmt.Errorf("%s does not lead back to its node", address)
		}
	}
	for _, p := range a.Problems {
		if p.At == nil || p.Err == nil || p.Code == 0 || (p.Code == formats.LimitExceeded) != (p.Limit != "") {
			return fmt.Errorf("incomplete problem %+v", p)
		}
		if p.Code == formats.Internal {
			return fmt.Errorf("internal error: %w", p.Err)
		}
	}
	return nil
}

func TestInvariants(t *testing.T) {
	for _, b := range corpus(t) {
		if err := invariants(open(b.data, b.fileName, formats.Limits{})); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
	}
}

// TestTruncation opens every prefix of every small case: none may panic, and none
// but the whole file may pass for complete, unless the tree is the same: an archive
// comment may be cut.
func TestTruncation(t *testing.T) {
	const most = 20_000
	for _, b := range corpus(t) {
		whole := open(b.data, b.fileName, formats.Limits{})
		if len(b.data) > most || !whole.Complete() || whole.Format == formats.FormatYAML || slices.ContainsFunc(wholeInFront, func(name string) bool { return strings.HasSuffix(b.name, name) }) {
			continue
		}
		step := max(1, len(b.data)/400)
		for n := 0; n < len(b.data)-1; n += step { // the last byte of a text case is a newline
			a := open(b.data[:n], b.fileName, formats.Limits{})
			if err := invariants(a); err != nil {
				t.Fatalf("%s, first %d bytes: %v", b.name, n, err)
			}
			if a.Complete() && len(addresses(a)) != len(addresses(whole)) {
				t.Fatalf("%s: the first %d of %d bytes pass for a whole file", b.name, n, len(b.data))
			}
		}
	}
}

// wholeInFront are the cases in which what is in front is whole by itself.
var wholeInFront = []string{"bad-zip-and-hdf5.txtar keras", "bad-tar-behind.txtar tar", "pickle-dangerous/bad-checkpoint-index.txtar file"}

func addresses(a *formats.Artifact) []string {
	var out []string
	for n := range a.Root.All() {
		out = append(out, n.Location().String())
	}
	return out
}

// faultyReader fails from its k-th read on.
type faultyReader struct {
	io.ReaderAt
	left int
}

var errFault = errors.New("disk on fire")

func (f *faultyReader) ReadAt(p []byte, off int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFault
	}
	return f.ReaderAt.ReadAt(p, off)
}

// TestFaults opens files whose reader fails at the k-th read, for every k: each
// must say so. The files are larger than what one read fetches.
func TestFaults(t *testing.T) {
	const header = "container: keras h5\n"
	const body = `-- config.json --
{"module": "keras", "class_name": "Sequential", "config": {"name": "PAD"}}
-- model.weights.h5 --
!h5
dataset /layers/a/vars/0 f4 200x200
dataset /layers/b/vars/0 f4 200x200
`
	c, err := formatstest.Parse("faults", []byte(header+"replace: config.json PAD repeat 100000 x\n"+body))
	if err != nil {
		t.Fatal(err)
	}
	for _, container := range c.Containers {
		b, err := c.Build(container)
		if err != nil {
			t.Fatal(err)
		}
		reads := 0
		for k := 0; ; k++ {
			r := &faultyReader{bytes.NewReader(b.Data), k}
			a := formats.Open(context.Background(), b.Name, r, int64(len(b.Data)), formats.Limits{})
			if r.left >= 0 {
				if !a.Complete() {
					t.Errorf("%s without a fault: %v", container, a.Problems)
				}
				break
			}
			reads++
			if err := invariants(a); err != nil {
				t.Fatalf("%s, fault at read %d: %v", container, k, err)
			}
			if a.Complete() || !a.Model {
				t.Errorf("%s: a fault at read %d goes unseen", container, k)
			}
		}
		if reads < 3 {
			t.Errorf("%s took %d reads: too few for this test to mean anything", container, reads)
		}
	}
}

// TestLimits trips each field of Limits with a case of its own.
func TestLimits(t *testing.T) {
	const config = `-- config.json --
{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [[[[[[1]]]]]]}}
`
	tests := []struct {
		limit     string
		limits    formats.Limits
		container string
		text      string
	}{
		{"ReadBytes", formats.Limits{ReadBytes: 100}, "keras", config},
		{"MemberBytes", formats.Limits{MemberBytes: 50}, "keras", "zip: method config.json deflate\n" + config},
		{"TextBytes", formats.Limits{TextBytes: 50}, "h5", config},
		{"StructureBytes", formats.Limits{StructureBytes: 1000}, "h5", "repeat: config.json 70000 x\nh5: attr-style fixed\nh5: superblock 2\nh5: dense /\n" + config},
		{"Nodes", formats.Limits{Nodes: 5}, "json", config},
		{"Steps", formats.Limits{Steps: 5}, "json", config},
		{"Depth", formats.Limits{Depth: 4}, "json", config},
		{"Nesting", formats.Limits{Nesting: 1}, "zip", "-- a.zip!b.zip!config.json --\n{}\n"},
	}
	for _, tt := range tests {
		c, err := formatstest.Parse(tt.limit, []byte("container: "+tt.container+"\n"+tt.text))
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Build(tt.container)
		if err != nil {
			t.Fatal(err)
		}
		a := open(b.Data, b.Name, tt.limits)
		found := false
		for _, p := range a.Problems {
			found = found || p.Code == formats.LimitExceeded && p.Limit == tt.limit
		}
		if !found || !a.Model {
			t.Errorf("%s: not tripped; model %v, problems %v", tt.limit, a.Model, a.Problems)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	data := []byte(`{"class_name": "Sequential", "config": {}}`)
	a := formats.Open(ctx, "model.json", bytes.NewReader(data), int64(len(data)), formats.Limits{})
	if len(a.Problems) == 0 || a.Problems[0].Limit != "Time" {
		t.Errorf("problems %v, want the time limit", a.Problems)
	}
}

func FuzzOpen(f *testing.F) {
	for _, b := range corpus(f) {
		if len(b.data) < 20_000 {
			f.Add(b.fileName, b.data)
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		limits := formats.Limits{ReadBytes: 1 << 24, MemberBytes: 1 << 20, TextBytes: 1 << 22, StructureBytes: 1 << 20, Nodes: 20_000, Steps: 200_000}
		a := open(data, name, limits)
		if err := invariants(a); err != nil {
			t.Error(err)
		}
		for o := range formats.Objects(a.Root) {
			o.Resolve()
		}
	})
}
