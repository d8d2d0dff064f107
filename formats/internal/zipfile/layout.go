package zipfile

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Bounds of the search in what nothing refers to: enough for the whole of a model's
// configuration hidden there, and a prefix of gigabytes costs no more.
const (
	maxScan   = 4 << 20
	scanChunk = 32 << 10
	maxHidden = 64 // disagreements; more say nothing new
)

// maxDescriptor is the longest data descriptor: signature, CRC and two zip64 sizes
// (APPNOTE 4.3.9). No local header or end record with its name fits in it.
const maxDescriptor = 24

// extent is what the directory says of where something lies.
type extent struct {
	start, end int64
	descriptor bool
}

// layOut finds overlapping entries and what lies in no entry.
func (a *Archive) layOut(end endRecord) error {
	for _, d := range a.dirs {
		a.overlaps(d)
	}
	var extents []extent
	for _, e := range a.Entries {
		if e.DataOff >= 0 {
			extents = append(extents, extent{e.HeaderOff, e.end(), e.descriptor})
		}
	}
	for _, d := range a.dirs {
		extents = append(extents, extent{start: d.start, end: end.at})
	}
	slices.SortFunc(extents, func(x, y extent) int { return cmp.Compare(x.start, y.start) })
	pos, descriptor := int64(0), false
	for _, x := range extents {
		if gap := min(x.start, end.at) - pos; gap > 0 && !(descriptor && gap <= maxDescriptor) {
			a.Gaps = append(a.Gaps, Range{pos, gap})
		}
		if x.end > pos {
			pos, descriptor = x.end, x.descriptor
		}
	}
	if len(a.Gaps) > 0 && a.Gaps[0].Off == 0 {
		a.Prefix = a.Gaps[0].Len
	}
	return a.scanGaps()
}

// end is where the directory says that the data ends; it may lie outside the file.
func (e *Entry) end() int64 {
	if e.Packed > math.MaxInt64-e.DataOff {
		return math.MaxInt64
	}
	return e.DataOff + e.Packed
}

// overlaps is the check of ZipFile.open since gh-109858: no data may reach past the
// next local header, or past the start of the directory. Releases differ on entries
// that share one header; here they overlap.
func (a *Archive) overlaps(d directory) {
	entries := make([]*Entry, 0, len(a.Entries))
	for _, e := range a.Entries {
		if e.Readings&d.readings != 0 {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(x, y *Entry) int { return cmp.Compare(x.HeaderOff, y.HeaderOff) })
	for i, e := range entries {
		next := d.start
		if i+1 < len(entries) {
			next = entries[i+1].HeaderOff
		}
		if e.DataOff >= 0 && e.end() > next {
			a.disagree(Overlap, e, e.HeaderOff, fmt.Sprintf("its data ends at %d, past %d where the next part begins", e.end(), next))
		}
	}
}

// scanGaps looks in the gaps for what streaming readers, or readers that take an
// earlier end record, would see.
func (a *Archive) scanGaps() error {
	left, before := int64(maxScan), len(a.Disagreements)
	for _, g := range a.Gaps {
		n := min(g.Len, left)
		left -= n
		a.Unscanned += g.Len - n
		for done := int64(0); done < n; done += scanChunk {
			off := g.Off + done
			// Three bytes more, for a signature across two chunks.
			b, err := a.src.Bytes(off, min(scanChunk+3, g.Off+g.Len-off))
			if err != nil {
				return err
			}
			for i := signature(b, 0); i >= 0; i = signature(b, i+1) {
				if err := a.hidden(off+int64(i), string(b[i:i+4])); err != nil {
					return err
				}
				if len(a.Disagreements)-before >= maxHidden {
					return nil
				}
			}
		}
	}
	return nil
}

// signature returns where the first signature of a local header or an end record
// begins in b, from i on and in the first scanChunk bytes; -1 if nowhere.
func signature(b []byte, i int) int {
	for ; i < min(scanChunk, len(b)-3); i++ {
		next := bytes.Index(b[i:], []byte("PK"))
		if next < 0 {
			return -1
		}
		if i += next; i >= scanChunk || i > len(b)-4 {
			return -1
		}
		if s := string(b[i : i+4]); s == sigLocal || s == sigEnd {
			return i
		}
	}
	return -1
}

// hidden records the local header or end record at off, if it can be one.
func (a *Archive) hidden(off int64, sig string) error {
	if err := a.src.Budget.Step(1); err != nil {
		return err
	}
	if sig == sigLocal {
		return a.hiddenEntry(off)
	}
	if off <= a.src.Size()-sizeEnd {
		a.disagree(SecondEndRecord, nil, off, "an end record outside of every member")
	}
	return nil
}

func (a *Archive) hiddenEntry(off int64) error {
	if off > a.src.Size()-sizeLocal {
		return nil
	}
	b, err := a.src.Bytes(off, sizeLocal)
	if err != nil {
		return err
	}
	h := parseLocal(b)
	if h.nameLen == 0 || h.nameLen > a.src.Size()-off-sizeLocal {
		return nil
	}
	const shown = 200 // bytes of the name
	raw, err := a.src.Bytes(off+sizeLocal, min(h.nameLen, shown))
	if err != nil {
		return err
	}
	name, ok := decodeName(raw, h.flags)
	if !ok {
		name, _ = decodeName(raw, 0)
	}
	a.disagree(HiddenEntry, nil, off, fmt.Sprintf("a local header for %q that the directory does not list", name))
	return nil
}
