// Package bounds holds what every decoder shares: the budget of one scan, the
// one error type, and the one way to read bytes.
//
// A decoder never allocates from a size that the input claims, never follows a
// count without asking the budget, and never recurses without asking for depth.
package bounds

import (
	"context"
	"errors"
	"fmt"
)

// Code says what kind of obstacle stopped a decoder.
type Code uint8

const (
	// Malformed: the bytes break the format's own rules.
	Malformed Code = iota + 1
	// Unsupported: valid as far as can be told, but not something this decoder reads.
	Unsupported
	// LimitExceeded: a budget ran out; Error.Limit names the field of Limits.
	LimitExceeded
	// Unreadable: the underlying reader failed.
	Unreadable
)

// Error is what every decoder returns: what was met, where, and what kind of
// obstacle it is. The text is lower case and names the structure.
type Error struct {
	Code  Code
	Off   int64  // byte offset in the text that the decoder was given; -1 where there is none
	What  string // what was met and what was expected
	Limit string // the field of Limits, when Code is LimitExceeded
	Err   error  // the reader's error, when Code is Unreadable
}

func (e *Error) Error() string {
	if e.Off < 0 {
		return e.What
	}
	return fmt.Sprintf("%s at offset %d", e.What, e.Off)
}

// Unwrap returns the reader's error, if that is what stopped the decoder.
func (e *Error) Unwrap() error { return e.Err }

// Malformedf reports bytes that break the format.
func Malformedf(off int64, format string, args ...any) *Error {
	return &Error{Code: Malformed, Off: off, What: fmt.Sprintf(format, args...)}
}

// Unsupportedf reports a construct that the decoder knows of but does not read.
func Unsupportedf(off int64, format string, args ...any) *Error {
	return &Error{Code: Unsupported, Off: off, What: fmt.Sprintf(format, args...)}
}

// As returns err as an *Error; an error of another type is wrapped as
// Unreadable, so that nothing a decoder returns goes unclassified.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Unreadable, Off: -1, What: err.Error(), Err: err}
}

// Limits are the budgets of one scan. formats.Limits documents the fields; the
// two types have the same fields so that one converts to the other.
type Limits struct {
	ReadBytes      int64
	MemberBytes    int64
	TextBytes      int64
	StructureBytes int64
	Nodes          int64
	Steps          int64
	Depth          int
	Nesting        int
}

// Budget is what is left of Limits. One scan has one budget, whatever is nested
// in what; it is not safe for concurrent use.
type Budget struct {
	ctx    context.Context
	limits Limits

	read, text, nodes, steps int64
	poll                     int64
}

// New returns a full budget. Every field of l must be positive. The deadline of
// ctx is the time limit.
func New(ctx context.Context, l Limits) *Budget {
	return &Budget{ctx: ctx, limits: l}
}

// Limits returns the budget that the scan began with.
func (b *Budget) Limits() Limits { return b.limits }

func exceeded(limit string, max int64) *Error {
	return &Error{Code: LimitExceeded, Off: -1, Limit: limit, What: fmt.Sprintf("limit %s (%d) exceeded", limit, max)}
}

// pollEvery is how many counted units pass between two looks at the context:
// often enough that a deadline is seen within a millisecond or so.
const pollEvery = 1 << 12

// Alive returns an error once the context is done.
func (b *Budget) Alive() error {
	if err := b.ctx.Err(); err != nil {
		what := "time limit exceeded"
		if errors.Is(err, context.Canceled) {
			what = "scan cancelled"
		}
		return &Error{Code: LimitExceeded, Off: -1, Limit: "Time", What: what, Err: err}
	}
	return nil
}

func (b *Budget) spend(used *int64, n, max int64, limit string, units int64) error {
	if n < 0 || n > max-*used {
		*used = max // spent: siblings must not slip through with smaller requests
		return exceeded(limit, max)
	}
	*used += n
	if b.poll += units; b.poll >= pollEvery {
		b.poll = 0
		return b.Alive()
	}
	return nil
}

// Read spends n bytes read from the input or produced by a decompressor.
func (b *Budget) Read(n int64) error {
	return b.spend(&b.read, n, b.limits.ReadBytes, "ReadBytes", 1+n>>10)
}

// Text spends n bytes that stay in memory: documents, attribute values,
// decompressed members.
func (b *Budget) Text(n int64) error {
	return b.spend(&b.text, n, b.limits.TextBytes, "TextBytes", 1)
}

// TextLeft is how many bytes of Text remain.
func (b *Budget) TextLeft() int64 { return b.limits.TextBytes - b.text }

// Node spends n nodes of the tree: members, groups, attributes, values.
func (b *Budget) Node(n int64) error {
	return b.spend(&b.nodes, n, b.limits.Nodes, "Nodes", n)
}

// Step spends n units of work that make no node: index entries, header
// messages, opcodes.
func (b *Budget) Step(n int64) error {
	return b.spend(&b.steps, n, b.limits.Steps, "Steps", n)
}

// Member checks the size of one decompressed member against its cap.
func (b *Budget) Member(n int64) error { return within(n, b.limits.MemberBytes, "MemberBytes") }

// Structure checks the size of one structure (a directory, a heap, an attribute)
// against its cap; it spends nothing.
func (b *Budget) Structure(n int64) error {
	return within(n, b.limits.StructureBytes, "StructureBytes")
}

// Depth checks how deep values or groups are nested in one document. Ask before
// recursing.
func (b *Budget) Depth(n int) error { return within(int64(n), int64(b.limits.Depth), "Depth") }

// Nesting checks how many containers lie one in another.
func (b *Budget) Nesting(n int) error { return within(int64(n), int64(b.limits.Nesting), "Nesting") }

func within(n, max int64, limit string) error {
	if n < 0 || n > max {
		return exceeded(limit, max)
	}
	return nil
}
