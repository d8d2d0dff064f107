package savedmodel

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// field appends a field of bytes.
func field(to []byte, number int, value []byte) []byte {
	to = binary.AppendUvarint(to, uint64(number)<<3|2)
	to = binary.AppendUvarint(to, uint64(len(value)))
	return append(to, value...)
}

func varintField(to []byte, number int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(to, uint64(number)<<3), v)
}

// testNode writes a NodeDef with a type attribute and the shapes that Keras writes.
func testNode(name, op string, inputs ...string) []byte {
	n := field(field(nil, 1, []byte(name)), 2, []byte(op))
	for _, in := range inputs {
		n = field(n, 3, []byte(in))
	}
	dim := func(v uint64) []byte { return field(nil, 2, varintField(nil, 1, v)) }
	shape := append(dim(1<<64-1), append(dim(128), dim(256)...)...)
	n = field(n, 5, field(field(nil, 1, []byte("_output_shapes")), 2, field(nil, 1, field(nil, 7, shape))))
	return field(n, 5, field(field(nil, 1, []byte("T")), 2, varintField(nil, 6, 1)))
}

// testModel writes a SavedModel of about that many bytes.
func testModel(size int, node func(i int) []byte) []byte {
	var graph []byte
	for i := 0; len(graph) < size; i++ {
		graph = field(graph, 1, node(i))
	}
	return field(varintField(nil, 1, 1), 2, field(nil, 2, graph))
}

// BenchmarkRead reads graphs of 100 MB: of small operations, and of few with large
// constants.
func BenchmarkRead(b *testing.B) {
	const size = 100 << 20
	ops := []string{"MatMul", "AddV2", "Identity", "Relu", "ReadVariableOp"}
	shapes := map[string]func(i int) []byte{
		"small": func(i int) []byte {
			return testNode(fmt.Sprintf("model/block_%d/layer/op_%d", i/100, i), ops[i%len(ops)],
				fmt.Sprintf("model/block_%d/layer/op_%d", max(0, i-1)/100, max(0, i-1)), "model/weights/ReadVariableOp")
		},
		"large": func(i int) []byte {
			n := testNode(fmt.Sprintf("const_%d", i), "Const")
			return field(n, 5, field(field(nil, 1, []byte("value")), 2, field(nil, 8, field(varintField(nil, 1, 1), 4, make([]byte, 4<<20)))))
		},
	}
	for name, node := range shapes {
		data := testModel(size, node)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				src := bounds.NewSource(bytes.NewReader(data), int64(len(data)), testBudget())
				if m, err := Read(src); err != nil || len(m.Graphs) != 1 {
					b.Fatal(err)
				}
			}
		})
	}
}

func testBudget() *bounds.Budget {
	return bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20, StructureBytes: 64 << 20,
		Nodes: 700_000, Steps: 20_000_000, Depth: 10_000, Nesting: 6})
}
