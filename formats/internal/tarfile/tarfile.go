// Package tarfile reads tar archives as CPython's tarfile module does, since that is the
// reader that keras.utils.get_file and most scripts unpack a model with: old, ustar, GNU
// and pax headers. The behaviour is that of CPython 3.8 to 3.14; where other readers would
// see other entries, that is recorded as a Disagreement.
package tarfile

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Type says what an entry is. The zero Type is invalid.
type Type uint8

const (
	Regular   Type = iota + 1 // a file; also what Python does not know
	HardLink                  // another name of an entry before it
	Symlink                   // a path
	Directory                 //
	Device                    // a character or block device
	Pipe                      // a FIFO
)

// Entry is one member.
type Entry struct {
	Name      string // bytes as they are, without slashes at the end of a directory's
	Link      string // the target of a link
	Type      Type
	Mode      int64 // the permission bits and those above them, as stated
	Size      int64 // bytes of data in the archive; 0 where Python takes none
	Expanded  int64 // bytes of the file: others than Size in a sparse one
	HeaderOff int64 // of the first header that belongs to the entry
	DataOff   int64
	Sparse    bool // the data is only the parts of the file that are not zero
	Behind    bool // the entry stands behind what ends the archive for Python

	src     *bounds.Source
	content sparse
	broken  error // why the map of a sparse file is not known
}

// Archive is what was read.
type Archive struct {
	Entries       []*Entry
	Disagreements []Disagreement
	// End is where the entries that Python sees end, and with them its reading.
	End int64
	// Unended reports that the file ends without the zeros that end an archive.
	Unended bool
}

// Disagreement is one place where readers differ.
type Disagreement struct {
	Entry *Entry // nil where it concerns the archive as a whole
	Off   int64
	What  string // lower case, for people
}

// Open returns the content of a regular entry: its data, which lies in the archive as it
// is, or a view of that with the zeros of a sparse file.
func (e *Entry) Open() (*bounds.Source, error) {
	if e.Sparse {
		return e.source()
	}
	return e.src.Section(e.DataOff, e.Size)
}

// Head returns the first n bytes of the content, fewer where it ends.
func (e *Entry) Head(n int) ([]byte, error) {
	src, err := e.Open()
	if err != nil {
		return nil, err
	}
	return src.Bytes(0, min(int64(n), src.Size()))
}

// Read reads every header. With an error the archive holds the entries before it.
func Read(src *bounds.Source) (*Archive, error) {
	r := reader{src: src, Archive: &Archive{}, seen: map[string]*Entry{}}
	err := r.all()
	return r.Archive, err
}

type reader struct {
	*Archive
	src    *bounds.Source
	pos    int64
	global pax // of type g, for every entry that follows
	seen   map[string]*Entry
	behind bool
}

// all is TarFile.getmembers, and then what stands behind the end.
func (r *reader) all() error {
	if err := r.entries(); err != nil {
		return err
	}
	r.End = r.pos
	r.Unended = r.End == r.src.Size()
	return r.beyond()
}

// entries reads entries up to a block that ends the archive.
func (r *reader) entries() error {
	for {
		e, err := r.next()
		if err != nil || e == nil {
			return err
		}
		r.Entries = append(r.Entries, e)
		if err := r.compare(e); err != nil {
			return err
		}
	}
}

// block returns the header block at pos; nil at the end of the file.
func (r *reader) block() ([]byte, error) {
	if err := r.src.Budget.Step(1); err != nil {
		return nil, err
	}
	left := r.src.Size() - r.pos
	switch {
	case left <= 0:
		return nil, nil
	case left < blockSize:
		return nil, errorf(r.pos, "%d bytes where a header or the end should be", left)
	}
	return r.src.Bytes(r.pos, blockSize)
}

// next reads the headers of one entry: extended ones, and its own. It returns nil at
// the end, which for Python is a block of zeros, one that is no header, or the end of the
// file.
func (r *reader) next() (*Entry, error) {
	start := r.pos
	var own extended
	for {
		b, err := r.block()
		if err != nil {
			return nil, err
		}
		var h header
		v := zero
		if b != nil {
			h, v = parseHeader(b)
		}
		switch {
		case v == good:
		case r.pos != start: // SubsequentHeaderError
			return nil, errorf(r.pos, "no header behind an extended one")
		case v == invalid && start == 0:
			return nil, errorf(0, "no header at the beginning")
		default:
			return nil, nil
		}
		r.pos += blockSize
		switch h.kind {
		case typeLongName, typeLongLink, typePax, typeSolarisPax, typeGlobalPax:
			if err := r.extend(&own, h); err != nil {
				return nil, err
			}
			continue
		}
		return r.entry(h, &own, start)
	}
}

// entry is _proc_builtin and _proc_sparse, and what extended headers change.
func (r *reader) entry(h header, own *extended, start int64) (*Entry, error) {
	e := &Entry{Name: h.name, Link: h.link, Mode: h.mode, HeaderOff: start, Sparse: h.sparse, Behind: r.behind, src: r.src}
	if h.sparse {
		e.Expanded = h.realSize
		e.broken = e.gnuMap(h.sparseMap)
	}
	for more := h.extended; more; {
		b, err := r.block()
		if err != nil {
			return nil, err
		}
		if b == nil {
			return nil, errorf(r.pos, "the map of a sparse file is cut off")
		}
		r.pos += blockSize
		more = b[504] != 0
		if e.broken == nil {
			e.broken = e.gnuMap(b[:504])
		}
	}
	e.Type = typeOf(h.kind)
	size := own.apply(e, r.global.apply(e, h.size))
	e.DataOff = r.pos
	padded, ok := blocks(size)
	switch {
	case !ok:
		return nil, errorf(start, "entry %q states a size of %d bytes", e.Name, size)
	case hasNoData(h.kind):
		if size != 0 {
			r.disagree(e, start, "an entry without content states a size of %d bytes: Python reads the next header right behind it, others skip as much", size)
		}
		return e, nil
	}
	e.Size = size
	if !e.Sparse {
		e.Expanded = size
	}
	if size > r.src.Size()-r.pos {
		e.Size = r.src.Size() - r.pos
		return e, r.cut(e, size)
	}
	r.pos += min(padded, r.src.Size()-r.pos)
	return e, r.sparse(e, *own)
}

// sparse reads the map of a sparse file, which one of its pax headers describes. An error
// is that of a budget; others concern the entry only.
func (r *reader) sparse(e *Entry, own extended) error {
	var found []pax
	for _, p := range append(extended{r.global}, own...) {
		if p.sparse() {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 0:
	case len(found) > 1 || e.Sparse || r.global.sparse() || found[0]["size"] != "":
		e.broken = bounds.Unsupportedf(e.HeaderOff, "a sparse file that several headers of a tar archive describe")
	default:
		e.broken = r.paxMap(e, found[0])
	}
	e.Sparse = e.Sparse || len(found) > 0
	switch {
	case e.broken != nil && bounds.As(e.broken).Code == bounds.LimitExceeded:
		return e.broken
	case e.Sparse && e.Expanded < 0:
		e.broken = errorf(e.HeaderOff, "sparse file %q states a size of %d bytes", e.Name, e.Expanded)
		e.Expanded = e.Size
	}
	return nil
}

// cut keeps an entry that the file cuts off, and says so.
func (r *reader) cut(e *Entry, size int64) error {
	r.pos = r.src.Size()
	r.Entries = append(r.Entries, e)
	return errorf(e.DataOff, "entry %q of %d bytes reaches past the end of the file", e.Name, size)
}

func typeOf(kind byte) Type {
	switch kind {
	case typeHardLink:
		return HardLink
	case typeSymlink:
		return Symlink
	case typeDirectory:
		return Directory
	case typeChar, typeBlock:
		return Device
	case typePipe:
		return Pipe
	}
	return Regular
}
