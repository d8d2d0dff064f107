package pyflow

import op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"

// arrive ends what ends at an offset: an "and" or "or", the body of an if.
func (w *writer) arrive(off int) {
	for n := len(w.joins); n > 0 && w.joins[n-1].end == off; n-- {
		j := w.joins[n-1]
		w.joins = w.joins[:n-1]
		right := w.pop()
		w.push(j.left.in(j.binds)+" "+j.sign+" "+right.in(j.binds+1), j.binds)
	}
	if w.blockEnd == off {
		w.blockEnd = 0
	}
}

// jump is a jump at index i, of a kind that is simple to show; it returns how
// many instructions after it belong to it.
func (w *writer) jump(i int) int {
	in := &w.ins[i]
	switch in.Op {
	case op.JumpIfTrueOrPop:
		w.wait(in.Target, "or", bindsOrElse)
	case op.JumpIfFalseOrPop:
		w.wait(in.Target, "and", bindsAndAlso)
	case op.PopJumpIfFalse, op.PopJumpForwardIfFalse:
		w.block(in, func(e expr) string { return e.text })
	case op.PopJumpIfTrue, op.PopJumpForwardIfTrue:
		w.block(in, func(e expr) string { return "not " + e.in(bindsNot) })
	case op.PopJumpIfNone, op.PopJumpForwardIfNone:
		w.block(in, func(e expr) string { return e.in(bindsOr) + " is not None" })
	case op.PopJumpIfNotNone, op.PopJumpForwardIfNotNone:
		w.block(in, func(e expr) string { return e.in(bindsOr) + " is None" })
	default:
		w.failed = true
	}
	return 0
}

func (w *writer) wait(end int, sign string, binds int) {
	left := w.pop()
	if n := len(w.joins); left.mark != 0 || end <= w.start || n > 0 && w.joins[n-1].end < end {
		w.failed = true
		return
	}
	w.joins = append(w.joins, join{end: end, left: left, sign: sign, binds: binds})
}

// shortCircuit is "and" or "or" from 3.12 on: COPY 1, TO_BOOL, a jump, POP_TOP.
func (w *writer) shortCircuit(i int) int {
	if w.ins[i].Op != op.Copy || w.ins[i].Arg != 1 {
		return 0
	}
	next := func(k int) *op.Instr {
		if k < len(w.ins) {
			return &w.ins[k]
		}
		return &op.Instr{}
	}
	k := i + 1
	if next(k).Op == op.ToBool {
		k++
	}
	jump := next(k)
	if next(k+1).Op == op.NotTaken {
		k++
	}
	if next(k+1).Op != op.PopTop || jump.Special {
		return 0
	}
	switch jump.Op {
	case op.PopJumpIfTrue:
		w.wait(jump.Target, "or", bindsOrElse)
	case op.PopJumpIfFalse:
		w.wait(jump.Target, "and", bindsAndAlso)
	default:
		return 0
	}
	return k + 1 - i
}

// block begins an if whose body ends in a return, right before where it jumps.
func (w *writer) block(in *op.Instr, condition func(expr) string) {
	e := w.pop()
	last := -1
	for k := range w.ins {
		if w.ins[k].End == in.Target {
			last = k
		}
	}
	if e.mark != 0 || in.Target <= in.End || last < 0 || w.blockEnd > 0 || len(w.stack) > 0 || len(w.joins) > 0 {
		w.failed = true
		return
	}
	if o := w.ins[last].Op; o != op.ReturnValue && o != op.ReturnConst && o != op.RaiseVarargs {
		w.failed = true
		return
	}
	w.statement(in, "if "+condition(e)+":")
	w.blockEnd = in.Target
}
