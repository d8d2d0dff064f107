// Package strictjson reads JSON that is signed. Package encoding/json is not used to
// fill structs there: it takes the last of two equal keys and matches keys without
// regard to case, so that two readers of one signature could see two statements.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested: bundles need eight.
const maxDepth = 32

// Object is a JSON object. Values are Object, []any, string, json.Number, bool and nil.
type Object map[string]any

// Parse reads one JSON object in which no key is there twice. Numbers are
// json.Number.
func Parse(data []byte) (Object, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := parseValue(d, 0)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("ends too early")
		}
		return nil, fmt.Errorf("JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("JSON: something follows the object")
	}
	o, ok := v.(Object)
	if !ok {
		return nil, errors.New("JSON: want an object")
	}
	return o, nil
}

func parseValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('['):
		var list []any
		for d.More() {
			v, err := parseValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		o := Object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := key.(string)
			if _, twice := o[name]; twice {
				return nil, fmt.Errorf("%q is there twice", name)
			}
			if o[name], err = parseValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return o, err
	}
	return tok, nil
}

// Only refuses members that are not in the list.
func (o Object) Only(where string, names ...string) error {
	var foreign []string
	for name := range o {
		if !slices.Contains(names, name) {
			foreign = append(foreign, fmt.Sprintf("%q", name))
		}
	}
	if len(foreign) > 0 {
		sort.Strings(foreign)
		return fmt.Errorf("%s has foreign members %s: want %s", where, strings.Join(foreign, ", "), strings.Join(names, ", "))
	}
	return nil
}

// Text is the string that a member must be; where names the object in errors.
func (o Object) Text(where, name string) (string, error) {
	s, ok := o[name].(string)
	if !ok {
		return "", fmt.Errorf("%s: want the string %q", where, name)
	}
	return s, nil
}

// Object is the object that a member must be.
func (o Object) Object(where, name string) (Object, error) {
	v, ok := o[name].(Object)
	if !ok {
		return nil, fmt.Errorf("%s: want the object %q", where, name)
	}
	return v, nil
}

// List is the list that a member must be.
func (o Object) List(where, name string) ([]any, error) {
	v, ok := o[name].([]any)
	if !ok {
		return nil, fmt.Errorf("%s: want the list %q", where, name)
	}
	return v, nil
}

// Marshal writes JSON in which nothing is escaped that need not be.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
