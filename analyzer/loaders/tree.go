package loaders

import "bytes"

// kind is what a value of TOML, JSON or YAML is.
type kind uint8

const (
	scalar kind = iota // text, number, truth value, date: node.text
	list
	table
)

// node is a value with the bytes that it stands in. The three notations of lock
// files are read into the same nodes.
type node struct {
	kind       kind
	text       string // of a scalar, unquoted
	items      []*node
	fields     []field
	index      map[string]int // of fields, once there are more than a few
	start, end int
	made       made // in TOML
}

// made says how a table or list of TOML came to be, which decides what may be
// added to it.
type made uint8

const (
	byValue  made = iota // a value: complete
	byPath               // in the middle of a header: open
	byHeader             // [table]: its header may not stand again
	byItems              // [[table]]: grows
	byDots               // a.b = 1: only more of these in the same table
)

// field is a key and its value. Keys are different from each other in one table.
type field struct {
	key        string
	start, end int // the key
	value      *node
}

// get returns the field called key, or one without a value.
func (n *node) get(key string) field {
	if n == nil {
		return field{}
	}
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return n.fields[i]
		}
		return field{}
	}
	for _, f := range n.fields {
		if f.key == key {
			return f
		}
	}
	return field{}
}

// add appends a field. Tables of many fields get an index, so that no file makes
// looking them up quadratic.
func (n *node) add(f field) {
	const few = 16
	n.fields = append(n.fields, f)
	if n.index == nil && len(n.fields) > few {
		n.index = map[string]int{}
		for i, f := range n.fields {
			n.index[f.key] = i
		}
	}
	if n.index != nil {
		n.index[f.key] = len(n.fields) - 1
	}
}

// at follows keys down; nil if there is nothing.
func (n *node) at(keys ...string) *node {
	for _, k := range keys {
		n = n.get(k).value
	}
	return n
}

// str returns the text of a scalar, "" for nothing else.
func (n *node) str() string {
	if n == nil || n.kind != scalar {
		return ""
	}
	return n.text
}

// tooMany bounds, before anything is allocated, what a text can unfold to.
func tooMany(s *source, separators string) error {
	n := 0
	for _, b := range []byte(separators) {
		n += bytes.Count(s.data, []byte{b})
	}
	if n > maxLockValues {
		return &Error{File: s.name, What: "more values than any lock file has"}
	}
	return nil
}
