package integrity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Digest is a SHA-256.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads 64 hexadecimal digits in lower case.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	switch raw, err := hex.DecodeString(s); {
	case err != nil || len(raw) != len(d):
		return d, fmt.Errorf("%q is not a SHA-256: want 64 hexadecimal digits", short(s))
	case s != strings.ToLower(s):
		return d, fmt.Errorf("digest %s is in upper case: write it in lower case, as sha256sum does", short(s))
	default:
		copy(d[:], raw)
		return d, nil
	}
}

// short cuts text from a file to what fits a message.
func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}

const (
	// block is how much is read at once: enough that the cost of a call vanishes.
	block = 1 << 20
	// ahead is how many blocks are read before they are hashed, so that the disk and
	// the processor work side by side.
	ahead = 3
)

// blocks are buffers between files.
var blocks = sync.Pool{New: func() any { b := make([]byte, block); return &b }}

// Copy writes everything that r has to w, reading ahead, and calls moved, if not nil,
// after each block with its length. It returns the number of bytes.
func Copy(ctx context.Context, w io.Writer, r io.Reader, moved func(int)) (int64, error) {
	type chunk struct {
		data []byte
		err  error
	}
	full, empty := make(chan chunk, ahead), make(chan []byte, ahead+1)
	for range ahead + 1 {
		empty <- nil // taken when it is needed: most files are small
	}
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		defer close(full)
		for {
			var buf []byte
			select {
			case buf = <-empty:
			case <-quit:
				return
			}
			if buf == nil {
				buf = *blocks.Get().(*[]byte)
			}
			n, err := io.ReadFull(r, buf[:block])
			select {
			case full <- chunk{buf[:n], err}:
			case <-quit:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	var total int64
	for c := range full {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		if _, err := w.Write(c.data); err != nil {
			return total, err
		}
		total += int64(len(c.data))
		if moved != nil {
			moved(len(c.data))
		}
		if c.err != nil {
			data := c.data[:block]
			blocks.Put(&data)
			if errors.Is(c.err, io.EOF) || errors.Is(c.err, io.ErrUnexpectedEOF) {
				return total, nil
			}
			return total, c.err
		}
		empty <- c.data[:block]
	}
	return total, nil
}

// Sum is the SHA-256 of everything that r has, and the number of bytes.
func Sum(ctx context.Context, r io.Reader, moved func(int)) (Digest, int64, error) {
	h := sha256.New()
	n, err := Copy(ctx, h, r, moved)
	return Digest(h.Sum(nil)), n, err
}
