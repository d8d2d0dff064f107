package bounds

import (
	"io"
)

// pageSize is how much one read of the underlying reader fetches. Metadata lies
// in clusters, so a page serves many small reads; 64 KiB holds most small models
// whole, and a file of a thousand scattered objects still costs only 64 MiB.
const pageSize = 64 << 10

// cachedPages is how many pages a Source keeps.
const cachedPages = 8

// Source is a bounded, cached view of an io.ReaderAt: the only way that decoders
// read. Every read is checked against the size and paid for from the budget.
type Source struct {
	Budget *Budget
	pages  *pages
	base   int64
	size   int64
}

type pages struct {
	r     io.ReaderAt
	size  int64
	mem   []byte // the whole text, when it lies in memory
	cache [cachedPages]page
	next  int
}

type page struct {
	off  int64
	data []byte
}

// NewSource returns a Source over the size bytes of r.
func NewSource(r io.ReaderAt, size int64, b *Budget) *Source {
	return &Source{Budget: b, pages: &pages{r: r, size: size}, size: size}
}

// FromBytes returns a Source over bytes in memory, which it does not copy.
func FromBytes(data []byte, b *Budget) *Source {
	return &Source{Budget: b, pages: &pages{mem: data, size: int64(len(data))}, size: int64(len(data))}
}

// Size is the number of bytes that can be read.
func (s *Source) Size() int64 { return s.size }

// Section returns the n bytes from off as a Source of its own; offsets in it
// count from 0. It fails if they do not lie within s.
func (s *Source) Section(off, n int64) (*Source, error) {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return nil, Malformedf(off, "%d bytes reach past the end (%d)", n, s.size)
	}
	return &Source{Budget: s.Budget, pages: s.pages, base: s.base + off, size: n}, nil
}

// Bytes returns the n bytes from off. The slice is read-only and stays valid.
// It fails if they do not all lie within the source (Malformed), if the reader
// fails (Unreadable), or if a budget is spent; n is checked against the size
// before anything is allocated.
func (s *Source) Bytes(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return nil, Malformedf(off, "%d bytes reach past the end (%d)", n, s.size)
	}
	if n == 0 {
		return nil, nil
	}
	abs := s.base + off
	p := s.pages
	if p.mem != nil {
		return p.mem[abs : abs+n : abs+n], nil
	}
	if n > pageSize {
		if err := s.Budget.Structure(n); err != nil {
			return nil, err
		}
		return s.fetch(abs, n)
	}
	pageOff := abs - abs%pageSize
	in := abs - pageOff
	if in+n > pageSize { // straddles two pages: read it on its own
		return s.fetch(abs, n)
	}
	for i := range p.cache {
		if c := &p.cache[i]; c.data != nil && c.off == pageOff {
			return c.data[in : in+n : in+n], nil
		}
	}
	data, err := s.fetch(pageOff, min(pageSize, p.size-pageOff))
	if err != nil {
		return nil, err
	}
	p.cache[p.next] = page{pageOff, data}
	p.next = (p.next + 1) % cachedPages
	return data[in : in+n : in+n], nil
}

// fetch reads n bytes at an absolute offset that is known to be in range.
func (s *Source) fetch(abs, n int64) ([]byte, error) {
	if err := s.Budget.Read(n); err != nil {
		return nil, err
	}
	if err := s.Budget.Alive(); err != nil {
		return nil, err
	}
	buf := make([]byte, n)
	got, err := s.pages.r.ReadAt(buf, abs)
	if int64(got) == n { // io.EOF may come with a full read
		return buf, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, &Error{Code: Unreadable, Off: abs - s.base, What: "cannot read: " + err.Error(), Err: err}
}

// ReadAt implements io.ReaderAt for decompressors.
func (s *Source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > s.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), s.size-off)
	for done := int64(0); done < n; {
		step := min(n-done, pageSize)
		data, err := s.Bytes(off+done, step)
		if err != nil {
			return int(done), err
		}
		copy(p[done:], data)
		done += step
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// Reader returns a sequential reader over the whole source.
func (s *Source) Reader() io.Reader { return io.NewSectionReader(s, 0, s.size) }
