package formatstest

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
)

// pickleOpcodes are the opcodes by the names of Python's pickletools, with the way
// in which their argument is written.
var pickleOpcodes = map[string]struct {
	code byte
	arg  string
}{
	"MARK": {'(', ""}, "STOP": {'.', ""}, "POP": {'0', ""}, "POP_MARK": {'1', ""}, "DUP": {'2', ""}, "NONE": {'N', ""},
	"BINPERSID": {'Q', ""}, "REDUCE": {'R', ""}, "APPEND": {'a', ""}, "BUILD": {'b', ""}, "DICT": {'d', ""}, "EMPTY_DICT": {'}', ""},
	"APPENDS": {'e', ""}, "LIST": {'l', ""}, "EMPTY_LIST": {']', ""}, "OBJ": {'o', ""}, "SETITEM": {'s', ""}, "TUPLE": {'t', ""},
	"EMPTY_TUPLE": {')', ""}, "SETITEMS": {'u', ""}, "NEWOBJ": {0x81, ""}, "TUPLE1": {0x85, ""}, "TUPLE2": {0x86, ""}, "TUPLE3": {0x87, ""},
	"NEWTRUE": {0x88, ""}, "NEWFALSE": {0x89, ""}, "EMPTY_SET": {0x8f, ""}, "ADDITEMS": {0x90, ""}, "FROZENSET": {0x91, ""},
	"NEWOBJ_EX": {0x92, ""}, "STACK_GLOBAL": {0x93, ""}, "MEMOIZE": {0x94, ""}, "NEXT_BUFFER": {0x97, ""}, "READONLY_BUFFER": {0x98, ""},
	"FLOAT": {'F', "line"}, "INT": {'I', "line"}, "LONG": {'L', "line"}, "PERSID": {'P', "line"}, "STRING": {'S', "line"}, "UNICODE": {'V', "line"},
	"GET": {'g', "line"}, "PUT": {'p', "line"}, "GLOBAL": {'c', "lines"}, "INST": {'i', "lines"},
	"BININT1": {'K', "1"}, "BINGET": {'h', "1"}, "BINPUT": {'q', "1"}, "PROTO": {0x80, "1"}, "EXT1": {0x82, "1"}, "BININT2": {'M', "2"},
	"EXT2": {0x83, "2"}, "BININT": {'J', "4"}, "LONG_BINGET": {'j', "4"}, "LONG_BINPUT": {'r', "4"}, "EXT4": {0x84, "4"}, "FRAME": {0x95, "8"},
	"BINFLOAT":        {'G', "float"},
	"SHORT_BINSTRING": {'U', "+1"}, "BINSTRING": {'T', "+4"}, "BINUNICODE": {'X', "+4"}, "SHORT_BINUNICODE": {0x8c, "+1"},
	"BINUNICODE8": {0x8d, "+8"}, "BINBYTES": {'B', "+4"}, "SHORT_BINBYTES": {'C', "+1"}, "BINBYTES8": {0x8e, "+8"}, "BYTEARRAY8": {0x96, "+8"},
	"LONG1": {0x8a, "+1"}, "LONG4": {0x8b, "+4"},
}

// pickle assembles opcodes, one a line.
func (c *Case) pickle(lines []line) ([]byte, error) {
	var out []byte
	for _, l := range lines {
		if l.verb == "RAW" {
			data, err := hex.DecodeString(strings.Join(l.args, ""))
			if err != nil {
				return nil, l.errorf("%v", err)
			}
			out = append(out, data...)
			continue
		}
		op, ok := pickleOpcodes[l.verb]
		if !ok {
			return nil, l.errorf("unknown pickle opcode")
		}
		arg, err := c.pickleArgument(l, op.arg)
		if err != nil {
			return nil, err
		}
		out = append(append(out, op.code), arg...)
	}
	return out, nil
}

// pickleArgument writes the argument of one opcode.
func (c *Case) pickleArgument(l line, how string) ([]byte, error) {
	wants := map[string]int{"": 0, "lines": 2}
	n, ok := wants[how]
	if !ok {
		n = 1
	}
	most := n
	if strings.HasPrefix(how, "+") {
		most = 3 // of a source
	}
	if err := l.want(n, most); err != nil {
		return nil, err
	}
	switch {
	case how == "":
		return nil, nil
	case how == "line" || how == "lines":
		return []byte(strings.Join(l.args, "\n") + "\n"), nil
	case how == "float":
		f, err := strconv.ParseFloat(l.args[0], 64)
		if err != nil {
			return nil, l.errorf("%v", err)
		}
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(f)), nil
	case how[0] == '+':
		data, err := c.source(l, l.args)
		return append(pickleNumber(uint64(len(data)), how[1:]), data...), err
	}
	v, err := strconv.ParseInt(l.args[0], 0, 64)
	if err != nil {
		return nil, l.errorf("%q is not a number", l.args[0])
	}
	return pickleNumber(uint64(v), how), nil
}

// pickleNumber writes the lowest bytes of a number; width is a digit.
func pickleNumber(n uint64, width string) []byte {
	return binary.LittleEndian.AppendUint64(nil, n)[:width[0]-'0']
}

// AssemblePickle returns the bytes of opcodes written as a section "!pickle" of a
// case writes them.
func AssemblePickle(text string) ([]byte, error) {
	c := &Case{Name: "pickle"}
	lines, err := c.scriptLines(&section{name: "pickle"}, text, 1)
	if err != nil {
		return nil, err
	}
	return c.pickle(lines)
}
