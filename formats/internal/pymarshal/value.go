// Package pymarshal decodes the serialization of CPython's marshal module
// (Python/marshal.c), in which Keras stores the code of Lambda layers. It
// executes nothing, and no value that the stream shares is ever expanded.
package pymarshal

import "github.com/kerasvet/kerasvet/formats/internal/pyopcode"

// Version is a release line of CPython.
type Version = pyopcode.Version

// Versions are the release lines whose streams are read, oldest first.
var Versions = pyopcode.Versions

// Kind is the type of a Value.
type Kind uint8

// The kinds of values. KindBytes is also the str of Python 2, KindInt its long.
const (
	KindInvalid Kind = iota
	KindNull         // the end mark of a dict; never part of a decoded value
	KindNone
	KindBool
	KindEllipsis
	KindStopIteration
	KindInt
	KindFloat
	KindComplex
	KindBytes
	KindText
	KindTuple
	KindList
	KindDict
	KindSet
	KindFrozenSet
	KindSlice
	KindCode
	KindFrozenDict
)

var kindNames = [...]string{"nothing", "NULL", "None", "a bool", "Ellipsis", "StopIteration", "an int", "a float", "a complex", "bytes", "a str",
	"a tuple", "a list", "a dict", "a set", "a frozenset", "a slice", "a code object", "a frozendict"}

// String names the kind for messages: "a tuple".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[KindInvalid]
}

// Value is one object of a stream. Where the stream refers to an object again,
// the same Value stands again; a tuple, list or dict may contain itself, and a
// few hundred bytes can stand for 10^60 leaves. Remember what was visited.
type Value struct {
	Kind Kind
	// Text is the content of bytes; of a str as UTF-8, where a surrogate takes
	// three bytes; an int in decimal, or in hexadecimal with "0x" if it has more
	// than 4,300 digits; a float or complex as repr shows it; "True" or "False".
	Text string
	// Items are the elements of a container: of a dict key, value, key, value;
	// of a slice start, stop, step; of a complex its two floats.
	Items []*Value
	Code  *Code // of KindCode
	// Off and End are where the value begins and ends in the stream, in bytes.
	Off, End int
}

// Code is one code object. The fields are those of Include/cpython/code.h.
type Code struct {
	ArgCount, PosOnlyArgCount, KwOnlyArgCount int
	NLocals                                   int // from 3.11 counted, before as stored
	StackSize, FirstLine                      int
	Flags                                     uint32
	Bytecode                                  []byte // co_code with caches; part of the input, read-only
	Consts                                    []*Value
	Names                                     []string
	// VarNames, CellVars and FreeVars are what co_varnames, co_cellvars and
	// co_freevars give, in every layout.
	VarNames, CellVars, FreeVars []string
	// LocalsPlus is what LOAD_FAST and LOAD_DEREF index from 3.11; nil before,
	// where LOAD_DEREF indexes CellVars followed by FreeVars.
	LocalsPlus []string
	// Kinds says what each of LocalsPlus is (FastLocal and so on, in bits).
	Kinds                    []byte
	Filename, Name, Qualname string // Qualname from 3.11
	LineTable                []byte
	ExceptionTable           []byte // from 3.11; pyopcode.Handlers reads it
	// Off and End are where the code object begins and ends in the stream.
	Off, End int

	bytecodeAt, tableAt int // where Bytecode and ExceptionTable lie in the stream
}

// The bits of Code.Kinds: CO_FAST_LOCAL and so on of
// Include/internal/pycore_code.h. The low bits are only written by 3.14 and say
// which arguments are positional, by keyword, or variable.
const (
	FastHidden = 0x10
	FastLocal  = 0x20
	FastCell   = 0x40
	FastFree   = 0x80
)
