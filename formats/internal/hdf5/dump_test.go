package hdf5

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// dump prints what the reader sees, one fact a line, as facts.py prints what
// h5py sees: every path to an object but those that lead back to an ancestor.
func dump(f *File) string {
	d := &dumper{}
	if f.Root != nil {
		d.group(f.Root, "/", map[*Object]bool{f.Root: true})
	}
	return d.out.String()
}

type dumper struct{ out strings.Builder }

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *dumper) group(o *Object, path string, above map[*Object]bool) {
	d.line("obj %s group", escape(path))
	d.attrs(o, path)
	for i := range o.Links {
		l := &o.Links[i]
		at := strings.TrimSuffix(path, "/") + "/" + l.Name
		switch {
		case l.Kind == Soft:
			d.line("link %s soft %s", escape(at), escape(l.Path))
		case l.Kind == External:
			d.line("link %s ext %s %s", escape(at), escape(l.File), escape(l.Path))
		case l.Kind == UserDefined || l.Target == nil:
			d.line("link %s kind %d", escape(at), l.Kind)
		case l.Target.Kind == Group && above[l.Target]:
			d.line("cycle %s", escape(at))
		case l.Target.Kind == Group:
			above[l.Target] = true
			d.group(l.Target, at, above)
			delete(above, l.Target)
		case l.Target.Kind == NamedType:
			d.line("obj %s datatype", escape(at))
		case l.Target.Kind == Dataset:
			d.dataset(l.Target, at)
		default:
			d.line("obj %s unknown", escape(at))
		}
	}
}

func (d *dumper) attrs(o *Object, path string) {
	for i := range o.Attrs {
		d.line("attr %s @%s = %s", escape(path), escape(o.Attrs[i].Name), value(&o.Attrs[i]))
	}
}

func (d *dumper) dataset(o *Object, path string) {
	s, p := o.Data, escape(path)
	d.line("obj %s dataset", p)
	d.attrs(o, path)
	switch s.Space.Kind {
	case Null:
		d.line("shape %s null", p)
	case Scalar:
		d.line("shape %s scalar", p)
	case Simple:
		dims := make([]string, len(s.Space.Dims))
		for i, n := range s.Space.Dims {
			dims[i] = strconv.FormatUint(n, 10)
		}
		d.line("shape %s %s", p, strings.Join(dims, "x"))
	}
	if o.Type != nil {
		d.line("dtype %s class=%d size=%d", p, o.Type.Class, memorySize(o.Type))
	}
	d.line("layout %s %s", p, [...]string{"none", "compact", "contiguous", "chunked", "virtual"}[s.Layout])
	for _, f := range s.Filters {
		d.line("filter %s %d", p, f.ID)
	}
	for _, e := range s.External {
		d.line("extfile %s %s", p, escape(e.Name))
	}
	for _, v := range s.Virtual {
		d.line("vds %s %s %s", p, escape(v.File), escape(v.Dataset))
	}
}

// memorySize is the size of the type in memory, where a variable-length element
// is a pointer, with a length if it is a sequence.
func memorySize(t *Datatype) uint32 {
	switch {
	case t.Class == VarLen && t.VarString:
		return 8
	case t.Class == VarLen:
		return 16
	}
	return t.Size
}

// value prints the value of an attribute: strings, numbers, lists of them.
func value(a *Attr) string {
	if a.Space.Kind == Null {
		return "EMPTY"
	}
	if len(a.Strings) == 0 && a.Sequences == nil || a.Type.Class == Compound {
		return list(numbers(a.Type, a.Raw))
	}
	var all []string
	for _, s := range a.Strings {
		all = append(all, "s:"+escape(s))
	}
	for _, s := range a.Sequences {
		all = append(all, list(numbers(a.Type.Base, s)))
	}
	return list(all)
}

func list(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ",") + "]"
}

func numbers(t *Datatype, raw []byte) []string {
	if t.Class == Array {
		t = t.Base
	}
	var all []string
	for ; len(raw) >= int(t.Size); raw = raw[t.Size:] {
		switch t.Class {
		case Integer, Enum, Bitfield:
			all = append(all, "i:"+t.Int(raw).String())
		case Float:
			v, ok := t.Float(raw)
			if !ok {
				return []string{"f:?"}
			}
			all = append(all, "f:"+strconv.FormatFloat(v, 'g', 6, 64))
		case Reference:
			all = append(all, "x:Reference")
		default:
			all = append(all, "x:void")
		}
	}
	return all
}

// escape prints text as Python's unicode_escape does; of 200 characters on only
// the length and the beginning.
func escape(s string) string {
	if n := utf8.RuneCountInString(s); n >= 200 {
		return fmt.Sprintf("LEN%d:%s", n, string([]rune(s)[:40]))
	}
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == utf8.RuneError && s[i] >= 0x80 && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\udc%02x`, s[i])
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c >= ' ' && c < 0x7f:
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			fmt.Fprintf(&b, `\U%08x`, c)
		}
	}
	return b.String()
}

var shapeOf = regexp.MustCompile(`(?m)^shape (\S+) .*\n`)

// withoutVirtualShapes drops the shape of virtual datasets, which libhdf5 takes
// from the sources where an extent is unlimited.
func withoutVirtualShapes(facts string) string {
	return shapeOf.ReplaceAllStringFunc(facts, func(line string) string {
		if strings.Contains(facts, "\nlayout "+shapeOf.FindStringSubmatch(line)[1]+" virtual\n") {
			return ""
		}
		return line
	})
}

// problems prints the problems of a file, one a line.
func problems(f *File) string {
	var b strings.Builder
	for _, p := range f.Problems {
		if p.Object != nil {
			fmt.Fprintf(&b, "object %#x ", p.Object.Addr)
		}
		if p.Attr != "" {
			fmt.Fprintf(&b, "attr %q ", p.Attr)
		}
		if p.Link != "" {
			fmt.Fprintf(&b, "link %q ", p.Link)
		}
		fmt.Fprintf(&b, "code %d: %v\n", p.Err.Code, p.Err)
	}
	return b.String()
}
