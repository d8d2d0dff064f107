package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// inspectedVariable is what the index of a checkpoint says of a tensor.
type inspectedVariable struct {
	Name    string  `json:"name"`
	Address string  `json:"address"`
	Type    string  `json:"type"`
	Item    int64   `json:"itemSize"` // 0 where elements differ
	Shape   []int64 `json:"shape"`
	File    string  `json:"file"`
	Offset  int64   `json:"offset"`
	Size    int64   `json:"size"`
	Sliced  bool    `json:"sliced"`
}

func (m *inspected) variable(n *formats.Node) {
	v := n.Variable()
	m.Variables = append(m.Variables, inspectedVariable{formats.PrintableText(n.Name, maxInspectAddress), inspectAddress(n), v.Type, v.ItemSize,
		append([]int64{}, v.Shape...), formats.Printable(v.File), v.Offset, v.Size, v.Sliced})
}

func (m *inspected) variablesText(b *bufio.Writer) {
	heading(b, "variables", len(m.Variables))
	for _, v := range m.Variables {
		fmt.Fprintf(b, "    %s  %s\n", v.Name, v.describe())
	}
}

func (v *inspectedVariable) describe() string {
	s := v.Type + ", " + dimensions(v.Shape)
	if v.Sliced {
		return s + ", in parts"
	}
	return s + fmt.Sprintf(", %d bytes at %d of %s", v.Size, v.Offset, v.File)
}

// dimensions writes a shape.
func dimensions[T int64 | uint64](shape []T) string {
	dims := make([]string, len(shape))
	for i, n := range shape {
		dims[i] = strconv.FormatUint(uint64(n), 10)
	}
	if len(dims) == 0 {
		return "scalar"
	}
	return strings.Join(dims, "x")
}
