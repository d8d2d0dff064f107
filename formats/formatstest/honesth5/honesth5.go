// Package honesth5 writes an honest file of Keras weights with a third-party
// HDF5 library, so that a decoder is not only tried on files from formatstest.
//
// It stands apart from formatstest so that only tests that ask for it depend on
// the library.
package honesth5

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scigolib/hdf5"
)

// Superblock selects the generation of the file format.
type Superblock uint8

// The generations that the library writes.
const (
	Superblock0 Superblock = hdf5.SuperblockV0
	Superblock2 Superblock = hdf5.SuperblockV2
)

// Write makes a file of legacy Keras weights, one Dense layer below the group
// model_weights, and returns its bytes. The library only writes to files, which
// is why it takes a directory: t.TempDir(). It has no way to write attributes
// of the root group, so there is no model_config; formatstest writes that.
func Write(dir string, superblock Superblock) ([]byte, error) {
	path := filepath.Join(dir, fmt.Sprintf("honest%d.h5", superblock))
	w, err := hdf5.CreateForWrite(path, hdf5.CreateTruncate, hdf5.WithSuperblockVersion(uint8(superblock)))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(writeWeights(w), w.Close()); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return os.ReadFile(path)
}

func writeWeights(w *hdf5.FileWriter) error {
	top, err := w.CreateGroup("/model_weights")
	if err != nil {
		return err
	}
	layer, err := w.CreateGroup("/model_weights/dense")
	if err != nil {
		return err
	}
	err = errors.Join(
		top.WriteAttribute("keras_version", "2.15.0"),
		top.WriteAttribute("backend", "tensorflow"),
		top.WriteAttribute("layer_names", []string{"dense"}),
		layer.WriteAttribute("weight_names", []string{"kernel:0", "bias:0"}),
	)
	if err != nil {
		return err
	}
	return errors.Join(
		writeDataset(w, "/model_weights/dense/kernel:0", []uint64{3, 2}, []float32{1, 2, 3, 4, 5, 6}),
		writeDataset(w, "/model_weights/dense/bias:0", []uint64{4}, []float32{0, 0, 1, 0}, hdf5.WithChunkDims([]uint64{2})),
	)
}

func writeDataset(w *hdf5.FileWriter, path string, shape []uint64, values []float32, options ...hdf5.DatasetOption) error {
	d, err := w.CreateDataset(path, hdf5.Float32, shape, options...)
	if err != nil {
		return err
	}
	return errors.Join(d.Write(values), d.Close())
}
