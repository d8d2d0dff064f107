package pymarshal

import (
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// fit holds all code objects of the stream against an instruction set. The
// budget pays a step for each two bytes of instructions.
func (d *decoder) fit(t *pyopcode.Table) (Misfit, error) {
	f := fitter{table: t}
	for i := len(d.codes) - 1; i >= 0; i-- { // the outermost first: it alone may show that the version is wrong
		c := d.codes[i]
		if err := d.budget.Step(1 + int64(len(c.Bytecode)/2)); err != nil {
			return Misfit{}, err
		}
		if m := f.fit(c); m.Reason != Fits {
			return m, nil
		}
	}
	return Misfit{}, nil
}

// fitter holds code objects against one instruction set; it keeps its memory
// from one to the next.
type fitter struct {
	table  *pyopcode.Table
	starts []uint64 // one bit a byte of the instructions: whether one begins there
	jumps  []jump
}

type jump struct{ from, to int }

func (f *fitter) fit(c *Code) Misfit {
	code := c.Bytecode
	if len(code) == 0 {
		return Misfit{Reason: NoInstructions, Code: c, Off: 0}
	}
	f.begin(c)
	resumed := f.table.Version.Before(3, 11)
	end := 0
	in, ok := f.table.At(code, 0)
	for ok {
		f.mark(in)
		if reason := f.instruction(c, in); reason != Fits {
			return Misfit{Reason: reason, Code: c, Off: in.Off}
		}
		if !resumed && !prelude(in.Op) {
			if in.Op != pyopcode.Resume {
				return Misfit{Reason: NoResume, Code: c, Off: in.Off}
			}
			resumed = true
		}
		end = in.End
		in, ok = f.table.At(code, end)
	}
	if end != len(code) {
		return Misfit{Reason: CutOff, Code: c, Off: end}
	}
	if !resumed {
		return Misfit{Reason: NoResume, Code: c, Off: end}
	}
	for _, j := range f.jumps {
		if !f.begins(j.to, len(code)) {
			return Misfit{Reason: JumpBesideInstruction, Code: c, Off: j.from}
		}
	}
	return f.handlers(c)
}

// begin forgets the code object before.
func (f *fitter) begin(c *Code) {
	words := len(c.Bytecode)/64 + 1
	f.starts = slices.Grow(f.starts[:0], words)[:words]
	clear(f.starts)
	f.jumps = f.jumps[:0]
}

// mark notes that an instruction begins here.
func (f *fitter) mark(in pyopcode.Instr) { f.starts[in.Off/64] |= 1 << (in.Off % 64) }

// prelude reports whether op may stand before RESUME: what sets up cells, and
// generators, which begin by returning themselves.
func prelude(op pyopcode.Op) bool {
	switch op {
	case pyopcode.CopyFreeVars, pyopcode.MakeCell, pyopcode.ReturnGenerator, pyopcode.PopTop:
		return true
	}
	return false
}

// instruction checks one instruction by itself, and notes where it jumps.
func (f *fitter) instruction(c *Code, in pyopcode.Instr) Reason {
	code := c.Bytecode
	switch {
	case in.Op == pyopcode.Invalid:
		return UndefinedInstruction
	case in.Special:
		return SpecialInstruction
	case in.End > len(code):
		return CutOff
	}
	if f.table.Version.Major > 2 {
		for _, cache := range code[in.At+2 : in.End] {
			if cache != 0 {
				return DirtyCache
			}
		}
	}
	kind, index, second := f.table.Operand(in)
	switch kind {
	case pyopcode.Const:
		return inRange(index, len(c.Consts), ConstOutOfRange)
	case pyopcode.Name:
		return inRange(index, len(c.Names), NameOutOfRange)
	case pyopcode.Local:
		return inRange(index, c.locals(), VariableOutOfRange)
	case pyopcode.Pair:
		return max(inRange(index, c.locals(), VariableOutOfRange), inRange(second, c.locals(), VariableOutOfRange))
	case pyopcode.Free:
		if c.LocalsPlus != nil || f.table.Version.AtLeast(3, 11) {
			return inRange(index, len(c.LocalsPlus), VariableOutOfRange)
		}
		return inRange(index, len(c.CellVars)+len(c.FreeVars), VariableOutOfRange)
	case pyopcode.Compare:
		return inRange(index, f.comparisons(), OperandOutOfRange)
	case pyopcode.Common:
		return inRange(index, f.commonConstants(), OperandOutOfRange)
	case pyopcode.Jrel, pyopcode.Jabs:
		if in.Target >= 0 || in.Op != pyopcode.EndAsyncFor {
			f.jumps = append(f.jumps, jump{in.Off, in.Target})
		}
		if in.Arg&1 != 0 && f.table.Version.Major == 3 && f.table.Version.Before(3, 10) {
			return JumpBesideInstruction // to the second byte of a word; CPython rounds down
		}
	}
	return Fits
}

// locals is how many variables LOAD_FAST can name.
func (c *Code) locals() int { return max(len(c.VarNames), len(c.LocalsPlus)) }

func inRange(index, n int, or Reason) Reason {
	if index < 0 || index >= n {
		return or
	}
	return Fits
}

// comparisons is how many operators COMPARE_OP knows: the six of today and, up
// to 3.8, in, not in, is, is not and the match of exceptions (opcode.cmp_op).
func (f *fitter) comparisons() int {
	if f.table.Version.Before(3, 9) {
		return 11
	}
	return 6
}

// commonConstants is how many constants LOAD_COMMON_CONSTANT knows
// (opcode._common_constants).
func (f *fitter) commonConstants() int {
	if f.table.Version.Before(3, 15) {
		return 5
	}
	return 12
}

func (f *fitter) begins(off, n int) bool {
	return off >= 0 && off < n && f.starts[off/64]>>(off%64)&1 != 0
}

// handlers checks the exception table.
func (f *fitter) handlers(c *Code) Misfit {
	if at := f.soundEntries(c); at != len(c.ExceptionTable) {
		return Misfit{Reason: ExceptionTable, Code: c, Off: at}
	}
	return Misfit{}
}

// soundEntries returns how many bytes of the exception table are entries as
// compilers write them, in order and naming instructions only. The last range may
// end with the code.
func (f *fitter) soundEntries(c *Code) int {
	n, last, pos := len(c.Bytecode), 0, 0
	for pos < len(c.ExceptionTable) {
		h, next, ok := pyopcode.HandlerAt(c.ExceptionTable, pos)
		if !ok || h.Start < last || h.End <= h.Start || !f.begins(h.Start, n) || !f.begins(h.Target, n) || h.End != n && !f.begins(h.End, n) {
			return pos
		}
		pos, last = next, h.End
	}
	return pos
}
