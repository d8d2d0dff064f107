package savedmodel

import (
	"fmt"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// saver reads the SaverDef. TensorFlow 1 and the C++ loaders run its restore_op_name
// and put the path of the checkpoint in the place of filename_tensor_name.
func (r *reader) saver(f *protowire.Field) error {
	const filename, save, restore = 1, 2, 3
	return each(f, func(f *protowire.Field) error {
		if f.Type != protowire.Bytes || f.Number > restore {
			return nil
		}
		name, err := f.Text(maxName)
		switch f.Number {
		case filename:
			r.g.fed[nodeHash(name)] |= FromSaver
		case save:
			r.fetch(name, onSave, "saving the checkpoint")
		case restore:
			r.fetch(name, onLoad, "restoring the checkpoint")
		}
		return err
	})
}

func (r *reader) fetch(name string, on occasion, why string) {
	r.g.fetches = append(r.g.fetches, fetch{name, on, why})
}

// collectionFetches are the collections whose operations a loader runs: the main
// op, and for graphs without one what tf.compat.v1 initializes with
// (Scaffold.default_local_init_op, called by load_v1_in_v2.py).
var collectionFetches = map[string]struct {
	on  occasion
	why string
}{
	"saved_model_main_op":  {onLoad, "the main op"},
	"legacy_init_op":       {onLoad, "the legacy init op"},
	"table_initializer":    {onLoad, "the initializer of a table"},
	"saved_model_train_op": {onCall, "training"},
	"train_op":             {onCall, "training"},
}

// collection reads an entry of collection_def.
func (r *reader) collection(f *protowire.Field) error {
	const key, value = 1, 2
	var name string
	var values []protowire.Field
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == key:
			name, err = f.Text(maxName)
		case f.Number == value:
			values = append(values, *f)
		}
		return err
	})
	for i := range values {
		if err == nil {
			err = r.collected(name, &values[i])
		}
	}
	return err
}

func (r *reader) collected(name string, f *protowire.Field) error {
	const nodes, raw, anys = 1, 2, 5
	return each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == nodes:
			how, ok := collectionFetches[name]
			if name == "asset_filepaths" || ok {
				return bytesField(f, 1, func(f *protowire.Field) error {
					node, err := f.Text(maxName)
					if ok {
						r.fetch(node, how.on, how.why)
					} else {
						r.g.fed[nodeHash(node)] |= FromAsset
					}
					return err
				})
			}
		case f.Number == raw && name == "local_variables": // VariableDef
			const initializer = 2
			return bytesField(f, 1, func(f *protowire.Field) error {
				return bytesField(f, initializer, func(f *protowire.Field) error {
					node, err := f.Text(maxName)
					r.fetch(node, onLoad, "the initializer of a local variable")
					return err
				})
			})
		case f.Number == anys && name == "saved_model_assets":
			const value = 2 // of an Any: an AssetFileDef
			return bytesField(f, 1, func(f *protowire.Field) error { return bytesField(f, value, r.asset) })
		}
		return nil
	})
}

// signature reads an entry of signature_def: an output is a tensor of the main graph.
func (r *reader) signature(f *protowire.Field) error {
	const key, value, outputs = 1, 2, 2
	var name string
	var tensors []string
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == key:
			name, err = f.Text(maxName)
		case f.Number == value:
			err = bytesField(f, outputs, func(f *protowire.Field) error {
				return bytesField(f, value, func(f *protowire.Field) error { return tensorNames(f, &tensors) })
			})
		}
		return err
	})
	on, why := onCall, fmt.Sprintf("the signature %q", name)
	switch name {
	case "__saved_model_init_op":
		on, why = onLoad, "the init signature"
	case "__saved_model_train_op":
		why = "training"
	}
	for _, t := range tensors {
		r.fetch(t, on, why)
	}
	return err
}

// tensorNames collects the tensors of a TensorInfo: one, or the parts of a sparse or
// composite one.
func tensorNames(f *protowire.Field, names *[]string) error {
	const name, sparse, composite, components = 1, 4, 5, 2
	return each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == name:
			s, err := f.Text(maxName)
			*names = append(*names, s)
			return err
		case f.Number == sparse:
			return each(f, func(f *protowire.Field) error {
				if f.Type != protowire.Bytes {
					return nil
				}
				s, err := f.Text(maxName)
				*names = append(*names, s)
				return err
			})
		case f.Number == composite:
			return bytesField(f, components, func(f *protowire.Field) error { return tensorNames(f, names) })
		}
		return nil
	})
}

// asset reads an AssetFileDef.
func (r *reader) asset(f *protowire.Field) error {
	const tensor, filename = 1, 2
	if err := r.budget.Text(objectCost); err != nil {
		return err
	}
	a := Asset{Off: f.Off, End: f.End}
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == filename:
			a.Path, err = f.Text(maxPath)
		case f.Number == tensor:
			var names []string
			if err = tensorNames(f, &names); len(names) > 0 {
				a.Tensor = strings.TrimPrefix(names[0], "^")
			}
		}
		return err
	})
	r.g.Assets = append(r.g.Assets, a)
	if a.Tensor != "" {
		r.g.fed[nodeHash(a.Tensor)] |= FromAsset
	}
	return err
}

// maxPath is longer than any path that an operating system opens.
const maxPath = 8 << 10
