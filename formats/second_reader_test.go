package formats_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scigolib/hdf5"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest/honesth5"
)

// TestSecondReader holds the tree of HDF5 files in the default format, all that
// scigolib/hdf5 reads well, to that library: the same objects with the same
// attributes. Links, dense storage and newer formats it does not see; for those
// h5py is the second reader.
func TestSecondReader(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, superblock := range []honesth5.Superblock{honesth5.Superblock0, honesth5.Superblock2} {
		data, err := honesth5.Write(dir, superblock)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, keep(t, dir, data))
	}
	files = append(files, "../testdata/samples/honest-legacy.h5", "../testdata/samples/honest.weights.h5")
	for _, pattern := range []string{"k2_5.h5", "k2_20.h5", "k3_5.h5", "k3_30.h5", "k3_old_5.h5", "attr_few.h5", "grp_8.h5", "grp_100.h5", "nest_100.h5"} {
		more, _ := filepath.Glob("../../shared/hdf5/valid/" + pattern)
		files = append(files, more...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := open(data, filepath.Base(file), formats.Limits{})
		for _, p := range a.Problems {
			if p.At.Kind != formats.KindString { // some hold text in the place of bytecode
				t.Errorf("%s: %v", file, p)
			}
		}
		if diff := cmp.Diff(secondReading(t, file), firstReading(a.Root)); diff != "" {
			t.Errorf("%s (-library +ours):\n%s", file, diff)
		}
	}
}

func keep(t *testing.T, dir string, data []byte) string {
	t.Helper()
	f, err := os.CreateTemp(dir, "*.h5")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// firstReading lists objects as paths and attributes as path@name.
func firstReading(root *formats.Node) []string {
	var out []string
	for n := range root.All() {
		switch n.Kind {
		case formats.KindGroup, formats.KindDataset, formats.KindAttribute:
			out = append(out, strings.TrimPrefix(n.Location().String(), root.Name+"!"))
		}
	}
	slices.Sort(out)
	return out
}

func secondReading(t *testing.T, file string) []string {
	t.Helper()
	f, err := hdf5.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	f.Walk(func(path string, obj hdf5.Object) {
		if path != "/" {
			path = strings.TrimSuffix(path, "/")
		}
		out = append(out, path)
		var names []string
		switch o := obj.(type) {
		case *hdf5.Group:
			attrs, err := o.Attributes()
			if err != nil {
				t.Errorf("%s %s: %v", file, path, err)
			}
			for _, a := range attrs {
				names = append(names, a.Name)
			}
		case *hdf5.Dataset:
			if names, err = o.ListAttributes(); err != nil {
				t.Errorf("%s %s: %v", file, path, err)
			}
		}
		for _, n := range names {
			out = append(out, path+"@"+n)
		}
	})
	slices.Sort(out)
	return out
}
