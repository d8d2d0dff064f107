package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ContentMismatch finds files whose name promises another format than their
// content is. Loaders choose by name, scanners by either.
var ContentMismatch = &Rule{
	ID:       "content-mismatch",
	Title:    "File name and content disagree",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{434},
	Check: func(p *Pass) {
		a := p.Artifact
		want, ext := promised(a.Root.Name)
		if want == "" || !contradicts(a.Format) || container(a.Format) == want || hdf5UnderKeras(a) {
			return
		}
		p.Reportf(a.Root, string(a.Format), "The name ends in %s, which promises %s, but the content is %s.", ext, want, container(a.Format))
	},
}

// contradicts reports whether a format can belie a name: nothing at all, content
// that is not known and what Git LFS leaves in a file's place do not.
func contradicts(f formats.Format) bool {
	return f != "" && f != formats.FormatEmpty && f != formats.FormatLFSPointer
}

// promised returns the container that a file name promises, and its ending.
func promised(name string) (container, ext string) {
	ext = strings.ToLower(path.Ext(name))
	switch ext {
	case ".keras", ".zip", ".npz":
		return "zip", ext
	case ".h5", ".hdf5", ".hdf", ".he5":
		return "HDF5", ext
	case ".json":
		return "JSON", ext
	}
	return "", ext
}

// container is the kind of file that a format is made of.
func container(f formats.Format) string {
	switch f {
	case formats.FormatKeras, formats.FormatZip, formats.FormatNPZ:
		return "zip"
	case formats.FormatHDF5:
		return "HDF5"
	case formats.FormatJSON:
		return "JSON"
	}
	return string(f)
}

func hdf5UnderKeras(a *formats.Artifact) bool {
	_, ext := promised(a.Root.Name)
	return ext == ".keras" && a.Format == formats.FormatHDF5
}
