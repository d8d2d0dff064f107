package rules

import (
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// Floors that no honest layer reaches: the largest language models have weights
// of 2^32 elements, and no dimension of a layer but the rows of an embedding is
// above 2^21.
const (
	maxElements  = 1 << 33 // of one weight
	maxDimension = 1 << 28
	// With its weights in the same file, a layer is compared with them.
	maxElementsBeside = 1 << 28
	maxBeside         = 100
)

// OversizedBuild finds layers whose arguments make the loader allocate far more
// than the file can hold.
var OversizedBuild = &Rule{
	ID:       "oversized-build",
	Title:    "Layer that allocates far more than any model",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789},
	Check: func(p *Pass) {
		var stored float64
		for _, n := range p.Nodes(formats.KindDataset) {
			stored += min(declaredBytes(n.Dataset()), storedBytes(n))
		}
		inputs := inputChannels(p)
		for _, o := range p.configured() {
			if !asks(o.Config) && !o.is(isNormalization) {
				continue
			}
			in, known := inputs[o.Node]
			if !known {
				in = builtFor(o.Node)
			}
			w := largestWeight(o, in)
			bytes := 4 * w.elements
			if stored > 0 && bytes < maxBeside*stored {
				continue
			}
			if w.elements > maxElements || w.dimension > maxDimension || stored > 0 && w.elements > maxElementsBeside {
				p.Reportf(o.Node, w.what, "%s asks for a weight of at least %s (%s): building it takes that much memory.", layerPhrase(o.Node), size(bytes), w.what)
			}
		}
	},
}

// weight is the shape of a weight as far as a configuration tells.
type weight struct {
	elements  float64
	dimension float64 // the largest that an argument states
	what      string  // the arguments, for the message
}

// weights are the products of arguments that are the shape of one weight. channels
// is what the layer has been built for; an argument that is missing counts as 1.
var weights = []struct {
	class     func(string) bool // nil: any class
	arguments []string          // the first must be there
}{
	{nil, []string{"input_dim", "output_dim"}},
	{nil, []string{"units", channels}},
	{isRecurrent, []string{"units", "units"}},
	{isRecurrent, []string{"filters", "filters", "kernel_size"}},
	{nil, []string{"filters", channels, "kernel_size"}},
	{nil, []string{"filters", channels, "depth_multiplier"}},
	{nil, []string{"depth_multiplier", channels, "kernel_size"}},
	{nil, []string{"num_heads", "key_dim", channels}},
	{nil, []string{"num_heads", "value_dim", channels}},
	{nil, []string{"num_query_heads", "head_dim", channels}},
	{nil, []string{"num_key_value_heads", "head_dim", channels}},
	{nil, []string{"lora_rank", channels}},
	{nil, []string{"vocabulary_size", "hidden_dim"}},
	{nil, []string{"vocabulary_size", "embedding_dim"}},
	{nil, []string{"intermediate_dim", "hidden_dim"}},
	{nil, []string{"sequence_length", "hidden_dim"}},
	{nil, []string{"max_sequence_length", "hidden_dim"}},
	{oneOf("EinsumDense"), []string{"output_shape", channels}},
	{oneOf("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"), []string{"max_tokens"}},
	{oneOf("CategoryEncoding"), []string{"num_tokens"}},
	{isNormalization, []string{channels}},
}

// channels stands for the last dimension of the input.
const channels = "input channels"

// isRecurrent knows the layers and cells with weights from their state to itself.
func isRecurrent(name string) bool {
	name = strings.TrimSuffix(name, "Cell")
	return strings.HasSuffix(name, "LSTM") || strings.HasSuffix(name, "GRU") || strings.HasSuffix(name, "SimpleRNN") || strings.Contains(name, "ConvLSTM")
}

// isNormalization knows the layers with weights of the size of their input.
func isNormalization(name string) bool {
	return strings.Contains(name, "Normalization") || name == "PReLU"
}

// largestWeight returns the largest weight that the arguments of a layer describe.
func largestWeight(o configured, in float64) weight {
	var largest weight
	for _, rule := range weights {
		if argument(o, rule.arguments[0], in) < 1 || rule.class != nil && !o.is(rule.class) {
			continue
		}
		w := weight{elements: 1}
		var parts []string
		for _, name := range rule.arguments {
			if n := argument(o, name, in); n > 1 {
				w.elements *= n
				w.dimension = max(w.dimension, n)
				parts = append(parts, name+" "+count(n))
			}
		}
		if w.elements > largest.elements {
			w.what = strings.Join(parts, ", ")
			largest = w
		}
	}
	return largest
}

// asked are the arguments without which a row of weights says nothing.
var asked = func() map[string]bool {
	first := map[string]bool{}
	for _, rule := range weights {
		first[rule.arguments[0]] = true
	}
	return first
}()

// asks reports whether a configuration has any of them; those of initializers and
// the like have not.
func asks(config *formats.Node) bool {
	for _, c := range config.Children {
		if asked[c.Name] {
			return true
		}
	}
	return false
}

// count writes a number for a reader.
func count(n float64) string {
	if n >= 1e15 {
		return "above 10^15"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// argument returns the number of an argument, the product of a list, or 0 if it is
// missing; in is the number of channels.
func argument(o configured, name string, in float64) float64 {
	if name == channels {
		return in
	}
	n := magnitude(o.Config.Get(name))
	if name == "kernel_size" && n > 0 && o.Config.Get(name).Kind == formats.KindNumber {
		switch {
		case strings.Contains(o.Class, "2D"):
			n *= n
		case strings.Contains(o.Class, "3D"):
			n *= n * n
		}
	}
	return n
}

// magnitude multiplies the numbers of a list, also in the dict in which Keras 2
// writes a shape; whatever is not a positive number counts as 1.
func magnitude(n *formats.Node) float64 {
	switch {
	case n == nil:
		return 0
	case n.Kind == formats.KindNumber:
		f, _ := strconv.ParseFloat(n.Text, 64) // out of range is infinity
		return f
	case n.Kind == formats.KindArray:
		all := 1.0
		for _, c := range n.Children {
			if c.Kind == formats.KindNumber {
				all *= max(magnitude(c), 1)
			}
		}
		return all
	}
	return 0
}
