package pymarshal

import (
	"bytes"
	"slices"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// func_dump of Keras replaces the backslash by the slash in the whole stream
// when it runs on Windows (keras/src/utils/python_utils.py).
const (
	slash     = 0x2f
	backslash = 0x5c
)

// maxTrials is how often a stream is decoded in one layout in search of the
// lengths that were changed. A real one has one or two.
const maxTrials = 64

// repair reads bytes 0x2f as 0x5c until the stream fits strictly, and returns the
// readings that do. What was replaced cannot be told from what was not, so only
// that is changed which does not fit as it stands: first lengths, counts and
// reference numbers without which the stream does not decode, the nearest to
// the failure first; then, for each version, numbers and arguments of
// instructions that are undefined, special, out of range or followed by what can
// only be their cache; then distances of jumps and bytes of exception tables that
// lead beside an instruction. Text is left alone. A byte that fits as it stands is
// kept, though 0x5c may have been meant.
func repair(data []byte, b *bounds.Budget) ([]Reading, error) {
	if bytes.IndexByte(data, slash) < 0 {
		return nil, nil
	}
	var all []Reading
	for l := range layouts {
		m := mender{layout: l, budget: b, data: bytes.Clone(data), trials: maxTrials}
		d, err := m.mendLengths(-1)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		for _, v := range Versions {
			if layoutOf(v) != l || v.Before(d.since.Major, d.since.Minor) {
				continue
			}
			r, err := m.mendVersion(d, v)
			if err != nil {
				return nil, err
			}
			if r.Strict && len(r.Repairs) > 0 {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// mender repairs a stream in one layout.
type mender struct {
	layout  layout
	budget  *bounds.Budget
	data    []byte // a copy, with the repairs so far
	repairs []int  // their offsets
	trials  int    // how many are left
}

// mendLengths returns a decoder that has decoded the stream, after changes that
// each let it come farther than before; nil if there are none. The error is only
// that of a budget.
func (m *mender) mendLengths(before int) (*decoder, error) {
	if m.trials == 0 {
		return nil, nil
	}
	m.trials--
	d := newDecoder(m.data, m.layout, m.budget)
	d.trial = true
	root, err := d.top()
	switch {
	case err == nil && root.Kind == KindCode:
		return d, nil
	case err == nil || d.pos <= before:
		return nil, nil
	case bounds.As(err).Code != bounds.Malformed:
		return nil, err
	}
	for _, at := range slices.Backward(d.levers) {
		m.change(at)
		if mended, err := m.mendLengths(d.pos); mended != nil || err != nil {
			return mended, err
		}
		m.undo(at)
	}
	return nil, nil
}

func (m *mender) change(at int) {
	m.data[at] = backslash
	m.repairs = append(m.repairs, at)
}

func (m *mender) undo(at int) {
	m.data[at] = slash
	m.repairs = m.repairs[:len(m.repairs)-1]
}

// mendVersion repairs the instructions for one version and reads the result
// again. d has decoded m.data.
func (m *mender) mendVersion(d *decoder, v Version) (Reading, error) {
	repaired := mender{layout: m.layout, budget: m.budget, data: bytes.Clone(m.data), repairs: slices.Clone(m.repairs)}
	f := fitter{table: pyopcode.For(v)}
	for _, c := range d.codes {
		if err := m.budget.Step(1 + int64(len(c.Bytecode))); err != nil {
			return Reading{}, err
		}
		repaired.mendCode(&f, c)
	}
	again := newDecoder(repaired.data, m.layout, m.budget)
	readings, err := again.readings()
	if err != nil {
		if bounds.As(err).Code == bounds.Malformed {
			err = nil
		}
		return Reading{}, err
	}
	for _, r := range readings {
		if r.Version == v {
			slices.Sort(repaired.repairs)
			r.Repairs = repaired.repairs
			return r, nil
		}
	}
	return Reading{}, nil
}

// mendCode repairs the instructions and the exception table of c, which lie in
// m.data. What cannot be repaired is left as it is.
func (m *mender) mendCode(f *fitter, c *Code) {
	mended := *c
	mended.Bytecode = m.data[c.bytecodeAt : c.bytecodeAt+len(c.Bytecode)]
	mended.ExceptionTable = m.data[c.tableAt : c.tableAt+len(c.ExceptionTable)]
	f.begin(&mended)
	for off := 0; off < len(c.Bytecode); {
		in, ok := m.mendInstruction(f, &mended, off)
		if !ok {
			return
		}
		f.mark(in)
		off = in.End
	}
	for _, j := range f.jumps {
		if !f.begins(j.to, len(c.Bytecode)) {
			m.mendJump(f, &mended, j)
		}
	}
	m.mendTable(f, &mended)
}

// maxChoices is how many bytes 0x2f of one instruction are tried both ways: its
// number, its argument and two prefixes.
const maxChoices = 4

// mendInstruction returns the instruction at off with the fewest changes that
// make it fit; ok is false if none does.
func (m *mender) mendInstruction(f *fitter, c *Code, off int) (in pyopcode.Instr, ok bool) {
	return m.choose(c.bytecodeAt, slashes(f, c, off), func() (pyopcode.Instr, bool) {
		in, ok := f.table.At(c.Bytecode, off)
		if !ok {
			return in, false
		}
		jumps := len(f.jumps)
		if f.instruction(c, in) != Fits || !f.followed(c, in) {
			f.jumps = f.jumps[:jumps]
			return in, false
		}
		return in, true
	})
}

// mendJump changes the argument of a jump so that it leads to an instruction.
func (m *mender) mendJump(f *fitter, c *Code, j jump) {
	m.choose(c.bytecodeAt, slashes(f, c, j.from), func() (pyopcode.Instr, bool) {
		in, ok := f.table.At(c.Bytecode, j.from)
		return in, ok && f.begins(in.Target, len(c.Bytecode))
	})
}

// slashes returns the offsets of the bytes 0x2f in the instruction at off.
func slashes(f *fitter, c *Code, off int) (found []int) {
	in, ok := f.table.At(c.Bytecode, off)
	if !ok {
		return nil
	}
	end := in.At + 2
	if f.table.Version.Major == 2 {
		end = in.End
	}
	for at := end - 1; at >= in.Off && len(found) < maxChoices; at-- {
		if c.Bytecode[at] == slash {
			found = append(found, at)
		}
	}
	return found
}

// choose changes a subset of the bytes at offsets from base such that fits holds,
// none if possible, and returns what fits returned.
func (m *mender) choose(base int, offsets []int, fits func() (pyopcode.Instr, bool)) (in pyopcode.Instr, ok bool) {
	for subset := range 1 << len(offsets) {
		for i, at := range offsets {
			if subset>>i&1 != 0 {
				m.change(base + at)
			}
		}
		if in, ok = fits(); ok {
			return in, true
		}
		for i, at := range slices.Backward(offsets) {
			if subset>>i&1 != 0 {
				m.undo(base + at)
			}
		}
	}
	return in, false
}

// followed reports whether what comes after in can be an instruction, or could
// before a byte was replaced.
func (f *fitter) followed(c *Code, in pyopcode.Instr) bool {
	if in.End == len(c.Bytecode) {
		return true
	}
	next, ok := f.table.At(c.Bytecode, in.End)
	if !ok {
		return false
	}
	return next.Op != pyopcode.Invalid && !next.Special || next.Raw == slash
}

// mendTable changes bytes of the exception table, each time the last one before
// the first entry that does not fit, or in it, as long as that helps.
func (m *mender) mendTable(f *fitter, c *Code) {
	for {
		good := f.soundEntries(c)
		if good == len(c.ExceptionTable) {
			return
		}
		if !m.mendEntry(f, c, good) {
			return
		}
	}
}

func (m *mender) mendEntry(f *fitter, c *Code, good int) bool {
	for at := good; at < len(c.ExceptionTable); at++ {
		if c.ExceptionTable[at] != slash {
			continue
		}
		m.change(c.tableAt + at)
		if f.soundEntries(c) > good {
			return true
		}
		m.undo(c.tableAt + at)
		if at > good+maxChoices {
			break
		}
	}
	return false
}
