package pyflow

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// calls are the instructions that call and make functions.
func (w *writer) calls(in *op.Instr) bool {
	switch in.Op {
	case op.KwNames:
		if in.Arg < 0 || in.Arg >= len(w.c.Consts) {
			return false
		}
		w.kw = keywords(w.c.Consts[in.Arg])
	case op.Call, op.CallMethod, op.CallFunction, op.CallKw, op.CallFunctionKw:
		return w.call(in)
	case op.CallFunctionEx:
		return w.callStar(in)
	case op.MakeFunction:
		return w.function(in)
	case op.SetFunctionAttribute:
		f := w.pop()
		w.push(strings.TrimSuffix(f.text, ">")+", "+w.pop().text+">", bindsAtom)
	default:
		return false
	}
	return true
}

func keywords(v *pymarshal.Value) (names []string) {
	if v != nil {
		for _, x := range v.Items {
			names = append(names, printable(x.Text))
		}
	}
	return names
}

func (w *writer) call(in *op.Instr) bool {
	n := in.Arg
	var kw []string
	var named []expr
	if w.v.Major == 2 && n > 0xff { // pairs of name and value, above the others
		pairs := w.popN(2 * (n >> 8))
		for i := 0; i+1 < len(pairs); i += 2 {
			kw, named = append(kw, strings.Trim(pairs[i].text, "'")), append(named, pairs[i+1])
		}
		n &= 0xff
	}
	if in.Op == op.CallKw || in.Op == op.CallFunctionKw {
		if w.v.Major == 2 {
			return false
		}
		kw = keywords(w.pop().value)
	} else if in.Op == op.Call {
		kw, w.kw = w.kw, nil
	}
	args := append(w.popN(n), named...)
	if w.failed || len(kw) > len(args) {
		return false
	}
	var parts []string
	for i, a := range args {
		text := a.text
		if k := i - (len(args) - len(kw)); k >= 0 {
			text = kw[k] + "=" + text
		}
		parts = append(parts, text)
	}
	return w.apply(in, strings.Join(parts, ", "))
}

// apply takes the callee from its one or two slots.
func (w *writer) apply(in *op.Instr, args string) bool {
	if len(w.stack) == 0 {
		return false
	}
	callee := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	if in.Op == op.Call || in.Op == op.CallKw || in.Op == op.CallMethod || in.Op == op.CallFunctionEx && w.v.AtLeast(3, 11) {
		if len(w.stack) == 0 {
			return false
		}
		other := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		switch {
		case callee.mark != 0 && other.mark == 0:
			callee = other
		case callee.mark == 0 && other.mark == 0: // the second slot is the first argument
			if args != "" {
				args = ", " + args
			}
			callee, args = other, callee.text+args
		}
	}
	if callee.mark != 0 {
		return false
	}
	w.push(callee.in(bindsAtom)+"("+args+")", bindsAtom)
	return true
}

func (w *writer) callStar(in *op.Instr) bool {
	args := ""
	if w.v.AtLeast(3, 14) || in.Arg&1 != 0 {
		if n := len(w.stack); n > 0 && w.stack[n-1].mark == 'N' {
			w.stack = w.stack[:n-1]
		} else {
			args = ", **" + w.pop().in(bindsUnary)
		}
	}
	args = "*" + w.pop().in(bindsUnary) + args
	return w.apply(in, args)
}

// function is a function made here, by its name; it is listed after this code.
func (w *writer) function(in *op.Instr) bool {
	if w.v.Before(3, 11) && w.v.Major > 2 {
		w.pop()
	}
	code := w.pop()
	name := strings.TrimSuffix(strings.TrimPrefix(code.text, "<code "), ">")
	given := 0
	switch {
	case w.v.Major == 2:
		given = in.Arg
	case w.v.Before(3, 13):
		for b := in.Arg; b > 0; b >>= 1 {
			given += b & 1
		}
	}
	for _, e := range w.popN(given) {
		name += ", " + e.text
	}
	w.push("<function "+name+">", bindsAtom)
	return true
}
