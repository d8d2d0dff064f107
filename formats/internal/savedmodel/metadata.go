package savedmodel

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// ReadMetadata reads keras_metadata.pb (SavedMetadata in
// keras/protobuf/saved_metadata.proto). With an error it returns what was read before.
func ReadMetadata(src *bounds.Source) ([]Metadata, error) {
	const nodes, path, identifier, metadata = 1, 3, 4, 5
	var found []Metadata
	err := protowire.NewReader(src).Message().Each(func(f *protowire.Field) error {
		if f.Number != nodes || f.Type != protowire.Bytes {
			return nil
		}
		if err := src.Budget.Text(objectCost); err != nil {
			return err
		}
		var m Metadata
		err := each(f, func(f *protowire.Field) (err error) {
			switch {
			case f.Type != protowire.Bytes:
			case f.Number == path:
				m.Name, err = f.Text(maxName)
			case f.Number == identifier:
				m.Identifier, err = f.Text(maxName)
			case f.Number == metadata:
				err = m.read(src.Budget, f)
			}
			return err
		})
		if m.JSON != "" {
			found = append(found, m)
		}
		return err
	})
	return found, err
}
