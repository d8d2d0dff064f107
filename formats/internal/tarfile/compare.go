package tarfile

import (
	"bytes"
	"fmt"
)

func (r *reader) disagree(e *Entry, off int64, format string, args ...any) {
	if len(r.Disagreements) < maxDisagreements {
		r.Disagreements = append(r.Disagreements, Disagreement{e, off, fmt.Sprintf(format, args...)})
	}
}

// maxDisagreements is how many are listed: an archive with more is as doubtful as one
// with these.
const maxDisagreements = 50

// compare records a file that takes the name of an earlier one and holds something else:
// unpacking leaves the last, a reader that looks one up may take the first.
func (r *reader) compare(e *Entry) error {
	if e.Type == Directory {
		return nil
	}
	before := r.seen[e.Name]
	r.seen[e.Name] = e
	if before == nil || before.Behind != e.Behind {
		return nil
	}
	same, err := equal(before, e)
	if err == nil && !same {
		r.disagree(e, e.HeaderOff, "an earlier entry has the same name and holds something else; the last one wins in Python")
	}
	return err
}

// compareChunk is how much of two entries is held against each other at once.
const compareChunk = 32 << 10

func equal(a, b *Entry) (bool, error) {
	if a.Type != b.Type || a.Link != b.Link || a.Size != b.Size || a.Sparse || b.Sparse {
		return false, nil
	}
	for pos := int64(0); pos < a.Size; pos += compareChunk {
		n := min(compareChunk, a.Size-pos)
		if err := a.src.Budget.Step(n >> 10); err != nil {
			return false, err
		}
		x, err := a.src.Bytes(a.DataOff+pos, n)
		if err != nil {
			return false, err
		}
		y, err := b.src.Bytes(b.DataOff+pos, n)
		if err != nil || !bytes.Equal(x, y) {
			return false, err
		}
	}
	return true, nil
}

// maxBehind is how many bytes behind the end are searched for further entries: padding
// is below a record of 10 KiB.
const maxBehind = 16 << 20

// beyond looks behind the end for further entries, which tar --ignore-zeros and readers
// that skip what is no header see.
func (r *reader) beyond() error {
	r.behind = true
	limit := min(r.src.Size(), r.End+maxBehind)
	for r.pos = r.End; r.pos+blockSize <= limit; {
		b, err := r.block()
		if err != nil {
			return err
		}
		h, v := parseHeader(b)
		if _, sane := blocks(h.size); v != good || !sane {
			r.pos += blockSize
			continue
		}
		first, at := len(r.Entries), r.pos
		err = r.entries()
		if len(r.Entries) == first {
			r.pos = at + blockSize
			continue
		}
		r.disagree(nil, at, "further entries stand behind the end of the tar archive, where Python stops and other readers go on: %d", len(r.Entries)-first)
		return err
	}
	return nil
}
