package savedmodel

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// graphModel wraps the fields of a GraphDef.
func graphModel(graph []byte, more ...[]byte) []byte {
	return field(varintField(nil, 1, 1), 2, append(field(nil, 2, graph), bytes.Join(more, nil)...))
}

func TestMalformed(t *testing.T) {
	node := testNode("a", "ReadFile", "b")
	deep := []byte{}
	for range 200 { // a function's attribute holds a function, and so on
		deep = field(nil, 2, field(field(nil, 1, []byte("f")), 2, field(nil, 10, deep)))
	}
	nested := field(field(field(nil, 1, []byte("x")), 2, []byte("PartitionedCall")), 5, field(field(nil, 1, []byte("f")), 2, field(nil, 10, deep)))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty field key":        {[]byte{0}, "not the key of a protocol buffer field at offset 0"},
		"wire type 7":            {[]byte{0x0f}, "wire type 7 at offset 0"},
		"cut in a node":          {graphModel(field(nil, 1, node[:len(node)-3])), "a field of"},
		"cut in the file":        {graphModel(field(nil, 1, node))[:20], "a field of"},
		"a number without end":   {append([]byte{0x08}, bytes.Repeat([]byte{0xff}, 20)...), "a number of more than 10 bytes at offset 1"},
		"a group without end":    {[]byte{0x0b, 0x08, 0x01}, "a group without an end at offset 3"},
		"the end of no group":    {[]byte{0x0c}, "the end of a group that did not begin at offset 0"},
		"too deep for protobuf":  {graphModel(field(nil, 1, nested)), "messages nested more than 100 deep"},
		"a length over all text": {[]byte{0x12, 0xff, 0xff, 0xff, 0xff, 0x0f}, "a field of 4294967295 bytes, where 0 are left at offset 0"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Read(bounds.FromBytes(c.data, testBudget()))
			if err == nil || !strings.Contains(err.Error(), c.want) || bounds.As(err).Code != bounds.Malformed || m == nil {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestPrefixes reads every prefix of a small model: shorter ones that are cut in a
// field are malformed.
func TestPrefixes(t *testing.T) {
	data := graphModel(field(nil, 1, testNode("a", "ReadFile", "b")))
	for n := range data {
		_, err := Read(bounds.FromBytes(data[:n], testBudget()))
		if whole := n == 0 || n == 2; (err == nil) != whole {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
}

// TestManyPaths follows text through 200 StringJoins that each take the one before
// twice: a walk of every path would not end.
func TestManyPaths(t *testing.T) {
	var graph []byte
	for i := range 190 {
		in := fmt.Sprintf("n%d", i-1)
		graph = field(graph, 1, testNode(fmt.Sprintf("n%d", i), "StringJoin", in, in))
	}
	graph = field(graph, 1, testNode("read", "ReadFile", "n189"))
	m, err := Read(bounds.FromBytes(graphModel(graph), testBudget()))
	if err != nil || len(m.Graphs[0].Ops) != 191 {
		t.Fatal(err)
	}
}

// TestLoops follows text round a loop of nodes, and functions that call themselves
// and each other.
func TestLoops(t *testing.T) {
	graph := field(nil, 1, testNode("a", "StringJoin", "b"))
	graph = field(graph, 1, testNode("b", "StringJoin", "a"))
	graph = field(graph, 1, testNode("read", "ReadFile", "a"))
	call := func(name, f string) []byte {
		return field(testNode(name, "PartitionedCall", "x"), 5, field(field(nil, 1, []byte("f")), 2, field(nil, 10, field(nil, 1, []byte(f)))))
	}
	function := func(name, calls string) []byte {
		return field(field(nil, 1, field(field(nil, 1, []byte(name)), 2, field(nil, 1, []byte("x")))), 3, call("c", calls))
	}
	graph = field(graph, 2, field(field(nil, 1, function("f", "g")), 1, function("g", "f")))
	graph = field(graph, 1, call("call", "f"))
	m, err := Read(bounds.FromBytes(graphModel(graph), testBudget()))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range m.Graphs[0].Ops {
		if op.Type == "ReadFile" && op.Operands[0].Value.Lead&FromComputed == 0 {
			t.Errorf("a path that a loop makes: %+v", op.Operands[0])
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(graphModel(field(nil, 1, testNode("a", "ReadFile", "b"))))
	text, err := os.ReadFile("testdata/phases/v1.pbtxt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func(*bounds.Source) (*Model, error){Read, ReadText} {
			m, _ := read(bounds.FromBytes(data, testBudget()))
			for _, g := range m.Graphs {
				for _, op := range allOps(g) {
					if op.Off < 0 || op.End < op.Off || op.End > int64(len(data)) {
						t.Errorf("%s lies at %d to %d of %d", op.Name, op.Off, op.End, len(data))
					}
				}
			}
		}
		if _, err := ReadMetadata(bounds.FromBytes(data, testBudget())); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
	})
}
