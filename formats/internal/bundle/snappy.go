package bundle

import (
	"encoding/binary"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// decompress expands a block of Snappy and pays for what comes out. It takes what
// Google's decoder takes, which knows no codes of later formats
// (https://github.com/google/snappy/blob/main/format_description.txt).
func decompress(in []byte, budget *bounds.Budget) ([]byte, error) {
	const maxRatio = 64 // bytes that one byte of a block expands to: a copy of 64 takes two
	size, at := binary.Uvarint(in)
	if at <= 0 || at > 5 || size >= 1<<32 {
		return nil, bounds.Malformedf(-1, "a compressed block without its length")
	}
	if size > uint64(len(in))*maxRatio {
		return nil, bounds.Malformedf(-1, "a compressed block of %d bytes that claims to hold %d", len(in), size)
	}
	if err := budget.Structure(int64(size)); err != nil {
		return nil, err
	}
	if err := budget.Text(int64(size)); err != nil {
		return nil, err
	}
	out := make([]byte, 0, size)
	for at < len(in) {
		tag := in[at]
		at++
		length, extra := int(tag>>2)+1, 0
		switch {
		case tag&3 == 0 && tag>>2 >= 60:
			extra = int(tag>>2) - 59
		case tag&3 == 1:
			length, extra = 4+int(tag>>2&7), 1
		case tag&3 == 2:
			extra = 2
		case tag&3 == 3:
			extra = 4
		}
		if extra > len(in)-at {
			return nil, bounds.Malformedf(-1, "a compressed block that is cut off")
		}
		number := 0
		for i := range extra {
			number |= int(in[at+i]) << (8 * i)
		}
		at += extra
		if tag&3 == 0 {
			if extra > 0 {
				length = number + 1
			}
			if length > len(in)-at || length > int(size)-len(out) {
				return nil, bounds.Malformedf(-1, "a compressed block with a literal of %d bytes", length)
			}
			out = append(out, in[at:at+length]...)
			at += length
			continue
		}
		if tag&3 == 1 {
			number |= int(tag>>5) << 8
		}
		if number == 0 || number > len(out) || length > int(size)-len(out) {
			return nil, bounds.Malformedf(-1, "a compressed block that copies %d bytes from %d before", length, number)
		}
		for range length { // what is copied may overlap what it makes
			out = append(out, out[len(out)-number])
		}
	}
	if len(out) != int(size) {
		return nil, bounds.Malformedf(-1, "a compressed block that holds %d bytes and claims %d", len(out), size)
	}
	return out, nil
}
