package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// unseenElements is how many strings a variable may have where its data file is not at
// hand: no honest vocabulary has as many, and they take 2 GiB.
const unseenElements = 1 << 26

// elementMemory is how many bytes of memory an element of these types takes before
// TensorFlow reads any of it (measured with 2.4, 2.15 and 2.21).
var elementMemory = map[string]float64{"string": 32, "variant": 64, "resource": 64}

// elementsOf is the number of elements of a variable.
func elementsOf(v *formats.Variable) float64 {
	n := 1.0
	for _, dim := range v.Shape {
		n *= float64(dim)
	}
	return n
}

// memoryOf is how much memory TensorFlow asks for to read a variable, in bytes.
func memoryOf(v *formats.Variable) float64 {
	if m, ok := elementMemory[v.Type]; ok {
		return m * elementsOf(v)
	}
	return float64(v.ItemSize) * elementsOf(v)
}

// neededBytes is how much of a variable a data file has at least: an empty string takes
// a byte.
func neededBytes(v *formats.Variable) float64 { return float64(max(v.ItemSize, 1)) * elementsOf(v) }

// variableIndex is the variables of one index, in their order.
type variableIndex struct {
	index     *formats.Node
	variables []*formats.Node
	held      float64 // bytes that the data files can have of those that lie in one piece
}

// checkpoints returns the variables of an artifact by their index.
func (p *Pass) checkpoints() []*variableIndex {
	var found []*variableIndex
	for _, n := range p.Nodes(formats.KindVariable) {
		if len(found) == 0 || found[len(found)-1].index != n.Parent {
			found = append(found, &variableIndex{index: n.Parent})
		}
		c := found[len(found)-1]
		c.variables = append(c.variables, n)
		if v := n.Variable(); !v.Sliced {
			c.held += p.heldBytes(c, v)
		}
	}
	return found
}

// heldBytes is how much of a variable the data files can have.
func (p *Pass) heldBytes(c *variableIndex, v *formats.Variable) float64 {
	size, known := p.dataFile(c, v.File)
	switch {
	case v.Sliced:
		return c.held
	case known:
		return float64(min(max(size-v.Offset, 0), v.Size))
	case v.ItemSize == 0:
		return float64(min(v.Size, unseenElements))
	}
	return float64(v.Size)
}

// dataFile returns the size of a data file beside the index, in its directory or archive.
// known is false where none was seen.
func (p *Pass) dataFile(c *variableIndex, name string) (size int64, known bool) {
	if c.index.Member() == nil {
		size, known = p.Artifact.DataFiles[name]
		return size, known
	}
	dir := path.Dir(strings.ReplaceAll(c.index.Name, `\`, "/"))
	if m := c.index.Parent.Get(path.Join(dir, name)); m != nil && m.Member() != nil {
		return m.Member().Size, true
	}
	return 0, false
}
