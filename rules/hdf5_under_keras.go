package rules

// HDF5UnderKeras notes HDF5 files named .keras, which tf.keras before 2.13 wrote
// by itself. Keras 3 does not load them under that name.
var HDF5UnderKeras = &Rule{
	ID:       "hdf5-under-keras",
	Title:    "HDF5 file with the extension .keras",
	Severity: Info,
	Since:    "0.1.0",
	CWE:      []int{434},
	Check: func(p *Pass) {
		if hdf5UnderKeras(p.Artifact) {
			p.Reportf(p.Artifact.Root, "", "The file is HDF5, as tf.keras before 2.13 saved under this name; tf.keras reads it without safe mode.")
		}
	},
}
