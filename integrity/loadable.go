package integrity

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// kinds are what a loader, or Python, takes files of a suffix for.
var kinds = map[string][]string{
	"model":   {".keras", ".h5", ".hdf5", ".hdf", ".he5", ".pb", ".pbtxt", ".tflite", ".onnx", ".mlmodel", ".gguf", ".ggml", ".pt", ".pth", ".torchscript", ".zip", ".mar", ".nemo"},
	"weights": {".npz", ".npy", ".safetensors", ".ckpt", ".index", ".bin", ".msgpack", ".params"},
	"pickle":  {".pkl", ".pickle", ".dill", ".joblib", ".cloudpickle", ".p"},
	"code":    {".py", ".pyc", ".pyo", ".pyw", ".pyd", ".pyx", ".ipynb", ".so", ".dll", ".dylib", ".exe", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".jar", ".whl", ".egg", ".pl", ".rb", ".lua", ".wasm"},
}

// magics are first bytes of files that a loader or the system opens whatever they
// are called.
var magics = []struct{ kind, head string }{
	{"model", "\x89HDF\r\n\x1a\n"},
	{"model", "PK\x03\x04"},
	{"model", "PK\x05\x06"},
	{"weights", "\x93NUMPY"},
	{"pickle", "\x80\x02"}, {"pickle", "\x80\x03"}, {"pickle", "\x80\x04"}, {"pickle", "\x80\x05"},
	{"code", "\x7fELF"}, {"code", "MZ"}, {"code", "#!"},
	{"code", "\xfe\xed\xfa\xce"}, {"code", "\xfe\xed\xfa\xcf"}, {"code", "\xce\xfa\xed\xfe"}, {"code", "\xcf\xfa\xed\xfe"}, {"code", "\xca\xfe\xba\xbe"},
}

// headLen is how much of a file is looked at; an HDF5 file may begin with a user
// block of 512, 1024, 2048, ... bytes.
const headLen = 64 << 10

// Loadable says what a file is if something loads or runs such files: "model",
// "weights", "pickle" or "code"; it is empty for others. The name counts, and so does
// the content, whatever the name is.
func (t *Tree) Loadable(name string) string {
	if kind := loadableName(name); kind != "" {
		return kind
	}
	head := t.head(name, headLen)
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.head)) {
			if m.head == "#!" && strings.HasPrefix(name, ".git/hooks/") && strings.HasSuffix(name, ".sample") {
				continue // git writes them and never runs them
			}
			return m.kind
		}
	}
	for at := 512; at < len(head); at *= 2 {
		if bytes.HasPrefix(head[at:], []byte("\x89HDF\r\n\x1a\n")) {
			return "model"
		}
	}
	if bytes.Contains(head, []byte(`class_name`)) && !strings.HasPrefix(name, ".git/") {
		return "model" // a configuration in JSON or YAML
	}
	return ""
}

// loadableName is Loadable by the name alone.
func loadableName(name string) string {
	base := strings.ToLower(path.Base(name))
	if base == "config.json" || base == "model.json" {
		return "model"
	}
	for _, kind := range []string{"model", "weights", "pickle", "code"} {
		if slices.Contains(kinds[kind], path.Ext(base)) {
			return kind
		}
	}
	return ""
}
