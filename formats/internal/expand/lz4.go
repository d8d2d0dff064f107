package expand

import (
	"errors"
	"io"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

var errLZ4 = errors.New("invalid LZ4 frame")

// lz4Reader decodes LZ4 frames (lz4_Frame_format.md 1.6.3). Checksums are skipped.
type lz4Reader struct {
	r           io.Reader
	independent bool
	checksums   bool   // behind every block
	content     bool   // behind all blocks
	window      []byte // the last 64 KiB
	out         []byte
	done        bool
}

// maxLZ4Block is the largest block that a frame may announce.
const maxLZ4Block = 4 << 20

// expandLZ4 decodes one frame.
func expandLZ4(in *input, out *Output) error {
	var head [6]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	flags := head[4]
	z := &lz4Reader{r: in, independent: flags&0x20 != 0, checksums: flags&0x10 != 0, content: flags&0x04 != 0}
	more := 1 // header checksum
	if flags&0x08 != 0 {
		more += 8
	}
	if flags&0x01 != 0 || flags>>6 != 1 {
		return bounds.Unsupportedf(-1, "an lz4 frame with a dictionary or of another version")
	}
	if _, err := in.Discard(more); err != nil {
		return io.ErrUnexpectedEOF
	}
	return out.fill(z)
}

func (z *lz4Reader) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if z.done {
			return 0, io.EOF
		}
		if err := z.block(); err != nil {
			return 0, err
		}
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

// block reads one block into out.
func (z *lz4Reader) block() error {
	var word [4]byte
	if _, err := io.ReadFull(z.r, word[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	size := le.Uint32(word[:])
	if size == 0 {
		z.done = true
		if z.content {
			_, err := io.ReadFull(z.r, word[:])
			return err
		}
		return nil
	}
	stored := size&(1<<31) != 0
	if size &= 1<<31 - 1; size > maxLZ4Block {
		return errLZ4
	}
	data, err := io.ReadAll(io.LimitReader(z.r, int64(size)))
	if err == nil && len(data) < int(size) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && z.checksums {
		_, err = io.ReadFull(z.r, word[:])
	}
	if err != nil {
		return err
	}
	if z.independent {
		z.window = nil
	}
	start := len(z.window)
	all := append([]byte(nil), z.window...)
	if stored {
		all = append(all, data...)
	} else if all, err = lz4Block(all, data, start+maxLZ4Block); err != nil {
		return err
	}
	z.out = all[start:]
	z.window = all[max(0, len(all)-64<<10):]
	return nil
}

// lz4Block appends what a compressed block holds to out, up to limit bytes.
func lz4Block(out, data []byte, limit int) ([]byte, error) {
	length := func(n int) (int, error) { // 15 goes on in further bytes
		if n < 15 {
			return n, nil
		}
		for len(data) > 0 {
			b := data[0]
			data = data[1:]
			if n += int(b); b != 255 {
				return n, nil
			}
		}
		return 0, errLZ4
	}
	for len(data) > 0 {
		token := int(data[0])
		data = data[1:]
		n, err := length(token >> 4)
		if err != nil || n > len(data) || len(out)+n > limit {
			return nil, errLZ4
		}
		out, data = append(out, data[:n]...), data[n:]
		if len(data) == 0 {
			return out, nil
		}
		if len(data) < 2 {
			return nil, errLZ4
		}
		back := int(le.Uint16(data))
		data = data[2:]
		n, err = length(token & 15)
		if n += 4; err != nil || back == 0 || back > len(out) || len(out)+n > limit {
			return nil, errLZ4
		}
		for range n {
			out = append(out, out[len(out)-back])
		}
	}
	return out, nil
}
