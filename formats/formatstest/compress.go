package formatstest

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"
)

// The compression methods by the names that the verb "method" takes, with the
// version that a reader must have (APPNOTE 4.4.3.2).
var zipMethods = map[string]struct {
	id, version uint16
	compress    func([]byte) ([]byte, error)
}{
	"stored":  {0, 20, func(b []byte) ([]byte, error) { return b, nil }},
	"deflate": {8, 20, deflate},
	"bzip2":   {12, 46, bzip},
	"lzma":    {14, 63, lzmaZip},
	"zstd":    {93, 63, zstandard},
}

// flagLZMAEnd says that an LZMA stream ends with a marker (APPNOTE 4.4.4).
const flagLZMAEnd = 0x2

func deflate(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	return finish(&b, w, err, data)
}

func bzip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := bzip2.NewWriter(&b, nil)
	return finish(&b, w, err, data)
}

func zstandard(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	return finish(&b, w, err, data)
}

// lzmaZip puts the ZIP properties header (APPNOTE 5.8.8) in place of the
// 13-byte header of a .lzma file: two version bytes, the length of the
// properties, and the properties, which are the first five bytes of that.
func lzmaZip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := lzma.WriterConfig{DictCap: 1 << 16, EOSMarker: true}.NewWriter(&b)
	alone, err := finish(&b, w, err, data)
	if err != nil {
		return nil, err
	}
	if len(alone) < 13 {
		return nil, fmt.Errorf("lzma stream of %d bytes has no header", len(alone))
	}
	out := binary.LittleEndian.AppendUint16([]byte{9, 20}, 5)
	return append(append(out, alone[:5]...), alone[13:]...), nil
}

func finish(b *bytes.Buffer, w io.WriteCloser, err error, data []byte) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
