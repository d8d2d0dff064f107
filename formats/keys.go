package formats

import (
	"cmp"
	"slices"
	"strings"
)

// sortedKeys are the indexes of a JSON object's children by name, then by
// position. Objects of many keys have them, so that looking up every key of a
// hostile one is not quadratic.
type sortedKeys []int32

// manyKeys is from how many children on an object has sortedKeys.
const manyKeys = 48

func newSortedKeys(n *Node) sortedKeys {
	keys := make(sortedKeys, len(n.Children))
	for i := range keys {
		keys[i] = int32(i)
	}
	slices.SortFunc(keys, func(a, b int32) int {
		return cmp.Or(strings.Compare(n.Children[a].Name, n.Children[b].Name), cmp.Compare(a, b))
	})
	return keys
}

// keys returns the sorted keys of n, nil if it has none.
func (n *Node) keys() sortedKeys {
	switch f := n.facts.(type) {
	case sortedKeys:
		return f
	case *document:
		return f.keys
	case *tagged:
		return f.keys
	case *Graph:
		return f.keys
	case *GraphFunction:
		return f.keys
	}
	return nil
}

// find returns the range of k that holds the children of a name; end is 0 if
// there are none.
func (k sortedKeys) find(n *Node, name string) (start, end int) {
	start, found := slices.BinarySearchFunc(k, name, func(i int32, name string) int { return strings.Compare(n.Children[i].Name, name) })
	if !found {
		return 0, 0
	}
	rest, _ := slices.BinarySearchFunc(k[start:], name, func(i int32, name string) int {
		if n.Children[i].Name == name {
			return -1
		}
		return 1
	})
	return start, start + rest
}
