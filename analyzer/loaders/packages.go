package loaders

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// interest maps the packages that matter to a loader of Keras models to the one
// whose advisories and versions are meant.
var interest = map[string]string{
	"keras": "keras", "keras-nightly": "keras", "keras-core": "keras",
	"tf-keras": "tf-keras", "tf-keras-nightly": "tf-keras",
	"keras-hub": "keras-hub", "keras-hub-nightly": "keras-hub",
	"keras-nlp": "keras-nlp", "keras-nlp-nightly": "keras-nlp",
	"keras-cv": "keras-cv", "keras-cv-nightly": "keras-cv",
	"tensorflow": "tensorflow", "tensorflow-cpu": "tensorflow", "tensorflow-gpu": "tensorflow",
	"tensorflow-intel": "tensorflow", "intel-tensorflow": "tensorflow", "tensorflow-macos": "tensorflow",
	"tensorflow-cpu-aws": "tensorflow", "tensorflow-aarch64": "tensorflow", "tensorflow-rocm": "tensorflow",
	"tensorflow-base": "tensorflow", // of conda
	"tf-nightly":      "tensorflow", "tf-nightly-cpu": "tensorflow", "tf-nightly-gpu": "tensorflow",
	"h5py": "h5py", "torch": "torch", "pytorch": "torch", "numpy": "numpy",
	"python": "python",
}

// Of returns the package that pkg is a variant of: "tensorflow" for
// "tensorflow-cpu", "keras" for "keras-nightly"; "" if pkg is of no interest here.
func Of(pkg string) string { return interest[Normalize(pkg)] }

// Normalize returns the normal form of a package's name (PEP 503).
func Normalize(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == '-' || r == '_' || r == '.'
	}), "-")
}

//go:generate sh -c "python3 testdata/releases.py > releases.txt"

//go:embed releases.txt
var releasesText string

type releaseList struct {
	date  string
	known map[string]map[string]bool
	// versions are in the order of the list: newest first.
	versions map[string][]pep440.Version
}

var releases = sync.OnceValue(func() releaseList {
	list := releaseList{known: map[string]map[string]bool{}, versions: map[string][]pep440.Version{}}
	for line := range strings.Lines(releasesText) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		if f[0] == "date" {
			list.date = f[1]
			continue
		}
		list.known[f[0]] = map[string]bool{}
		for _, text := range f[1:] {
			list.known[f[0]][release(text)] = true
			if v, err := pep440.Parse(text); err == nil {
				list.versions[f[0]] = append(list.versions[f[0]], v)
			}
		}
	}
	return list
})

// release is a key under which equal versions are one.
func release(text string) string {
	v, err := pep440.Parse(text)
	if err != nil {
		return text
	}
	public, _, _ := strings.Cut(v.String(), "+")
	for strings.HasSuffix(public, ".0") {
		public = strings.TrimSuffix(public, ".0")
	}
	return public
}

// doubt says whether a version is known to have been released.
func doubt(pkg string, v Versions) string {
	list := releases()
	known := list.known[pkg]
	if known == nil || v.Exact.IsZero() || known[release(v.Exact.String())] {
		return ""
	}
	return fmt.Sprintf("%s %s is not among the releases listed on %s: newer, withdrawn, private or made up", pkg, v.Exact, list.date)
}
