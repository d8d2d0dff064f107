package formatstest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// maxContent bounds what one word of a case may ask for, so that a slip of the
// keyboard does not take the machine down. The largest bombs need 900 MB.
const maxContent = 1 << 30

// content is what a section stands for, after its first-line directive and the
// editing keys of the header.
func (c *Case) content(s *section) ([]byte, error) {
	data, err := c.directive(s)
	if err != nil {
		return nil, err
	}
	for _, l := range c.edits {
		if l.args[0] != s.name {
			continue
		}
		if data, err = c.edit(l, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (c *Case) directive(s *section) ([]byte, error) {
	first, body, _ := strings.Cut(string(s.text), "\n")
	var data []byte
	var err error
	switch strings.TrimSpace(first) {
	case "!hex":
		data, err = hex.DecodeString(strings.Join(strings.Fields(body), ""))
	case "!base64":
		data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), ""))
	case "!chomp":
		return []byte(strings.TrimSuffix(body, "\n")), nil
	case "!h5":
		lines, err := c.scriptLines(s, body, s.line+1)
		if err != nil {
			return nil, err
		}
		return c.hdf5(lines)
	case "!pickle":
		lines, err := c.scriptLines(s, body, s.line+1)
		if err != nil {
			return nil, err
		}
		return c.pickle(lines)
	case "!savedmodel", "!savedmodel text":
		lines, err := c.scriptLines(s, body, s.line+1)
		if err != nil {
			return nil, err
		}
		m, err := c.savedModel(lines)
		if err != nil || strings.TrimSpace(first) == "!savedmodel" {
			return m.wire(), err
		}
		var b strings.Builder
		m.text(&b, "")
		return []byte(b.String()), nil
	case "!bundle":
		lines, err := c.scriptLines(s, body, s.line+1)
		if err != nil {
			return nil, err
		}
		return bundle(lines)
	case "!keras-metadata":
		lines, err := c.scriptLines(s, body, s.line+1)
		if err != nil {
			return nil, err
		}
		return c.kerasMetadata(lines)
	default:
		// "!!" starts a text whose first byte is "!".
		if strings.HasPrefix(first, "!") && !strings.HasPrefix(first, "!!") {
			return nil, c.errorf(s.line, "unknown directive %q; known are !hex !base64 !chomp !h5 !pickle !savedmodel !bundle !keras-metadata", first)
		}
		if strings.HasPrefix(first, "!!") {
			return bytes.Clone(s.text[1:]), nil
		}
		return bytes.Clone(s.text), nil
	}
	if err != nil {
		return nil, c.errorf(s.line, "%v", err)
	}
	return data, nil
}

// edit runs one of the keys that change a section.
func (c *Case) edit(l line, data []byte) ([]byte, error) {
	rest := l.args[1:]
	switch l.verb {
	case "replace":
		if err := l.want(3, -1); err != nil {
			return nil, err
		}
		with, err := c.source(l, rest[1:])
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(data, []byte(rest[0])) {
			return nil, l.errorf("section %q does not contain %q", l.args[0], rest[0])
		}
		return bytes.ReplaceAll(data, []byte(rest[0]), with), nil
	case "append":
		more, err := c.source(l, rest)
		return append(data, more...), err
	case "repeat":
		return c.source(l, append([]string{"repeat"}, rest...))
	default: // encode
		if err := l.want(2, 2); err != nil {
			return nil, err
		}
		out, err := encode(data, rest[0])
		if err != nil {
			return nil, l.errorf("%v", err)
		}
		return out, nil
	}
}

// source evaluates what a script may name where bytes are wanted: a word taken
// as text, "zeros N", "repeat N TEXT", "hex DIGITS", or "$blob".
func (c *Case) source(l line, words []string) ([]byte, error) {
	switch {
	case len(words) == 1 && strings.HasPrefix(words[0], "$"):
		return c.blob(l, words[0])
	case len(words) == 1:
		return []byte(words[0]), nil
	case len(words) == 2 && words[0] == "hex":
		data, err := hex.DecodeString(words[1])
		if err != nil {
			return nil, l.errorf("%v", err)
		}
		return data, nil
	case len(words) == 2 && words[0] == "zeros":
		return c.repeated(l, words[1], "\x00")
	case len(words) == 3 && words[0] == "repeat":
		return c.repeated(l, words[1], words[2])
	}
	return nil, l.errorf("expected TEXT, zeros N, repeat N TEXT, hex DIGITS or $blob, found %q", strings.Join(words, " "))
}

func (c *Case) repeated(l line, count, text string) ([]byte, error) {
	n, err := line{l.file, l.no, l.verb, []string{count}}.number(0)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 || n > maxContent/uint64(len(text)) {
		return nil, l.errorf("%s times %d bytes is nothing, or more than %d bytes", count, len(text), maxContent)
	}
	return bytes.Repeat([]byte(text), int(n)), nil
}

// blob is the content of the section "$name", or of the archive whose members
// are the sections "$name!...".
func (c *Case) blob(l line, name string) ([]byte, error) {
	members, err := c.members(name)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.ref == name {
			return m.data, nil
		}
	}
	return nil, l.errorf("there is no section %q", name)
}

// editBytes runs prefix, suffix, truncate or poke; ok is false for other verbs.
func (c *Case) editBytes(l line, data []byte) (out []byte, ok bool, err error) {
	switch l.verb {
	case "prefix":
		more, err := c.source(l, l.args)
		return append(more, data...), true, err
	case "suffix":
		more, err := c.source(l, l.args)
		return append(bytes.Clone(data), more...), true, err
	case "truncate":
		if err := l.want(1, 1); err != nil {
			return nil, true, err
		}
		at, err := l.offset(0, len(data))
		return data[:at], true, err
	case "poke":
		if err := l.want(2, -1); err != nil {
			return nil, true, err
		}
		at, err := l.offset(0, len(data))
		if err != nil {
			return nil, true, err
		}
		more, err := c.source(l, l.args[1:])
		if err == nil && at+len(more) > len(data) {
			err = l.errorf("poke goes past the end of %d bytes", len(data))
		}
		if err != nil {
			return nil, true, err
		}
		out := bytes.Clone(data)
		copy(out[at:], more)
		return out, true, nil
	}
	return data, false, nil
}

// offset reads a place in a text of the given length; "-N" counts from the end.
func (l line) offset(i, length int) (int, error) {
	text, fromEnd := strings.CutPrefix(l.args[i], "-")
	n, err := line{l.file, l.no, l.verb, []string{text}}.number(0)
	if err != nil {
		return 0, err
	}
	if n > uint64(length) {
		return 0, l.errorf("%s is outside the %d bytes there are", l.args[i], length)
	}
	if fromEnd {
		return length - int(n), nil
	}
	return int(n), nil
}
