package loaders

import (
	"errors"

	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a whole document with the library's parser, which knows syntax
// and positions. That nothing is defined twice is seen to here: the library's
// decoder needs quadratic time for it, 7 s for 100,000 tables.
func parseTOML(s *source) (*node, error) {
	if err := tooMany(s, ",=[{"); err != nil {
		return nil, err
	}
	var p unstable.Parser
	p.Reset(s.data)
	root := &node{kind: table, made: byHeader}
	here := root
	for p.NextExpression() {
		var err error
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			here, err = root.header(s, e)
		case unstable.KeyValue:
			err = here.define(s, e, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := p.Error(); err != nil {
		var at *unstable.ParserError
		if errors.As(err, &at) {
			return nil, s.errorf(tomlOffset(&p, at.Highlight), "%s", at.Message)
		}
		return nil, &Error{File: s.name, What: err.Error()}
	}
	return root, nil
}

// tomlOffset returns where a part of the text is that an error shows. The library
// panics for a part that is none, which an error need not have.
func tomlOffset(p *unstable.Parser, part []byte) (off int) {
	defer func() {
		if recover() != nil {
			off = 0
		}
	}()
	return int(p.Range(part).Offset)
}

// header returns the table that a header opens.
func (n *node) header(s *source, e *unstable.Node) (*node, error) {
	grow := e.Kind == unstable.ArrayTable
	keys := e.Key()
	for keys.Next() {
		k := keys.Node()
		f := n.get(string(k.Data))
		if !keys.IsLast() {
			if f.value == nil {
				f = n.newTable(k, table, byPath)
			}
			if f.value.made == byValue || f.value.made == byDots {
				return nil, s.errorf(int(k.Raw.Offset), "key %q is not a table that a header can add to", excerpt(f.key))
			}
			n = f.value.last()
			continue
		}
		switch {
		case f.value == nil && grow:
			f = n.newTable(k, list, byItems)
		case f.value == nil:
			f = n.newTable(k, table, byHeader)
		case !grow && f.value.made == byPath:
			f.value.made = byHeader
		case !grow || f.value.made != byItems:
			return nil, s.errorf(int(k.Raw.Offset), "table %q stands twice", excerpt(f.key))
		}
		if grow {
			f.value.items = append(f.value.items, &node{kind: table, start: int(k.Raw.Offset), made: byHeader})
		}
		n = f.value.last()
	}
	return n, nil
}

// last returns the table that is meant by the name of a list of tables.
func (n *node) last() *node {
	if n.kind == list {
		return n.items[len(n.items)-1]
	}
	return n
}

func (n *node) newTable(k *unstable.Node, kind kind, how made) field {
	start := int(k.Raw.Offset)
	f := field{key: string(k.Data), start: start, end: start + int(k.Raw.Length), value: &node{kind: kind, start: start, made: how}}
	n.add(f)
	return f
}

// define adds what a key-value pair says.
func (n *node) define(s *source, pair *unstable.Node, depth int) error {
	keys := pair.Key()
	for keys.Next() {
		k := keys.Node()
		start := int(k.Raw.Offset)
		f := n.get(string(k.Data))
		if !keys.IsLast() {
			if f.value == nil {
				f = n.newTable(k, table, byDots)
			}
			if f.value.made != byDots {
				return s.errorf(start, "key %q is defined elsewhere", excerpt(f.key))
			}
			n = f.value
			continue
		}
		if f.value != nil {
			return s.errorf(start, "key %q stands twice", excerpt(f.key))
		}
		v, err := tomlValue(s, pair.Value(), depth+1)
		if err != nil {
			return err
		}
		if v.kind != scalar {
			// The library does not say where these end; the pair does.
			v.start, v.end = int(pair.Raw.Offset), int(pair.Raw.Offset+pair.Raw.Length)
		}
		n.add(field{key: string(k.Data), start: start, end: start + int(k.Raw.Length), value: v})
	}
	return nil
}

func tomlValue(s *source, v *unstable.Node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, s.errorf(int(v.Raw.Offset), "nested deeper than %d levels", maxDepth)
	}
	n := &node{text: string(v.Data), start: int(v.Raw.Offset), end: int(v.Raw.Offset + v.Raw.Length)}
	switch v.Kind {
	case unstable.Array:
		n.kind, n.text = list, ""
		children := v.Children()
		for children.Next() {
			item, err := tomlValue(s, children.Node(), depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	case unstable.InlineTable:
		n.kind, n.text = table, ""
		children := v.Children()
		for children.Next() {
			if err := n.define(s, children.Node(), depth); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}
