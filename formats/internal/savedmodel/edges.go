package savedmodel

// edges are all nodes of a main graph and what they take as inputs: which of them
// run depends on what is asked for.
type edges struct {
	names  []uint64
	inputs []uint64
	starts []int32 // where the inputs of a node begin
	ops    []*Op   // nil for those that are not kept
	table  []int32 // open addressing: index of a node plus 1
	marks  []uint8 // the occasions on which a node runs, as bits
}

// add records a node, with its control inputs.
func (e *edges) add(s *scope, d *nodeDef, op *Op) error {
	const nodeCost = 8 + 4 + 8 + 8 + 1
	if err := s.spend(nodeCost + 8*len(d.inputs)); err != nil {
		return err
	}
	e.names = append(e.names, nodeHash(d.bytes(d.name)))
	e.starts = append(e.starts, int32(len(e.inputs)))
	e.ops = append(e.ops, op)
	for _, in := range d.inputs {
		e.inputs = append(e.inputs, nodeHash(d.bytes(in)))
	}
	return nil
}

// close makes the table of names.
func (e *edges) close() {
	e.starts = append(e.starts, int32(len(e.inputs)))
	size := 4
	for size < 2*len(e.names) {
		size *= 2
	}
	e.table = make([]int32, size)
	for i, h := range e.names {
		slot := h & uint64(size-1)
		for e.table[slot] != 0 && e.names[e.table[slot]-1] != h {
			slot = (slot + 1) & uint64(size-1)
		}
		if e.table[slot] == 0 { // else TensorFlow refuses the graph: a name stands twice
			e.table[slot] = int32(i + 1)
		}
	}
	e.marks = make([]uint8, len(e.names))
}

// find returns the node of that name, -1 if there is none.
func (e *edges) find(h uint64) int32 {
	for slot := h & uint64(len(e.table)-1); e.table[slot] != 0; slot = (slot + 1) & uint64(len(e.table)-1) {
		if i := e.table[slot] - 1; e.names[i] == h {
			return i
		}
	}
	return -1
}

// run marks what runs where a node is asked for: it and all that it takes. Fetches
// come in the order of their occasions.
func (e *edges) run(f fetch) {
	stack := []uint64{nodeHash(f.name)}
	for len(stack) > 0 {
		i := e.find(stack[len(stack)-1])
		stack = stack[:len(stack)-1]
		if i < 0 || e.marks[i]&(1<<f.on) != 0 {
			continue
		}
		e.marks[i] |= 1 << f.on
		if op := e.ops[i]; op != nil {
			op.runs(f.on, f.why)
		}
		stack = append(stack, e.inputs[e.starts[i]:e.starts[i+1]]...)
	}
}
