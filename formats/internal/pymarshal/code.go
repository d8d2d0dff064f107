package pymarshal

import "github.com/kerasvet/kerasvet/formats/internal/bounds"

// code reads the fields of a code object in the order of its layout (TYPE_CODE
// in Python/marshal.c).
func (d *decoder) code(v *Value) error {
	v.Kind = KindCode
	c := &Code{Off: v.Off}
	if err := d.counts(c); err != nil {
		return err
	}
	var err error
	if c.Bytecode, c.bytecodeAt, err = d.bytesField("the instructions of a code object"); err != nil {
		return err
	}
	consts, err := d.field("the constants of a code object", KindTuple)
	if err != nil {
		return err
	}
	c.Consts = consts.Items
	if c.Names, _, err = d.namesField("the names of a code object"); err != nil {
		return err
	}
	if d.layout == layout311 {
		err = d.localsPlus(c)
	} else {
		err = d.variables(c)
	}
	if err != nil {
		return err
	}
	if err := d.origin(c); err != nil {
		return err
	}
	if c.negative(d.layout) {
		return bounds.Malformedf(int64(v.Off), "code object with a negative count, as CPython refuses")
	}
	c.End = d.pos
	v.Code = c
	d.codes = append(d.codes, c)
	return nil
}

// counts reads the numbers that a code object begins with.
func (d *decoder) counts(c *Code) error {
	var flags int
	var order []*int
	switch d.layout {
	case layout27:
		order = []*int{&c.ArgCount, &c.NLocals, &c.StackSize, &flags}
	case layout36:
		order = []*int{&c.ArgCount, &c.KwOnlyArgCount, &c.NLocals, &c.StackSize, &flags}
	case layout38:
		order = []*int{&c.ArgCount, &c.PosOnlyArgCount, &c.KwOnlyArgCount, &c.NLocals, &c.StackSize, &flags}
	default:
		order = []*int{&c.ArgCount, &c.PosOnlyArgCount, &c.KwOnlyArgCount, &c.StackSize, &flags}
	}
	for _, field := range order {
		n, err := d.int32()
		if err != nil {
			return err
		}
		*field = int(n)
	}
	c.Flags = uint32(flags)
	return nil
}

// negative reports whether a number is negative that CPython refuses then; since
// 3.8 that includes the size of the stack and the flags.
func (c *Code) negative(l layout) bool {
	return c.ArgCount < 0 || c.PosOnlyArgCount < 0 || c.KwOnlyArgCount < 0 || c.NLocals < 0 ||
		l >= layout38 && (c.StackSize < 0 || int32(c.Flags) < 0)
}

// variables reads the names of variables up to 3.10.
func (d *decoder) variables(c *Code) (err error) {
	if c.VarNames, _, err = d.namesField("the local variables of a code object"); err != nil {
		return err
	}
	if c.FreeVars, _, err = d.namesField("the free variables of a code object"); err != nil {
		return err
	}
	c.CellVars, _, err = d.namesField("the cell variables of a code object")
	return err
}

// localsPlus reads the names of variables from 3.11 and sorts them by kind.
func (d *decoder) localsPlus(c *Code) error {
	names, tuple, err := d.namesField("the variables of a code object")
	if err != nil {
		return err
	}
	off := d.pos
	kinds, err := d.field("the kinds of the variables of a code object", KindBytes)
	if err != nil {
		return err
	}
	if len(kinds.Text) != len(names) {
		return bounds.Malformedf(int64(off), "kinds of %d variables in a code object that has %d", len(kinds.Text), len(names))
	}
	c.LocalsPlus = names
	s := d.names.split(names, tuple, kinds)
	c.Kinds, c.VarNames, c.CellVars, c.FreeVars = s.kinds, s.vars, s.cells, s.frees
	c.NLocals = len(s.vars)
	return nil
}

// origin reads what a code object says about its source.
func (d *decoder) origin(c *Code) (err error) {
	if c.Filename, err = d.stringField("the file name of a code object"); err != nil {
		return err
	}
	if c.Name, err = d.stringField("the name of a code object"); err != nil {
		return err
	}
	if d.layout == layout311 {
		if c.Qualname, err = d.stringField("the qualified name of a code object"); err != nil {
			return err
		}
	}
	line, err := d.int32()
	if err != nil {
		return err
	}
	c.FirstLine = int(line)
	if c.LineTable, _, err = d.bytesField("the line table of a code object"); err != nil {
		return err
	}
	if d.layout == layout311 {
		c.ExceptionTable, c.tableAt, err = d.bytesField("the exception table of a code object")
	}
	return err
}

// field reads an object that must be of the given kind.
func (d *decoder) field(what string, kind Kind) (*Value, error) {
	off := d.pos
	v, err := d.item(what)
	if err != nil {
		return nil, err
	}
	if v.Kind != kind {
		return nil, bounds.Malformedf(int64(off), "%s where %s stand, which must be %s", v.Kind, what, kind)
	}
	return v, nil
}

// bytesField reads bytes without copying them once more, and says where they lie.
func (d *decoder) bytesField(what string) (content []byte, at int, err error) {
	v, err := d.field(what, KindBytes)
	if err != nil {
		return nil, 0, err
	}
	at = v.End - len(v.Text) // the content of bytes is the last thing in their encoding
	return d.data[at:v.End:v.End], at, nil
}

// stringKind is the type of names: str, which in 2.7 is bytes.
func (d *decoder) stringKind() Kind {
	if d.layout == layout27 {
		return KindBytes
	}
	return KindText
}

func (d *decoder) stringField(what string) (string, error) {
	v, err := d.field(what, d.stringKind())
	if err != nil {
		return "", err
	}
	return v.Text, nil
}

// namesField reads a tuple of names; the tuple comes too, by which they are
// shared.
func (d *decoder) namesField(what string) ([]string, *Value, error) {
	off := d.pos
	tuple, err := d.field(what, KindTuple)
	if err != nil {
		return nil, nil, err
	}
	names, bad := d.names.of(tuple, d.stringKind())
	if bad != nil {
		return nil, nil, bounds.Malformedf(int64(off), "%s among %s, which must be %s", bad.Kind, what, d.stringKind())
	}
	return names, tuple, nil
}

// nameCache keeps the names of long tuples, to which thousands of code objects
// may refer.
type nameCache struct {
	tuples map[*Value][]string
	splits map[[2]*Value]split
}

// split is the variables of 3.11 sorted by kind.
type split struct {
	kinds              []byte
	vars, cells, frees []string
}

// cachedNames is how long a tuple of names is at least that is worth finding
// again. Shorter ones cost each code object, which takes more bytes than it has
// names, little.
const cachedNames = 32

// of returns the strings of a tuple, or the first item that is no string.
func (n *nameCache) of(tuple *Value, kind Kind) (names []string, bad *Value) {
	if len(tuple.Items) == 0 {
		return nil, nil
	}
	if names, ok := n.tuples[tuple]; ok {
		return names, nil
	}
	names = make([]string, len(tuple.Items))
	for i, item := range tuple.Items {
		if item.Kind != kind {
			return nil, item
		}
		names[i] = item.Text
	}
	if len(names) >= cachedNames {
		if n.tuples == nil {
			n.tuples = map[*Value][]string{}
		}
		n.tuples[tuple] = names
	}
	return names, nil
}

// split sorts names as co_varnames, co_cellvars and co_freevars do: an argument
// that is a cell is in the first two.
func (n *nameCache) split(names []string, tuple, kinds *Value) split {
	key := [2]*Value{tuple, kinds}
	if s, ok := n.splits[key]; ok {
		return s
	}
	s := split{kinds: []byte(kinds.Text)}
	for i, kind := range s.kinds {
		if kind&FastLocal != 0 {
			s.vars = append(s.vars, names[i])
		}
		if kind&FastCell != 0 {
			s.cells = append(s.cells, names[i])
		}
		if kind&FastFree != 0 {
			s.frees = append(s.frees, names[i])
		}
	}
	if len(names) >= cachedNames {
		if n.splits == nil {
			n.splits = map[[2]*Value]split{}
		}
		n.splits[key] = s
	}
	return s
}
