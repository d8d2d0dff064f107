package formats

import (
	"slices"
	"strconv"

	"github.com/kerasvet/kerasvet/formats/internal/pickle"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// codeLayouts are the arguments of types.CodeType by their number, and the first
// release line that takes so many: (numbers in front, behind the name there is a
// qualified name).
var codeLayouts = []struct {
	arguments, numbers int
	qualified          bool
	takes              func(pymarshal.Version) bool
}{
	{14, 4, false, func(v pymarshal.Version) bool { return v.Before(3, 0) }},
	{15, 5, false, func(v pymarshal.Version) bool { return v.AtLeast(3, 0) && v.Before(3, 8) }},
	{16, 6, false, func(v pymarshal.Version) bool { return v.AtLeast(3, 8) && v.Before(3, 11) }},
	{18, 6, true, func(v pymarshal.Version) bool { return v.AtLeast(3, 11) }},
}

// assemble makes the code object that a call of types.CodeType gives, under every
// version that takes so many arguments. cloudpickle and dill pickle functions so.
// It adds nothing where a part is not known.
func (o *opener) assemble(d *decoded, args *PickleValue) error {
	if args == nil || args.Kind != pickle.Tuple || args.More {
		return nil
	}
	items := args.Items
	for len(items) > 0 && items[0].Kind == pickle.Bytes { // dill puts a further line table first
		items = items[1:]
	}
	for _, l := range codeLayouts {
		if len(items) != l.arguments {
			continue
		}
		left := maxConstants
		code := assembled(items, l.numbers, l.qualified, 0, &left)
		if err := o.budget.Step(int64(maxConstants - left)); err != nil {
			return err
		}
		if code == nil {
			return nil
		}
		c := &CodeObject{object: code, flows: map[string]*Flow{}}
		for _, v := range pymarshal.Versions {
			if !l.takes(v) {
				continue
			}
			flow, err := pyflow.Analyze(code, v, pyflow.Env{}, o.budget)
			if err == nil {
				err = o.budget.Text(flowSize(flow))
			}
			if err != nil {
				return err
			}
			c.Versions = append(c.Versions, v.String())
			c.flows[v.String()] = flow
		}
		c.Strict = c.Versions
		d.codes = append(d.codes, c)
	}
	return nil
}

// maxCodeDepth is how deep code objects and tuples may lie in each other's
// constants, and maxConstants how many constants there may be: a pickle may hand the
// same tuple over again and again.
const (
	maxCodeDepth = 32
	maxConstants = 1 << 14
)

// assembled makes a code object from the arguments of types.CodeType; nil where
// one is not known.
func assembled(items []*PickleValue, numbers int, qualified bool, depth int, left *int) *pymarshal.Code {
	if depth > maxCodeDepth {
		return nil
	}
	c := &pymarshal.Code{}
	var counts []int
	for _, v := range items[:numbers] {
		n, err := strconv.Atoi(v.Text)
		if v.Kind != pickle.Int || err != nil {
			return nil
		}
		counts = append(counts, n)
	}
	c.Flags, c.StackSize, c.NLocals = uint32(counts[numbers-1]), counts[numbers-2], counts[numbers-3]
	c.ArgCount = counts[0]
	switch numbers {
	case 5:
		c.KwOnlyArgCount = counts[1]
	case 6:
		c.PosOnlyArgCount, c.KwOnlyArgCount = counts[1], counts[2]
	}
	rest := items[numbers:]
	tail := rest[len(rest)-2:]
	ok := rest[0].Whole() && rest[1].Kind == pickle.Tuple && !rest[1].More
	var okNames, okVars, okFree, okCell bool
	c.Names, okNames = texts(rest[2])
	c.VarNames, okVars = texts(rest[3])
	c.FreeVars, okFree = texts(tail[0])
	c.CellVars, okCell = texts(tail[1])
	if !ok || !okNames || !okVars || !okFree || !okCell || c.NLocals < 0 || c.ArgCount < 0 {
		return nil
	}
	c.Bytecode = []byte(rest[0].Text)
	c.Filename, c.Name = rest[4].Text, rest[5].Text
	next := rest[6:]
	if qualified {
		c.Qualname = next[0].Text
		if !next[3].Whole() {
			return nil
		}
		c.ExceptionTable = []byte(next[3].Text)
		next = next[1:]
		locals(c)
	}
	c.LineTable = []byte(next[1].Text)
	for _, v := range rest[1].Items {
		k := constantOf(v, depth, left)
		if k == nil {
			return nil
		}
		c.Consts = append(c.Consts, k)
	}
	return c
}

// locals joins the variables as CPython 3.11 and later index them.
func locals(c *pymarshal.Code) {
	for _, name := range c.VarNames {
		kind := byte(pymarshal.FastLocal)
		if slices.Contains(c.CellVars, name) {
			kind |= pymarshal.FastCell
		}
		c.LocalsPlus, c.Kinds = append(c.LocalsPlus, name), append(c.Kinds, kind)
	}
	for _, name := range c.CellVars {
		if !slices.Contains(c.VarNames, name) {
			c.LocalsPlus, c.Kinds = append(c.LocalsPlus, name), append(c.Kinds, pymarshal.FastCell)
		}
	}
	for _, name := range c.FreeVars {
		c.LocalsPlus, c.Kinds = append(c.LocalsPlus, name), append(c.Kinds, pymarshal.FastFree)
	}
}

func texts(v *PickleValue) (list []string, ok bool) {
	if v.Kind != pickle.Tuple || v.More {
		return nil, false
	}
	for _, x := range v.Items {
		if !x.Whole() {
			return nil, false
		}
		list = append(list, x.Text)
	}
	return list, true
}

// constantOf is a constant of a code object; nil where it is not known.
func constantOf(v *PickleValue, depth int, left *int) *pymarshal.Value {
	if *left--; *left < 0 {
		return nil
	}
	kinds := map[pickle.Kind]pymarshal.Kind{pickle.None: pymarshal.KindNone, pickle.Bool: pymarshal.KindBool, pickle.Int: pymarshal.KindInt,
		pickle.Float: pymarshal.KindFloat, pickle.Text: pymarshal.KindText, pickle.Bytes: pymarshal.KindBytes, pickle.Tuple: pymarshal.KindTuple,
		pickle.Set: pymarshal.KindFrozenSet}
	if v.Kind == pickle.Result || v.Kind == pickle.Global {
		for _, l := range codeLayouts {
			if v.Kind == pickle.Result && v.Func.Path() == "types.CodeType" && v.Args != nil && len(v.Args.Items) == l.arguments {
				if code := assembled(v.Args.Items, l.numbers, l.qualified, depth+1, left); code != nil {
					return &pymarshal.Value{Kind: pymarshal.KindCode, Code: code}
				}
				return nil
			}
		}
		return &pymarshal.Value{Kind: pymarshal.KindEllipsis} // another object: slice, complex, Ellipsis
	}
	kind, ok := kinds[v.Kind]
	if !ok || (v.Kind == pickle.Text || v.Kind == pickle.Bytes) && !v.Whole() || depth > maxCodeDepth {
		return nil
	}
	k := &pymarshal.Value{Kind: kind, Text: v.Text}
	for _, x := range v.Items {
		item := constantOf(x, depth+1, left)
		if item == nil || v.More {
			return nil
		}
		k.Items = append(k.Items, item)
	}
	return k
}
