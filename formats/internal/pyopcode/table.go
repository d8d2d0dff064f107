package pyopcode

// Op is what an instruction means: one value per name over all versions. What
// the argument of one name means can still change with the version; see Operand.
type Op uint16

// String is CPython's name, "LOAD_CONST"; "" for Invalid.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return ""
}

// Kind is what the argument of an instruction stands for.
type Kind uint8

const (
	None    Kind = iota // the instruction has no argument, or ignores it
	Int                 // a number: a count, a flag
	Const               // index into Consts
	Name                // index into Names
	Local               // index into VarNames, from 3.11 into LocalsPlus
	Pair                // two indexes into LocalsPlus
	Free                // index into CellVars followed by FreeVars, from 3.11 into LocalsPlus
	Compare             // number of a comparison
	Common              // number of a common constant (LOAD_COMMON_CONSTANT)
	Jrel                // distance of a jump
	Jabs                // target of a jump
)

// Table is the instruction set of one version.
type Table struct {
	Version Version
	ops     [256]entry
}

type entry struct {
	op      Op
	then    Op // what a superinstruction makes of the next word
	operand Kind
	caches  uint8 // words that follow
	shift   uint8 // flag bits below the index in the argument
	special bool
}

// For returns the instruction set of a version, nil if it is not known.
func For(v Version) *Table {
	for i := range tables {
		if tables[i].Version == v {
			return &tables[i]
		}
	}
	return nil
}

// Operand returns what the argument of in stands for, and the index without the
// flag bits of LOAD_GLOBAL, LOAD_ATTR, LOAD_SUPER_ATTR, IMPORT_NAME and
// COMPARE_OP. second is the other index of a Pair. An index is not checked
// against anything; it may be negative.
func (t *Table) Operand(in Instr) (kind Kind, index, second int) {
	if in.Second {
		if in.Op == LoadConst {
			return Const, in.Arg, 0
		}
		return Local, in.Arg, 0
	}
	e := &t.ops[in.Raw]
	if e.operand == Pair {
		return Pair, in.Arg >> 4, in.Arg & 15
	}
	return e.operand, in.Arg >> e.shift, 0
}
