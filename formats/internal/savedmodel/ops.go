package savedmodel

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed ops.txt
var opsText string

// OpDef is an operation as TensorFlow registers it.
type OpDef struct {
	Name     string
	Stateful bool
	Inputs   []Arg
	Outputs  []Arg
	Texts    []string // attributes that are text, and not one of a few given values
	Funcs    []string // attributes that name functions
}

// Arg is an input or output of an operation.
type Arg struct {
	Name     string // of an input
	Type     byte   // 's' text, 'r' a resource, 'v' a variant, 'x' anything else; 0 where an attribute says
	TypeAttr string // the attribute that gives the type, or the types if List
	List     bool
	Count    string // the attribute that says how many there are
}

var registry = sync.OnceValue(func() map[string]*OpDef {
	ops := map[string]*OpDef{}
	for line := range strings.Lines(opsText) {
		if line[0] != '#' {
			d := parseOp(strings.Fields(line))
			ops[d.Name] = d
		}
	}
	return ops
})

func parseOp(words []string) *OpDef {
	d := &OpDef{Name: words[0], Stateful: words[1] == "S"}
	for _, w := range words[2:] {
		switch w[0] {
		case '<':
			name, kind, _ := strings.Cut(w[1:], ":")
			a := parseArg(kind)
			a.Name = name
			d.Inputs = append(d.Inputs, a)
		case '>':
			d.Outputs = append(d.Outputs, parseArg(w[1:]))
		case '@':
			d.Texts = append(d.Texts, w[1:])
		case '&':
			d.Funcs = append(d.Funcs, w[1:])
		}
	}
	return d
}

func parseArg(kind string) (a Arg) {
	kind, count, many := strings.Cut(kind, "*")
	if kind[0] == '[' {
		a.TypeAttr = strings.Trim(kind, "[]")
		a.List = many && count == ""
	} else {
		a.Type = kind[0]
	}
	a.Count = count
	return a
}

// Registered returns the operation of that name, nil if no TensorFlow from 1.15 to
// 2.21 registers one.
func Registered(name string) *OpDef { return registry()[name] }

// Ops returns the name of every operation that TensorFlow registers, in order.
func Ops() []string {
	var names []string
	for line := range strings.Lines(opsText) {
		if name, _, _ := strings.Cut(line, " "); line[0] != '#' {
			names = append(names, name)
		}
	}
	return names
}

// given reports whether a node of the operation can be given text: by an input, by an
// attribute, or, where it has state, by an input of any type.
func (d *OpDef) given(n *nodeDef) bool {
	if len(d.Texts) > 0 {
		return true
	}
	for _, a := range d.Inputs {
		if a.Type == 's' || a.Type == 0 && d.Stateful && textual(n.attr(a.TypeAttr)) {
			return true
		}
	}
	return false
}

// Plain reports whether the operation has nothing by which it could name anything
// outside of the graph: no state, and no text, resource, variant or function comes
// in. Such operations compute numbers from numbers, and nearly all operations of a
// model do.
func (d *OpDef) Plain() bool {
	if d.Stateful || len(d.Texts) > 0 || len(d.Funcs) > 0 {
		return false
	}
	for _, a := range d.Inputs {
		if a.Type == 's' || a.Type == 'r' || a.Type == 'v' {
			return false
		}
	}
	return true
}
