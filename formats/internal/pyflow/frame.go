package pyflow

import (
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

const (
	// runLimit is how often one code object is looked at before the resolved
	// view is given up. Compiled code needs two or three runs.
	runLimit = 12
	// smallCode is up to how many instructions a code object gets runs until
	// all its jumps are followed, however they are ordered.
	smallCode = 256
	// A code object is not looked at again once all together have cost more
	// steps than this. Compiled code needs some ten for each instruction.
	ceilingBase, ceilingPerInstr = 10_000, 300
	// noteLimit is how many irregularities one code object lists.
	noteLimit = 4
)

// Flags of code objects (Include/cpython/code.h).
const (
	flagOptimized = 0x1
	flagVarArgs   = 0x4
	flagVarKw     = 0x8
	flagGenerator = 0x20
	flagCoroutine = 0x80
	flagAsyncGen  = 0x200
)

// frame is the analysis of one code object, for all its calls together.
type frame struct {
	z        *analysis
	unit     int
	code     *pymarshal.Code
	children []*frame
	parents  []*frame
	cells    map[string]uint8 // which names are cells, which of them free
	ins      []pyopcode.Instr
	linear   int         // how many of ins are the linear pass
	odd      map[int]int // index in ins of what runs at an offset that the linear pass does not have
	handlers []pyopcode.Handler

	env     env // variables and names
	genv    env // what this code stores under global names
	consts  []*set
	boxes   map[int]*box
	ret     *set // what is returned
	yields  *set
	sent    *set // what generators of this code are sent
	bases   *set // of a class body: the base classes
	callers []*frame
	dirty   bool
	reader  bool
	runs    int
	nest    int            // how deep calls of calls are followed
	back    map[int][]*set // stacks at the targets of backward jumps

	run
}

const (
	isCell = 1 << iota
	isFree
)

// run is what one pass over the instructions finds.
type run struct {
	stack   []*set
	pos     int  // index of the instruction in hand
	exact   bool // whether the height of the stack is what it is in CPython
	again   bool // whether something changed that this pass had already used
	kwNames []string
	sites   []Site
	refs, imports, writes,
	rrefs, rcalls, rimports, rwrites,
	escapes, formats, attributes []string
	notes []Note
}

// parameters are the names of all parameters, * and ** last.
func (f *frame) parameters() []string {
	c := f.code
	n := c.ArgCount + c.KwOnlyArgCount
	if c.Flags&flagVarArgs != 0 {
		n++
	}
	if c.Flags&flagVarKw != 0 {
		n++
	}
	return c.VarNames[:max(0, min(n, len(c.VarNames)))]
}

// bind stores a value under a name of this code. Constants that are not text
// lose their plain side, as variables are compared without them.
func (f *frame) bind(name string, v *set) {
	v = variable(v)
	changed, used := f.env.put(f.z, name, v)
	if !changed {
		return
	}
	if used && f.runs > 0 {
		f.again = true
	}
	f.inherit(name)
	if f.code.Flags&flagOptimized == 0 {
		f.recall()
	}
	if f.code.Flags&flagOptimized == 0 && f.unit == 0 { // a module: its names are the globals
		f.z.store(&f.z.globals, name, v)
	}
}

// inherit hands a changed variable on to the functions that close over it.
func (f *frame) inherit(name string) {
	f.z.spend(int64(len(f.children) / 16))
	for _, c := range f.children {
		if c.cells[name]&isFree != 0 && c != f {
			c.close(name, f.env.vals[f.env.find(name)])
		}
	}
}

// close gives a free variable a value, from outside or from a sibling.
func (f *frame) close(name string, v *set) {
	if changed, _ := f.env.put(f.z, name, v); changed {
		f.dirty = true
		f.inherit(name)
	}
}

// variable is v as a variable holds it.
func variable(v *set) *set {
	for _, a := range v.atoms {
		if a.plain == plainConst || a.kind == kindNull || a.kind == kindSelf {
			out := &set{atoms: make([]*atom, len(v.atoms)), wide: v.wide}
			for i, a := range v.atoms {
				switch {
				case a.kind == kindNull || a.kind == kindSelf:
					a = unknownAtom
				case a.plain == plainConst:
					b := *a
					b.plain = plainUnknown
					a = &b
				}
				out.atoms[i] = a
			}
			return out
		}
	}
	return v
}

// reads notes that f has read what frames share.
func (f *frame) reads() {
	if !f.reader {
		f.reader = true
		f.z.readers = append(f.z.readers, f)
	}
}

// note records an irregularity at the instruction in hand.
func (f *frame) note(what string) { f.noteAt(f.offset(), what) }

func (f *frame) noteAt(off int, what string) {
	if len(f.notes) >= noteLimit {
		return
	}
	for _, n := range f.notes {
		if n.What == what {
			return
		}
	}
	f.notes = append(f.notes, Note{Unit: f.unit, Off: off, What: what})
}

func (f *frame) offset() int {
	if f.pos < len(f.ins) {
		return f.ins[f.pos].At
	}
	return -1
}
