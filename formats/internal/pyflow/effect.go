package pyflow

import op "github.com/kerasvet/kerasvet/formats/internal/pyopcode"

// other is an instruction whose values are of no interest: it pops and pushes
// what its name says.
func (f *frame) other(in *op.Instr) {
	switch in.Op {
	case op.BuildString, op.BuildTemplate:
		n := in.Arg
		if in.Op == op.BuildTemplate {
			n = 2
		}
		f.push(f.concat(f.popN(n)))
		return
	case op.FormatValue, op.FormatSimple, op.FormatWithSpec, op.ConvertValue, op.BuildInterpolation:
		f.formatted(in)
		return
	case op.BinaryAdd, op.InplaceAdd, op.BinaryModulo, op.InplaceModulo, op.BinaryMultiply, op.InplaceMultiply, op.BinaryOp, op.BinaryOr, op.InplaceOr:
		f.binary(in)
		return
	case op.LoadLocals:
		f.push(only(&atom{plain: plainUnknown, kind: kindNamespace, fn: f}))
		return
	}
	switch in.Op {
	case op.AsyncGenWrap, op.CopyDictWithoutKeys:
		f.push(opaque(f.pop()))
		return
	case op.PushExcInfo: // what is handled outside, and the exception
		v := f.pop()
		f.push(unknown)
		f.push(opaque(v))
		return
	case op.CheckExcMatch:
		f.pop()
		f.push(opaque(f.pop()))
		f.push(unknown)
		return
	case op.CheckEgMatch:
		f.pop()
		v := opaque(f.pop())
		f.push(v)
		f.push(v)
		return
	}
	pops, pushes, exact := effect(in, f.z.v)
	if !exact {
		f.exact = false
	}
	if pops > stackLimit {
		f.note("argument out of range")
		pops = 0
	}
	if in.Op == op.WithExceptStart { // calls the exit function with the exception
		f.push(unknown)
		return
	}
	result := unknown
	for range pops {
		if v := f.pop(); pushes == 1 && v.has(kindInstance) {
			result = f.z.join(result, f.implicit(v))
		}
	}
	for range pushes {
		f.push(result)
	}
}

func isInplace(o op.Op) bool { return o >= op.InplaceAdd && o <= op.InplaceXor }

// effect is how many values an instruction pops and pushes (stack_effect in
// Python/compile.c). exact is false where that depends on how it was reached.
func effect(in *op.Instr, v op.Version) (pops, pushes int, exact bool) {
	switch in.Op {
	case op.RaiseVarargs:
		return max(0, in.Arg), 0, true
	case op.LoadFromDictOrDeref:
		return 1, 1, true
	case op.BinaryAnd, op.BinaryDivide, op.BinaryFloorDivide, op.BinaryTrueDivide, op.BinaryLshift, op.BinaryRshift, op.BinaryMatrixMultiply,
		op.BinaryPower, op.BinarySubtract, op.BinaryXor, op.InplaceAnd, op.InplaceDivide, op.InplaceFloorDivide, op.InplaceTrueDivide,
		op.InplaceLshift, op.InplaceRshift, op.InplaceMatrixMultiply, op.InplacePower, op.InplaceSubtract, op.InplaceXor,
		op.CompareOp, op.IsOp, op.ContainsOp, op.CallIntrinsic2, op.PrepReraiseStar:
		return 2, 1, true
	case op.UnaryPositive, op.UnaryNegative, op.UnaryNot, op.UnaryInvert, op.UnaryConvert, op.ToBool:
		return 1, 1, true
	case op.CleanupThrow:
		return 3, 2, true
	case op.PopJumpIfTrue, op.PopJumpIfFalse, op.PopJumpIfNone, op.PopJumpIfNotNone, op.PopJumpForwardIfTrue, op.PopJumpForwardIfFalse,
		op.PopJumpForwardIfNone, op.PopJumpForwardIfNotNone, op.PopJumpBackwardIfTrue, op.PopJumpBackwardIfFalse, op.PopJumpBackwardIfNone,
		op.PopJumpBackwardIfNotNone, op.PrintExpr, op.StoreAnnotation, op.InterpreterExit:
		return 1, 0, true
	case op.JumpIfNotExcMatch:
		return 2, 0, true
	case op.ReturnGenerator: // what the first send gives comes next
		return 0, 1, true
	}
	return blockEffect(in, v)
}

// blockEffect is effect for the instructions of blocks: exceptions, with, loops.
func blockEffect(in *op.Instr, v op.Version) (pops, pushes int, exact bool) {
	switch in.Op {
	case op.BeginFinally:
		return 0, 6, false
	case op.PopFinally:
		return 6, 0, false
	case op.WithCleanup:
		return 1, 0, false
	case op.WithCleanupStart:
		if v.Before(3, 7) {
			return 0, 1, false
		}
		return 0, 2, false
	case op.WithCleanupFinish:
		if v.Before(3, 7) {
			return 1, 0, false
		}
		return 3, 0, false
	case op.EndFinally:
		if v.Before(3, 7) {
			return 1, 0, false
		}
		return 6, 0, false
	case op.PopExcept:
		switch {
		case v.Before(3, 7):
			return 0, 0, false
		case v.Before(3, 11):
			return 3, 0, false
		}
		return 1, 0, true
	case op.Reraise:
		if v.Before(3, 11) {
			return 3, 0, false
		}
		return 1, 0, true
	case op.EndAsyncFor:
		if v.Before(3, 11) {
			return 7, 0, false
		}
		return 2, 0, true
	case op.EndFor:
		if v.Before(3, 13) {
			return 2, 0, true
		}
		return 1, 0, true
	case op.PopIter:
		if v.AtLeast(3, 15) {
			return 2, 0, true
		}
		return 1, 0, true
	case op.SetupLoop, op.SetupExcept, op.SetupFinally, op.PopBlock, op.BreakLoop, op.ContinueLoop, op.CallFinally:
		return 0, 0, false
	}
	return 0, 0, true
}
