package formats

import (
	"fmt"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Code says why something could not be read. The zero Code is invalid.
type Code uint8

const (
	// Malformed: the bytes break the format's rules; the loader fails too, or reads something that cannot be foretold.
	Malformed Code = iota + 1
	// Unsupported: a format or construct that this version does not read.
	Unsupported
	// LimitExceeded: a budget of Limits or the deadline ran out.
	LimitExceeded
	// Ambiguous: readers disagree about the bytes. Every reading is in the tree, so nothing is missing from it.
	Ambiguous
	// Unreadable: reading the input failed.
	Unreadable
	// Internal: a defect of this program.
	Internal
)

var codeNames = [...]string{"invalid", "malformed", "unsupported", "limit exceeded", "ambiguous", "unreadable", "internal error"}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return codeNames[0]
}

// Problem is something that could not be read as it should, and why.
type Problem struct {
	At    *Node // the nearest node that exists; never nil
	Code  Code
	Limit string // the field of Limits, or "Time", when Code is LimitExceeded
	Err   error  // what was met; never nil
	// Python is the first release line of Python in which the readings differ, where
	// Code is Ambiguous; empty where they always do.
	Python string
}

func (p Problem) String() string {
	return fmt.Sprintf("%s: %s: %v", p.At.Location(), p.Code, p.Err)
}

// maxProblems is how many problems one artifact lists. A file that breaks in
// more places is as unreadable as one that breaks in these.
const maxProblems = 200

// classify turns a decoder's error into a Problem: the one place where that happens.
func classify(at *Node, err error) Problem {
	e := bounds.As(err)
	codes := map[bounds.Code]Code{bounds.Malformed: Malformed, bounds.Unsupported: Unsupported,
		bounds.LimitExceeded: LimitExceeded, bounds.Unreadable: Unreadable}
	return Problem{At: at, Code: codes[e.Code], Limit: e.Limit, Err: err}
}
