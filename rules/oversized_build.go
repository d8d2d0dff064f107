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
		references := p.references()
		for i := range references {
			r := &references[i]
			o := r.object
			if !r.configured() || !asks(o.Config) && !r.is(isNormalization) {
				continue
			}
			l := building{reference: r}
			l.given.read(o.Config)
			var known bool
			if l.channels, known = inputs[o.Node]; !known {
				l.channels = builtFor(o.Node.Get(buildConfig), &l.given)
			}
			w := l.largestWeight()
			bytes := 4 * w.elements
			if stored > 0 && bytes < maxBeside*stored {
				continue
			}
			if w.elements > maxElements || w.dimension > maxDimension || stored > 0 && w.elements > maxElementsBeside {
				what := l.describe(w)
				p.Reportf(o.Node, what, "%s asks for a weight of at least %s (%s): building it takes that much memory.", layerPhrase(o.Node), size(bytes), what)
			}
		}
	},
}

// building is an object with the arguments by which a loader builds it.
type building struct {
	*reference
	given    arguments
	channels float64 // the last dimension of its input
}

// weight is the shape of a weight as far as a configuration tells.
type weight struct {
	elements  float64
	dimension float64 // the largest that an argument states
	arguments []argument
}

// weights are the products of arguments that are the shape of one weight. An argument that is missing counts as 1.
var weights = []struct {
	class     func(string) bool // nil: any class
	arguments []argument        // the first must be there
}{
	{nil, []argument{argInputDim, argOutputDim}},
	{nil, []argument{argUnits, argChannels}},
	{isRecurrent, []argument{argUnits, argUnits}},
	{isRecurrent, []argument{argFilters, argFilters, argKernelSize}},
	{nil, []argument{argFilters, argChannels, argKernelSize}},
	{nil, []argument{argFilters, argChannels, argDepthMultiplier}},
	{nil, []argument{argDepthMultiplier, argChannels, argKernelSize}},
	{nil, []argument{argNumHeads, argKeyDim, argChannels}},
	{nil, []argument{argNumHeads, argValueDim, argChannels}},
	{nil, []argument{argNumQueryHeads, argHeadDim, argChannels}},
	{nil, []argument{argNumKeyValueHeads, argHeadDim, argChannels}},
	{nil, []argument{argLoraRank, argChannels}},
	{nil, []argument{argVocabularySize, argHiddenDim}},
	{nil, []argument{argVocabularySize, argEmbeddingDim}},
	{nil, []argument{argIntermediateDim, argHiddenDim}},
	{nil, []argument{argSequenceLength, argHiddenDim}},
	{nil, []argument{argMaxSequenceLength, argHiddenDim}},
	{oneOf("EinsumDense"), []argument{argOutputShape, argChannels}},
	{oneOf("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"), []argument{argMaxTokens}},
	{oneOf("CategoryEncoding"), []argument{argNumTokens}},
	{isNormalization, []argument{argChannels}},
}

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
func (l *building) largestWeight() weight {
	var largest weight
	for _, rule := range weights {
		first := rule.arguments[0]
		if first != argChannels && l.given[first] == nil || l.number(first) < 1 || rule.class != nil && !l.is(rule.class) {
			continue
		}
		w := weight{elements: 1, arguments: rule.arguments}
		for _, s := range rule.arguments {
			if n := l.number(s); n > 1 {
				w.elements *= n
				w.dimension = max(w.dimension, n)
			}
		}
		if w.elements > largest.elements {
			largest = w
		}
	}
	return largest
}

// describe writes the arguments of a weight for the message.
func (l *building) describe(w weight) string {
	var parts []string
	for _, s := range w.arguments {
		if n := l.number(s); n > 1 {
			name := "input channels"
			if s != argChannels {
				name = l.given[s].Name
			}
			parts = append(parts, name+" "+count(n))
		}
	}
	return strings.Join(parts, ", ")
}

// asked are the arguments without which a row of weights says nothing.
var asked = func() (first [argumentKinds]bool) {
	for _, rule := range weights {
		if a := rule.arguments[0]; a != argChannels {
			first[a] = true
		}
	}
	return first
}()

// asks reports whether a configuration has any of them; those of initializers and
// the like have not.
func asks(config *formats.Node) bool {
	for _, c := range config.Children {
		if asked[argumentOf(c.Name)] {
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

// number returns the number of an argument, the product of a list, or 0 if it is
// missing.
func (l *building) number(s argument) float64 {
	if s == argChannels {
		return l.channels
	}
	n := magnitude(l.given[s])
	if s == argKernelSize && n > 0 && l.given[s].Kind == formats.KindNumber {
		switch {
		case strings.Contains(l.object.Class, "2D"):
			n *= n
		case strings.Contains(l.object.Class, "3D"):
			n *= n * n
		}
	}
	return n
}
