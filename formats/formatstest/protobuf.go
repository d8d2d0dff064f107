package formatstest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// pbMessage is a protocol buffer message, to be written in wire or in text form.
type pbMessage []pbField

// pbField is one field: its value is a pbMessage, string, int64 or pbEnum.
type pbField struct {
	number int
	name   string
	value  any
}

// pbEnum is a value of an enum with its name.
type pbEnum struct {
	value int64
	name  string
}

func (m *pbMessage) add(number int, name string, value any) {
	*m = append(*m, pbField{number, name, value})
}

// wire writes the message as readers of .pb files expect it.
func (m pbMessage) wire() []byte {
	var out []byte
	for _, f := range m {
		switch v := f.value.(type) {
		case pbMessage:
			out = wireBytes(out, f.number, string(v.wire()))
		case string:
			out = wireBytes(out, f.number, v)
		case int64:
			out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(f.number)<<3), uint64(v))
		case pbEnum:
			out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(f.number)<<3), uint64(v.value))
		}
	}
	return out
}

func wireBytes(to []byte, number int, value string) []byte {
	to = binary.AppendUvarint(to, uint64(number)<<3|2)
	to = binary.AppendUvarint(to, uint64(len(value)))
	return append(to, value...)
}

// text writes the message as readers of .pbtxt files expect it.
func (m pbMessage) text(b *strings.Builder, indent string) {
	for _, f := range m {
		switch v := f.value.(type) {
		case pbMessage:
			fmt.Fprintf(b, "%s%s {\n", indent, f.name)
			v.text(b, indent+"  ")
			fmt.Fprintf(b, "%s}\n", indent)
		case string:
			fmt.Fprintf(b, "%s%s: %s\n", indent, f.name, quoteC(v))
		case int64:
			fmt.Fprintf(b, "%s%s: %d\n", indent, f.name, v)
		case pbEnum:
			fmt.Fprintf(b, "%s%s: %s\n", indent, f.name, v.name)
		}
	}
}

// quoteC writes a string as C++ does: octal escapes for all that is not ASCII.
func quoteC(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c < 0x7f:
			b.WriteByte(c)
		default:
			b.WriteString(`\` + strconv.FormatInt(512+int64(c), 8)[1:])
		}
	}
	b.WriteByte('"')
	return b.String()
}
