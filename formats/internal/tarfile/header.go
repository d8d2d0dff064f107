package tarfile

import (
	"bytes"
	"math"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// blockSize is the unit of the format: headers are one block, data is padded to whole ones.
const blockSize = 512

// Types of entries (tarfile.py).
const (
	typeRegular    = '0'
	typeOldRegular = 0
	typeHardLink   = '1'
	typeSymlink    = '2'
	typeChar       = '3'
	typeBlock      = '4'
	typeDirectory  = '5'
	typePipe       = '6'
	typeContiguous = '7'
	typeLongName   = 'L'
	typeLongLink   = 'K'
	typeSparse     = 'S'
	typePax        = 'x'
	typeSolarisPax = 'X'
	typeGlobalPax  = 'g'
)

// hasNoData reports whether Python looks for the next header right behind that of an
// entry of the type, whatever size that states: SUPPORTED_TYPES without REGULAR_TYPES.
func hasNoData(kind byte) bool { return kind >= typeHardLink && kind <= typePipe }

// header is a block as TarInfo.frombuf takes it apart.
type header struct {
	name, link string
	mode       int64
	size       int64
	kind       byte
	sparse     bool // an old GNU sparse file
	extended   bool // further blocks of its map follow
	sparseMap  []byte
	realSize   int64
}

// verdict is what a block is.
type verdict uint8

const (
	good    verdict = iota
	zero            // a block of zeros, which ends the archive
	invalid         // no header
)

// parseHeader is TarInfo.frombuf: a wrong checksum or a field that is no number makes
// a block no header.
func parseHeader(b []byte) (h header, v verdict) {
	if len(bytes.TrimLeft(b, "\x00")) == 0 {
		return h, zero
	}
	sum, ok := number(b[148:156])
	if !ok || !checksum(b, sum) {
		return h, invalid
	}
	for _, f := range [][2]int{{108, 116}, {116, 124}, {136, 148}, {329, 337}, {337, 345}} { // uid, gid, mtime, devices
		if _, ok := number(b[f[0]:f[1]]); !ok {
			return h, invalid
		}
	}
	var ok1, ok2 bool
	h.mode, ok1 = number(b[100:108])
	h.size, ok2 = number(b[124:136])
	if !ok1 || !ok2 {
		return h, invalid
	}
	h.name, h.link, h.kind = cut(b[:100]), cut(b[157:257]), b[156]
	if h.kind == typeOldRegular && strings.HasSuffix(h.name, "/") {
		h.kind = typeDirectory
	}
	switch h.kind {
	case typeSparse:
		h.sparse, h.extended, h.sparseMap = true, b[482] != 0, b[386:482]
		if h.realSize, ok1 = number(b[483:495]); !ok1 {
			return h, invalid
		}
	case typeLongName, typeLongLink:
	default:
		if prefix := cut(b[345:500]); prefix != "" {
			h.name = prefix + "/" + h.name
		}
	}
	if h.kind == typeDirectory {
		h.name = strings.TrimRight(h.name, "/")
	}
	return h, good
}

// checksum is calc_chksums: the sum of the bytes, signed or not, with the field itself
// as blanks.
func checksum(b []byte, want int64) bool {
	unsigned, signed := int64(8*' '), int64(8*' ')
	for i, c := range b {
		if i < 148 || i >= 156 {
			unsigned += int64(c)
			signed += int64(int8(c))
		}
	}
	return want == unsigned || want == signed
}

// cut is nts: bytes up to the first zero.
func cut(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// number is nti: base 256 if the first byte says so, else int(text, 8). A number that
// int64 does not hold becomes the largest or smallest.
func number(b []byte) (int64, bool) {
	if b[0] == 0x80 || b[0] == 0xff {
		return base256(b), true
	}
	s := cut(b)
	for _, c := range []byte(s) {
		if c >= 0x80 {
			return 0, false
		}
	}
	return octal(strings.Trim(s, " \t\n\r\v\f\x1c\x1d\x1e\x1f"))
}

func base256(b []byte) int64 {
	negative := b[0] == 0xff
	var n uint64
	for i, c := range b[1:] {
		if n >= 1<<55 && i < len(b)-1 {
			if negative {
				// All bits but the lowest are set in a small negative number.
				if n>>55 == 1<<8-1 || n == 1<<55-1 {
					n = n<<8 | uint64(c)
					continue
				}
				return math.MinInt64
			}
			return math.MaxInt64
		}
		n = n<<8 | uint64(c)
	}
	if negative {
		if bits := 8 * (len(b) - 1); bits < 64 {
			return int64(n) - 1<<bits
		}
		return int64(n)
	}
	return int64(n)
}

// octal is int(s, 8): a sign, a prefix 0o and single underscores between digits are
// allowed. No text is 0.
func octal(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	if len(s) > 2 && s[0] == '0' && (s[1] == 'o' || s[1] == 'O') {
		s = strings.TrimPrefix(s[2:], "_")
	}
	if s == "" || s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return 0, false
	}
	var n int64
	for _, c := range []byte(s) {
		switch {
		case c == '_':
			continue
		case c < '0' || c > '7':
			return 0, false
		case n >= 1<<60:
			n = math.MaxInt64 >> 3 // saturates: such a size is refused anyway
		}
		n = n<<3 | int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// blocks is TarInfo._block: a size as whole blocks. ok is false where Python refuses it or
// goes back in the file (CVE-2025-8194), or where it exceeds every file.
func blocks(size int64) (int64, bool) {
	if size < 0 || size > math.MaxInt64-blockSize {
		return 0, false
	}
	return (size + blockSize - 1) / blockSize * blockSize, true
}

// Begins reports whether a text begins with the header of an entry, as tarfile.is_tarfile
// wants it.
func Begins(head []byte) bool {
	if len(head) < blockSize {
		return false
	}
	h, v := parseHeader(head[:blockSize])
	_, sane := blocks(h.size)
	return v == good && sane
}

// errorf is the one constructor of errors of this package.
func errorf(off int64, format string, args ...any) error {
	return bounds.Malformedf(off, "tar archive: "+format, args...)
}
