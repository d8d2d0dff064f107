package formats

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyjson"
)

// Files of an Orbax checkpoint that Keras 3.14 and later load a model from
// (keras/src/saving/saving_api.py, _load_model_from_orbax_checkpoint).
const (
	orbaxStrings  = "_strings.json" // the strings of a tree: in the directory model_config the configuration
	orbaxMetadata = "_METADATA"     // the keys of a tree: in the directory assets names of files
	orbaxAssets   = "assets"
	orbaxConfig   = "model_config"
)

// orbax reads what a document of an Orbax checkpoint holds for Keras: the documents in its
// strings become attributes of the file, as those of HDF5 are.
func (o *opener) orbax(n, root *Node) {
	dir, base := path.Split(strings.ReplaceAll(n.Name, `\`, "/"))
	switch {
	case base == orbaxMetadata && path.Base(dir) == orbaxAssets && root.Get("tree_metadata") != nil:
		o.model = true
	case base != orbaxStrings || root.Kind != KindObject:
		return
	}
	for _, s := range root.Children {
		if s.Kind != KindString || !strings.HasPrefix(strings.TrimSpace(s.Text), "{") {
			continue
		}
		if err := o.orbaxString(n, s); err != nil && (path.Base(dir) == orbaxConfig || bounds.As(err).Code != bounds.Malformed) {
			o.model = true
			o.problem(n, err)
		}
	}
}

// orbaxString adds the document in one string.
func (o *opener) orbaxString(n, s *Node) error {
	if err := o.budget.Text(int64(len(s.Text))); err != nil {
		return err
	}
	a, err := o.add(n, KindAttribute, s.Name)
	if err != nil {
		return err
	}
	a.Text, a.Span = s.Text, s.Span
	root, err := o.document(a, pyjson.Text{UTF8: s.Text, Encoding: "utf-8"})
	o.model = o.model || root != nil && kerasDocument(root)
	return err
}
