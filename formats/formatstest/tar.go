package formatstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strconv"
	"strings"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// streamKinds are the compressions that the key "compress" knows.
var streamKinds = map[string]func([]byte) ([]byte, error){
	"gzip": func(data []byte) ([]byte, error) {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		return finish(&b, w, err, data)
	},
	"bzip2": bzip,
	"zstd":  zstandard,
	"xz": func(data []byte) ([]byte, error) {
		var b bytes.Buffer
		w, err := xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&b)
		return finish(&b, w, err, data)
	},
	"lzma": func(data []byte) ([]byte, error) {
		var b bytes.Buffer
		w, err := lzma.WriterConfig{DictCap: 1 << 16}.NewWriter(&b)
		return finish(&b, w, err, data)
	},
}

// tarEntry is one member of a tar archive in the making.
type tarEntry struct {
	ref, name, link string
	kind            byte
	mode            uint64
	data            []byte
	claimed         *uint64
	checksum        string // instead of the right one
	before          []byte // extended headers
	gap             []byte // behind the data
	behind          bool   // stands behind the end of the archive
}

// tarKinds are the verbs that make a member something else than a file.
var tarKinds = map[string]byte{"hard-link": '1', "symlink": '2', "device": '3', "directory": '5', "pipe": '6', "type": 0}

func (c *Case) buildTar() ([]byte, error) {
	members, err := c.modelMembers()
	if err != nil {
		return nil, err
	}
	var entries []*tarEntry
	for _, m := range members {
		entries = append(entries, newTarEntry(m))
	}
	end := make([]byte, 1024)
	for _, l := range c.scripts["tar"] {
		if l.verb == "no-end" {
			end = nil
			continue
		}
		if err := l.want(1, 3); err != nil {
			return nil, err
		}
		e := findTarEntry(entries, l.args[0])
		if e == nil && tarKinds[l.verb] != 0 {
			e = newTarEntry(member{ref: l.args[0], name: l.args[0]})
			entries = append(entries, e)
		}
		if e == nil {
			return nil, l.errorf("%q is not a member", l.args[0])
		}
		if err := c.tarVerb(l, e); err != nil {
			return nil, err
		}
	}
	return tarBytes(entries, end), nil
}

func newTarEntry(m member) *tarEntry {
	e := &tarEntry{ref: m.ref, name: m.name, kind: '0', mode: 0o644, data: m.data}
	if strings.HasSuffix(m.name, "/") {
		e.kind, e.mode = '5', 0o755
	}
	return e
}

func findTarEntry(entries []*tarEntry, ref string) *tarEntry {
	for _, e := range entries {
		if e.ref == ref {
			return e
		}
	}
	return nil
}

func (c *Case) tarVerb(l line, e *tarEntry) error {
	rest := l.args[1:]
	text := strings.Join(rest, " ")
	var err error
	switch l.verb {
	case "type":
		e.kind = text[0]
	case "hard-link", "symlink", "device", "directory", "pipe":
		e.kind, e.link = tarKinds[l.verb], text
	case "mode":
		e.mode, err = strconv.ParseUint(text, 0, 32)
	case "raw-name":
		e.name = text
	case "claim-size":
		var n uint64
		n, err = strconv.ParseUint(text, 0, 64)
		e.claimed = &n
	case "checksum":
		e.checksum = text
	case "pax":
		body := paxRecord(rest[0], strings.Join(rest[1:], " "))
		e.before = append(e.before, tarBytes([]*tarEntry{{name: "pax", kind: 'x', mode: 0o644, data: []byte(body)}}, nil)...)
	case "long-name":
		e.before = append(e.before, tarBytes([]*tarEntry{{name: "././@LongLink", kind: 'L', data: []byte(text + "\x00")}}, nil)...)
	case "gap":
		e.gap, err = c.source(l, rest)
	case "behind":
		e.behind = true
	default:
		return l.errorf("unknown verb %q of tar lines", l.verb)
	}
	if err != nil {
		return l.at(err)
	}
	return nil
}

func paxRecord(key, value string) string {
	body := " " + key + "=" + value + "\n"
	n := len(body) + 1
	for len(strconv.Itoa(n))+len(body) != n {
		n++
	}
	return strconv.Itoa(n) + body
}

func tarBytes(entries []*tarEntry, end []byte) []byte {
	var b, behind []byte
	for _, e := range entries {
		into := &b
		if e.behind {
			into = &behind
		}
		*into = append(append(*into, e.before...), e.bytes()...)
	}
	b = append(b, end...)
	if len(behind) > 0 {
		b = append(append(b, behind...), end...)
	}
	return b
}

// bytes are the header and the padded data: ustar, with a name of up to 100 bytes.
func (e *tarEntry) bytes() []byte {
	h := make([]byte, 512)
	copy(h[:100], e.name)
	size := uint64(len(e.data))
	if e.claimed != nil {
		size = *e.claimed
	}
	for off, text := range map[int]string{100: fmt.Sprintf("%07o", e.mode), 108: "0000000", 116: "0000000", 124: fmt.Sprintf("%011o", size), 136: "00000000000",
		148: "        ", 157: e.link, 257: "ustar\x0000"} {
		copy(h[off:], text)
	}
	h[156] = e.kind
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	checksum := fmt.Sprintf("%06o\x00 ", sum)
	if e.checksum != "" {
		checksum = e.checksum
	}
	copy(h[148:156], checksum)
	h = append(h, e.data...)
	h = append(h, make([]byte, (512-len(e.data)%512)%512)...)
	return append(h, e.gap...)
}
