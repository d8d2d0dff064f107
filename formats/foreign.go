package formats

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// Formats of models that no loader of Keras reads.
const (
	FormatONNX        Format = "onnx"
	FormatTFLite      Format = "tflite"
	FormatSafetensors Format = "safetensors"
	FormatGGUF        Format = "gguf"
	FormatPyTorch     Format = "pytorch"
	FormatOpenVINO    Format = "openvino"
	FormatCoreML      Format = "coreml"
)

// foreignNames are what reports call formats that are not ours.
var foreignNames = map[Format]string{FormatONNX: "ONNX", FormatTFLite: "TFLite", FormatSafetensors: "safetensors", FormatGGUF: "GGUF",
	FormatPyTorch: "PyTorch", FormatOpenVINO: "OpenVINO", FormatCoreML: "Core ML", FormatHDF5: "HDF5"}

// torchMagic begins what torch.save wrote before PyTorch 1.6: a pickle of a number.
const torchMagic = "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."

// foreignHead recognises, by its first bytes and where these say little by its name too,
// a model that Keras does not load. A name under which it would load the file decides
// against it.
func foreignHead(head []byte, name string, size int64) Format {
	if promisesModel(name) && !promisesPickle(name) || promisesArchive(name) || indexName(name) {
		return ""
	}
	ext := strings.ToLower(path.Ext(name))
	switch {
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return FormatTFLite
	case bytes.HasPrefix(head, []byte("GGUF")):
		return FormatGGUF
	case len(head) > 9 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= uint64(max(size-8, 0)) && binary.LittleEndian.Uint64(head) > 1:
		return FormatSafetensors
	case ext == ".onnx" && len(head) > 2 && head[0] == 0x08, onnxHead(head):
		return FormatONNX
	case ext == ".mlmodel" && len(head) > 2 && head[0] == 0x08:
		return FormatCoreML
	case ext == ".xml" && bytes.Contains(head, []byte("<net name=")):
		return FormatOpenVINO
	}
	return ""
}

// onnxHead reports whether a text begins as a ModelProto does that names its producer: the
// version of the format, from 3 on, and a short text (onnx.proto).
func onnxHead(head []byte) bool {
	if len(head) < 8 || head[0] != 0x08 || head[1] < 3 || head[1] > 30 || head[2] != 0x12 || head[3] == 0 || head[3] > 64 || len(head) < 5+int(head[3]) {
		return false
	}
	return printableText(head[4:4+head[3]]) && head[4+head[3]]&7 == 2
}

// foreign recognises what was read to the end and turns out to be no model of Keras.
func foreign(root *Node, format Format, head []byte) Format {
	switch format {
	case FormatHDF5:
		if !kerasHDF5(root) {
			return FormatHDF5
		}
	case FormatPickle:
		if bytes.HasPrefix(head, []byte(torchMagic)) {
			return FormatPyTorch
		}
	case FormatZip:
		if slices.ContainsFunc(root.Children, func(m *Node) bool {
			return path.Base(m.Name) == "data.pkl" && root.Get(path.Dir(m.Name)+"/version") != nil
		}) {
			return FormatPyTorch
		}
	}
	return ""
}

// kerasMarks are the names of attributes and groups that Keras writes at the top of a
// file of weights or of a model, of any version.
var kerasMarks = []string{"model_config", "training_config", "keras_version", "backend", "layer_names", "weight_names", "layers", "_layer_checkpoint_dependencies",
	"model_weights", "optimizer_weights", "top_level_model_weights", "optimizer", "vars"}

// kerasHDF5 reports whether an HDF5 file bears a mark of Keras, or a name that promises
// its weights.
func kerasHDF5(root *Node) bool {
	if strings.HasSuffix(strings.ToLower(root.Name), ".weights.h5") {
		return true
	}
	marked := func(n *Node) bool {
		return slices.ContainsFunc(n.Children, func(c *Node) bool { return slices.Contains(kerasMarks, c.Name) })
	}
	for _, top := range root.Children {
		if top.Kind != KindGroup || marked(top) || slices.ContainsFunc(top.Children, marked) {
			return true
		}
	}
	return false
}
