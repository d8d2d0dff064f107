package pyopcode

// Instr is one instruction with its prefixes.
type Instr struct {
	Off    int  // of the first EXTENDED_ARG before the instruction, else of the instruction
	At     int  // of the instruction's own number
	End    int  // after the instruction and its caches; may lie past the end of the code
	Op     Op   // Invalid if the version has no such instruction
	Arg    int  // with the prefixes, wrapped to a C int as CPython does; of an instruction without argument what stands there
	Target int  // where it jumps to, or where the handler or loop that it opens ends; -1 if it names no place
	Raw    byte // the number in the stream; of a special form it is not that of Op
	// Special says that the number is one that no compiler writes: an adaptive,
	// specialized or instrumented form, which runs as Op does, or one that the
	// interpreter keeps for itself. Such a form may read its caches, even as
	// pointers, and the COMPARE_OP_*_JUMP of 3.11 take the next word for a jump
	// whatever it is, which is not shown here.
	Special bool
	// Then is set for a superinstruction of 3.11 and 3.12: the next word runs as
	// this, whatever its own number is. Decode and Next give it as the next
	// instruction, with Second set.
	Then   Op
	Second bool
}

// Decode returns the instructions of code one after the other as they lie, with
// prefixes folded in and caches skipped. What cannot be decoded at the end of
// the code is left out: a prefix or an argument that is cut off.
//
// It is what runs if every jump lands on an instruction. Code made by hand may
// jump elsewhere, behind a prefix or into a cache; At decodes there.
func (t *Table) Decode(code []byte) []Instr {
	out := make([]Instr, 0, len(code)/2)
	in, ok := t.At(code, 0)
	for ok {
		out = append(out, in)
		in, ok = t.Next(code, in)
	}
	return out
}

// Next returns the instruction that runs after in if in does not jump.
func (t *Table) Next(code []byte, in Instr) (Instr, bool) {
	if in.Then == Invalid {
		return t.At(code, in.End)
	}
	if in.End+2 > len(code) {
		return Instr{}, false
	}
	return Instr{Off: in.End, At: in.End, End: in.End + 2, Op: in.Then, Arg: int(code[in.End+1]), Target: -1,
		Raw: code[in.End], Special: true, Second: true}, true
}

// At returns the instruction that runs when the interpreter comes to off, with
// the prefixes that stand from there on. It is false where the code ends first.
// It takes time in proportion to in.End - in.Off: a chain of prefixes is read
// each time.
func (t *Table) At(code []byte, off int) (in Instr, ok bool) {
	if off < 0 || off >= len(code) {
		return Instr{}, false
	}
	if t.Version.Major == 2 {
		return t.at2(code, off)
	}
	arg := uint32(0)
	for at := off; at+1 < len(code); at += 2 {
		raw := code[at]
		e := &t.ops[raw]
		arg = arg<<8 | uint32(code[at+1])
		if e.op == ExtendedArg {
			continue
		}
		in = Instr{Off: off, At: at, End: at + 2 + 2*int(e.caches), Op: e.op, Arg: int(int32(arg)), Target: -1, Raw: raw,
			Special: e.special, Then: e.then}
		if e.operand >= Jrel {
			in.Target = t.target(e, in)
		}
		return in, true
	}
	return Instr{}, false
}

// haveArgument is the first number in 2.7 that two bytes of argument follow.
const haveArgument = 90

// at2 is At for 2.7, where a prefix holds the upper 16 bits. What follows a
// prefix is read with an argument, even where it has none (EXTENDED_ARG in
// Python/ceval.c).
func (t *Table) at2(code []byte, off int) (in Instr, ok bool) {
	arg := uint32(0)
	for at := off; at < len(code); at += 3 {
		raw := code[at]
		e := &t.ops[raw]
		in = Instr{Off: off, At: at, End: at + 1, Op: e.op, Target: -1, Raw: raw, Special: e.special}
		if raw >= haveArgument || at > off {
			if at+2 >= len(code) {
				return Instr{}, false
			}
			arg = arg<<16 | uint32(code[at+1]) | uint32(code[at+2])<<8
			in.End = at + 3
		}
		if e.op == ExtendedArg {
			continue
		}
		in.Arg = int(int32(arg))
		if e.operand >= Jrel {
			in.Target = t.target(e, in)
		}
		return in, true
	}
	return Instr{}, false
}

// target is where a jump lands. Before 3.10 jumps count bytes, and from 3.6 the
// lowest bit is lost (JUMPTO and JUMPBY in Python/ceval.c).
func (t *Table) target(e *entry, in Instr) int {
	distance := in.Arg
	switch {
	case t.Version.AtLeast(3, 10):
		distance *= 2
	case t.Version.Major == 3:
		distance &^= 1
	}
	if e.operand == Jabs {
		return distance
	}
	switch e.op {
	case EndAsyncFor: // from 3.14 it says where the loop began, for monitoring only
		return -1
	case JumpBackward, JumpBackwardNoInterrupt, PopJumpBackwardIfFalse, PopJumpBackwardIfTrue, PopJumpBackwardIfNone, PopJumpBackwardIfNotNone:
		return in.End - distance
	}
	return in.End + distance
}
