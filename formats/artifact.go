package formats

// Format is what a file's content is. The empty Format is content that this
// version does not know.
type Format string

const (
	FormatKeras      Format = "keras"      // a zip archive with config.json or weights, as Keras 3 writes it
	FormatZip        Format = "zip"        // any other zip archive
	FormatNPZ        Format = "npz"        // a zip archive of NumPy arrays
	FormatHDF5       Format = "hdf5"       // a legacy model, or weights
	FormatJSON       Format = "json"       // an architecture, a shard map, or any other JSON document
	FormatSavedModel Format = "savedmodel" // TensorFlow's protocol buffers
	FormatCheckpoint Format = "checkpoint" // the index of a checkpoint of TensorFlow
	FormatPickle     Format = "pickle"
	FormatNumPy      Format = "npy"
	FormatYAML       Format = "yaml"
	FormatTar        Format = "tar"
	FormatCompressed Format = "compressed" // a gzip, bzip2, xz, zstd or lz4 stream
	FormatArchive    Format = "archive"    // an archive or a compressed file of a kind that is not read
	FormatLFSPointer Format = "git-lfs-pointer"
	FormatEmpty      Format = "empty"
)

// Artifact is everything learned about one input.
type Artifact struct {
	Root   *Node
	Format Format
	// Model reports whether the input is something that a Keras user loads, by
	// content or by name. A directory scan passes over the others.
	Model bool
	// Foreign names the format of a model that no loader of Keras reads, such as "ONNX",
	// where nothing else was found in it; empty for other inputs.
	Foreign string
	// LinkedTo is what the symbolic link says, if the input was found in a directory and is
	// or lies below a link out of it; empty for others. Who finds inputs sets it.
	LinkedTo string
	// DataFiles are the sizes in bytes of the data files beside the index of a checkpoint, by
	// name; empty for other inputs, and where they were not looked for. Who finds inputs
	// sets it.
	DataFiles map[string]int64
	// Problems is what could not be read, in the order it was met, and where
	// readers disagree. Empty means that the tree is complete.
	Problems []Problem
}

// Complete reports whether everything was read. Ambiguous content is: each of its
// readings is in the tree.
func (a *Artifact) Complete() bool {
	for _, p := range a.Problems {
		if p.Code != Ambiguous {
			return false
		}
	}
	return true
}
