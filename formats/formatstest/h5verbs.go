package formatstest

import (
	"fmt"
	"strconv"
	"strings"
)

func addDataset(_ *Case, f *h5File, l line) error {
	d, err := f.newData(l.args[1], l.args[2])
	if err != nil {
		return err
	}
	d.value = l.args[3:]
	d.stored = l.verb != "unallocated"
	if l.verb == "compact" {
		d.layout = compactLayout
	}
	return f.addData(l.args[0], d)
}

func (f *h5File) newData(typ, shape string) (*h5Data, error) {
	t, err := f.parseType(typ)
	if err != nil {
		return nil, err
	}
	s, err := parseShape(shape)
	return &h5Data{typ: t, shape: s, layout: contiguousLayout}, err
}

func (f *h5File) addData(path string, d *h5Data) error {
	return f.place(path, h5Link{object: &h5Object{kind: h5Dataset, data: d}})
}

// addChunked stores chunks only where values are given, as the library does.
func addChunked(_ *Case, f *h5File, l line) error {
	d, err := f.newData(l.args[1], l.args[2])
	if err != nil {
		return err
	}
	chunk, err := parseShape(l.args[3])
	if err != nil {
		return err
	}
	if len(chunk.dims) == 0 || len(chunk.dims) != len(d.shape.dims) {
		return fmt.Errorf("a chunk of shape %s for data of shape %s", l.args[3], l.args[2])
	}
	for _, n := range chunk.dims {
		if n == 0 || n > 1<<32-1 {
			return fmt.Errorf("a chunk of shape %s", l.args[3])
		}
	}
	d.layout, d.chunk = chunkedLayout, chunk.dims
	d.value = l.args[4:]
	d.stored = len(d.value) > 0
	if d.stored {
		if _, err := chunk.elements(); err != nil {
			return err
		}
	}
	return f.addData(l.args[0], d)
}

// addExternalStorage moves a dataset to another file; without such a dataset
// it makes one of SIZE bytes.
func addExternalStorage(_ *Case, f *h5File, l line) error {
	offset, err := l.number(2)
	if err != nil {
		return err
	}
	size, err := l.number(3)
	if err != nil {
		return err
	}
	o := f.find(l.args[0])
	if o == nil {
		if err := f.addData(l.args[0], &h5Data{typ: &h5Type{class: classFixed, size: 1}, shape: h5Shape{dims: []uint64{size}}, layout: contiguousLayout}); err != nil {
			return err
		}
	}
	if o, err = f.dataset(l.args[0]); err != nil {
		return err
	}
	if o.data.layout != contiguousLayout {
		return fmt.Errorf("only a contiguous dataset can be stored elsewhere")
	}
	o.data.stored = false
	o.data.files = append(o.data.files, h5Extern{l.args[1], offset, size})
	return nil
}

// addVirtual makes a dataset a view of another; without such a dataset it
// makes one of f4 and shape 3x3.
func addVirtual(_ *Case, f *h5File, l line) error {
	if f.find(l.args[0]) == nil {
		d, err := f.newData("f4", "3x3")
		if err != nil {
			return err
		}
		if err := f.addData(l.args[0], d); err != nil {
			return err
		}
	}
	o, err := f.dataset(l.args[0])
	if err != nil {
		return err
	}
	o.data.layout = virtualLayout
	o.data.sources = append(o.data.sources, h5Source{l.args[1], l.args[2]})
	return nil
}

func addFilter(_ *Case, f *h5File, l line) error {
	o, err := f.dataset(l.args[0])
	if err != nil {
		return err
	}
	if o.data.layout != chunkedLayout {
		return fmt.Errorf("only a chunked dataset has filters")
	}
	id, err := strconv.ParseUint(l.args[1], 0, 16)
	if err != nil {
		return err
	}
	filter := h5Filter{id: uint16(id)}
	for _, w := range l.args[2:] {
		v, err := strconv.ParseUint(w, 0, 32)
		if err != nil {
			return err
		}
		filter.client = append(filter.client, uint32(v))
	}
	o.data.filters = append(o.data.filters, filter)
	return nil
}

func setFill(_ *Case, f *h5File, l line) error {
	o, err := f.dataset(l.args[0])
	if err == nil {
		o.data.fill = l.args[1]
	}
	return err
}

func claimShape(_ *Case, f *h5File, l line) error {
	o, err := f.dataset(l.args[0])
	if err != nil {
		return err
	}
	s, err := parseShape(l.args[1])
	o.data.claimedShape = &s
	return err
}

func claimSize(_ *Case, f *h5File, l line) error {
	o, err := f.dataset(l.args[0])
	if err != nil {
		return err
	}
	n, err := l.number(1)
	o.data.claimedSize = &n
	return err
}

func claimAddress(_ *Case, f *h5File, l line) error {
	o, err := f.dataset(l.args[0])
	if err != nil {
		return err
	}
	n, err := l.number(1)
	o.data.claimedAddress = &n
	return err
}

// addAttr adds an attribute of any type: attr /path@name TYPE SHAPE VALUE...
func addAttr(_ *Case, f *h5File, l line) error {
	path, name, found := strings.Cut(l.args[0], "@")
	if !found {
		return fmt.Errorf("expected /path@name, found %q", l.args[0])
	}
	o := f.find(path)
	if o == nil {
		var err error
		if o, err = f.group(path); err != nil {
			return err
		}
	}
	t, err := f.parseType(l.args[1])
	if err != nil {
		return err
	}
	s, err := parseShape(l.args[2])
	o.attrs = append(o.attrs, h5Attr{name, t, s, l.args[3:]})
	return err
}

// setStyle says how an attribute section will be stored.
func setStyle(_ *Case, f *h5File, l line) error {
	where := "/@model_config"
	if len(l.args) == 2 {
		where = l.args[1]
	}
	path, name, found := strings.Cut(where, "@")
	if !found {
		return fmt.Errorf("expected /path@name, found %q", where)
	}
	if path == "" {
		path = "/"
	}
	if _, known := attrStyles[l.args[0]]; !known {
		return fmt.Errorf("unknown style %q", l.args[0])
	}
	f.styles[path+"@"+name] = l.args[0]
	return nil
}

// attach adds a section's text as an attribute, as Keras does: h5py stores bytes so.
func (f *h5File) attach(path, name, text string) error {
	o := f.find(path)
	if o == nil {
		var err error
		if o, err = f.group(path); err != nil {
			return err
		}
	}
	style := f.styles[path+"@"+name]
	if style == "" {
		style = "vlen-ascii"
	}
	a, err := attrStyles[style](f, text)
	a.name = name
	o.attrs = append(o.attrs, a)
	return err
}

func fixedString(n int, padding byte, utf8 bool) *h5Type {
	return &h5Type{class: classString, size: max(n, 1), padding: padding, utf8: utf8}
}

func one(t *h5Type, text string) (h5Attr, error) { return h5Attr{typ: t, value: []string{text}}, nil }

var oneElement = h5Shape{dims: []uint64{1}}

// attrStyles are the ways to store one text that h5py and Keras know, and
// some that only the format knows.
var attrStyles = map[string]func(f *h5File, text string) (h5Attr, error){
	"vlen":       func(_ *h5File, s string) (h5Attr, error) { return one(&h5Type{class: classVlen, utf8: true}, s) },
	"vlen-ascii": func(_ *h5File, s string) (h5Attr, error) { return one(&h5Type{class: classVlen}, s) },
	"vlen-array": func(_ *h5File, s string) (h5Attr, error) {
		return h5Attr{typ: &h5Type{class: classVlen, utf8: true}, shape: oneElement, value: []string{s}}, nil
	},
	"fixed":      func(_ *h5File, s string) (h5Attr, error) { return one(fixedString(len(s), nullPadded, false), s) },
	"fixed-utf8": func(_ *h5File, s string) (h5Attr, error) { return one(fixedString(len(s), nullPadded, true), s) },
	"fixed-array": func(_ *h5File, s string) (h5Attr, error) {
		return h5Attr{typ: fixedString(len(s), nullPadded, false), shape: oneElement, value: []string{s}}, nil
	},
	"null-terminated": func(_ *h5File, s string) (h5Attr, error) { return one(fixedString(len(s)+1, nullTerminated, false), s) },
	"null-padded":     func(_ *h5File, s string) (h5Attr, error) { return one(fixedString(len(s)+100, nullPadded, false), s) },
	"space-padded":    func(_ *h5File, s string) (h5Attr, error) { return one(fixedString(len(s)+100, spacePadded, false), s) },
	"latin-1": func(_ *h5File, s string) (h5Attr, error) {
		b, err := encodeLatin1([]rune(s))
		a, _ := one(fixedString(len(b), nullPadded, false), string(b))
		return a, err
	},
	"opaque": func(_ *h5File, s string) (h5Attr, error) {
		return one(&h5Type{class: classOpaque, size: max(len(s), 1)}, fmt.Sprintf("%x", s))
	},
	"uint8": func(_ *h5File, s string) (h5Attr, error) {
		a := h5Attr{typ: &h5Type{class: classFixed, size: 1}, shape: h5Shape{dims: []uint64{uint64(len(s))}}}
		for i := range len(s) {
			a.value = append(a.value, strconv.Itoa(int(s[i])))
		}
		return a, nil
	},
	"null": func(*h5File, string) (h5Attr, error) {
		return h5Attr{typ: &h5Type{class: classVlen, utf8: true}, shape: h5Shape{null: true}}, nil
	},
	"committed": func(f *h5File, s string) (h5Attr, error) {
		o := f.find("/committed_type")
		if o == nil {
			o = &h5Object{kind: h5CommittedType, typ: &h5Type{class: classVlen, utf8: true}}
			if err := f.place("/committed_type", h5Link{object: o}); err != nil {
				return h5Attr{}, err
			}
		}
		a, err := one(&h5Type{class: classVlen, utf8: true, committed: o}, s)
		return a, err
	},
}
