package honesth5_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/formatstest/honesth5"
)

const script = `
import sys, h5py
f = h5py.File(sys.argv[1], "r")
g = f["model_weights"]
texts = lambda o, n: [v.decode() if isinstance(v, bytes) else v for v in o.attrs[n]]
print(texts(g, "keras_version"), texts(g, "backend"), texts(g, "layer_names"))
print(texts(g["dense"], "weight_names"))
print(g["dense/kernel:0"][()].tolist(), g["dense/bias:0"][()].tolist())
`

const want = `['2.15.0'] ['tensorflow'] ['dense']
['kernel:0', 'bias:0']
[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]] [0.0, 0.0, 1.0, 0.0]
`

func TestHonestFileReadByH5py(t *testing.T) {
	python := cmp.Or(os.Getenv("PYTHON"), "python3")
	if out, err := exec.Command(python, "-c", "import h5py").CombinedOutput(); err != nil {
		t.Skipf("not verified: needs %s with the module h5py (PYTHON names another): %v %s", python, err, out)
	}
	for _, superblock := range []honesth5.Superblock{honesth5.Superblock0, honesth5.Superblock2} {
		path := filepath.Join(t.TempDir(), "x.h5")
		if err := os.WriteFile(path, honest(t, superblock), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, "-c", script, path).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("superblock %d: %v\n%swant\n%s", superblock, err, out, want)
		}
	}
}

func TestHonestFileIsHDF5(t *testing.T) {
	for _, superblock := range []honesth5.Superblock{honesth5.Superblock0, honesth5.Superblock2} {
		data := honest(t, superblock)
		if !strings.HasPrefix(string(data), "\x89HDF\r\n\x1a\n") || data[8] != byte(superblock) {
			t.Errorf("superblock %d: the file starts with %q", superblock, data[:9])
		}
	}
}

func honest(t *testing.T, superblock honesth5.Superblock) []byte {
	t.Helper()
	data, err := honesth5.Write(t.TempDir(), superblock)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
