package hdf5

import (
	"math/bits"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// SpaceKind tells scalars and arrays from no element at all.
type SpaceKind uint8

const (
	// NoSpace is a dataspace that is missing or could not be read.
	NoSpace SpaceKind = iota
	// Scalar is one element.
	Scalar
	// Simple is an array.
	Simple
	// Null is no element: h5py returns an Empty.
	Null
)

// Dataspace is the shape of a dataset or an attribute (section IV.A.2.b).
type Dataspace struct {
	Kind SpaceKind
	Dims []uint64 // of Simple
}

// maxRank is the number of dimensions that libhdf5 allows.
const maxRank = 32

// Elements is the number of elements; ok is false if it exceeds 64 bits.
func (s *Dataspace) Elements() (n uint64, ok bool) {
	switch s.Kind {
	case Scalar:
		return 1, true
	case Simple:
		n, ok = 1, true
		for _, d := range s.Dims {
			if d == 0 {
				return 0, true
			}
			hi, lo := bits.Mul64(n, d)
			n, ok = lo, ok && hi == 0
		}
		return n, ok
	}
	return 0, true
}

// dataspace reads a dataspace message.
func (r *reader) dataspace(c cursor) (Dataspace, error) {
	var s Dataspace
	version, rank, flags := c.u8(), int(c.u8()), c.u8()
	switch version {
	case 1:
		c.skip(5)
		s.Kind = Simple
		if rank == 0 {
			s.Kind = Scalar
		}
	case 2:
		kind := c.u8()
		if kind > 2 {
			return Dataspace{}, bounds.Malformedf(c.off, "dataspace of kind %d", kind)
		}
		s.Kind = Scalar + SpaceKind(kind)
	default:
		if err := c.err("dataspace"); err != nil {
			return Dataspace{}, err
		}
		return Dataspace{}, bounds.Unsupportedf(c.off, "dataspace version %d", version)
	}
	if rank > maxRank || s.Kind != Simple && rank != 0 {
		return Dataspace{}, bounds.Malformedf(c.off, "dataspace of kind %d with %d dimensions", s.Kind, rank)
	}
	if s.Kind == Simple && rank > 0 && c.left() >= rank*r.sizes.length {
		s.Dims = make([]uint64, rank)
		for i := range s.Dims {
			s.Dims[i] = c.length()
		}
	} else if rank > 0 {
		c.short = true
	}
	if flags&1 != 0 {
		c.skip(rank * r.sizes.length) // maximum dimensions
	}
	if err := c.err("dataspace"); err != nil {
		return Dataspace{}, err
	}
	if _, ok := s.Elements(); !ok {
		return Dataspace{}, bounds.Malformedf(c.off, "dataspace with more elements than 64 bits count: %d", s.Dims)
	}
	return s, nil
}
