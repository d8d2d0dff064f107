package tarfile

import (
	"bytes"
	"maps"
	"strconv"
	"strings"
)

// extended are the headers in front of an entry, outermost first. Python applies them from
// the innermost out, so that the first one of a kind counts.
type extended []pax

// apply changes an entry as the headers say, and returns its size.
func (x extended) apply(e *Entry, size int64) int64 {
	for i := len(x) - 1; i >= 0; i-- {
		size = x[i].apply(e, size)
	}
	return size
}

// pax are the records of a pax header that change what is read.
type pax map[string]string

// paxKeys are the records that Python acts on and that say where data is or what it is
// called (_apply_pax_info, _proc_pax).
var paxKeys = map[string]bool{"path": true, "linkpath": true, "size": true, "GNU.sparse.name": true, "GNU.sparse.size": true,
	"GNU.sparse.realsize": true, "GNU.sparse.map": true, "GNU.sparse.major": true, "GNU.sparse.minor": true, "GNU.sparse.offset": true, "GNU.sparse.numbytes": true}

// sparse reports whether the records describe a sparse file.
func (p pax) sparse() bool {
	return p["GNU.sparse.map"] != "" || p["GNU.sparse.size"] != "" || p["GNU.sparse.major"] != ""
}

// longName and longLink stand for GNU's headers of these kinds among the records.
const longName, longLink = "\x00L", "\x00K"

// extend reads the data of an extended header, at pos.
func (r *reader) extend(own *extended, h header) error {
	size, ok := blocks(h.size)
	if !ok || h.size > r.src.Size()-r.pos {
		return errorf(r.pos, "an extended header of %d bytes", h.size)
	}
	if err := r.src.Budget.Structure(h.size); err != nil {
		return err
	}
	if err := r.src.Budget.Text(h.size); err != nil {
		return err
	}
	data, err := r.src.Bytes(r.pos, h.size)
	if err != nil {
		return err
	}
	at := r.pos
	r.pos += min(size, r.src.Size()-r.pos)
	switch h.kind {
	case typeLongName:
		*own = append(*own, pax{longName: cut(data)})
		return nil
	case typeLongLink:
		*own = append(*own, pax{longLink: cut(data)})
		return nil
	}
	records, err := r.records(data, at)
	if err != nil {
		return err
	}
	if h.kind != typeGlobalPax {
		*own = append(*own, records)
		return nil
	}
	if r.global == nil {
		r.global = pax{}
	}
	maps.Copy(r.global, records)
	return nil
}

// records takes a pax header apart: "LENGTH KEY=VALUE\n" again and again, up to a zero.
// CPython before the fix of CVE-2024-6232 stops where a record is malformed, later ones
// refuse the header.
func (r *reader) records(data []byte, at int64) (pax, error) {
	found := pax{}
	for pos := 0; pos < len(data) && data[pos] != 0; {
		if err := r.src.Budget.Step(1); err != nil {
			return nil, err
		}
		length, rest, ok := bytes.Cut(data[pos:], []byte(" "))
		n, err := strconv.Atoi(string(length))
		if !ok || err != nil || n < 5 || n > len(data)-pos || n < len(length)+2 {
			return nil, errorf(at+int64(pos), "a record of a pax header has no length that fits")
		}
		rest = rest[:n-len(length)-1]
		key, value, ok := bytes.Cut(rest, []byte("="))
		if !ok || len(key) == 0 || rest[len(rest)-1] != '\n' {
			return nil, errorf(at+int64(pos), "a record of a pax header is no key=value line")
		}
		k, text := string(key), string(value[:len(value)-1])
		if before, ok := found[k]; ok && (k == "GNU.sparse.offset" || k == "GNU.sparse.numbytes") {
			text = before + "," + text // of version 0.0: one record for each part
		}
		if paxKeys[k] {
			found[k] = text
		}
		pos += n
	}
	return found, nil
}

// apply changes an entry as the records say, and returns its size.
func (p pax) apply(e *Entry, size int64) int64 {
	if name, ok := p[longName]; ok {
		e.Name = name
		if e.Type == Directory {
			e.Name = strings.TrimSuffix(name, "/")
		}
	}
	if link, ok := p[longLink]; ok {
		e.Link = link
	}
	if name, ok := p["path"]; ok {
		e.Name = strings.TrimRight(name, "/")
	}
	if link, ok := p["linkpath"]; ok {
		e.Link = strings.TrimRight(link, "/")
	}
	if text, ok := p["size"]; ok {
		size, _ = strconv.ParseInt(strings.TrimSpace(text), 10, 64) // ValueError is 0
	}
	if name, ok := p["GNU.sparse.name"]; ok {
		e.Name = strings.TrimRight(name, "/")
	}
	return size
}
