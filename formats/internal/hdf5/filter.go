package hdf5

import (
	"bytes"
	"compress/zlib"
	"io"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Filters that fractal heaps may use and this package undoes.
const (
	filterDeflate    = 1
	filterShuffle    = 2
	filterFletcher32 = 3
)

// maxFilters is the length of a pipeline that libhdf5 allows.
const maxFilters = 32

// filterMessage reads a filter pipeline message (section IV.A.2.l).
func (r *reader) filterMessage(c *cursor) ([]Filter, error) {
	version, count := c.u8(), int(c.u8())
	switch version {
	case 1:
		c.skip(6)
	case 2:
	default:
		if err := c.err("filter pipeline"); err != nil {
			return nil, err
		}
		return nil, bounds.Unsupportedf(c.off, "filter pipeline version %d", version)
	}
	if count > maxFilters {
		return nil, bounds.Malformedf(c.off, "filter pipeline of %d filters", count)
	}
	filters := make([]Filter, 0, count)
	for range count {
		f := Filter{ID: c.u16()}
		nameLen := 0
		if version == 1 || f.ID >= 256 {
			nameLen = int(c.u16())
		}
		f.Flags, f.Params = c.u16(), int(c.u16())
		if version == 1 {
			nameLen = (nameLen + 7) &^ 7
		}
		name, _, _ := bytes.Cut(c.take(nameLen), []byte{0})
		params := c.take(4 * f.Params)
		if version == 1 && f.Params%2 == 1 {
			c.skip(4)
		}
		if err := c.err("filter pipeline"); err != nil {
			return filters, err
		}
		if len(params) > 0 {
			p := cursor{b: params}
			f.param = p.u32()
		}
		var err error
		if f.Name, err = r.keep(name); err != nil {
			return filters, err
		}
		filters = append(filters, f)
	}
	return filters, nil
}

// unfilter undoes the filters of a fractal heap block or object, which must
// come out at size bytes. A set bit of mask means that the filter was left out.
func (r *reader) unfilter(c cursor, filters []Filter, mask uint32, size uint64) ([]byte, error) {
	if err := r.budget.Structure(int64(min(size, 1<<62))); err != nil {
		return nil, err
	}
	b := c.b
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 == 1 {
			continue
		}
		if err := r.budget.Read(int64(len(b))); err != nil {
			return nil, err
		}
		var err error
		switch f := filters[i]; f.ID {
		case filterDeflate:
			b, err = r.inflate(b, c.off, int64(size)+4) // a checksum may have been taken before
		case filterShuffle:
			b = unshuffle(b, int(f.param))
		case filterFletcher32:
			// libhdf5 checks the checksum; the blocks have one of their own.
			if len(b) < 4 {
				return nil, bounds.Malformedf(c.off, "filtered block is too short for its checksum")
			}
			b = b[:len(b)-4]
		default:
			return nil, bounds.Unsupportedf(c.off, "fractal heap with filter %d", f.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	if uint64(len(b)) != size {
		return nil, bounds.Malformedf(c.off, "filtered block holds %d bytes, want %d", len(b), size)
	}
	return b, nil
}

// inflate decompresses at most limit bytes.
func (r *reader) inflate(b []byte, off, limit int64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, bounds.Malformedf(off, "filtered block is not deflated: %v", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err := r.budget.Read(int64(len(out))); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, bounds.Malformedf(off, "filtered block does not inflate: %v", err)
	}
	if int64(len(out)) > limit {
		return nil, bounds.Malformedf(off, "filtered block inflates to more than %d bytes", limit)
	}
	return out, nil
}

// unshuffle puts the bytes of elements together again: first come all first
// bytes, then all second ones; what is left over stays at the end.
func unshuffle(b []byte, size int) []byte {
	if size <= 1 || size > len(b) {
		return b
	}
	count := len(b) / size
	out := make([]byte, len(b))
	for i := range size {
		for j := range count {
			out[j*size+i] = b[i*count+j]
		}
	}
	copy(out[count*size:], b[count*size:])
	return out
}
