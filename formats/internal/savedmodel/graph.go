package savedmodel

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// reader reads one MetaGraphDef.
type reader struct {
	budget   *bounds.Budget
	g        *MetaGraph
	def      nodeDef
	interned map[string]string // types of operations and devices, of which there are few
}

// fetch is a tensor or operation of the main graph that a loader runs or hands out.
type fetch struct {
	name string
	on   occasion
	why  string
}

// root is a function that a loader runs or hands out.
type root struct {
	function string
	on       occasion
	why      string
}

func (r *reader) metaGraph(f *protowire.Field) error {
	const info, graph, saver, collections, signatures, assets, objects = 1, 2, 3, 4, 5, 6, 7
	return each(f, func(f *protowire.Field) error {
		if f.Type != protowire.Bytes {
			return nil
		}
		switch f.Number {
		case info:
			return r.info(f)
		case graph:
			return r.graph(f)
		case saver:
			return r.saver(f)
		case collections:
			return r.collection(f)
		case signatures:
			return r.signature(f)
		case assets:
			return r.asset(f)
		case objects:
			return r.objects(f)
		}
		return nil
	})
}

// each calls do for every field of a message that a field holds.
func each(f *protowire.Field, do func(*protowire.Field) error) error {
	m, err := f.Message()
	if err != nil {
		return err
	}
	return m.Each(do)
}

// bytesField calls do for each field of that number that has bytes.
func bytesField(f *protowire.Field, number int, do func(*protowire.Field) error) error {
	return each(f, func(f *protowire.Field) error {
		if f.Number == number && f.Type == protowire.Bytes {
			return do(f)
		}
		return nil
	})
}

func (r *reader) info(f *protowire.Field) (err error) {
	const tags, version = 4, 5
	return each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == version:
			r.g.Version, err = f.Text(maxName)
		case f.Number == tags && len(r.g.Tags) < maxTexts:
			var tag string
			tag, err = f.Text(maxName)
			r.g.Tags = append(r.g.Tags, tag)
		}
		return err
	})
}

// graph reads the GraphDef. One that stands twice is one with the nodes of both.
func (r *reader) graph(f *protowire.Field) error {
	const node, library = 1, 2
	if r.g.graph == nil {
		r.g.graph = &scope{budget: r.budget, meta: r.g, edges: &edges{}}
	}
	return each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == node:
			return r.node(f, r.g.graph)
		case f.Number == library:
			return r.library(f)
		}
		return nil
	})
}

// opCost is about what an operation costs in memory, beside its texts.
const opCost = 256

// node reads one node into a scope.
func (r *reader) node(f *protowire.Field, s *scope) error {
	d := &r.def
	if err := d.read(f); err != nil {
		return err
	}
	def := registry()[string(d.bytes(d.op))]
	if err := s.remember(d, def); err != nil {
		return err
	}
	var op *Op
	gradient := d.attr("_gradient_op_type")
	if def == nil || def.given(d) || len(d.calls) > 0 || gradient != nil {
		if err := r.budget.Text(opCost + int64(d.name.end-d.name.start)); err != nil {
			return err
		}
		op = &Op{Name: d.text(d.name), Type: r.intern(d.bytes(d.op)), Device: r.intern(d.bytes(d.device)), Off: f.Off, End: f.End, Def: def}
		if gradient != nil && len(gradient.texts) > 0 {
			op.Gradient = d.text(gradient.texts[0])
		}
		for _, c := range d.calls {
			op.Calls = append(op.Calls, r.intern(d.bytes(c)))
		}
		op.attributes(d)
		s.add(op, d)
	}
	if s.edges != nil {
		return s.edges.add(s, d, op)
	}
	return nil
}

func (r *reader) intern(b []byte) string {
	if s, ok := r.interned[string(b)]; ok {
		return s
	}
	s := string(b)
	r.interned[s] = s
	return s
}

// attributes keeps the attributes of an operation that are text of the author's choice.
func (op *Op) attributes(d *nodeDef) {
	if op.Def == nil {
		return
	}
	for _, name := range op.Def.Texts {
		a := d.attr(name)
		if a == nil || len(a.texts) == 0 {
			continue
		}
		v := known(FromConst)
		for _, t := range a.texts {
			if len(v.Text) < maxTexts {
				v.Text = append(v.Text, d.text(t))
			}
		}
		op.Operands = append(op.Operands, Operand{Name: name, Attr: true, Value: v})
	}
}

// library reads the FunctionDefLibrary.
func (r *reader) library(f *protowire.Field) error {
	const function, gradient, registered = 1, 2, 3
	return each(f, func(f *protowire.Field) error {
		if f.Type != protowire.Bytes {
			return nil
		}
		switch f.Number {
		case function:
			return r.function(f)
		case gradient: // function_name, gradient_func
			name, grad, err := pair(f)
			r.g.gradients[name] = grad
			return err
		case registered: // gradient_func, registered_op_type
			grad, typ, err := pair(f)
			r.g.registered[typ] = grad
			return err
		}
		return nil
	})
}

// pair reads a message of two texts.
func pair(f *protowire.Field) (first, second string, err error) {
	err = each(f, func(f *protowire.Field) error {
		if f.Type != protowire.Bytes || f.Number > 2 {
			return nil
		}
		s, err := f.Text(maxName)
		if f.Number == 1 {
			first = s
		} else {
			second = s
		}
		return err
	})
	return first, second, err
}
