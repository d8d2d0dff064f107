package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ShardMapPath finds maps of sharded weights that name something else than
// weights files beside them: those of Keras 3, and the manifests of TensorFlow.js.
var ShardMapPath = &Rule{
	ID:       "shard-map-path",
	Title:    "Map of sharded weights names a file that is not a shard beside it",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{22, 73},
	Check: func(p *Pass) {
		for _, n := range p.documents() {
			if !strings.HasSuffix(strings.ToLower(n.Parent.Name), "weights.json") {
				continue
			}
			m := n.Get("weight_map")
			if m == nil || m.Kind != formats.KindObject {
				continue
			}
			seen := map[string]bool{}
			for s := range m.All() {
				if s.Kind != formats.KindString || seen[s.Text] {
					continue
				}
				seen[s.Text] = true
				if why := notShard(s.Text); why != "" {
					p.Reportf(s, s.Text, "The map of shards names %s, %s: loading the weights opens it as HDF5.", quote(formats.Printable(s.Text)), why)
				}
			}
		}
		for _, s := range manifestPaths(p) {
			if how := leaves(s.Text); how != "" {
				p.Reportf(s, s.Text, "The manifest of weights names %s, %s: converting or loading the model opens it.", quote(formats.Printable(s.Text)), how)
			}
		}
	},
}

// manifestPaths returns the paths in the manifests of weights that the converter of
// TensorFlow.js reads (tensorflowjs/read_weights.py): in model.json, and alone in the
// weights_manifest.json of its first versions.
func manifestPaths(p *Pass) []*formats.Node {
	var manifests, paths []*formats.Node
	for _, n := range p.documents() {
		if m := n.Get("weightsManifest"); m != nil {
			manifests = append(manifests, m)
		}
	}
	for _, c := range append([]*formats.Node{p.Artifact.Root}, p.Nodes(formats.KindMember)...) {
		if path.Base(c.Name) == "weights_manifest.json" {
			manifests = append(manifests, c.Children...)
		}
	}
	for _, m := range manifests {
		if m.Kind != formats.KindArray {
			continue
		}
		for _, group := range m.Children {
			if list := group.Get("paths"); list != nil && list.Kind == formats.KindArray {
				for _, s := range list.Children {
					if s.Kind == formats.KindString {
						paths = append(paths, s)
					}
				}
			}
		}
	}
	return paths
}

// notShard says why a name in a map is not that of a shard beside it.
func notShard(name string) string {
	switch how := leaves(name); {
	case how != "":
		return how
	case strings.ContainsAny(name, "/\\\x00"):
		return "which is not a bare file name"
	case !strings.HasSuffix(strings.ToLower(name), ".weights.h5"):
		return "which does not end in .weights.h5 as every shard does"
	}
	return ""
}
