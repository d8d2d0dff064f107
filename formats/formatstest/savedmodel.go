package formatstest

import (
	"encoding/binary"
	"slices"
	"strings"
)

// savedModel is what a script of a SavedModel has written so far. Field numbers are
// those of tensorflow/core/protobuf and tensorflow/core/framework.
type savedModel struct {
	info, rest, library, concretes pbMessage
	graphs                         []graphNodes // the main graph, then the functions
	current                        int
	objects                        []pbMessage
}

// graphNodes are the nodes of a graph or function, and what else a function has.
type graphNodes struct {
	nodes []pbMessage
	def   pbMessage
}

type savedModelVerb struct {
	least, most int
	run         func(*savedModel, *Case, line) error
}

// savedModelVerbs are the lines of a script; see the package comment. A function,
// since a verb may need a section, which may be a script.
func savedModelVerbs() map[string]savedModelVerb {
	return map[string]savedModelVerb{
		"tag":        {1, 1, (*savedModel).tag},
		"version":    {1, 1, (*savedModel).version},
		"op":         {2, -1, (*savedModel).op},
		"const":      {1, -1, (*savedModel).constant},
		"attr":       {2, -1, (*savedModel).attr},
		"function":   {1, -1, (*savedModel).function},
		"implements": {1, 1, (*savedModel).implements},
		"main":       {0, 0, (*savedModel).main},
		"signature":  {2, -1, (*savedModel).signature},
		"collection": {2, -1, (*savedModel).collection},
		"saver":      {3, 3, (*savedModel).saver},
		"asset":      {1, 2, (*savedModel).asset},
		"gradient":   {2, 2, (*savedModel).gradient},
		"registered": {2, 2, (*savedModel).registered},
		"object":     {1, 3, (*savedModel).object},
		"child":      {3, 3, (*savedModel).child},
		"saveable":   {3, 3, (*savedModel).saveable},
		"concrete":   {1, -1, (*savedModel).concrete},
	}
}

// savedModel runs a script and returns the SavedModel message.
func (c *Case) savedModel(script []line) (pbMessage, error) {
	m := &savedModel{graphs: make([]graphNodes, 1)}
	verbs := savedModelVerbs()
	for _, l := range script {
		verb, found := verbs[l.verb]
		if !found {
			return nil, l.errorf("unknown verb %q", l.verb)
		}
		if err := l.want(verb.least, verb.most); err != nil {
			return nil, err
		}
		if err := verb.run(m, c, l); err != nil {
			return nil, l.at(err)
		}
	}
	return m.message(), nil
}

// message puts the parts together.
func (m *savedModel) message() pbMessage {
	var graph, meta pbMessage
	for _, n := range m.graphs[0].nodes {
		graph.add(1, "node", n)
	}
	var library pbMessage
	for _, f := range m.graphs[1:] {
		def := f.def
		for _, n := range f.nodes {
			def.add(3, "node_def", n)
		}
		library.add(1, "function", def)
	}
	if library = append(library, m.library...); len(library) > 0 {
		graph.add(2, "library", library)
	}
	meta.add(1, "meta_info_def", m.info)
	meta.add(2, "graph_def", graph)
	meta = append(meta, m.rest...)
	var objects pbMessage
	for _, o := range m.objects {
		objects.add(1, "nodes", o)
	}
	if objects = append(objects, m.concretes...); len(objects) > 0 {
		meta.add(7, "object_graph_def", objects)
	}
	return pbMessage{{1, "saved_model_schema_version", int64(1)}, {2, "meta_graphs", meta}}
}

func (m *savedModel) tag(_ *Case, l line) error {
	m.info.add(4, "tags", l.args[0])
	return nil
}

func (m *savedModel) version(_ *Case, l line) error {
	m.info.add(5, "tensorflow_version", l.args[0])
	return nil
}

func (m *savedModel) main(*Case, line) error {
	m.current = 0
	return nil
}

// op adds a node: its name, its type, what it takes.
func (m *savedModel) op(_ *Case, l line) error {
	n := pbMessage{{1, "name", l.args[0]}, {2, "op", l.args[1]}}
	for _, in := range l.args[2:] {
		n.add(3, "input", in)
	}
	g := &m.graphs[m.current]
	g.nodes = append(g.nodes, n)
	return nil
}

var dataTypes = map[string]int64{"float": 1, "int32": 3, "string": 7, "int64": 9, "bool": 10, "resource": 20, "variant": 21}

func dataType(l line, name string) (pbEnum, error) {
	v, ok := dataTypes[name]
	if !ok {
		return pbEnum{}, l.errorf("unknown type %q", name)
	}
	return pbEnum{v, "DT_" + strings.ToUpper(name)}, nil
}

// constant adds a Const of text.
func (m *savedModel) constant(_ *Case, l line) error {
	tensor := pbMessage{{1, "dtype", pbEnum{7, "DT_STRING"}}, {2, "tensor_shape", pbMessage{}}}
	if len(l.args) != 2 {
		dim := pbMessage{{1, "size", int64(len(l.args) - 1)}}
		tensor[1].value = pbMessage{{2, "dim", dim}}
	}
	for _, text := range l.args[1:] {
		tensor.add(8, "string_val", text)
	}
	n := pbMessage{{1, "name", l.args[0]}, {2, "op", "Const"}}
	n.add(5, "attr", attrEntry("dtype", pbMessage{{6, "type", pbEnum{7, "DT_STRING"}}}))
	n.add(5, "attr", attrEntry("value", pbMessage{{8, "tensor", tensor}}))
	g := &m.graphs[m.current]
	g.nodes = append(g.nodes, n)
	return nil
}

func attrEntry(name string, value pbMessage) pbMessage {
	return pbMessage{{1, "key", name}, {2, "value", value}}
}

// attr gives the node above an attribute: NAME KIND VALUE...
func (m *savedModel) attr(_ *Case, l line) error {
	g := &m.graphs[m.current]
	if len(g.nodes) == 0 {
		return l.errorf("an attribute before any op")
	}
	name, kind, values := l.args[0], l.args[1], l.args[2:]
	var value, list pbMessage
	for _, v := range values {
		switch kind {
		case "text":
			value.add(2, "s", v)
		case "int", "bool":
			n, err := line{l.file, l.no, l.verb, []string{v}}.number(0)
			if err != nil {
				return err
			}
			if kind == "int" {
				value.add(3, "i", int64(n))
			} else {
				value.add(5, "b", int64(n))
			}
		case "type", "types":
			t, err := dataType(l, v)
			if err != nil {
				return err
			}
			value.add(6, "type", t)
		case "function", "functions":
			value.add(10, "func", pbMessage{{1, "name", v}})
		case "texts":
			list.add(2, "s", v)
		case "content":
			packed := string(binary.AppendUvarint(nil, uint64(len(v)))) + v
			value.add(8, "tensor", pbMessage{{1, "dtype", pbEnum{7, "DT_STRING"}}, {2, "tensor_shape", pbMessage{}}, {4, "tensor_content", packed}})
		default:
			return l.errorf("unknown kind of attribute %q", kind)
		}
	}
	switch kind {
	case "types":
		for _, f := range value {
			list.add(6, "type", f.value)
		}
	case "functions":
		for _, f := range value {
			list.add(9, "func", f.value)
		}
	}
	if strings.HasSuffix(kind, "s") {
		value = pbMessage{{1, "list", list}}
	}
	n := &g.nodes[len(g.nodes)-1]
	n.add(5, "attr", attrEntry(name, value))
	return nil
}

// function begins a function: its name, then the names of its arguments.
func (m *savedModel) function(_ *Case, l line) error {
	signature := pbMessage{{1, "name", l.args[0]}}
	for _, a := range l.args[1:] {
		signature.add(2, "input_arg", pbMessage{{1, "name", a}, {3, "type", pbEnum{7, "DT_STRING"}}})
	}
	m.graphs = append(m.graphs, graphNodes{def: pbMessage{{1, "signature", signature}}})
	m.current = len(m.graphs) - 1
	return nil
}

func (m *savedModel) implements(_ *Case, l line) error {
	if m.current == 0 {
		return l.errorf("only functions implement something")
	}
	m.graphs[m.current].def.add(5, "attr", attrEntry("api_implements", pbMessage{{2, "s", l.args[0]}}))
	return nil
}

func (m *savedModel) signature(_ *Case, l line) error {
	var def pbMessage
	for _, t := range l.args[1:] {
		def.add(2, "outputs", pbMessage{{1, "key", t}, {2, "value", pbMessage{{1, "name", t}}}})
	}
	m.rest.add(5, "signature_def", pbMessage{{1, "key", l.args[0]}, {2, "value", def}})
	return nil
}

func (m *savedModel) collection(_ *Case, l line) error {
	var nodes pbMessage
	for _, n := range l.args[1:] {
		nodes.add(1, "value", n)
	}
	m.rest.add(4, "collection_def", pbMessage{{1, "key", l.args[0]}, {2, "value", pbMessage{{1, "node_list", nodes}}}})
	return nil
}

func (m *savedModel) saver(_ *Case, l line) error {
	m.rest.add(3, "saver_def", pbMessage{{1, "filename_tensor_name", l.args[0]}, {2, "save_tensor_name", l.args[1]}, {3, "restore_op_name", l.args[2]}})
	return nil
}

func (m *savedModel) asset(_ *Case, l line) error {
	a := pbMessage{{2, "filename", l.args[0]}}
	if len(l.args) > 1 {
		a = append(pbMessage{{1, "tensor_info", pbMessage{{1, "name", l.args[1]}}}}, a...)
	}
	m.rest.add(6, "asset_file_def", a)
	return nil
}

func (m *savedModel) gradient(_ *Case, l line) error {
	m.library.add(2, "gradient", pbMessage{{1, "function_name", l.args[0]}, {2, "gradient_func", l.args[1]}})
	return nil
}

func (m *savedModel) registered(_ *Case, l line) error {
	m.library.add(3, "registered_gradients", pbMessage{{1, "gradient_func", l.args[1]}, {2, "registered_op_type", l.args[0]}})
	return nil
}

// object adds an object: what it is, and what belongs to that.
func (m *savedModel) object(c *Case, l line) error {
	kind, args := l.args[0], append(slices.Clone(l.args[1:]), "", "")
	var o pbMessage
	switch kind {
	case "user":
		user := pbMessage{{1, "identifier", args[0]}}
		if args[1] != "" {
			text, err := c.source(l, args[1:2])
			if err != nil {
				return err
			}
			user.add(3, "metadata", string(text))
		}
		o.add(4, "user_object", user)
	case "asset":
		n, err := line{l.file, l.no, l.verb, args[:1]}.number(0)
		if err != nil {
			return err
		}
		o.add(5, "asset", pbMessage{{1, "asset_file_def_index", int64(n)}})
	case "function":
		o.add(6, "function", pbMessage{{1, "concrete_functions", args[0]}})
	case "variable":
		o.add(7, "variable", pbMessage{})
	case "bare-function":
		o.add(8, "bare_concrete_function", pbMessage{{1, "concrete_function_name", args[0]}})
	case "constant":
		o.add(9, "constant", pbMessage{{1, "operation", args[0]}})
	case "resource":
		o.add(10, "resource", pbMessage{})
	default:
		return l.errorf("unknown kind of object %q", kind)
	}
	m.objects = append(m.objects, o)
	return nil
}

// known is the number of an object that is there already.
func (m *savedModel) known(l line, i int) (int64, error) {
	n, err := line{l.file, l.no, l.verb, l.args[i : i+1]}.number(0)
	return int64(n), err
}

// child makes one object known to another: PARENT NAME CHILD, by their numbers.
func (m *savedModel) child(_ *Case, l line) error {
	parent, err := m.known(l, 0)
	if err != nil {
		return err
	}
	id, err := m.known(l, 2)
	if err != nil {
		return err
	}
	if parent >= int64(len(m.objects)) {
		return l.errorf("there is no object %d yet", parent)
	}
	m.objects[parent].add(1, "children", pbMessage{{1, "node_id", id}, {2, "local_name", l.args[1]}})
	return nil
}

func (m *savedModel) saveable(_ *Case, l line) error {
	var ids [3]int64
	for i := range ids {
		var err error
		if ids[i], err = m.known(l, i); err != nil {
			return err
		}
	}
	if ids[0] >= int64(len(m.objects)) {
		return l.errorf("there is no object %d yet", ids[0])
	}
	m.objects[ids[0]].add(11, "saveable_objects", pbMessage{{1, "key", "value"}, {2, "value", pbMessage{{2, "save_function", ids[1]}, {3, "restore_function", ids[2]}}}})
	return nil
}

// concrete says what objects a concrete function is bound to.
func (m *savedModel) concrete(_ *Case, l line) error {
	var def pbMessage
	for i := range l.args[1:] {
		id, err := m.known(l, i+1)
		if err != nil {
			return err
		}
		def.add(2, "bound_inputs", id)
	}
	m.concretes.add(2, "concrete_functions", pbMessage{{1, "key", l.args[0]}, {2, "value", def}})
	return nil
}

// kerasMetadata runs a script of lines "node PATH IDENTIFIER SOURCE".
func (c *Case) kerasMetadata(script []line) ([]byte, error) {
	var m pbMessage
	for i, l := range script {
		if l.verb != "node" {
			return nil, l.errorf("unknown verb %q; keras metadata knows node", l.verb)
		}
		if err := l.want(3, 3); err != nil {
			return nil, err
		}
		text, err := c.source(l, l.args[2:])
		if err != nil {
			return nil, err
		}
		m.add(1, "nodes", pbMessage{{2, "node_id", int64(i)}, {3, "node_path", l.args[0]}, {4, "identifier", l.args[1]}, {5, "metadata", string(text)}})
	}
	return m.wire(), nil
}
