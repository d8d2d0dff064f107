package formats_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

// foreignFiles are the beginnings of models that no loader of Keras reads, and names of
// files that hold them; what they are called is empty where they must not be taken for it.
var foreignFiles = []struct{ name, data, want string }{
	{"a.tflite", "\x1c\x00\x00\x00TFL3" + strings.Repeat("\x00", 40), "TFLite"},
	{"a.bin", "GGUF\x03\x00\x00\x00" + strings.Repeat("\x00", 40), "GGUF"},
	{"a.safetensors", "\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{\"dtype\":1}}", "safetensors"},
	{"a.onnx", "\x08\x07\x42\x02\x10\x0d", "ONNX"},
	{"model", "\x08\x08\x12\x07pytorch\x1a\x052.1.0", "ONNX"},
	{"a.xml", "<?xml version=\"1.0\"?>\n<net name=\"a\" version=\"11\">", "OpenVINO"},
	{"a.mlmodel", "\x08\x04\x12\x03abc", "Core ML"},
	{"old.pth", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "PyTorch"},
	{"a.keras", "GGUF\x03\x00\x00\x00" + strings.Repeat("\x00", 40), ""}, // promises to be a model
	{"a.h5", "\x1c\x00\x00\x00TFL3" + strings.Repeat("\x00", 40), ""},
	{"a.safetensors", "\xff\x00\x00\x00\x00\x00\x00\x00{\"a\":{\"dtype\":1}}", ""}, // the header reaches past the end
	{"a.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", ""},
	{"saved_model.pb", "\x08\x01\x12\x07pytorch\x1a\x052.1.0", ""},
	{"a.txt", "\x08\x08\x12\x07pyt\x00rch\x1a\x052.1.0", ""},
}

func TestForeign(t *testing.T) {
	for _, f := range foreignFiles {
		a := open([]byte(f.data), f.name, formats.Limits{})
		if a.Foreign != f.want {
			t.Errorf("%s %q: foreign %q, want %q (%s, %v)", f.name, f.data, a.Foreign, f.want, a.Format, a.Problems)
		}
		if f.want != "" && !a.Complete() {
			t.Errorf("%s: %v", f.name, a.Problems)
		}
	}
}

// An archive that PyTorch wrote, and HDF5 with and without a mark of Keras.
func TestForeignContainers(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"torch", "container: zip\nname: a.pt\n-- archive/data.pkl --\n!hex\n80027d2e\n-- archive/version --\n3\n", "PyTorch"},
		{"not torch", "container: zip\nname: a.zip\n-- archive/data.pkl --\n!hex\n80027d2e\n", ""},
		{"measurements", "container: h5\nname: a.h5\nh5: dataset /run/1/voltage f8 4\n", "HDF5"},
		{"weights of Keras 3", "container: h5\nname: a.h5\nh5: dataset /layers/dense/vars/0 f4 4\n", ""},
		{"weights of a layer", "container: h5\nname: a.h5\nh5: dataset /dense/vars/0 f4 4\n", ""},
		{"weights by name", "container: h5\nname: a.weights.h5\nh5: dataset /a f4 4\n", ""},
	}
	for _, tt := range tests {
		c, err := formatstest.Parse(tt.name, []byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Build(c.Containers[0])
		if err != nil {
			t.Fatal(err)
		}
		if a := open(b.Data, b.Name, formats.Limits{}); a.Foreign != tt.want {
			t.Errorf("%s: foreign %q, want %q; %v", tt.name, a.Foreign, tt.want, a.Problems)
		}
	}
}

// FuzzForeign looks for text that recognising foreign formats cannot bear.
func FuzzForeign(f *testing.F) {
	for _, file := range foreignFiles {
		f.Add(file.name, []byte(file.data))
	}
	f.Add("a", binary.LittleEndian.AppendUint64(nil, 1<<63))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if err := invariants(open(data, name, formats.Limits{})); err != nil {
			t.Error(err)
		}
	})
}
