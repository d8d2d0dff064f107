package pymarshal

import (
	"fmt"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// Reading is the code object that one version of Python makes of a stream.
type Reading struct {
	Version Version
	Code    *Code // shared by the readings in which it is the same
	Strict  bool  // whether the instructions are such as that version's compiler writes; see Readings
	Misfit  Misfit
	// Repairs are the offsets at which 0x5c was put in place of 0x2f; see
	// Readings. The code object then is what was written, not what is loaded.
	Repairs []int
	// Rest is how many bytes follow the code object, which no Python reads.
	Rest int
}

// Readings tells the version from the bytes: it returns the readings under which
// the stream, with everything nested in it, is such as that version's compiler
// writes, oldest first. All versions that fit are given.
//
// A stream fits strictly if every instruction is defined, no special form and
// complete, every cache is zero, every index is in range, every jump and every
// entry of the exception table names the beginning of an instruction, and, from
// 3.11, RESUME comes before all that does anything.
//
// Where no version fits strictly, the stream was made by hand, and may still
// run, or it was written by Keras on Windows, which replaces every 0x5c by 0x2f.
// Then every version in whose layout the stream decodes is returned, not Strict,
// and after them those readings that fit strictly once some bytes 0x2f are read
// as 0x5c; see repair.
//
// A stream that fits one version may be made to run under another that it does
// not fit; Candidates returns those too.
//
// The error says why nothing was read: what the top object is if it is no code
// object, else why the stream decodes in no layout.
func Readings(data []byte, b *bounds.Budget) ([]Reading, error) {
	all, err := Candidates(data, b)
	if err != nil && bounds.As(err).Code != bounds.Malformed {
		return nil, err
	}
	var strict []Reading
	for _, r := range all {
		if r.Strict {
			strict = append(strict, r)
		}
	}
	if len(strict) > 0 {
		return strict, nil
	}
	repaired, rerr := repair(data, b)
	if rerr != nil {
		return nil, rerr
	}
	if all = append(all, repaired...); len(all) > 0 {
		return all, nil
	}
	return nil, err
}

// Candidates returns the reading of every version in whose layout the stream
// decodes, oldest first, strict or not, and without repairs.
func Candidates(data []byte, b *bounds.Budget) ([]Reading, error) {
	var all []Reading
	var failure error
	var slab []Value // what one layout leaves of it serves the next
	reached := -1    // the layout that gets farthest has the most to say about what is wrong
	for l := range layouts {
		if l == layout27 && len(data) > 0 && data[0] == flagRef|'c' {
			continue // 2.7 has no references by flag
		}
		d := newDecoder(data, l, b)
		d.slab = slab
		readings, err := d.readings()
		slab = d.slab
		switch {
		case err == nil:
			all = append(all, readings...)
		case bounds.As(err).Code != bounds.Malformed:
			return nil, err
		case d.pos > reached:
			failure, reached = err, d.pos
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	return nil, failure
}

// readings decodes the stream in d's layout and holds it against every version
// of the layout.
func (d *decoder) readings() ([]Reading, error) {
	root, err := d.top()
	if err != nil {
		return nil, err
	}
	if root.Kind != KindCode {
		return nil, bounds.Malformedf(int64(root.Off), "marshal data that is %s, not a code object", root.Kind)
	}
	var all []Reading
	for _, v := range Versions {
		if layoutOf(v) != d.layout || v.Before(d.since.Major, d.since.Minor) {
			continue
		}
		misfit, err := d.fit(pyopcode.For(v))
		if err != nil {
			return nil, err
		}
		all = append(all, Reading{Version: v, Code: root.Code, Strict: misfit.Reason == Fits, Misfit: misfit, Rest: len(d.data) - d.pos})
	}
	return all, nil
}

// Reason says why a code object is not such as a compiler writes.
type Reason uint8

const (
	Fits Reason = iota
	UndefinedInstruction
	SpecialInstruction
	CutOff
	DirtyCache
	ConstOutOfRange
	NameOutOfRange
	VariableOutOfRange
	OperandOutOfRange
	JumpBesideInstruction
	NoResume
	ExceptionTable
	NoInstructions
)

var reasons = [...]string{"", "undefined instruction", "special form of an instruction", "instruction that is cut off", "cache that is not zero",
	"constant out of range", "name out of range", "variable out of range", "operand out of range", "jump to no instruction", "no RESUME before the first other instruction",
	"exception table with an entry that fits no instruction", "no instructions"}

// Misfit is the first thing that kept a version from fitting strictly.
type Misfit struct {
	Reason Reason
	Code   *Code // the code object, nil if Reason is Fits
	Off    int   // byte offset in its instructions
}

// String says what does not fit, and where: "name out of range at 12 in <lambda>".
// The name of the code object is the stream's, and not made printable.
func (m Misfit) String() string {
	if m.Reason == Fits {
		return ""
	}
	return fmt.Sprintf("%s at %d in %s", reasons[m.Reason], m.Off, m.Code.Name)
}
