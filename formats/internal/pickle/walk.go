// Package pickle walks the opcodes of pickle streams, protocols 0 to 5, as
// CPython's Unpickler would (Lib/pickle.py and Modules/_pickle.c of 3.13), and
// says what they import, call and restore. No object is built and nothing is
// imported.
//
// A stream that a loader would refuse is walked as far as its opcodes can be told
// apart: what stands before the fault has run by then, and other readers may be
// more lenient.
package pickle

import (
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// EventKind is what happens at one opcode. The zero EventKind is invalid.
type EventKind uint8

// The kinds of events.
const (
	Import       EventKind = iota + 1 // Value is the Global
	Call                              // Value is the Result
	Restore                           // BUILD: Value.Func is the object and Value.State what it is given
	PersistentID                      // Value.Args holds the id
	Extension                         // Value.Args holds the code of copyreg's registry
	Append                            // append, extend or add of Value.Func, which is no list or set
	SetItem                           // __setitem__ of Value.Func, which is no dict
)

// Event is something that a stream makes its reader do.
type Event struct {
	Kind  EventKind
	Op    string // name of the opcode
	Off   int64  // of the opcode in the source
	Value *Value
	// Written is how a Global of protocol 0 to 2 is spelled, where Python 3 takes
	// another name for it.
	Written string
	// Plain says that only a reader that does not know joblib meets this: it
	// takes the bytes of joblib's arrays for opcodes.
	Plain bool
}

// Pickle is one pickle: everything up to a STOP.
type Pickle struct {
	Off, End int64
	Protocol int // the highest that a PROTO opcode names; 0 without one
	// Events are in the order of the stream. Of equal ones that hand over nothing
	// but data, the first maxEqual are kept.
	Events []Event
	Value  *Value // what loading gives; nil where no STOP is met
	// Fault is the first thing that a loader would stop at; nil if there is none.
	// Events behind it are those of a more lenient reader.
	Fault *bounds.Error
	// Stopped says that a STOP was met.
	Stopped bool
	// Skipped are ranges that are no opcodes: array data of joblib between them.
	Skipped []Range
	// Embedded are bytes and texts that begin as something a loader could be made
	// to read: a pickle or an archive. At most maxEmbedded of them.
	Embedded []*Value
}

// Range is a range of bytes in the source.
type Range struct{ Off, End int64 }

// maxEqual is how many equal events are kept, and maxEmbedded how many values
// that may hold something else.
const maxEqual, maxEmbedded = 64, 1 << 12

// Walk reads one pickle that begins at off, as pickle.load and joblib.load would.
// The error is that of a budget or of the reader; a stream that ends or has an
// unknown opcode is a Fault, with End where reading stopped.
func Walk(src *bounds.Source, off int64) (*Pickle, error) {
	w := newWalker(src, off)
	w.joblib = true
	return w.pickle()
}

// walker is the state of one Unpickler.
type walker struct {
	src    *bounds.Source
	pos    int64
	op     int64 // where the opcode in hand begins
	p      *Pickle
	stack  []slot
	memo   memo
	proto  int  // as the last PROTO says
	joblib bool // arrays of joblib are skipped
	plain  bool // the second reading, which takes them for opcodes
	forked bool
	gen    uint8

	frameEnd, resume int64 // see arrayStart

	weight, paid int64 // values on the stack, and the most that was paid for
	inert        int   // elements kept without need
	equal        map[string]int
}

func newWalker(src *bounds.Source, off int64) *walker {
	return &walker{src: src, pos: off, p: &Pickle{Off: off}, equal: map[string]int{}}
}

// pickle runs the walker.
func (w *walker) pickle() (*Pickle, error) {
	err := w.run()
	w.p.End = w.pos
	if err == nil {
		return w.p, nil
	}
	if e := bounds.As(err); e.Code == bounds.Malformed {
		w.fault(e)
		return w.p, nil
	}
	return w.p, err
}

// scalars that carry nothing are shared.
var (
	unknown   = &Value{}
	noneValue = &Value{Kind: None}
	trueValue = &Value{Kind: Bool, Text: "True"}
	falseBool = &Value{Kind: Bool, Text: "False"}
	floatSome = &Value{Kind: Float}
	bufferOne = &Value{Kind: Buffer}
	markValue = &Value{Kind: mark}
	inertSome = [...]*Value{Tuple: {Kind: Tuple, More: true}, Bytes: {Kind: Bytes, Len: -1, Off: -1}} // data that is not kept
)

func (w *walker) fault(e *bounds.Error) {
	if w.p.Fault == nil {
		w.p.Fault = e
	}
}

func (w *walker) faultf(format string, args ...any) {
	w.fault(bounds.Malformedf(w.op, format, args...))
}

// eventSize and valueSize are about what an event and a value that is kept take
// of memory, in bytes.
const eventSize, valueSize = 160, 128

func (w *walker) event(kind EventKind, v *Value) error { return w.eventWritten(kind, v, "") }

func (w *walker) eventWritten(kind EventKind, v *Value, written string) error {
	if key, ok := equalKey(kind, v); ok {
		if w.equal[key]++; w.equal[key] > maxEqual {
			return nil
		}
	}
	if err := w.src.Budget.Text(eventSize + valueSize*int64(v.size) + int64(len(v.Text)+len(written))); err != nil {
		return err
	}
	w.p.Events = append(w.p.Events, Event{Kind: kind, Op: w.name(), Off: w.op, Value: v, Written: written, Plain: w.plain})
	return nil
}

// equalKey is what makes two events say the same; ok is false for those that hand
// over something with a name, or have none.
func equalKey(kind EventKind, v *Value) (key string, ok bool) {
	switch kind {
	case Import:
		return "import " + v.Text, v.Text != ""
	case Call:
		return "call " + v.Func.Path(), v.Func.Path() != "" && v.Text == "" && !v.Args.active && v.Args.Kind == Tuple && !holds(v.Args, 0)
	case Restore:
		return "restore " + v.Func.Class(), v.Func.Class() != "" && !v.State.active && !holds(v.State, 0)
	case Append, SetItem:
		return "fill " + v.Func.Class(), v.Func.Class() != "" && !v.Args.active
	}
	return "", false
}

// holds reports whether data may be more than that: a text that may be source, or
// bytes that may be a pickle. Those of dates are shorter.
func holds(v *Value, depth int) bool {
	const source, date, deep = 6, 10, 4
	switch v.Kind {
	case Text:
		return v.Len > source && depth > 0
	case Bytes:
		return v.Len > date
	}
	return depth == deep || slices.ContainsFunc(v.Items, func(x *Value) bool { return holds(x, depth+1) })
}

func (w *walker) name() string {
	b, err := w.src.Bytes(w.op, 1)
	if err != nil {
		return ""
	}
	return opcodes[b[0]].name
}

// run executes opcodes until STOP.
func (w *walker) run() error {
	for {
		if w.resume > 0 && w.pos >= w.frameEnd {
			w.pos, w.resume = w.resume, 0
		}
		w.op = w.pos
		if err := w.src.Budget.Step(1); err != nil {
			return err
		}
		if w.pos >= w.src.Size() {
			return bounds.Malformedf(w.pos, "pickle ends without STOP")
		}
		b, err := w.src.Bytes(w.pos, 1)
		if err != nil {
			return err
		}
		op := b[0]
		w.pos++
		if opcodes[op].name == "" {
			w.pos = w.op
			return bounds.Malformedf(w.op, "unknown pickle opcode 0x%02x", op)
		}
		if op == '.' {
			w.p.Value = w.pop()
			w.p.Stopped = true
			return nil
		}
		if err := w.step(op); err != nil {
			return err
		}
	}
}

// step executes one opcode.
func (w *walker) step(op byte) error {
	switch arg := opcodes[op].arg; {
	case arg == none:
		return w.bare(op)
	case arg == line || arg == twoLines:
		return w.lines(op)
	case arg >= counted1:
		return w.counted(op, arg)
	default:
		return w.number(op, arg)
	}
}

// bare executes the opcodes without argument.
func (w *walker) bare(op byte) error {
	switch op {
	case '(':
		return w.push(markValue)
	case '0':
		w.discard()
	case '1':
		w.popMark()
	case '2':
		return w.push(w.top())
	case 'N':
		return w.push(noneValue)
	case 0x88:
		return w.push(trueValue)
	case 0x89:
		return w.push(falseBool)
	case 'Q':
		return w.persistent(w.pop())
	case 0x97:
		return w.push(bufferOne)
	case 0x98: // READONLY_BUFFER
	case 0x94:
		return w.remember(w.memo.next())
	case 'R', 0x81, 0x92, 'o', 0x93, 'b':
		return w.calls(op)
	default:
		return w.containers(op)
	}
	return nil
}

// containers executes the opcodes that make and fill containers.
func (w *walker) containers(op byte) error {
	switch op {
	case ']':
		return w.push(w.fresh(List))
	case '}':
		return w.push(w.fresh(Dict))
	case ')':
		return w.push(w.fresh(Tuple))
	case 0x8f:
		return w.push(w.fresh(Set))
	case 't':
		return w.push(w.tuple(w.popMark()))
	case 'l':
		return w.filled(List)
	case 'd':
		return w.filled(Dict)
	case 0x91: // FROZENSET
		return w.filled(Set)
	case 0x85, 0x86, 0x87:
		return w.push(w.tuple(w.popN(int(op) - 0x84)))
	case 'a':
		return w.fill(Append, w.popN(1))
	case 'e', 0x90:
		return w.fill(Append, w.popMark())
	case 's':
		return w.fill(SetItem, w.popN(2))
	case 'u':
		return w.fill(SetItem, w.popMark())
	}
	return nil
}
