package savedmodel

// input is one input of a call that text can come in by.
type input struct {
	index int
	value Value
}

// add keeps an operation and what its inputs refer to until they can be followed.
func (s *scope) add(op *Op, d *nodeDef) {
	var refs []uint64
	for _, in := range d.inputs {
		if b := d.bytes(in); len(b) > 0 && b[0] != '^' {
			refs = append(refs, nodeHash(b))
		}
	}
	s.ops = append(s.ops, op)
	s.refs = append(s.refs, refs)
	s.counts = append(s.counts, counts(d, op.Def))
}

// counts says how many inputs each declared input of an operation has, up to the
// last that can be text; -1 for one that takes all the rest.
func counts(d *nodeDef, def *OpDef) []int {
	if def == nil {
		return nil
	}
	var n []int
	for _, in := range def.Inputs {
		c := 1
		switch {
		case in.Count != "":
			c = -1
			if a := d.attr(in.Count); a != nil && a.kind == 'n' && a.number >= 0 && a.number <= int64(len(d.inputs)) {
				c = int(a.number)
			}
		case in.List:
			c = -1
			if a := d.attr(in.TypeAttr); a != nil {
				c = len(a.types)
			}
		}
		n = append(n, c)
		if c < 0 {
			break
		}
	}
	return n
}

// operands follows the texts of every operation that was kept.
func (s *scope) operands() {
	for i, op := range s.ops {
		refs := s.refs[i]
		if op.calling() {
			for j, ref := range refs {
				if v := s.value(ref); v.From != 0 || len(v.args) > 0 {
					op.inputs = append(op.inputs, input{j, v})
				}
			}
		}
		if op.Def == nil {
			continue
		}
		at := 0
		for j, c := range s.counts[i] {
			in := op.Def.Inputs[j]
			if c < 0 || c > len(refs)-at {
				c = len(refs) - at
			}
			if in.Type == 's' {
				var v Value
				for _, ref := range refs[at : at+c] {
					v.join(s.value(ref))
				}
				op.Operands = append(op.Operands, Operand{Name: in.Name, Value: v})
			}
			at += c
		}
	}
	s.refs, s.counts, s.records = nil, nil, nil
}
