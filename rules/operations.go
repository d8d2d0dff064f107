package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// act is something that an operation of a graph does outside of it.
type act struct {
	at      *formats.Node
	op      *formats.Operation
	deed    deed
	operand string            // the name of what it does it to; empty where there is none
	value   formats.TextValue // what is known of that
	whose   owner
}

// owner says who decides what an operation acts on. The zero owner is the author.
type owner uint8

const (
	author   owner = iota // of the file: a constant, or what operations make of it
	theModel              // the model: an asset, or the checkpoint that the loader gives
	caller                // whoever calls the model
)

// acts returns what the operations of the graphs do outside of them. The
// rules of one artifact share the slice.
func (p *Pass) acts() []act {
	x := p.index
	if x.judged {
		return x.acts
	}
	x.judged = true
	table := &symbols().graph
	for _, n := range p.Nodes(formats.KindOperation) {
		op := n.Operation()
		for _, d := range table.deeds[op.Type] {
			if d.deed <= through {
				continue
			}
			if o, ok := table.judge(n, op, d); ok {
				x.acts = append(x.acts, o)
			}
		}
	}
	return x.acts
}

// judge says what an operation does to an operand; ok is false where that is
// nothing.
func (t *operationTable) judge(n *formats.Node, op *formats.Operation, d operationDeed) (act, bool) {
	o := act{at: n, op: op, deed: d.deed, operand: d.operand}
	if d.operand == "" {
		return o, true
	}
	i := slices.IndexFunc(op.Operands, func(x formats.Operand) bool { return x.Name == d.operand })
	if i < 0 {
		// An attribute that is left out has its default, which names nothing; a
		// missing input is an operation that TensorFlow refuses.
		return o, false
	}
	o.value = op.Operands[i].Value
	if o.value.From == formats.FromConst && len(o.value.Text) > 0 && !slices.ContainsFunc(o.value.Text, t.names) {
		return o, false
	}
	o.whose = ownerOf(o.value, op.Called)
	if o.whose == author && d.deed == checkpoint && leftover(o.value) {
		return o, false
	}
	return o, true
}

// ownerOf says who decides where a path leads: whoever gives its first piece, unless
// a piece behind it climbs out again.
func ownerOf(v formats.TextValue, called bool) owner {
	given := formats.FromAsset | formats.FromSaver
	if !called { // what a loader replaces is replaced
		given |= formats.FromDefault
	}
	switch {
	case v.Lead == 0 || slices.ContainsFunc(v.Text, climbs):
		return author
	case v.Lead&^given == 0:
		return theModel
	case v.Lead&^(given|formats.FromCaller) == 0:
		return caller
	}
	return author
}

// leftover reports whether a checkpoint's path is that of a saver of TensorFlow 1
// which the exporter left in the graph: the placeholder of its path has the default
// "model", and the parts are written beside.
func leftover(v formats.TextValue) bool {
	const made = formats.FromConst | formats.FromCaller | formats.FromSaver | formats.FromDefault
	if v.From&^made != 0 || len(v.Text) == 0 {
		return false
	}
	for _, t := range v.Text {
		if t != "model" && t != "checkpoint" && !(strings.HasPrefix(t, "_temp") && !strings.Contains(t, "..")) && t != "part" && t != ".part" && t != "/part" {
			return false
		}
	}
	return slices.Contains(v.Text, "model") || slices.Contains(v.Text, "checkpoint")
}

// chosen yields what the author of the file has an operation do, at certain times.
func (p *Pass) chosen(d deed, when ...formats.When) []act {
	var found []act
	for _, o := range p.acts() {
		if o.deed == d && o.whose == author && slices.Contains(when, o.op.When) {
			found = append(found, o)
		}
	}
	return found
}

// reportActs reports what operations do; does is what, with the operand in the place
// of %s.
func (p *Pass) reportActs(found []act, does string) {
	for _, o := range found {
		p.Reportf(o.at, o.evidence(), "%s %s %s.", o.phrase(), strings.ReplaceAll(does, "%s", o.target()), whenPhrase(o.op))
	}
}

func (o *act) evidence() string {
	return strings.Join(append([]string{o.op.Type}, o.value.Text...), "\x00")
}

// phrase names the operation and the function that it stands in.
func (o *act) phrase() string {
	in := ""
	if f := o.at.Parent; f.Kind == formats.KindFunction {
		in = fmt.Sprintf(" in the function %q", formats.Printable(f.Name))
	}
	return fmt.Sprintf("%s %q%s", formats.Printable(o.op.Type), formats.Printable(o.at.Name), in)
}

// target says what the operation acts on.
func (o *act) target() string {
	var texts []string
	for _, t := range o.value.Text {
		texts = append(texts, formats.Printable(t))
	}
	v := o.value
	switch {
	case o.operand == "":
		return "what it is given"
	case v.From&^(formats.FromConst|formats.FromAsset|formats.FromDefault) == 0 && len(texts) > 0:
		return list(texts)
	case v.From&formats.FromComputed != 0 && len(texts) > 0:
		return "a path that operations make, of " + list(texts) + " among others"
	case len(texts) > 0:
		return "a path made of " + list(texts) + " and other text"
	case v.From&formats.FromState != 0:
		return "a path that the model's state holds"
	}
	return "a path that operations make"
}

// whenPhrase says when an operation runs.
func whenPhrase(op *formats.Operation) string {
	switch op.When {
	case formats.AtLoad:
		return "when the model is loaded, through " + formats.Printable(op.Why)
	case formats.AtUse:
		return "when the model is loaded or freed, through " + formats.Printable(op.Why)
	case formats.AtCall:
		return "when the model is used, through " + formats.Printable(op.Why)
	}
	return "if anything runs it; nothing that a loader hands out does"
}
