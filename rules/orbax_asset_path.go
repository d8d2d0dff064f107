package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// OrbaxAssetPath finds the keys of the assets of an Orbax checkpoint that are paths: the
// loader makes files of these names.
var OrbaxAssetPath = &Rule{
	ID:       "orbax-asset-path",
	Title:    "Asset of an Orbax checkpoint with a path as its name",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{22},
	Check: func(p *Pass) {
		for _, n := range p.documents() {
			if !orbaxAssets(n.Parent.Name) {
				continue
			}
			tree := n.Get("tree_metadata")
			if tree == nil {
				continue
			}
			for _, asset := range tree.Children {
				keys := asset.Get("key_metadata")
				if keys == nil {
					continue
				}
				for _, k := range keys.Children {
					if at := k.Get("key"); at != nil && at.Kind == formats.KindString && (at.Text == ".." || strings.ContainsAny(at.Text, `/\`) || leaves(at.Text) != "") {
						p.Reportf(at, at.Text, "The key %s of the assets is a path: Keras 3.14.0 writes the asset there when it loads the checkpoint.", quote(formats.Printable(at.Text)))
					}
				}
			}
		}
	},
}

// orbaxAssets reports whether a file of that name has the keys of the assets of a
// checkpoint.
func orbaxAssets(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return path.Base(name) == "_METADATA" && path.Base(path.Dir(name)) == "assets"
}
