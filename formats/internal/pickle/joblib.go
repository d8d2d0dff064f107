package pickle

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// joblibWrappers stand in a pickle of joblib for an array whose bytes follow the
// BUILD that completes the wrapper, outside of any opcode
// (NumpyArrayWrapper.read_array in joblib/numpy_pickle.py).
var joblibWrappers = map[string]bool{"joblib.numpy_pickle.NumpyArrayWrapper": true, "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper": true}

// afterBuild skips the array behind a wrapper of joblib. An array of objects is a
// pickle of its own there, which joblib hands to pickle.load.
//
// pickle.load itself skips nothing. What it would make of the bytes is followed
// as well, up to its first fault.
func (w *walker) afterBuild(object *Value) error {
	if !joblibWrappers[object.Class()] {
		return nil
	}
	if err := w.fork(); err != nil {
		return err
	}
	state := object.State
	start := w.arrayStart()
	if size := itemSize(state.Get("dtype")); size >= 0 {
		end, err := w.arrayEnd(start, size, state)
		if err == nil {
			w.p.Skipped = append(w.p.Skipped, Range{start, end})
			w.skipTo(end)
		}
		return err
	}
	inner := newWalker(w.src, start)
	inner.p.Events = w.p.Events
	p, err := inner.pickle()
	w.p.Events, w.p.Embedded = p.Events, append(w.p.Embedded, p.Embedded...)
	if p.Fault != nil {
		w.fault(p.Fault)
	}
	w.skipTo(p.End)
	return err
}

// fork reads on as pickle.load does. One such reading is enough: it never comes
// back to joblib's.
func (w *walker) fork() error {
	if w.forked {
		return nil
	}
	w.forked = true
	f := newWalker(w.src, w.pos)
	f.plain, f.gen, f.proto = true, w.gen+1, w.proto
	f.stack = append(f.stack, w.stack...)
	f.memo.below = &w.memo
	p, err := f.pickle()
	if err != nil {
		return err
	}
	for _, e := range p.Events {
		if e.Off < p.faultOff() {
			w.p.Events = append(w.p.Events, e)
		}
	}
	return nil
}

func (p *Pickle) faultOff() int64 {
	if p.Fault == nil {
		return p.End
	}
	return p.Fault.Off
}

// arrayStart is where joblib reads an array: its unpickler is the one in Python,
// which takes a whole frame from the file first.
func (w *walker) arrayStart() int64 {
	if w.pos >= w.frameEnd {
		return w.pos
	}
	return max(w.frameEnd, w.resume)
}

// skipTo goes on behind an array: at once, or when the frame in hand is done.
func (w *walker) skipTo(end int64) {
	if w.pos >= w.frameEnd {
		w.pos = end
	} else {
		w.resume = end
	}
}

// arrayEnd is where the array of a wrapper ends that begins at start.
func (w *walker) arrayEnd(start, size int64, state *Value) (int64, error) {
	if align := state.Get("numpy_array_alignment_bytes"); align != nil && align.Kind != None {
		b, err := w.src.Bytes(start, 1)
		if err != nil {
			return 0, err
		}
		start += 1 + int64(b[0])
	}
	shape := state.Get("shape")
	if size == 0 || shape == nil || shape.Kind != Tuple || shape.More {
		return 0, bounds.Unsupportedf(w.op, "array of joblib whose size is not known")
	}
	for _, d := range shape.Items {
		n, err := strconv.ParseInt(d.Text, 10, 64)
		if err != nil || n < 0 || n > 0 && size > w.src.Size()/n {
			return 0, bounds.Malformedf(w.op, "array of joblib reaches past the end")
		}
		size *= n
	}
	if start > w.src.Size() || size > w.src.Size()-start {
		return 0, bounds.Malformedf(w.op, "array of joblib reaches past the end")
	}
	return start + size, nil
}

// itemSize returns the bytes of one element of a pickled numpy.dtype: -1 for
// objects, 0 where it is not known. Its first argument is a type string such as
// "f4"; the size of a record stands in its state.
func itemSize(dtype *Value) int64 {
	name := dtype.Arg(0)
	if dtype.Class() != "numpy.dtype" || !name.Whole() || len(name.Text) < 2 {
		return 0
	}
	n, err := strconv.ParseInt(name.Text[1:], 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	switch name.Text[0] {
	case 'O':
		return -1
	case 'U':
		return 4 * n
	case 'V':
		return recordSize(dtype.State, n)
	}
	return n
}

// recordSize is the size of a record: -1 if a field holds objects. The state of a
// dtype is (version, order, subtype, names, fields, itemsize, alignment, flags).
func recordSize(state *Value, n int64) int64 {
	if state == nil || state.Kind != Tuple || len(state.Items) < 5 {
		return n
	}
	if sub := state.Items[2]; sub.Kind == Tuple && len(sub.Items) > 0 && itemSize(sub.Items[0]) < 0 {
		return -1
	}
	fields := state.Items[4]
	if fields.Kind != Dict {
		return n
	}
	for i := 1; i < len(fields.Items); i += 2 {
		if f := fields.Items[i]; f.Kind == Tuple && len(f.Items) > 0 && itemSize(f.Items[0]) < 0 {
			return -1
		}
	}
	return n
}
