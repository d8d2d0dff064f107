package rules

import (
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// AttributeByName finds layers that fetch an attribute whose name is in the file,
// where that is no attribute of tensors or a private one.
var AttributeByName = &Rule{
	ID:       "attribute-by-name",
	Title:    "Attribute fetched by a name from the file",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{470},
	Check: func(p *Pass) {
		for _, r := range p.built(fetchesAttribute) {
			if n := attribute(r.object); n != nil {
				p.Reportf(n, n.Text, "%s fetches the attribute %s by name, which models do not use.", layerPhrase(n), quote(n.Text))
			}
		}
	},
}

// fetchesAttribute knows the classes of layers that pass a name to getattr.
func fetchesAttribute(m *meaning) bool {
	switch m.names[0] {
	case "InstanceMethod", "InstanceProperty", "FlaxLayer":
		return true
	}
	return false
}

// attribute returns the name that a layer passes to getattr, nil if it is harmless
// or there is none.
func attribute(o *formats.Object) *formats.Node {
	switch lastName(o.Class) {
	case "InstanceMethod", "InstanceProperty":
		for _, key := range []string{"attr_name", "method_name"} {
			if n := o.Config.Get(key); n != nil && n.Kind == formats.KindString && !tensorAttributes()[n.Text] {
				return n
			}
		}
	case "FlaxLayer":
		if n := o.Config.Get("method"); n != nil && n.Kind == formats.KindString && strings.HasPrefix(n.Text, "_") {
			return n
		}
	}
	return nil
}

// tensorAttributes are the attributes of TensorFlow's tensors, dense, ragged and
// sparse, that a model has a use for.
var tensorAttributes = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, n := range strings.Fields(`dtype shape name device graph op ndim rank size T
		get_shape set_shape consumers astype reshape ravel clip transpose
		values flat_values row_splits ragged_rank uniform_row_length nested_row_splits nested_row_lengths nested_value_rowids
		value_rowids nrows row_starts row_limits row_lengths bounding_shape with_values with_flat_values merge_dims
		to_tensor to_sparse to_list numpy
		indices dense_shape value read_value initialized_value eval spec`) {
		known[n] = true
	}
	return known
})
