package expand

import (
	"io"
)

// Chunks of LZMA2, by their control byte (xz-file-format 1.2.1, and lzma2_decoder.c of
// liblzma, since the format has no other description).
const (
	lzma2End       = 0x00
	lzma2DictReset = 0x01 // not compressed, after a reset of the dictionary
	lzma2Plain     = 0x02 // not compressed
	lzma2LZMA      = 0x80 // bits 5 and 6: 0 goes on, 1 resets the state, 2 has new properties, 3 resets the dictionary too
)

// expandLZMA2 decodes the chunks up to the end of an LZMA2 stream.
func expandLZMA2(in *input, out *Output) error {
	d := &lzmaDecoder{in: in}
	needDict, needProps := true, true
	for !out.full() {
		if err := out.Budget.Step(1); err != nil {
			return err
		}
		control := d.next()
		if d.err != nil {
			return d.err
		}
		if control == lzma2End {
			return nil
		}
		if control >= lzma2LZMA|3<<5 || control == lzma2DictReset {
			d.base, needDict, needProps = len(out.Data), false, true
		}
		if needDict || control > lzma2Plain && control < lzma2LZMA {
			return errLZMA
		}
		if control < lzma2LZMA {
			if err := d.plainChunk(out); err != nil {
				return err
			}
			continue
		}
		size := int64(control&0x1f)<<16 | int64(d.next())<<8 | int64(d.next())
		d.next() // the compressed size, in two bytes: the range coder knows where it ends
		d.next()
		switch reset := control >> 5 & 3; {
		case reset >= 2:
			if err := d.properties(d.next()); err != nil {
				return err
			}
			needProps = false
		case needProps:
			return errLZMA
		case reset == 1:
			d.init()
		}
		if err := d.chunk(out, size+1); err != nil {
			return err
		}
	}
	return nil
}

// chunk decodes a compressed chunk of so many bytes.
func (d *lzmaDecoder) chunk(out *Output, size int64) error {
	d.start()
	limit := out.Limit
	end := int64(len(out.Data)) + size
	out.Limit = min(limit, end)
	err := d.run(out)
	out.Limit = limit
	if e := out.pay(); e != nil {
		return e
	}
	if err == nil && !out.full() {
		d.normalize() // the encoder has flushed its range coder: this byte belongs to the chunk
		if d.err != nil {
			return d.err
		}
		if int64(len(out.Data)) != end || d.code != 0 {
			return errLZMA
		}
	}
	return err
}

// plainChunk copies a chunk that is not compressed.
func (d *lzmaDecoder) plainChunk(out *Output) error {
	size := int64(d.next())<<8 | int64(d.next())
	if d.err != nil {
		return d.err
	}
	limit := out.Limit
	end := int64(len(out.Data)) + size + 1
	out.Limit = min(limit, end)
	err := out.fill(io.LimitReader(d.in.(io.Reader), size+1))
	out.Limit = limit
	if err == nil && !out.full() && int64(len(out.Data)) < end {
		return io.ErrUnexpectedEOF
	}
	return err
}
