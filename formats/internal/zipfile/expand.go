package zipfile

import (
	"fmt"
	"math"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/expand"
)

// Compression methods that some CPython reads, APPNOTE 4.4.5.
const (
	methodStored  = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodLZMA    = 14
	// Zstd is the compression method that CPython reads since 3.14.
	Zstd = 93
)

func supported(method uint16) bool {
	switch method {
	case methodStored, methodDeflate, methodBzip2, methodLZMA, Zstd:
		return true
	}
	return false
}

var methodNames = map[uint16]string{
	1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode",
	8: "deflate", 9: "deflate64", 10: "PKWARE implode", 12: "bzip2", 14: "LZMA",
	16: "CMPSC", 18: "TERSE", 19: "LZ77", 20: "deprecated zstd", 93: "zstd", 94: "MP3",
	95: "xz", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES",
}

func methodName(method uint16) string {
	if name, ok := methodNames[method]; ok {
		return name
	}
	return fmt.Sprint(method)
}

// maxLimit keeps a limit plus one within int64.
const maxLimit = math.MaxInt64 - 1

// decompress decompresses src into out until the stream ends or out is full, and says
// how much of src that took. The error is io.ErrUnexpectedEOF where src ends before
// the stream; size is how large the text is said to be.
func decompress(method uint16, src *bounds.Source, out *expand.Output, size int64) (used int64, err error) {
	switch method {
	case methodDeflate:
		return expand.Deflate(src, out)
	case methodBzip2:
		return expand.Bzip2(src, out)
	case methodLZMA:
		return expand.LZMA(src, out)
	}
	return expand.Zstd(src, out, size)
}
