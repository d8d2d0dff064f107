package tarfile

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// part is a range of a sparse file that has data; what lies between parts is zeros.
type part struct{ off, size int64 }

// sparse is the content of a sparse file: it lies in the archive without its zeros.
type sparse struct {
	parts []part  // in order, none of them empty
	at    []int64 // where the data of each part begins in stored
	src   *bounds.Source
}

// ReadAt implements io.ReaderAt. Nothing is held but the map.
func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	end := off + int64(len(p))
	i, _ := slices.BinarySearchFunc(s.parts, off, func(x part, off int64) int {
		if x.off+x.size <= off {
			return -1
		}
		return 1
	})
	for ; i < len(s.parts) && s.parts[i].off < end; i++ {
		x := s.parts[i]
		from, to := max(off, x.off), min(end, x.off+x.size)
		n, err := s.src.ReadAt(p[from-off:to-off], s.at[i]+from-x.off)
		if int64(n) < to-from {
			return int(from-off) + n, err
		}
	}
	return len(p), nil
}

// maps takes the parts that a map lists and adds them to a file. CPython reads a map that
// is out of order in one way, and tar in another.
func (e *Entry) maps(numbers []int64) error {
	if len(numbers)%2 != 0 {
		return errorf(e.HeaderOff, "the map of sparse file %q has an offset without a size", e.Name)
	}
	s := &e.content
	end, stored := int64(0), int64(0)
	if n := len(s.parts); n > 0 {
		end = s.parts[n-1].off + s.parts[n-1].size
		stored = s.at[n-1] + s.parts[n-1].size
	}
	for ; len(numbers) > 0; numbers = numbers[2:] {
		x := part{numbers[0], numbers[1]}
		if x.size == 0 {
			continue
		}
		if x.off < end || x.size < 0 || x.off > maxSparse || x.size > maxSparse {
			return errorf(e.HeaderOff, "the map of sparse file %q is not in order", e.Name)
		}
		if err := e.src.Budget.Text(partBytes); err != nil {
			return err
		}
		s.parts, s.at = append(s.parts, x), append(s.at, stored)
		end, stored = x.off+x.size, stored+x.size
	}
	return nil
}

// maxSparse is the largest offset and size that is read, and partBytes what a part takes
// of memory.
const maxSparse, partBytes = 1 << 60, 24

// gnuMap reads the map in the header of an old GNU sparse file, or in a block behind it.
func (e *Entry) gnuMap(b []byte) error {
	for ; len(b) >= 24; b = b[24:] {
		off, ok1 := number(b[:12])
		size, ok2 := number(b[12:24])
		if !ok1 || !ok2 {
			return nil
		}
		if err := e.maps([]int64{off, size}); err != nil {
			return err
		}
	}
	return nil
}

// paxMap reads the map of a sparse file that pax headers describe (_proc_gnusparse_00,
// _01 and _10). That of version 1.0 stands in front of the data.
func (r *reader) paxMap(e *Entry, p pax) error {
	e.Expanded = 0
	for _, key := range []string{"GNU.sparse.size", "GNU.sparse.realsize"} {
		if text, ok := p[key]; ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return errorf(e.HeaderOff, "sparse file %q states a size of %q bytes", e.Name, text)
			}
			e.Expanded = n
		}
	}
	list, inHeader := p["GNU.sparse.map"]
	switch {
	case inHeader:
	case p["GNU.sparse.size"] != "":
		offsets, sizes := strings.Split(p["GNU.sparse.offset"], ","), strings.Split(p["GNU.sparse.numbytes"], ",")
		if len(offsets) != len(sizes) {
			return errorf(e.HeaderOff, "the map of sparse file %q has an offset without a size", e.Name)
		}
		for i, off := range offsets {
			list += "," + off + "," + sizes[i]
		}
		list = strings.TrimLeft(list, ",")
	case p["GNU.sparse.major"] == "1" && p["GNU.sparse.minor"] == "0":
		return r.mapInFront(e)
	default:
		return bounds.Unsupportedf(e.HeaderOff, "a sparse file of an unknown version in a tar archive")
	}
	if list == "" {
		return nil
	}
	var numbers []int64
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errorf(e.HeaderOff, "the map of sparse file %q holds %q", e.Name, text)
		}
		numbers = append(numbers, n)
	}
	return e.maps(numbers)
}

// mapInFront reads how many parts there are and then their offsets and sizes, a number a
// line. The data begins with the next block.
func (r *reader) mapInFront(e *Entry) error {
	var left int64 = -1
	var numbers []int64
	var rest []byte
	for pos, end := e.DataOff, e.DataOff+e.Size; left != 0 || rest == nil; {
		line, more, ok := bytes.Cut(rest, []byte("\n"))
		if !ok {
			if end-pos < blockSize || len(rest) > blockSize {
				return errorf(pos, "the map of sparse file %q does not end", e.Name)
			}
			b, err := r.src.Bytes(pos, blockSize)
			if err == nil {
				err = r.src.Budget.Step(1)
			}
			if err != nil {
				return err
			}
			pos += blockSize
			rest = append(rest, b...)
			e.Size, e.DataOff = end-pos, pos
			continue
		}
		rest = more
		n, err := strconv.ParseInt(string(line), 10, 64)
		switch {
		case err != nil || n < 0:
			return errorf(pos, "the map of sparse file %q holds %q", e.Name, line)
		case left < 0:
			left = 2 * min(n, maxSparse)
			continue
		}
		left--
		if numbers = append(numbers, n); len(numbers) == 2 {
			if err := e.maps(numbers); err != nil {
				return err
			}
			numbers = numbers[:0]
		}
	}
	return nil
}

// source is the content of a sparse file.
func (e *Entry) source() (*bounds.Source, error) {
	if e.broken != nil {
		return nil, e.broken
	}
	stored, err := e.src.Section(e.DataOff, e.Size)
	if err != nil {
		return nil, err
	}
	s := e.content
	if n := len(s.parts); n > 0 && (s.at[n-1]+s.parts[n-1].size > e.Size || s.parts[n-1].off+s.parts[n-1].size > e.Expanded) {
		return nil, errorf(e.HeaderOff, "the map of sparse file %q reaches past its end", e.Name)
	}
	s.src = stored
	return bounds.NewSource(&s, e.Expanded, e.src.Budget), nil
}

var _ io.ReaderAt = (*sparse)(nil)
