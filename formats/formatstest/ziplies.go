package formatstest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// buildZip writes the members and then runs the "zip:" lines: those that change
// parts of the archive in order, and then those that change its bytes.
func (c *Case) buildZip() ([]byte, error) {
	members, err := c.modelMembers()
	if err != nil {
		return nil, err
	}
	z := newZip(members)
	var late []line
	for _, l := range c.scripts["zip"] {
		if slices.Contains([]string{"prefix", "suffix", "truncate", "poke"}, l.verb) {
			late = append(late, l)
		} else if err := c.lie(z, l); err != nil {
			return nil, err
		}
	}
	data, err := z.bytes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	for _, l := range late {
		if data, _, err = c.editBytes(l, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// lie runs one line.
func (c *Case) lie(z *zipFile, l line) error {
	switch l.verb {
	case "no-end":
		z.noEnd = true
		return l.want(0, 0)
	case "zip64":
		if len(l.args) == 0 {
			z.zip64 = true
			return nil
		}
	case "preamble", "gap", "comment":
		return c.setPart(z, l)
	case "overlap":
		return z.overlap(l)
	case "repeat":
		return z.repeat(l)
	}
	if field, ok := strings.CutPrefix(l.verb, "end-"); ok {
		return z.lieInEnd(l, field)
	}
	if err := l.want(1, -1); err != nil {
		return err
	}
	e := z.entry(l.args[0])
	if e == nil {
		return l.errorf("there is no member %q", l.args[0])
	}
	if verb := memberVerbs[l.verb]; verb.run != nil {
		if err := l.want(1+verb.args, 1+verb.args); err != nil {
			return err
		}
		return verb.run(z, e, l)
	}
	return e.lieInHeader(l)
}

// entry is the member of that name in scripts, or nil.
func (z *zipFile) entry(ref string) *zipEntry {
	for _, e := range z.local {
		if e.ref == ref {
			return e
		}
	}
	return nil
}

func (c *Case) setPart(z *zipFile, l line) error {
	data, err := c.source(l, l.args)
	if err != nil {
		return err
	}
	switch l.verb {
	case "preamble":
		z.preamble = data
	case "gap":
		z.gap = data
	case "comment":
		if len(data) > 0xffff {
			return l.errorf("a comment has at most 65535 bytes, not %d", len(data))
		}
		z.comment = data
	}
	return nil
}

// overlap adds a second central record for a member's local header and data.
func (z *zipFile) overlap(l line) error {
	if err := l.want(2, 2); err != nil {
		return err
	}
	e := z.entry(l.args[1])
	if e == nil {
		return l.errorf("there is no member %q", l.args[1])
	}
	z.central = append(z.central, centralRecord{entry: e, name: []byte(l.args[0])})
	return nil
}

// repeat adds many empty members whose names are numbered.
func (z *zipFile) repeat(l line) error {
	if err := l.want(2, 2); err != nil {
		return err
	}
	n, err := l.number(1)
	if err != nil {
		return err
	}
	if !strings.Contains(l.args[0], "%d") || n > 1<<20 {
		return l.errorf("repeat needs a name with %%d in it and a count of at most %d", 1<<20)
	}
	for i := range n {
		name := strings.ReplaceAll(l.args[0], "%d", strconv.FormatUint(i, 10))
		z.add(name, name, nil)
	}
	return nil
}

func (z *zipFile) lieInEnd(l line, field string) error {
	if !slices.Contains([]string{"entries", "size", "offset", "disk", "comment"}, field) {
		return l.errorf("unknown verb %q", l.verb)
	}
	if err := l.want(1, 1); err != nil {
		return err
	}
	n, err := l.number(0)
	z.end[field] = n
	return err
}

// memberVerbs are the verbs whose first argument is a member, other than those
// that set one field; args counts the words after the member.
var memberVerbs = map[string]struct {
	args int
	run  func(*zipFile, *zipEntry, line) error
}{
	"duplicate": {0, func(z *zipFile, e *zipEntry, _ line) error {
		ref := e.ref
		for n := 2; z.entry(ref) != nil; n++ {
			ref = fmt.Sprintf("%s#%d", e.ref, n)
		}
		z.add(ref, string(e.central.name), e.plain)
		return nil
	}},
	"hidden": {0, func(z *zipFile, e *zipEntry, _ line) error {
		z.central = slices.DeleteFunc(z.central, func(r centralRecord) bool { return r.entry == e })
		return nil
	}},
	"central-first": {0, func(z *zipFile, e *zipEntry, _ line) error {
		slices.SortStableFunc(z.central, func(a, b centralRecord) int {
			return rank(a.entry == e) - rank(b.entry == e)
		})
		return nil
	}},
	"zip64":      {0, func(_ *zipFile, e *zipEntry, _ line) error { e.zip64 = true; return nil }},
	"descriptor": {0, func(_ *zipFile, e *zipEntry, _ line) error { e.descriptor = true; return nil }},
	"method":     {1, setMethod},
	"mode":       {1, setMode},
	"raw-name": {1, func(_ *zipFile, e *zipEntry, l line) error {
		e.local.name, e.central.name = []byte(l.args[1]), []byte(l.args[1])
		return nil
	}},
	"local-name":    {1, func(_ *zipFile, e *zipEntry, l line) error { e.local.name = []byte(l.args[1]); return nil }},
	"central-name":  {1, func(_ *zipFile, e *zipEntry, l line) error { e.central.name = []byte(l.args[1]); return nil }},
	"extra":         {1, func(_ *zipFile, e *zipEntry, l line) error { return addExtra(l, &e.local, &e.central) }},
	"local-extra":   {1, func(_ *zipFile, e *zipEntry, l line) error { return addExtra(l, &e.local) }},
	"central-extra": {1, func(_ *zipFile, e *zipEntry, l line) error { return addExtra(l, &e.central) }},
	"claim-offset": {1, func(_ *zipFile, e *zipEntry, l line) error {
		n, err := l.number(1)
		e.claimed = &n
		return err
	}},
	"unicode-path":         {1, func(_ *zipFile, e *zipEntry, l line) error { return unicodePath(e, l, e.central.name) }},
	"unicode-path-bad-crc": {1, func(_ *zipFile, e *zipEntry, l line) error { return unicodePath(e, l, []byte("?")) }},
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// setMethod compresses honestly under a named method, or only claims a number.
func setMethod(_ *zipFile, e *zipEntry, l line) error {
	m, known := zipMethods[l.args[1]]
	if !known {
		n, err := l.number(1)
		if err != nil {
			return l.errorf("method is stored, deflate, bzip2, lzma, zstd or a number, not %q", l.args[1])
		}
		for _, h := range []*zipHeader{&e.local, &e.central} {
			h.method = uint16(n)
		}
		return nil
	}
	stored, err := m.compress(e.plain)
	if err != nil {
		return l.errorf("%v", err)
	}
	e.store(m.id, stored, m.version)
	if l.args[1] == "lzma" {
		e.local.flags |= flagLZMAEnd
		e.central.flags |= flagLZMAEnd
	}
	return nil
}

func setMode(_ *zipFile, e *zipEntry, l line) error {
	switch l.args[1] {
	case "symlink":
		e.mode = 0o120777
	case "directory":
		e.mode = 0o040755
	default:
		n, err := l.number(1)
		if err != nil || n > 0xffff {
			return l.errorf("mode is symlink, directory or a number such as 0o100755, not %q", l.args[1])
		}
		e.mode = uint32(n)
	}
	return nil
}

func addExtra(l line, headers ...*zipHeader) error {
	data, err := hex.DecodeString(l.args[1])
	if err != nil {
		return l.errorf("%v", err)
	}
	for _, h := range headers {
		h.extra = slices.Concat(h.extra, data)
	}
	return nil
}

// unicodePath adds extra field 0x7075 (APPNOTE 4.6.9), whose checksum is over
// the name that it replaces.
func unicodePath(e *zipEntry, l line, replaced []byte) error {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, 0x7075)
	b = le.AppendUint16(b, uint16(5+len(l.args[1])))
	b = append(b, 1)
	b = le.AppendUint32(b, crc32.ChecksumIEEE(replaced))
	b = append(b, l.args[1]...)
	for _, h := range []*zipHeader{&e.local, &e.central} {
		h.extra = slices.Concat(h.extra, b)
	}
	return nil
}

// lieInHeader runs the verbs that set one field: bare (or "claim-") in every
// place that states it, and with "local-", "central-" or "descriptor-" in one.
func (e *zipEntry) lieInHeader(l line) error {
	headers := []*zipHeader{&e.local, &e.central, &e.trailer}
	field, claim := strings.CutPrefix(l.verb, "claim-")
	for i, scope := range []string{"local-", "central-", "descriptor-"} {
		if rest, found := strings.CutPrefix(l.verb, scope); found {
			field, claim, headers = rest, true, headers[i:i+1]
		}
	}
	// "size" alone would not say whether the data changes.
	if !claim && field != "flag" && field != "crc" {
		return l.errorf("unknown verb %q", l.verb)
	}
	if err := l.want(2, 2); err != nil {
		return err
	}
	n, err := l.number(1)
	if err != nil {
		return err
	}
	for _, h := range headers {
		switch field {
		case "flag":
			h.flags |= uint16(n)
		case "crc":
			h.crc = uint32(n)
		case "method":
			h.method = uint16(n)
		case "size":
			h.size = n
		case "compressed":
			h.compressed = n
		default:
			return l.errorf("unknown verb %q", l.verb)
		}
	}
	return nil
}
