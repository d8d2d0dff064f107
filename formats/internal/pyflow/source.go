package pyflow

import (
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// How tightly an expression binds; Python's grammar from lambda to atoms.
const (
	bindsLambda = iota
	bindsOrElse
	bindsAndAlso
	bindsNot
	bindsCompare
	bindsOr
	bindsXor
	bindsAnd
	bindsShift
	bindsAdd
	bindsMultiply
	bindsUnary
	bindsPower
	bindsAwait
	bindsAtom
)

// expr is an expression as text.
type expr struct {
	text  string
	binds int
	mark  rune             // N for NULL, S for the second slot of a method, U for an element to be unpacked, I for a module
	used  bool             // of a module: whether something was imported from it
	value *pymarshal.Value // of a constant
}

// writer turns one straight line of instructions into statements. It gives up on
// anything else.
type writer struct {
	*lister
	c       *pymarshal.Code
	stack   []expr
	lines   []Line
	start   int // offset of the first instruction of the statement in hand
	kw      []string
	unpack  []string // targets of an unpacking
	pending int      // how many of them are still to come
	tuple   string   // what is unpacked
	ins     []op.Instr
	joins   []join // and, or: what waits for its right side
	// blockEnd is where the body of an if ends, which ends in a return; 0 outside
	blockEnd int
	failed   bool
}

// join is the left side of "and" or "or", and where the right side ends.
type join struct {
	end   int
	left  expr
	sign  string
	binds int
}

// source is code as statements; not ok if it is not simple enough.
func (l *lister) source(c *pymarshal.Code, ins []op.Instr) ([]Line, bool) {
	if len(ins) == 0 || len(ins) > sourceLimit || len(c.ExceptionTable) > 0 && c.Flags&(flagGenerator|flagCoroutine|flagAsyncGen) == 0 {
		return nil, false
	}
	w := &writer{lister: l, c: c, ins: ins, start: ins[0].Off}
	for i := 0; i < len(ins); i++ {
		in := &ins[i]
		if in.Special {
			return nil, false
		}
		w.arrive(in.Off)
		if in.Target != -1 {
			i += w.jump(i)
		} else if skip := w.shortCircuit(i); skip > 0 {
			i += skip
		} else {
			w.step(in)
		}
		if w.failed {
			return nil, false
		}
		switch in.Op {
		case op.ReturnValue, op.ReturnConst, op.RaiseVarargs:
			if len(w.stack) > 0 || w.pending > 0 || len(w.joins) > 0 {
				return nil, false
			}
			if w.blockEnd > in.End { // not the end of an if
				return nil, false
			}
			if w.blockEnd == 0 {
				// what follows is never run, and a listing must not leave it out
				return w.lines, i == len(ins)-1 || onlyHandler(ins[i+1:], c)
			}
		}
	}
	return nil, false
}

// onlyHandler reports whether what is left is the handler that compilers put
// around generators from 3.12: CALL_INTRINSIC_1 and RERAISE.
func onlyHandler(ins []op.Instr, c *pymarshal.Code) bool {
	return len(c.ExceptionTable) > 0 && len(ins) == 2 && ins[0].Op == op.CallIntrinsic1 && ins[1].Op == op.Reraise
}

func (w *writer) push(text string, binds int) {
	if len(text) > lineLimit {
		w.failed = true
		return
	}
	w.stack = append(w.stack, expr{text: text, binds: binds})
}

// take is the top of the stack, whatever it is.
func (w *writer) take() expr {
	if len(w.stack) == 0 {
		w.failed = true
		return expr{}
	}
	e := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	return e
}

// pop is the top of the stack, which must be an expression.
func (w *writer) pop() expr {
	e := w.take()
	w.failed = w.failed || e.mark != 0
	return e
}

func (w *writer) popN(n int) []expr {
	if n < 0 || n > len(w.stack) {
		w.failed = true
		return nil
	}
	out := append([]expr(nil), w.stack[len(w.stack)-n:]...)
	w.stack = w.stack[:len(w.stack)-n]
	for _, e := range out {
		if e.mark != 0 {
			w.failed = true
		}
	}
	return out
}

// in is e in brackets if it binds less tightly than asked.
func (e expr) in(binds int) string {
	if e.binds < binds {
		return "(" + e.text + ")"
	}
	return e.text
}

// statement ends one.
func (w *writer) statement(in *op.Instr, text string) {
	for _, e := range w.stack {
		if e.mark != 'I' && e.mark != 'U' { // what was begun before would seem to come after
			w.failed = true
		}
	}
	if len(w.joins) > 0 {
		w.failed = true
	}
	if w.blockEnd > 0 {
		text = "    " + text
	}
	w.lines = append(w.lines, Line{Off: w.start, End: in.End, Text: text})
	w.start = in.End
}

func (w *writer) name(list []string, i int) string {
	if i < 0 || i >= len(list) {
		w.failed = true
		return ""
	}
	return printable(list[i])
}

// target is where a value is stored: the whole statement, or one name of an
// unpacking.
func (w *writer) target(in *op.Instr, name string) {
	if w.pending == 0 {
		e := w.take()
		text := name + " = " + e.text
		if e.mark == 'I' {
			text = e.text
			if module, ok := strings.CutPrefix(e.text, "import "); ok && name != head(module) || !ok && !strings.HasSuffix(e.text, " "+name) {
				text += " as " + name
			}
		} else if e.mark != 0 {
			w.failed = true
		}
		w.statement(in, text)
		return
	}
	if n := len(w.stack); n == 0 || w.stack[n-1].mark != 'U' {
		w.failed = true
		return
	}
	w.stack = w.stack[:len(w.stack)-1]
	w.unpack = append(w.unpack, name)
	if w.pending--; w.pending == 0 {
		w.statement(in, strings.Join(w.unpack, ", ")+" = "+w.tuple)
		w.unpack = nil
	}
}

func (w *writer) step(in *op.Instr) {
	kind, i, second := w.table.Operand(*in)
	list := w.locals
	if kind == op.Free {
		list = w.free
	}
	switch in.Op {
	case op.Nop, op.Resume, op.Precall, op.CopyFreeVars, op.MakeCell, op.ToBool, op.NotTaken, op.GenStart:
	case op.ReturnGenerator:
		w.push("", bindsAtom)
	case op.PopTop:
		switch e := w.take(); {
		case e.mark == 'I' && !e.used:
			w.statement(in, e.text)
		case e.mark == 0 && e.text != "":
			w.statement(in, e.text)
		default:
			w.start = in.End
		}
	case op.LoadConst:
		if i < 0 || i >= len(w.c.Consts) || w.c.Consts[i] == nil {
			w.failed = true
			return
		}
		w.constant(w.c.Consts[i])
	case op.LoadCommonConstant:
		names := [...]string{"AssertionError", "NotImplementedError", "tuple", "all", "any", "list", "set", "None", "''", "True", "False", "-1"}
		if i < 0 || i >= len(names) {
			w.failed = true
			return
		}
		w.push(names[i], bindsUnary)
	case op.LoadSmallInt:
		w.push(w.repr(&pymarshal.Value{Kind: pymarshal.KindInt, Text: strconv.Itoa(i)}), bindsAtom)
	case op.LoadFast, op.LoadFastCheck, op.LoadFastBorrow, op.LoadDeref, op.LoadClassderef, op.LoadClosure:
		w.push(w.name(list, i), bindsAtom)
	case op.LoadFastLoadFast, op.LoadFastBorrowLoadFastBorrow:
		w.push(w.name(list, i), bindsAtom)
		w.push(w.name(list, second), bindsAtom)
	case op.LoadGlobal:
		w.global(w.name(w.c.Names, i), in.Arg)
	case op.LoadName:
		w.push(w.name(w.c.Names, i), bindsAtom)
	case op.LoadAttr, op.LoadMethod:
		w.push(w.pop().in(bindsAtom)+"."+w.name(w.c.Names, i), bindsAtom)
		if in.Op == op.LoadMethod || w.v.AtLeast(3, 12) && in.Arg&1 != 0 {
			w.stack = append(w.stack, expr{mark: 'S'})
		}
	case op.PushNull:
		w.stack = append(w.stack, expr{mark: 'N'})
	case op.StoreFast, op.StoreDeref:
		w.target(in, w.name(list, i))
	case op.StoreName, op.StoreGlobal:
		w.target(in, w.name(w.c.Names, i))
	case op.StoreFastStoreFast:
		w.target(in, w.name(list, i))
		w.target(in, w.name(list, second))
	case op.StoreFastLoadFast:
		w.target(in, w.name(list, i))
		w.push(w.name(list, second), bindsAtom)
	case op.StoreAttr:
		e := w.pop()
		w.target(in, e.in(bindsAtom)+"."+w.name(w.c.Names, i))
	case op.StoreSubscr:
		x := w.popN(2)
		if !w.failed {
			w.target(in, x[0].in(bindsAtom)+"["+x[1].text+"]")
		}
	case op.ImportName:
		w.popN(2)
		w.stack = append(w.stack, expr{text: "import " + w.name(w.c.Names, i), mark: 'I'})
	case op.ImportFrom:
		n := len(w.stack)
		if n == 0 || w.stack[n-1].mark != 'I' {
			w.failed = true
			return
		}
		w.stack[n-1].used = true
		w.stack = append(w.stack, expr{text: "from " + strings.TrimPrefix(w.stack[n-1].text, "import ") + " import " + w.name(w.c.Names, i), mark: 'I'})
	case op.ReturnValue:
		w.statement(in, "return "+w.pop().text)
	case op.ReturnConst:
		if w.step(&op.Instr{Op: op.LoadConst, Arg: in.Arg, Raw: in.Raw}); !w.failed {
			w.statement(in, "return "+w.pop().text)
		}
	case op.RaiseVarargs:
		var parts []string
		for _, e := range w.popN(in.Arg) {
			parts = append(parts, e.text)
		}
		w.statement(in, strings.TrimRight("raise "+strings.Join(parts, " from "), " "))
	default:
		if !w.operate(in) && !w.gather(in) && !w.calls(in) {
			w.failed = true
		}
	}
}

func (w *writer) constant(v *pymarshal.Value) {
	binds := bindsAtom
	if (v.Kind == pymarshal.KindInt || v.Kind == pymarshal.KindFloat) && strings.HasPrefix(v.Text, "-") {
		binds = bindsUnary
	}
	w.push(w.repr(v), binds)
	if n := len(w.stack); n > 0 {
		w.stack[n-1].value = v
	}
}

func (w *writer) global(name string, arg int) {
	null := expr{mark: 'N'}
	both := w.v.AtLeast(3, 11) && arg&1 != 0
	if both && w.v.Before(3, 13) {
		w.stack = append(w.stack, null)
	}
	w.push(name, bindsAtom)
	if both && w.v.AtLeast(3, 13) {
		w.stack = append(w.stack, null)
	}
}
