package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
)

// TestOperationsOfTensorFlow prints, with -v, what symbols.txt says of every
// operation of TensorFlow that has state, or is given text, a resource, a dataset or a
// function. It fails for one without an answer, for a name that TensorFlow does not
// have, and for an operand that an operation does not take.
func TestOperationsOfTensorFlow(t *testing.T) {
	table := symbols().graph
	words := map[deed]string{}
	for w, d := range deedNames {
		words[d] = w
	}
	ops := formats.Operations()
	if len(ops) < 1000 {
		t.Errorf("only %d operations", len(ops))
	}
	for _, op := range ops {
		deeds := table.deeds[op]
		if len(deeds) == 0 {
			t.Errorf("%s has no answer", op)
		}
		var said []string
		for _, d := range deeds {
			said = append(said, words[d.deed]+" "+d.operand)
			if d.operand != "" && !slices.Contains(formats.OperandNames(op), d.operand) {
				t.Errorf("%s has no operand %s", op, d.operand)
			}
		}
		t.Log(op, strings.Join(said, ", "))
	}
	for op := range table.deeds {
		if !slices.Contains(ops, op) {
			t.Errorf("%s is no operation of TensorFlow, or computes numbers from numbers", op)
		}
	}
}

// TestOperationsAsSymbols holds what is said of operations in graphs against what is
// said of them where op layers name them.
func TestOperationsAsSymbols(t *testing.T) {
	for op, deeds := range symbols().graph.deeds {
		known := symbols().lookup("tensorflow.raw_ops." + op)
		if acts := deeds[0].deed > through; acts && known.verdict == safe {
			t.Errorf("tensorflow.raw_ops.%s is safe, %s in a graph is not", op, op)
		}
	}
}

func TestOperationTable(t *testing.T) {
	for _, bad := range []string{"tf-op", "tf-op odd A", "tf-op computes", "tf-odd A", "tf-op computes A A", "tf-op computes A\ntf-op reads-files A(x)"} {
		if _, err := parseSymbols(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
