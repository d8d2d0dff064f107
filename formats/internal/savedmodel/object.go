package savedmodel

import (
	"fmt"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// object is what is kept of a SavedObject.
type object struct {
	from      From     // what a function that is bound to it is given
	constant  string   // the operation that holds it, of a constant
	functions []string // concrete functions, of a function
	children  []child
	parent    int32 // 0 for the root, and for what nothing leads to
	name      string
}

// child is a reference from one object to another, by a name that matters to
// loaders; the others are only used to name objects.
type child struct {
	id  int32
	on  occasion
	why string
}

// Metadata is an object with metadata: what Keras makes of it, as JSON.
type Metadata struct {
	Name       string // a path from the root, such as "root.layer-0"
	Identifier string // what kind of object it is, such as "_tf_keras_layer"
	JSON       string
	Off, End   int64 // of the JSON in the text
}

// maxObjectText is more than the metadata of any real object has.
const maxObjectText = 64 << 20

// objects reads the SavedObjectGraph.
func (r *reader) objects(f *protowire.Field) error {
	const node, concrete = 1, 2
	var described []described
	err := each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == node:
			if err := r.budget.Text(objectCost); err != nil {
				return err
			}
			r.g.objects = append(r.g.objects, object{})
			m, err := r.object(f, &r.g.objects[len(r.g.objects)-1])
			if m != nil {
				described = append(described, *m)
			}
			return err
		case f.Number == concrete:
			return r.concrete(f)
		}
		return nil
	})
	r.name()
	for _, d := range described {
		d.Name = r.path(d.id)
		r.g.Objects = append(r.g.Objects, d.Metadata)
	}
	return err
}

// described is metadata before its object has a name.
type described struct {
	Metadata
	id int
}

const objectCost = 160

// special are the names by which a loader takes a function from a resource
// (RestoredResource in tensorflow/python/trackable/resource.py).
var special = map[string]child{
	"_initialize":       {on: onLoad, why: "the initializer of a resource"},
	"_create_resource":  {on: onUse, why: "the creator of a resource"},
	"_destroy_resource": {on: onUse, why: "the destroyer of a resource"},
}

// object reads a SavedObject.
func (r *reader) object(f *protowire.Field, o *object) (meta *described, err error) {
	const children, user, asset, function, variable, bare, constant, resource, saveables, captured = 1, 4, 5, 6, 7, 8, 9, 10, 11, 12
	err = each(f, func(f *protowire.Field) error {
		if f.Type != protowire.Bytes {
			return nil
		}
		switch f.Number {
		case children:
			return r.child(f, o)
		case user:
			m, err := r.user(f)
			if m != nil {
				meta = &described{*m, len(r.g.objects) - 1}
			}
			return err
		case asset:
			o.from = FromAsset
		case variable, resource, captured:
			o.from = FromState
		case function, bare:
			return bytesField(f, 1, func(f *protowire.Field) error {
				name, err := f.Text(maxName)
				o.functions = append(o.functions, name)
				return err
			})
		case constant:
			o.from = FromConst
			return bytesField(f, 1, func(f *protowire.Field) (err error) {
				o.constant, err = f.Text(maxName)
				return err
			})
		case saveables:
			return r.saveable(f, o)
		}
		return nil
	})
	return meta, err
}

// child reads an ObjectReference.
func (r *reader) child(f *protowire.Field, o *object) error {
	const id, local = 1, 2
	c := child{}
	name := ""
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Number == id && f.Type == protowire.Varint:
			c.id = int32(f.Value)
		case f.Number == local && f.Type == protowire.Bytes:
			name, err = f.Text(maxName)
		}
		return err
	})
	if err != nil {
		return err
	}
	s := special[name]
	c.on, c.why = s.on, name
	if err := r.budget.Text(objectCost / 4); err != nil {
		return err
	}
	o.children = append(o.children, c)
	return nil
}

// saveable reads one entry of saveable_objects: functions that restore an object
// when its checkpoint is read, and that save it.
func (r *reader) saveable(f *protowire.Field, o *object) error {
	const value, save, restore = 2, 2, 3
	return bytesField(f, value, func(f *protowire.Field) error {
		return each(f, func(f *protowire.Field) error {
			if f.Type != protowire.Varint {
				return nil
			}
			switch f.Number {
			case save:
				o.children = append(o.children, child{int32(f.Value), onSave, savers})
			case restore:
				o.children = append(o.children, child{int32(f.Value), onLoad, restorers})
			}
			return nil
		})
	})
}

const (
	savers    = "\x00save"
	restorers = "\x00restore"
)

// user reads a SavedUserObject. Keras kept its metadata there in TensorFlow 2.0 to 2.4.
func (r *reader) user(f *protowire.Field) (*Metadata, error) {
	const identifier, metadata = 1, 3
	m := &Metadata{}
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == identifier:
			m.Identifier, err = f.Text(maxName)
		case f.Number == metadata:
			err = m.read(r.budget, f)
		}
		return err
	})
	if m.JSON == "" {
		return nil, err
	}
	return m, err
}

// read takes the JSON of a field.
func (m *Metadata) read(b *bounds.Budget, f *protowire.Field) (err error) {
	if err := b.Member(f.Len()); err != nil {
		return err
	}
	m.Off, m.End = f.Off, f.End
	m.JSON, err = f.Text(maxObjectText)
	return err
}

// concrete reads an entry of concrete_functions.
func (r *reader) concrete(f *protowire.Field) error {
	const key, value, bound = 1, 2, 2
	var name string
	var ids []int64
	err := each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == key:
			name, err = f.Text(maxName)
		case f.Number == value:
			err = each(f, func(f *protowire.Field) error {
				switch {
				case f.Number == bound && f.Type == protowire.Varint:
					ids = append(ids, int64(f.Value))
				case f.Number == bound && f.Type == protowire.Bytes:
					b, err := f.Bytes(maxTypes)
					ids = appendVarints(ids, b)
					return err
				}
				return nil
			})
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.budget.Text(objectCost + 4*int64(len(ids))); err != nil {
		return err
	}
	objects := make([]int32, len(ids))
	for i, id := range ids {
		objects[i] = int32(id)
	}
	r.g.concrete[name] = objects
	return nil
}

// name gives every object the name by which the first of its parents calls it,
// nearest to the root first.
func (r *reader) name() {
	objects := r.g.objects
	queue := []int32{0}
	for len(queue) > 0 && len(objects) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, c := range objects[at].children {
			if c.id > 0 && int(c.id) < len(objects) && objects[c.id].name == "" && c.why != "" && c.why[0] != 0 {
				objects[c.id].name, objects[c.id].parent = c.why, at
				queue = append(queue, c.id)
			}
		}
	}
}

// path is how metadata calls an object: the names from the root to it.
func (r *reader) path(id int) string {
	name := ""
	for at := int32(id); at != 0; at = r.g.objects[at].parent {
		o := &r.g.objects[at]
		if o.name == "" || len(name) > maxName {
			return fmt.Sprintf("object %d", id)
		}
		name = "." + o.name + name
	}
	return "root" + name
}
