package bundle

import (
	_ "embed"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// Type is a type of tensors (DataType in tensorflow/core/framework/types.proto).
type Type int32

//go:embed dtypes.txt
var typesText string

type typeFacts struct {
	name string
	size int64
}

var types = sync.OnceValue(func() map[Type]typeFacts {
	known := map[Type]typeFacts{}
	for line := range strings.Lines(typesText) {
		var t Type
		var f typeFacts
		if n, _ := fmt.Sscan(line, &t, &f.name, &f.size); n == 3 {
			known[t] = f
		}
	}
	return known
})

// String returns the name, such as "float", and the number of a type without one.
func (t Type) String() string {
	if f, ok := types()[t]; ok {
		return f.name
	}
	return fmt.Sprintf("type %d", int32(t))
}

// Size is how many bytes an element has in a data file; 0 where elements differ.
func (t Type) Size() int64 { return types()[t].size }

// maxRank is the most dimensions of a tensor (TensorShape::MaxDimensions).
const maxRank = 254

// bundleVersion is the version of the format (kTensorBundleVersion).
const bundleVersion = 1

func (v value) message() protowire.Message {
	m := v.b.wire.Message()
	m.Off, m.End = v.from, v.to
	return m
}

// headerFields reads a BundleHeaderProto.
func (r *reader) headerFields(v value) error {
	const shards, version = 1, 3
	const minConsumer = 2
	return v.message().Each(func(f *protowire.Field) error {
		switch {
		case f.Number == shards && f.Type == protowire.Varint:
			r.index.Shards = int32(f.Value)
		case f.Number == version && f.Type == protowire.Bytes:
			return each(f, func(f *protowire.Field) error {
				if f.Number == minConsumer && f.Type == protowire.Varint && int32(f.Value) > bundleVersion {
					return bounds.Unsupportedf(f.Start, "a checkpoint of format %d", int32(f.Value))
				}
				return nil
			})
		}
		return nil
	})
}

// fields reads a BundleEntryProto.
func (e *Entry) fields(v value) error {
	const dtype, shape, shard, offset, size, slices = 1, 2, 3, 4, 5, 7
	err := v.message().Each(func(f *protowire.Field) error {
		switch {
		case f.Number == dtype && f.Type == protowire.Varint:
			e.Type = Type(f.Value)
		case f.Number == shape && f.Type == protowire.Bytes:
			return e.shape(f)
		case f.Number == shard && f.Type == protowire.Varint:
			e.Shard = int32(f.Value)
		case f.Number == offset && f.Type == protowire.Varint:
			e.Offset = int64(f.Value)
		case f.Number == size && f.Type == protowire.Varint:
			e.Size = int64(f.Value)
		case f.Number == slices && f.Type == protowire.Bytes:
			e.Slices++
		}
		return nil
	})
	_, known := types()[e.Type]
	elements := int64(1)
	for _, n := range e.Shape {
		high, low := bits.Mul64(uint64(elements), uint64(n))
		if err == nil && (high != 0 || low > math.MaxInt64) {
			err = bounds.Malformedf(v.from, "a tensor of more elements than 64 bits count")
		}
		elements = int64(low)
	}
	switch {
	case err != nil:
	case !known:
		err = bounds.Malformedf(v.from, "a tensor of %s, which TensorFlow does not have", e.Type)
	case e.Offset < 0 || e.Size < 0 || e.Shard < 0:
		err = bounds.Malformedf(v.from, "a tensor of %d bytes at %d of data file %d", e.Size, e.Offset, e.Shard)
	}
	return err
}

// shape reads a TensorShapeProto. A second one goes on with the dimensions, as protobuf
// merges them.
func (e *Entry) shape(f *protowire.Field) error {
	const dim, unknownRank = 2, 3
	const dimSize = 1
	return each(f, func(f *protowire.Field) error {
		switch {
		case f.Number == unknownRank && f.Type == protowire.Varint && f.Value != 0:
			return bounds.Malformedf(f.Start, "a tensor of unknown rank")
		case f.Number != dim || f.Type != protowire.Bytes:
			return nil
		case len(e.Shape) == maxRank:
			return bounds.Malformedf(f.Start, "a tensor of more than %d dimensions", maxRank)
		}
		var n int64
		start := f.Start
		err := each(f, func(f *protowire.Field) error {
			if f.Number == dimSize && f.Type == protowire.Varint {
				n = int64(f.Value)
			}
			return nil
		})
		if err == nil && n < 0 {
			err = bounds.Malformedf(start, "a dimension of %d", n)
		}
		e.Shape = append(e.Shape, n)
		return err
	})
}

func each(f *protowire.Field, do func(*protowire.Field) error) error {
	m, err := f.Message()
	if err != nil {
		return err
	}
	return m.Each(do)
}
