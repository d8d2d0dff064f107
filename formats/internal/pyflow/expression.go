package pyflow

import (
	"strings"

	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// operator is the sign of an operation and how tightly it binds.
type operator struct {
	sign  string
	binds int
}

var signs = [...]operator{{"+", bindsAdd}, {"&", bindsAnd}, {"//", bindsMultiply}, {"<<", bindsShift}, {"@", bindsMultiply}, {"*", bindsMultiply},
	{"%", bindsMultiply}, {"|", bindsOr}, {"**", bindsPower}, {">>", bindsShift}, {"-", bindsAdd}, {"/", bindsMultiply}, {"^", bindsXor}}

// binaries are the instructions of single operations, before 3.11.
var binaries = map[op.Op]int{op.BinaryAdd: 0, op.BinaryAnd: 1, op.BinaryFloorDivide: 2, op.BinaryLshift: 3, op.BinaryMatrixMultiply: 4, op.BinaryMultiply: 5,
	op.BinaryModulo: 6, op.BinaryOr: 7, op.BinaryPower: 8, op.BinaryRshift: 9, op.BinarySubtract: 10, op.BinaryTrueDivide: 11, op.BinaryDivide: 11, op.BinaryXor: 12}

// comparisons are numbered so before 3.9, and without the last ones from then on.
var comparisons = [...]string{"<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "is not"}

func (w *writer) operate(in *op.Instr) bool {
	if n, ok := binaries[in.Op]; ok {
		w.binary(signs[n])
		return true
	}
	_, i, _ := w.table.Operand(*in)
	switch in.Op {
	case op.BinaryOp:
		switch {
		case in.Arg >= 0 && in.Arg < len(signs):
			w.binary(signs[in.Arg])
		case in.Arg == opSubscript:
			w.subscript()
		default:
			return false
		}
	case op.BinarySubscr:
		w.subscript()
	case op.BinarySlice:
		if x := w.popN(3); !w.failed {
			w.push(x[0].in(bindsAtom)+"["+noNone(x[1].text)+":"+noNone(x[2].text)+"]", bindsAtom)
		}
	case op.BuildSlice:
		x := w.popN(in.Arg)
		if w.failed || len(x) < 2 {
			return false
		}
		text := noNone(x[0].text) + ":" + noNone(x[1].text)
		if len(x) == 3 {
			text += ":" + noNone(x[2].text)
		}
		w.push(text, bindsLambda)
	case op.UnaryNegative:
		w.push("-"+w.pop().in(bindsUnary), bindsUnary)
	case op.UnaryPositive:
		w.push("+"+w.pop().in(bindsUnary), bindsUnary)
	case op.UnaryInvert:
		w.push("~"+w.pop().in(bindsUnary), bindsUnary)
	case op.UnaryNot:
		w.push("not "+w.pop().in(bindsNot), bindsNot)
	case op.CompareOp:
		if i < 0 || i >= len(comparisons) {
			return false
		}
		w.binary(operator{comparisons[i], bindsCompare})
	case op.IsOp, op.ContainsOp:
		sign := map[op.Op]string{op.IsOp: "is", op.ContainsOp: "in"}[in.Op]
		if in.Arg == 1 {
			sign = map[op.Op]string{op.IsOp: "is not", op.ContainsOp: "not in"}[in.Op]
		}
		w.binary(operator{sign, bindsCompare})
	default:
		return false
	}
	return true
}

func noNone(s string) string {
	if s == "None" {
		return ""
	}
	return s
}

func (w *writer) binary(o operator) {
	x := w.popN(2)
	if w.failed {
		return
	}
	left, right := o.binds, o.binds+1
	if o.sign == "**" {
		left, right = bindsAwait, bindsUnary
	}
	if o.binds == bindsCompare {
		left = bindsOr
	}
	w.push(x[0].in(left)+" "+o.sign+" "+x[1].in(right), o.binds)
}

func (w *writer) subscript() {
	x := w.popN(2)
	if w.failed {
		return
	}
	key := x[1].text
	if strings.HasPrefix(key, "(") && strings.HasSuffix(key, ",)") && strings.Count(key, "(") == 1 {
		key = key[1 : len(key)-1]
	}
	w.push(x[0].in(bindsAtom)+"["+key+"]", bindsAtom)
}

// gather are the instructions that build containers.
func (w *writer) gather(in *op.Instr) bool {
	switch in.Op {
	case op.BuildTuple, op.BuildList, op.BuildSet, op.BuildString:
		var parts []string
		for _, e := range w.popN(in.Arg) {
			parts = append(parts, e.text)
		}
		text := strings.Join(parts, ", ")
		switch in.Op {
		case op.BuildTuple:
			if len(parts) == 1 {
				text += ","
			}
			text = "(" + text + ")"
		case op.BuildList:
			text = "[" + text + "]"
		case op.BuildSet:
			text = "{" + text + "}"
		default:
			text = "f(" + strings.Join(parts, " + ") + ")"
		}
		w.push(text, bindsAtom)
	case op.FormatSimple:
	case op.ListExtend:
		e := w.pop()
		if n := len(w.stack); n > 0 && in.Arg == 1 && w.stack[n-1].text == "[]" && strings.HasPrefix(e.text, "(") && strings.HasSuffix(e.text, ")") {
			w.stack[n-1].text = "[" + strings.TrimSuffix(e.text[1:len(e.text)-1], ",") + "]"
			return true
		}
		return false
	case op.BuildMap:
		if w.v.Major == 2 {
			return false
		}
		x := w.popN(2 * in.Arg)
		var parts []string
		for i := 0; i+1 < len(x); i += 2 {
			parts = append(parts, x[i].text+": "+x[i+1].text)
		}
		w.push("{"+strings.Join(parts, ", ")+"}", bindsAtom)
	case op.BuildConstKeyMap:
		keys := w.pop()
		x := w.popN(in.Arg)
		var parts []string
		for _, e := range x {
			parts = append(parts, e.text)
		}
		w.push("dict(zip("+keys.text+", ("+strings.Join(parts, ", ")+",)))", bindsAtom)
	case op.UnpackSequence:
		if in.Arg < 1 || in.Arg > 64 || w.pending > 0 {
			return false
		}
		w.tuple = w.pop().text
		for range in.Arg {
			w.stack = append(w.stack, expr{mark: 'U'})
		}
		w.pending = in.Arg
	default:
		return false
	}
	return true
}
