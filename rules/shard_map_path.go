package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// ShardMapPath finds maps of sharded weights that name something else than
// weights files beside them.
var ShardMapPath = &Rule{
	ID:       "shard-map-path",
	Title:    "Map of sharded weights names a file that is not a shard beside it",
	Severity: Low,
	Since:    "0.1.0",
	CWE:      []int{22, 73},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindObject) {
			if n.Name != "" || n.Parent == nil || n.Parent.Kind.JSON() || !strings.HasSuffix(strings.ToLower(n.Parent.Name), "weights.json") {
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
	},
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
