// Package pyflow says what a Python code object does, without executing it: an
// abstract interpreter over the stack machine of CPython 2.7 and 3.6 to 3.15.
//
// Values are sets of alternatives. Variables are bound without regard to order:
// a name holds everything that is ever stored under it. Two views are kept side
// by side. The plain view follows imports, names, attributes and variables; its
// results are Calls, Refs, Imports, Writes and the Targets and arguments of
// sites. The resolved view also follows values through containers, calls of
// local functions, attributes that were stored, and strings that were put
// together; what it finds beyond the plain view is in the Resolved fields.
// It judges nothing.
package pyflow

import "github.com/kerasvet/kerasvet/formats/internal/pymarshal"

// Env is what the loader adds to a code object. The zero Env adds nothing:
// every global name stands for itself, defaults and closure are unknown.
type Env struct {
	// Names maps a global name to the dotted path that the loader's module
	// binds to it ("python_types": "types"). It changes the resolved view only.
	Names map[string]string
	// Modules are modules all of whose names the loader adds to the globals:
	// with "os", the name system may be os.system.
	Modules []string
	// Defaults are the values of the last positional parameters.
	Defaults []Given
	// Closure are the values of the free variables, in order.
	Closure []Given
}

// Given is a value that the config supplies. The zero Given is unknown. The
// first field that is set counts.
type Given struct {
	Path  string           // a dotted path
	Code  *pymarshal.Code  // a function with this code
	Const *pymarshal.Value // a constant
}

// Facts are what one code object does, with all code objects nested in it. All
// lists of strings are sorted and without duplicates.
type Facts struct {
	// Units are the code objects: the given one first, then those of its
	// constants, each once, parents before children; last those of Env.
	Units []Unit
	// Calls are the targets of all sites; "?" is an unknown target, "?.name" an
	// attribute of something unknown, "<local>" a function or class made here.
	Calls []string
	// Refs are all dotted paths that are read, whether called or not, and
	// "?.name" for attributes of something unknown; "m.*" is a star import.
	Refs []string
	// Imports are the modules that are imported by a constant name.
	Imports []string
	// Writes are what is written or deleted: "tf.abs" for an attribute, "del
	// tf.abs", "os.environ[]" for an item, "global x", "del x".
	Writes []string

	// ResolvedRefs are paths that the plain view does not see. "f()" stands for
	// what a call of f returns, "x[]" for an unknown item of x, a component "?"
	// for an attribute whose name is computed.
	ResolvedRefs []string
	// ResolvedCalls, ResolvedImports and ResolvedWrites are the same for calls,
	// imports and writes; "os.environ op=" is an augmented assignment.
	ResolvedCalls, ResolvedImports, ResolvedWrites []string
	// Escapes are plain paths that are handed on as a value: an argument, a
	// return value, an element of a container. What receives them may call them.
	Escapes []string
	// Formats are string constants, and strings put together from constants,
	// that hold "{" and one of "." and "[": str.format walks attributes.
	Formats []string
	// ComputedFormat says that str.format is called on a string that is not known.
	ComputedFormat bool
	// Attributes are names that are read as attributes of something in other
	// ways than by LOAD_ATTR: getattr with a constant, class patterns, getters.
	Attributes []string

	// Irregular says where the code is not what a compiler writes.
	Irregular []Note
	// Widened says that a value had more alternatives than are followed.
	Widened bool
	// Unsettled says that the analysis was stopped before it reached its fixed
	// point: every instruction was looked at, but values that take many ways
	// around may be missing. Compiled code does not come to that.
	Unsettled bool
}

// Note is one irregularity.
type Note struct {
	Unit int    // index into Facts.Units
	Off  int    // byte offset in its code; -1 for the whole
	What string // such as "stack underflow"
}

// Unit is one code object.
type Unit struct {
	Code   *pymarshal.Code
	Parent int // index into Facts.Units; -1 for the given one and those of Env
	Sites  []Site
}

// Site is one place where something is called.
type Site struct {
	Off     int      // byte offset of the instruction, after its prefixes
	Targets []string // sorted alternatives; see Facts.Calls
	// Resolved are the alternatives that the resolved view knows and Targets
	// does not name: "os.system", "pathlib.Path().write_text", "str.format".
	Resolved []string
	Args     []Arg
	// Self is what stands in the second slot of the callee: CPython 3.11 and
	// later pass it as the first argument, before Args. Decorators are called
	// so, and the plain view does not count it.
	Self     *Arg
	Keywords []Keyword
	// Star says that arguments are given by * or **. Args and Keywords then
	// hold what is known of them, and Open says that there may be more.
	Star, Open bool
}

// Keyword is one keyword argument.
type Keyword struct {
	Name string
	Arg  Arg
}

// ArgKind says what is known of an argument.
type ArgKind uint8

// The kinds of arguments. The zero kind is unknown.
const (
	ArgUnknown ArgKind = iota
	ArgText            // a str or bytes constant: Text
	ArgConst           // another constant that JSON can say: Const
	ArgPath            // a dotted path, or "?.name": Text
	ArgLocal           // a function or class made here
	ArgOther           // only in Also: a container, a computed string, another constant
)

// Arg is one argument.
type Arg struct {
	Kind  ArgKind
	Text  string
	Const *pymarshal.Value
	// Also are the alternatives of the resolved view, where it knows more.
	Also []Arg
}
