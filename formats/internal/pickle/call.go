package pickle

// calls executes the opcodes that import and call.
func (w *walker) calls(op byte) error {
	switch op {
	case 'R', 0x81: // REDUCE, NEWOBJ
		args := w.pop()
		return w.call(w.pop(), args)
	case 0x92: // NEWOBJ_EX
		kwargs := w.pop()
		args := w.pop()
		callee := w.pop()
		if kwargs.Kind != Dict || len(kwargs.Items) > 0 || kwargs.More {
			args = w.tuple(append(append([]*Value(nil), args.Items...), kwargs))
		}
		return w.call(callee, args)
	case 'o': // OBJ
		items := w.popMark()
		if len(items) == 0 {
			w.faultf("OBJ without a class")
			items = []*Value{unknown}
		}
		return w.call(items[0], w.tuple(items[1:]))
	case 0x93: // STACK_GLOBAL
		name, module := w.pop(), w.pop()
		if module.Kind == Text && module.Whole() && name.Kind == Text && name.Whole() {
			return w.global(module.Text, name.Text)
		}
		if noText(module) || noText(name) {
			w.faultf("STACK_GLOBAL without texts")
			return w.push(unknown)
		}
		v := &Value{Kind: Global, active: true, size: 1, gen: w.gen, Args: w.tuple([]*Value{module, name})}
		if err := w.push(v); err != nil {
			return err
		}
		return w.event(Import, v)
	}
	state := w.pop() // BUILD
	object := w.top()
	v := w.made(object, nil)
	v.State, v.active = state, true
	v.size += state.size
	if object.gen == w.gen && object.size > 0 {
		object.State = state
	}
	if err := w.event(Restore, v); err != nil {
		return err
	}
	if w.joblib {
		return w.afterBuild(object)
	}
	return nil
}

// noText reports whether a value is known to be something else than a text.
func noText(v *Value) bool { return v.Kind != Unknown && v.Kind != Text && v.Kind < Global }

// made is a Result.
func (w *walker) made(callee, args *Value) *Value {
	v := &Value{Kind: Result, active: true, size: 1, gen: w.gen, Func: callee, Args: args}
	for _, part := range []*Value{callee, args} {
		if part != nil {
			v.size = min(v.size+part.size, keptSize)
		}
	}
	return v
}

// global imports a name.
func (w *walker) global(module, name string) error {
	written := module + "." + name
	if w.proto < 3 {
		module, name = modern(module, name)
	}
	v := &Value{Kind: Global, active: true, Text: module + "." + name, gen: w.gen}
	v.size = 1 + uint32(len(v.Text)/valueSize)
	if err := w.push(v); err != nil {
		return err
	}
	if written == v.Text {
		written = ""
	}
	return w.eventWritten(Import, v, written)
}

// call pushes what a call gives. Some calls only call another function, look a
// name up or put a text together: what they do is followed.
func (w *walker) call(callee, args *Value) error {
	v := w.made(callee, args)
	for range maxIndirect {
		f, a := w.indirect(v)
		if f == nil {
			break
		}
		if v.Func.Path() != "" {
			if err := w.event(Call, v); err != nil {
				return err
			}
		}
		v = w.made(f, a)
	}
	v.Text = lookup(v.Func, v.Args)
	if err := w.event(Call, v); err != nil {
		return err
	}
	if text := folded(v.Func, v.Args); text != nil {
		text.gen, text.size = w.gen, 1+uint32(len(text.Text)/valueSize)
		return w.push(text) // what it may hold was seen where its parts were read
	}
	if w.common(v) {
		v.Args, v.size = inertSome[Tuple], 1+v.Func.size
	}
	return w.push(v)
}

// common reports whether a call is one of many that hand over nothing but data.
// What it gives is kept without its arguments then; the size of an array of joblib
// hangs on those of its type.
func (w *walker) common(v *Value) bool {
	key, ok := equalKey(Call, v)
	return ok && w.equal[key] > maxEqual && v.Func.Path() != "numpy.dtype"
}

// persistent pushes what persistent_load gives. For torch.load the id of a class
// stands for the class (persistent_load in torch/serialization.py).
func (w *walker) persistent(id *Value) error {
	v := &Value{Kind: Persistent, active: true, size: 1 + id.size, gen: w.gen, Args: id}
	given := v
	if torchClass(id) {
		given = id.Items[1]
	}
	if err := w.push(given); err != nil {
		return err
	}
	return w.event(PersistentID, v)
}

// torchClass reports whether an id is ("module", CLASS, FILE, SOURCE), as torch.save
// wrote the classes of modules before PyTorch 1.6.
func torchClass(id *Value) bool {
	return id.Kind == Tuple && len(id.Items) == 4 && id.Items[0].Text == "module" && id.Items[1].Kind == Global
}
