package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// argument is an argument of a layer that says how large its weights or tensors are, or
// holds a layer that has such. The zero argument is none of them.
type argument uint8

const (
	argNone argument = iota
	argUnits
	argFilters
	argKernelSize
	argInputDim
	argOutputDim
	argDepthMultiplier
	argNumHeads
	argKeyDim
	argValueDim
	argNumQueryHeads
	argNumKeyValueHeads
	argHeadDim
	argLoraRank
	argVocabularySize
	argHiddenDim
	argEmbeddingDim
	argIntermediateDim
	argSequenceLength
	argMaxSequenceLength
	argOutputShape
	argMaxTokens
	argNumTokens
	argTargetShape
	argBatchInputShape
	argBatchShape
	argInputShape
	argDataFormat
	argLayer
	argForward
	argBackward
	argCell
	argumentKinds // how many
	// argChannels is no argument: the last dimension of the input.
	argChannels
)

// argumentOf returns the argument of a name.
func argumentOf(name string) argument {
	switch name {
	case "units":
		return argUnits
	case "filters":
		return argFilters
	case "kernel_size":
		return argKernelSize
	case "input_dim":
		return argInputDim
	case "output_dim":
		return argOutputDim
	case "depth_multiplier":
		return argDepthMultiplier
	case "num_heads":
		return argNumHeads
	case "key_dim":
		return argKeyDim
	case "value_dim":
		return argValueDim
	case "num_query_heads":
		return argNumQueryHeads
	case "num_key_value_heads":
		return argNumKeyValueHeads
	case "head_dim":
		return argHeadDim
	case "lora_rank":
		return argLoraRank
	case "vocabulary_size":
		return argVocabularySize
	case "hidden_dim":
		return argHiddenDim
	case "embedding_dim":
		return argEmbeddingDim
	case "intermediate_dim":
		return argIntermediateDim
	case "sequence_length":
		return argSequenceLength
	case "max_sequence_length":
		return argMaxSequenceLength
	case "output_shape":
		return argOutputShape
	case "max_tokens":
		return argMaxTokens
	case "num_tokens":
		return argNumTokens
	case "target_shape":
		return argTargetShape
	case "batch_input_shape":
		return argBatchInputShape
	case "batch_shape":
		return argBatchShape
	case "input_shape":
		return argInputShape
	case "data_format":
		return argDataFormat
	case "layer":
		return argLayer
	case "forward_layer":
		return argForward
	case "backward_layer":
		return argBackward
	case "cell":
		return argCell
	}
	return argNone
}

// arguments are those arguments of one configuration, nil where it does not have them.
type arguments [argumentKinds]*formats.Node

// read fills in a configuration in one pass; of several of one name the last counts.
func (given *arguments) read(config *formats.Node) {
	if config == nil || config.Kind != formats.KindObject {
		return
	}
	for _, c := range config.Children {
		given[argumentOf(c.Name)] = c
	}
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
