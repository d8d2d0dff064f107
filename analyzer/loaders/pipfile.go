package loaders

import (
	"bytes"
	"encoding/json"
	"errors"
)

// parseJSON reads a whole document with the standard decoder's tokens, which say
// where they end.
func parseJSON(s *source) (*node, error) {
	if err := tooMany(s, ",:[{"); err != nil {
		return nil, err
	}
	// The decoder's tokens say where they end, its errors only where the last one did.
	var whole json.RawMessage
	if err := json.Unmarshal(s.data, &whole); err != nil {
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) {
			return nil, &Error{File: s.name, What: err.Error()}
		}
		return nil, s.errorf(int(syntax.Offset)-1, "%v", err)
	}
	r := &jsonReader{s: s, dec: json.NewDecoder(bytes.NewReader(s.data))}
	r.dec.UseNumber()
	return r.value(0)
}

type jsonReader struct {
	s   *source
	dec *json.Decoder
}

// token returns the next token and its first byte.
func (r *jsonReader) token() (json.Token, int, error) {
	start := int(r.dec.InputOffset())
	for start < len(r.s.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.s.data[start]) >= 0 {
		start++
	}
	t, err := r.dec.Token()
	return t, start, err
}

func (r *jsonReader) value(depth int) (*node, error) {
	t, start, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, r.s.errorf(start, "nested deeper than %d levels", maxDepth)
	}
	n := &node{start: start}
	switch t {
	case json.Delim('['):
		n.kind = list
		for r.dec.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = r.dec.Token()
	case json.Delim('{'):
		n.kind = table
		err = r.fields(n, depth)
	default:
		n.text = jsonText(t)
	}
	n.end = int(r.dec.InputOffset())
	return n, err
}

func (r *jsonReader) fields(n *node, depth int) error {
	seen := map[string]bool{}
	for r.dec.More() {
		t, start, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return r.s.errorf(start, "key %q stands twice", excerpt(key))
		}
		seen[key] = true
		f := field{key: key, start: start, end: int(r.dec.InputOffset())}
		if f.value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.add(f)
	}
	_, err := r.dec.Token()
	return err
}

func jsonText(t json.Token) string {
	switch t := t.(type) {
	case string:
		return t
	case json.Number:
		return t.String()
	case bool:
		if t {
			return "true"
		}
		return "false"
	}
	return ""
}

// parsePipfile reads Pipfile.lock, format 6 of pipenv.
func parsePipfile(s *source) (Lock, error) {
	root, err := parseJSON(s)
	if err != nil {
		return Lock{}, err
	}
	if root.at("_meta") == nil {
		return Lock{}, &Error{File: s.name, What: `a Pipfile.lock is expected: there is no "_meta"`}
	}
	lock := Lock{Format: "Pipfile.lock"}
	for _, key := range []string{"python_full_version", "python_version"} {
		f := root.at("_meta", "requires").get(key)
		if f.value.str() == "" || f.value.str() == "*" {
			continue
		}
		v, err := pythonVersions(f.value.text)
		if err != nil {
			return Lock{}, s.errorf(f.value.start, "%v", err)
		}
		lock.Pins = append(lock.Pins, s.pin(Pin{Package: "python", Versions: v}, f.start, f.value.end))
		break
	}
	for _, group := range root.fields {
		if group.key == "_meta" {
			continue
		}
		if group.value.kind != table {
			return Lock{}, s.errorf(group.value.start, "%q: packages are expected", excerpt(group.key))
		}
		for _, f := range group.value.fields {
			if Of(f.key) == "" {
				continue
			}
			pin, err := pipfilePin(s, f)
			if err != nil {
				return Lock{}, err
			}
			lock.Pins = append(lock.Pins, pin)
		}
	}
	return lock, nil
}

func pipfilePin(s *source, f field) (Pin, error) {
	pin := Pin{Package: Normalize(f.key), Marker: f.value.at("markers").str()}
	if all := f.value.at("hashes"); all != nil {
		for _, h := range all.items {
			pin.Hashes = append(pin.Hashes, h.str())
		}
	}
	version := f.value.get("version")
	if version.value.str() == "" || version.value.str() == "*" {
		pin.Versions = unknown("", "the lock file gives no version for this source")
		return s.pin(pin, f.start, f.end), nil
	}
	v, err := specified(version.value.text)
	if err != nil {
		return Pin{}, s.errorf(version.value.start, "version of %s: %v", excerpt(f.key), err)
	}
	pin.Versions = v
	return s.pin(pin, version.start, version.value.end), nil
}
