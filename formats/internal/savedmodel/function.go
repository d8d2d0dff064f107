package savedmodel

import "github.com/kerasvet/kerasvet/formats/internal/protowire"

// function reads a FunctionDef: first what its arguments are called, then its nodes.
func (r *reader) function(f *protowire.Field) error {
	const signature, nodes, attrs = 1, 3, 5
	if err := r.budget.Text(opCost); err != nil {
		return err
	}
	fn := &Function{Off: f.Off, End: f.End}
	r.g.Functions = append(r.g.Functions, fn)
	s := &scope{budget: r.budget, args: map[uint64]int{}}
	err := each(f, func(f *protowire.Field) error {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == signature:
			return r.signatureOf(fn, s, f)
		case f.Number == attrs:
			return r.functionAttr(fn, f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.g.byName[fn.Name] = fn
	fn.args = make([]Value, len(s.args))
	err = bytesField(f, nodes, func(f *protowire.Field) error { return r.node(f, s) })
	s.operands()
	fn.Ops = s.ops
	for _, op := range fn.Ops {
		if op.calling() {
			fn.calls = append(fn.calls, op)
		}
	}
	return err
}

// calling reports whether the operation may call a function: by an attribute, by
// its own type, or for its gradient.
func (op *Op) calling() bool { return len(op.Calls) > 0 || op.Def == nil || op.Gradient != "" }

// signatureOf reads the name of a function and those of its arguments, an OpDef.
func (r *reader) signatureOf(fn *Function, s *scope, f *protowire.Field) error {
	const name, input = 1, 2
	return each(f, func(f *protowire.Field) (err error) {
		switch {
		case f.Type != protowire.Bytes:
		case f.Number == name:
			fn.Name, err = f.Text(maxName)
		case f.Number == input:
			err = bytesField(f, name, func(f *protowire.Field) error {
				b, err := f.Bytes(maxName)
				if err == nil {
					err = s.spend(recordOverhead)
				}
				if err == nil {
					s.args[nodeHash(b)] = len(s.args)
				}
				return err
			})
		}
		return err
	})
}

// functionAttr reads an attribute of a function. The optimizer may swap functions
// that share api_implements; the other two take its place where a gradient is asked
// for (tensorflow/core/grappler/optimizers/function_api_info.cc).
func (r *reader) functionAttr(fn *Function, f *protowire.Field) error {
	d := &r.def
	d.reset()
	if err := d.entry(f); err != nil {
		return err
	}
	a := &d.attrs[0]
	if len(a.texts) > 0 {
		switch text := d.text(a.texts[0]); string(d.bytes(a.key)) {
		case "api_implements":
			fn.implements = text
		case "forward_function_name", "backward_function_name":
			fn.alternates = append(fn.alternates, text)
		}
	}
	for _, c := range d.calls {
		fn.alternates = append(fn.alternates, d.text(c))
	}
	return nil
}
