package hdf5

import (
	"archive/zip"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// sample is one HDF5 file of a collection, or one in a zip archive.
type sample struct {
	name string
	data []byte
}

// samples returns every file under dir that has an HDF5 signature.
func samples(t *testing.T, dir string) []sample {
	var all []sample
	add := func(name string, data []byte) {
		if _, ok, err := Find(source(data)); ok && err == nil {
			all = append(all, sample{name, data})
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		add(path, data)
		z, err := zip.NewReader(strings.NewReader(string(data)), int64(len(data)))
		if err != nil {
			return nil // no archive
		}
		for _, m := range z.File {
			if in, err := m.Open(); err == nil {
				if data, err := io.ReadAll(in); err == nil {
					add(path+"!"+m.Name, data)
				}
				in.Close()
			}
		}
		return nil
	})
	if err != nil {
		t.Skip(err)
	}
	return all
}

// TestHonestModels reads files that Keras wrote. None of them has a problem.
func TestHonestModels(t *testing.T) {
	for _, dir := range []string{shared + "models/files", shared + "corpus/benign"} {
		all := samples(t, dir)
		objects, bad := 0, 0
		start := time.Now()
		for _, s := range all {
			f, err := Read(source(s.data))
			if err != nil {
				t.Errorf("%s: %v", s.name, err)
				continue
			}
			objects += len(f.Objects)
			if p := problems(f); p != "" {
				bad++
				t.Errorf("%s:\n%s", s.name, p)
			}
		}
		t.Logf("%s: %d files, %d objects, %d with problems, %v", dir, len(all), objects, bad, time.Since(start))
	}
}

// TestCorpus reads the test files of other libraries: each must be read, or a
// problem reported, quickly and in little memory.
func TestCorpus(t *testing.T) {
	var all []sample
	for _, dir := range []string{shared + "corpus/hdf5", shared + "corpus/malicious"} {
		all = append(all, samples(t, dir)...)
	}
	whole, partly, refused := 0, 0, 0
	start := time.Now()
	for _, s := range all {
		began := time.Now()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := Read(bounds.NewSource(strings.NewReader(string(s.data)), int64(len(s.data)), bounds.New(context.Background(), limits)))
		runtime.ReadMemStats(&after)
		switch {
		case err != nil:
			refused++
			t.Logf("%s: %v", s.name, err)
		case len(f.Problems) > 0:
			partly++
			t.Logf("%s:\n%s", s.name, problems(f))
		default:
			whole++
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 256<<20 {
			t.Errorf("%s: %d bytes allocated", s.name, n)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%s: took %v", s.name, d)
		}
	}
	t.Logf("%d read whole, %d with problems, %d refused, %v in all", whole, partly, refused, time.Since(start))
}
