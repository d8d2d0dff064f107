package formatstest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"slices"
)

// chunkInternalK is the library's default rank of the B-tree over chunks.
const chunkInternalK = 32

// The filters that this writer applies; the data of any other is stored as if
// the filter did nothing.
const (
	filterDeflate  = 1
	filterShuffle  = 2
	filterFletcher = 3
)

// dataMessages encodes the messages of a dataset and writes its data.
func (w *h5Writer) dataMessages(d *h5Data) []h5Message {
	typ, shared := w.typeReference(d.typ)
	typeFlags := byte(flagConstant)
	if shared {
		typeFlags |= flagShared
	}
	shape := d.shape
	if d.claimedShape != nil {
		shape = *d.claimedShape
	}
	out := []h5Message{
		{msgDataspace, 0, w.dataspace(shape)},
		{msgDatatype, typeFlags, typ},
		{msgFill, flagConstant, w.fillValue(d)},
		{msgLayout, 0, w.layout(d)},
	}
	if len(d.files) > 0 {
		out = append(out, h5Message{msgExternal, 0, w.externalFiles(d)})
	}
	if len(d.filters) > 0 {
		out = append(out, h5Message{msgFilters, flagConstant, w.filterPipeline(d)})
	}
	return out
}

func (w *h5Writer) fillValue(d *h5Data) []byte {
	allocation := byte(2) // late
	switch d.layout {
	case compactLayout:
		allocation = 1
	case chunkedLayout, virtualLayout:
		allocation = 3 // as chunks are written
	}
	if d.fill == "" {
		return []byte{2, allocation, 2, 1, 0, 0, 0, 0} // the default, zero
	}
	value, err := d.typ.encode(w, []string{d.fill}, 1)
	if err != nil {
		w.fail("fill value: %v", err)
	}
	b := binary.LittleEndian.AppendUint32([]byte{2, allocation, 2, 1}, uint32(len(value)))
	return append(b, value...)
}

// values are the dataset's own bytes.
func (w *h5Writer) values(d *h5Data) []byte {
	n, err := d.shape.elements()
	if err != nil {
		w.fail("%v", err)
		return nil
	}
	b, err := d.typ.encode(w, d.value, n)
	if err != nil {
		w.fail("%v", err)
	}
	return b
}

func (w *h5Writer) layout(d *h5Data) []byte {
	le := binary.LittleEndian
	at := undefined
	switch d.layout {
	case compactLayout:
		data := w.values(d)
		b := le.AppendUint16([]byte{3, byte(compactLayout)}, uint16(d.size(uint64(len(data)))))
		if len(data) > 0xffff {
			w.fail("compact data of %d bytes", len(data))
		}
		return append(b, data...)
	case chunkedLayout:
		if d.stored {
			at = w.chunks(d)
		}
		b := append([]byte{3, byte(chunkedLayout), byte(len(d.chunk) + 1)}, w.address(d.address(at))...)
		for _, n := range d.chunk {
			b = le.AppendUint32(b, uint32(n))
		}
		return le.AppendUint32(b, uint32(d.typ.bytes(w)))
	case virtualLayout:
		b := append([]byte{4, byte(virtualLayout)}, w.address(d.address(w.globalHeap(w.mappings(d))))...)
		return le.AppendUint32(b, 1)
	}
	// The size is the product even where it overflows: that is what a bomb says.
	size := uint64(d.typ.bytes(w))
	for _, n := range d.shape.dims {
		size *= n
	}
	if d.stored {
		at = w.alloc(w.values(d))
	}
	b := append([]byte{3, byte(contiguousLayout)}, w.address(d.address(at))...)
	return append(b, w.length(d.size(size))...)
}

func (d *h5Data) size(honest uint64) uint64 {
	if d.claimedSize != nil {
		return *d.claimedSize
	}
	return honest
}

func (d *h5Data) address(honest uint64) uint64 {
	if d.claimedAddress != nil {
		return *d.claimedAddress
	}
	return honest
}

// chunks writes every chunk and the B-tree node that lists them.
func (w *h5Writer) chunks(d *h5Data) uint64 {
	data, elem := w.values(d), d.typ.bytes(w)
	le := binary.LittleEndian
	var keys []byte
	count := 0
	for _, origin := range chunkOrigins(d.shape.dims, d.chunk) {
		chunk := w.filtered(d, cutChunk(data, elem, d.shape.dims, d.chunk, origin))
		keys = le.AppendUint32(keys, uint32(len(chunk)))
		keys = le.AppendUint32(keys, 0) // no filter is skipped
		for _, n := range append(origin, 0) {
			keys = le.AppendUint64(keys, n)
		}
		keys = append(keys, w.address(w.alloc(chunk))...)
		count++
	}
	if count > 2*chunkInternalK {
		w.fail("%d chunks, more than one B-tree node holds", count)
		return undefined
	}
	// The key after the last chunk names the place where the next would begin.
	keys = le.AppendUint64(keys, 0)
	for i, n := range d.shape.dims {
		keys = le.AppendUint64(keys, (n+d.chunk[i]-1)/d.chunk[i]*d.chunk[i])
	}
	keys = le.AppendUint64(keys, uint64(elem))
	key := 8 + 8*(len(d.chunk)+1)
	full := (2*chunkInternalK+1)*key + 2*chunkInternalK*w.offsetSize
	return w.alloc(append(w.treeHead(1, count), append(keys, make([]byte, full-len(keys))...)...))
}

func chunkOrigins(dims, chunk []uint64) [][]uint64 {
	origins := [][]uint64{nil}
	for i, n := range dims {
		var next [][]uint64
		for _, o := range origins {
			for at := uint64(0); at < n; at += chunk[i] {
				next = append(next, append(slices.Clone(o), at))
			}
		}
		origins = next
	}
	return origins
}

// cutChunk copies one chunk out of row-major data; what lies outside the
// dataset is zero.
func cutChunk(data []byte, elem int, dims, chunk, origin []uint64) []byte {
	if len(dims) == 0 {
		return data[:elem]
	}
	row := len(data) / int(dims[0])
	var out []byte
	for i := range chunk[0] {
		if at := origin[0] + i; at < dims[0] {
			out = append(out, cutChunk(data[int(at)*row:int(at+1)*row], elem, dims[1:], chunk[1:], origin[1:])...)
			continue
		}
		size := elem
		for _, n := range chunk[1:] {
			size *= int(n)
		}
		out = append(out, make([]byte, size)...)
	}
	return out
}

func (w *h5Writer) filtered(d *h5Data, data []byte) []byte {
	for _, f := range d.filters {
		switch f.id {
		case filterDeflate:
			var b bytes.Buffer
			z := zlib.NewWriter(&b)
			z.Write(data) // a Buffer does not fail
			z.Close()
			data = b.Bytes()
		case filterShuffle:
			data = shuffle(data, d.typ.bytes(w))
		case filterFletcher:
			data = binary.LittleEndian.AppendUint32(bytes.Clone(data), fletcher32(data))
		}
	}
	return data
}

// shuffle puts the first bytes of all elements first, then the second ones.
func shuffle(data []byte, elem int) []byte {
	n := len(data) / elem
	out := bytes.Clone(data)
	for i := range n {
		for j := range elem {
			out[j*n+i] = data[i*elem+j]
		}
	}
	return out
}

func (w *h5Writer) filterPipeline(d *h5Data) []byte {
	le := binary.LittleEndian
	b := []byte{1, byte(len(d.filters)), 0, 0, 0, 0, 0, 0}
	for _, f := range d.filters {
		client := f.client
		if f.id == filterShuffle && client == nil {
			client = []uint32{uint32(d.typ.bytes(w))}
		}
		if f.id == filterDeflate && client == nil {
			client = []uint32{6}
		}
		b = le.AppendUint16(b, f.id)
		b = le.AppendUint16(b, 0) // no name
		b = le.AppendUint16(b, 1) // optional, as h5py writes those that may be absent
		b = le.AppendUint16(b, uint16(len(client)))
		for _, v := range client {
			b = le.AppendUint32(b, v)
		}
		if len(client)%2 == 1 {
			b = le.AppendUint32(b, 0)
		}
	}
	return b
}

// externalFiles writes the names to a local heap and returns the message.
func (w *h5Writer) externalFiles(d *h5Data) []byte {
	names := make([]byte, 8) // offset 0 is the empty name
	var slots []byte
	for _, e := range d.files {
		slots = append(slots, w.length(uint64(len(names)))...)
		slots = append(slots, w.length(e.offset)...)
		slots = append(slots, w.length(e.size)...)
		names = padTo(append(append(names, e.name...), 0), 8)
	}
	b := []byte{1, 0, 0, 0}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(d.files)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(d.files)))
	b = append(b, w.address(w.localHeap(names))...)
	return append(b, slots...)
}

// mappings is the heap object of a virtual dataset: each source's whole extent
// to the whole dataset. Selection type 3 is "all".
func (w *h5Writer) mappings(d *h5Data) []byte {
	all := []byte{3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	b := append([]byte{0}, w.length(uint64(len(d.sources)))...)
	for _, s := range d.sources {
		b = append(append(b, s.file...), 0)
		b = append(append(b, s.path...), 0)
		b = append(append(b, all...), all...)
	}
	return checksummed(b)
}
