package pyflow

import (
	"slices"
	"sort"

	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

const (
	// carryLimit is how much of a stack a jump carries. Compilers keep a few
	// values across a jump.
	carryLimit = 64
	// stackLimit is how high the stack is modelled.
	stackLimit = 1 << 14
)

// decode fills in the instructions: the linear pass, then what runs where jumps
// land beside it.
func (f *frame) decode() {
	t, code := f.z.table, f.code.Bytecode
	f.ins = t.Decode(code)
	f.linear = len(f.ins)
	var sound bool
	f.handlers, sound = pyopcode.Handlers(f.code.ExceptionTable)
	if !sound {
		f.noteAt(-1, "exception table out of order")
	}
	slices.SortStableFunc(f.handlers, func(a, b pyopcode.Handler) int { return a.Start - b.Start })
	end := 0
	if f.linear > 0 {
		end = f.ins[f.linear-1].End
	}
	if end < len(code) {
		f.noteAt(end, "code ends within an instruction")
	}
	for _, h := range f.handlers {
		f.stray(h.Target)
	}
	for i := 0; i < len(f.ins); i++ { // grows
		if target := f.ins[i].Target; target != -1 {
			f.stray(target)
		}
	}
	f.irregularOps()
}

// stray decodes what runs from an offset that the linear pass does not have,
// until the two meet again.
func (f *frame) stray(off int) {
	if f.at(off) >= 0 {
		return
	}
	f.noteAt(off, "jump into an instruction or out of the code")
	in, ok := f.z.table.At(f.code.Bytecode, off)
	for ok {
		if f.odd == nil {
			f.odd = map[int]int{}
		}
		f.odd[in.Off] = len(f.ins)
		f.ins = append(f.ins, in)
		// a prefix chain is read again for each jump into it
		if !f.z.spend(1+int64(in.At-in.Off)/8) || f.at(in.End) >= 0 {
			return
		}
		in, ok = f.z.table.Next(f.code.Bytecode, in)
	}
}

// at is the index in ins of the instruction that runs at off, -1 if none does.
func (f *frame) at(off int) int {
	i := sort.Search(f.linear, func(i int) bool { return f.ins[i].Off >= off })
	if i < f.linear && f.ins[i].Off == off {
		return i
	}
	if i, ok := f.odd[off]; ok {
		return i
	}
	return -1
}

// irregularOps notes instructions that no compiler writes.
func (f *frame) irregularOps() {
	for i := range f.ins {
		in := &f.ins[i]
		switch {
		case in.Op == pyopcode.Invalid:
			f.noteAt(in.At, "undefined instruction")
		case in.Special:
			f.noteAt(in.At, "instruction that only the interpreter writes: "+in.Op.String())
		case in.Op == pyopcode.Cache && i < f.linear:
			f.noteAt(in.At, "cache word as an instruction")
		}
	}
}

// pass looks at every instruction once, in order, and then at what lies beside
// the linear pass. Code that nothing reaches is looked at too, with an empty
// stack.
func (f *frame) pass() {
	if !f.z.spend(int64(1 + len(f.ins))) {
		return
	}
	f.run = run{stack: f.stack[:0], notes: f.notes}
	for _, name := range f.code.FreeVars {
		if f.env.find(name) < 0 {
			f.env.put(f.z, name, unknown)
		}
	}
	var at [][]*set // stacks at the targets of forward jumps
	if f.jumps() {
		at = make([][]*set, len(f.ins))
	}
	live, handler := true, 0
	f.exact = true
	for f.pos = 0; f.pos < len(f.ins); f.pos++ {
		in := &f.ins[f.pos]
		if f.pos >= f.linear && f.pos > 0 && f.ins[f.pos-1].End != in.Off {
			live = false // another stretch; the end of the one before is its own jump
		}
		if at != nil && at[f.pos] != nil {
			if live {
				f.meet(at, f.pos)
			}
			f.stack = append(f.stack[:0], at[f.pos]...)
		} else if !live {
			f.stack = f.stack[:0]
			f.exact = false
		}
		live = true
		if b := f.back[f.pos]; b != nil {
			f.mix(b)
		}
		for handler < len(f.handlers) && f.pos < f.linear && f.handlers[handler].Start <= in.Off {
			f.guard(at, f.handlers[handler])
			handler++
		}
		f.step(in)
		live = f.branch(at, in)
		if len(f.stack) > stackLimit {
			f.note("stack too high")
			f.stack = append(f.stack[:0], f.stack[len(f.stack)-stackLimit/2:]...)
		}
		if f.z.err != nil {
			return
		}
	}
	for ; handler < len(f.handlers) && at != nil; handler++ {
		f.guard(at, f.handlers[handler])
	}
}

func (f *frame) jumps() bool {
	if len(f.handlers) > 0 {
		return true
	}
	for i := range f.ins {
		if f.ins[i].Target != -1 {
			return true
		}
	}
	return false
}

// meet joins the stack in hand with the one that jumps have brought to pos. If
// their heights differ, what both have on top is kept, as the heights of some
// instructions of old versions are not modelled exactly.
func (f *frame) meet(at [][]*set, pos int) {
	old, st := at[pos], f.stack
	n := min(len(old), len(st))
	old, st = old[len(old)-n:], st[len(st)-n:]
	if !f.z.spend(int64(n)) {
		return
	}
	merged := old
	for i := range old {
		u := f.z.join(old[i], st[i])
		if u == old[i] {
			continue
		}
		if &merged[0] == &old[0] {
			merged = slices.Clone(old)
		}
		merged[i] = u
	}
	at[pos] = merged
}

// mix adds to the stack in hand what a backward jump has brought; that is not
// part of the plain view.
func (f *frame) mix(b []*set) {
	if !f.z.spend(int64(len(b))) {
		return
	}
	for len(f.stack) < len(b) {
		f.stack = slices.Insert(f.stack, 0, unknown)
	}
	top := f.stack[len(f.stack)-len(b):]
	for i := range b {
		top[i] = f.z.join(top[i], b[i])
	}
}

// guard brings the stack in hand to an exception handler: cut to its depth, then
// the offset, if asked for, and the exception.
func (f *frame) guard(at [][]*set, h pyopcode.Handler) {
	st := f.stack
	if h.Depth < len(st) {
		st = st[:h.Depth]
	}
	n := min(h.Depth-len(st), carryLimit) + 1
	if h.LastI {
		n++
	}
	st = st[:len(st):len(st)]
	for range n {
		st = append(st, unknown)
	}
	st[len(st)-1] = f.caught()
	f.bring(at, h.Target, st)
}

// caught is the exception that a handler receives.
func (f *frame) caught() *set {
	f.reads()
	if i := f.z.globals.find(raised); i >= 0 {
		return f.z.join(unknown, unseen(f.z.globals.vals[i]))
	}
	return unknown
}

// raised is the name under which all that is raised is kept; no global can have
// it.
const raised = "\x00raised"

// bring carries a stack to the target of a jump.
func (f *frame) bring(at [][]*set, target int, st []*set) {
	pos := f.at(target)
	if pos < 0 {
		return
	}
	if len(st) > carryLimit {
		f.note("stack too high at a jump")
		st = st[len(st)-carryLimit:]
	}
	if !f.z.spend(int64(len(st))) {
		return
	}
	if pos > f.pos {
		if at[pos] == nil {
			at[pos] = append(make([]*set, 0, len(st)+1), st...)
			return
		}
		hold := f.stack
		f.stack = st
		f.meet(at, pos)
		f.stack = hold
		return
	}
	f.bringBack(pos, st)
}

// bringBack keeps the stack of a backward jump for the next run.
func (f *frame) bringBack(pos int, st []*set) {
	known := false
	for _, s := range st {
		known = known || !s.pathless()
	}
	if !known {
		return
	}
	old := f.back[pos]
	if old == nil {
		if f.back == nil {
			f.back = map[int][]*set{}
		}
		back := make([]*set, len(st))
		for i, s := range st {
			back[i] = f.brought(empty, s)
		}
		f.back[pos] = back
		f.again = true
		return
	}
	n := min(len(old), len(st))
	old, st = old[len(old)-n:], st[len(st)-n:]
	for i := range st {
		if u := f.brought(old[i], st[i]); u != old[i] {
			old[i] = u
			f.again = true
		}
	}
}

// brought adds to what backward jumps have brought what one brings now.
func (f *frame) brought(old, s *set) *set {
	if s.pathless() {
		return old
	}
	return f.z.join(old, unseen(s))
}

// branch follows the jumps of an instruction that was just looked at, and
// reports whether the next one can come after it.
func (f *frame) branch(at [][]*set, in *pyopcode.Instr) bool {
	if in.Target != -1 && at != nil {
		st := f.stack
		switch in.Op {
		case pyopcode.ForIter:
			if f.z.v.Before(3, 12) {
				st = st[:max(0, len(st)-2)]
			}
		case pyopcode.SetupFinally, pyopcode.SetupExcept, pyopcode.SetupWith, pyopcode.SetupAsyncWith:
			if in.Op == pyopcode.SetupWith || in.Op == pyopcode.SetupAsyncWith {
				st = st[:max(0, len(st)-1)]
			}
			n := 6
			if f.z.v.Major == 2 {
				n = 3
			}
			st = st[:len(st):len(st)]
			for range n {
				st = append(st, unknown)
			}
			exception := f.caught()
			if exception != unknown {
				for i := len(st) - n; i < len(st); i++ {
					st[i] = exception
				}
			}
		}
		f.bring(at, in.Target, st)
	}
	switch in.Op {
	case pyopcode.JumpIfTrueOrPop, pyopcode.JumpIfFalseOrPop:
		f.pop() // the value stays where the jump leads, and goes here
	case pyopcode.ReturnValue, pyopcode.ReturnConst, pyopcode.RaiseVarargs, pyopcode.Reraise, pyopcode.JumpForward, pyopcode.JumpAbsolute,
		pyopcode.JumpBackward, pyopcode.JumpBackwardNoInterrupt, pyopcode.ContinueLoop, pyopcode.BreakLoop:
		return false
	}
	if f.pos >= f.linear { // a stretch beside the linear pass may run into it
		if next := f.at(in.End); next >= 0 && next <= f.pos && at != nil {
			f.bring(at, in.End, f.stack)
		}
	}
	return true
}
