package savedmodel

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// scope is the nodes of one graph or function while it is read. Names are kept as
// hashes: two that share one are taken for each other, which only adds to what is
// found.
type scope struct {
	budget *bounds.Budget
	args   map[uint64]int // of a function: its arguments by name
	meta   *MetaGraph     // of a main graph
	ops    []*Op
	refs   [][]uint64 // the inputs of each of ops
	counts [][]int    // how many inputs each declared input of it has
	// records are the nodes that text can pass through, by name.
	records map[uint64]*record
	size    int64 // of the records, in bytes
	edges   *edges
	depth   int
	// assigned is what variables are assigned in the scope, by their handles; a
	// handle that goes elsewhere has shared set. Made when it is first asked for.
	assigned map[uint64][]uint64
	shared   map[uint64]bool
}

// record is what is known of a node that text can come from.
type record struct {
	kind   recordKind
	inputs []uint64
	texts  []string
	value  *Value
	active bool
}

type recordKind uint8

const (
	passes   recordKind = iota // hands on what comes in
	makes                      // computes text
	joins                      // StringJoin, ShardedFilename: the first input leads
	holds                      // a constant
	enters                     // Placeholder
	defaults                   // PlaceholderWithDefault
	reads                      // ReadVariableOp
	recalls                    // reads a table, queue or checkpoint, or is a variable
)

// seed keeps names from being made to share a hash.
var seed = maphash.MakeSeed()

// nodeHash hashes the node that an input names: what stands before ":", without
// the "^" of a control input.
func nodeHash[T string | []byte](input T) uint64 {
	b := []byte(input)
	if len(b) > 0 && b[0] == '^' {
		b = b[1:]
	}
	if i := bytes.IndexByte(b, ':'); i >= 0 {
		b = b[:i]
	}
	return maphash.Bytes(seed, b)
}

// spend pays for bytes that are held while the scope is.
func (s *scope) spend(n int) error {
	s.size += int64(n)
	return s.budget.Structure(s.size)
}

// recordOverhead is about what a record costs beside its inputs and texts.
const recordOverhead = 128

// remember keeps what is needed to follow text through a node.
func (s *scope) remember(d *nodeDef, def *OpDef) error {
	if !carriesText(d, def) {
		return nil
	}
	r := &record{kind: kindOf(d, def)}
	for _, in := range d.inputs {
		if b := d.bytes(in); len(b) > 0 && b[0] != '^' {
			r.inputs = append(r.inputs, nodeHash(b))
		}
	}
	if r.kind == holds {
		var err error
		if r.texts, err = constant(d); err != nil {
			return err
		}
	}
	n := recordOverhead + 8*len(r.inputs)
	for _, t := range r.texts {
		n += len(t)
	}
	if err := s.spend(n); err != nil {
		return err
	}
	if s.records == nil {
		s.records = map[uint64]*record{}
	}
	s.records[nodeHash(d.bytes(d.name))] = r
	return nil
}

// carriesText reports whether an output of a node can be text, or hold some.
func carriesText(d *nodeDef, def *OpDef) bool {
	if def == nil {
		return true
	}
	for _, a := range def.Outputs {
		switch {
		case a.Type == 's' || a.Type == 'v' || a.Type == 'r':
			return true
		case a.Type != 0:
		case textual(d.attr(a.TypeAttr)):
			return true
		}
	}
	return false
}

// textual reports whether a type attribute can stand for text: where it is absent
// it may do so by default.
func textual(a *attr) bool {
	if a == nil {
		return true
	}
	is := func(t int64) bool { return t == typeString || t == typeVariant || t == typeResource }
	if a.kind == 'n' {
		return is(a.number)
	}
	return slices.ContainsFunc(a.types, is)
}

func kindOf(d *nodeDef, def *OpDef) recordKind {
	if def == nil {
		return makes
	}
	switch def.Name {
	case "Const", "HostConst":
		return holds
	case "StringJoin", "ShardedFilename":
		return joins
	case "Placeholder", "PlaceholderV2", "_Arg", "_DeviceArg":
		return enters
	case "PlaceholderWithDefault":
		return defaults
	case "ReadVariableOp":
		return reads
	case "Variable", "VariableV2", "VarHandleOp", "RestoreV2", "Restore", "RestoreSlice":
		return recalls
	}
	for _, a := range def.Inputs {
		if a.Type == 'r' && !slices.ContainsFunc(def.Outputs, func(o Arg) bool { return o.Type == 'v' || o.Type == 'r' }) {
			return recalls
		}
	}
	for _, a := range def.Outputs {
		if a.Type == 's' {
			return makes
		}
	}
	if len(d.calls) > 0 && !slices.ContainsFunc(def.Outputs, func(o Arg) bool { return o.Type == 'v' }) {
		return makes
	}
	return passes
}

// constant returns the texts of a Const. A tensor's text stands in its string_val
// or, as C++ may write it, with all lengths in front in its tensor_content.
func constant(d *nodeDef) ([]string, error) {
	a := d.attr("value")
	if a == nil || a.kind != 't' {
		return nil, nil
	}
	const dtype, content, stringVal = 1, 4, 8
	m, err := a.tensor.Message()
	if err != nil {
		return nil, err
	}
	var texts []string
	text := true
	var packed *protowire.Field
	for {
		f, ok, err := m.Next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		switch {
		case f.Number == dtype && f.Type == protowire.Varint:
			text = f.Value == typeString
		case f.Number == content && f.Type == protowire.Bytes && f.Len() > 0:
			packed = &f
		case f.Number == stringVal && f.Type == protowire.Bytes && len(texts) < maxTexts:
			b, err := f.Bytes(maxText)
			if err != nil {
				return nil, err
			}
			texts = append(texts, string(b))
		}
	}
	if text && packed != nil {
		b, err := packed.Bytes(maxTexts * maxText)
		return splitContent(b, packed.Len()), err
	}
	return texts, nil
}

// splitContent parts the tensor_content of text: lengths as varints, then all the
// bytes. How many there are shows where lengths and bytes add up.
func splitContent(b []byte, size int64) []string {
	var lengths []int64
	total := int64(0)
	for at := 0; at < len(b); {
		v, n := binary.Uvarint(b[at:])
		if n <= 0 || v > uint64(size) {
			break
		}
		at += n
		lengths = append(lengths, int64(v))
		if total += int64(v); total+int64(at) == size {
			var texts []string
			for rest := b[at:]; len(lengths) > 0 && len(texts) < maxTexts; lengths = lengths[1:] {
				n := min(int(lengths[0]), len(rest))
				texts = append(texts, string(rest[:min(n, maxText)]))
				rest = rest[n:]
			}
			return texts
		}
	}
	return []string{string(b[:min(len(b), maxText)])}
}
