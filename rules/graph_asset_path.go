package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// GraphAssetPath finds assets of a SavedModel that lie outside of its directory.
var GraphAssetPath = &Rule{
	ID:       "graph-asset-path",
	Title:    "Asset that lies outside the model's directory",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{22},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindAsset) {
			if how := assetLeaves(n.Text); how != "" {
				p.Reportf(n, n.Text, "The asset %s is %s: the graph reads it in the place of a file of the model.", quote(formats.Printable(n.Text)), how)
			}
		}
	},
}

// assetLeaves says how the path of an asset leaves the folder assets of the model,
// empty if it stays below. TensorFlow joins the two and nothing more
// (tensorflow/python/saved_model/loader_impl.py, tensorflow/cc/saved_model/loader.cc).
func assetLeaves(text string) string {
	slashes := strings.ReplaceAll(text, `\`, "/")
	if how := leaves(text); how != "" && how != "a path with .." {
		return how
	}
	if c := path.Clean(slashes); c == ".." || strings.HasPrefix(c, "../") {
		return "a path with .."
	}
	return ""
}
