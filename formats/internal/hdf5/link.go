package hdf5

import (
	"bytes"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// addLink gives a link its name and adds it to a group. Names that no path can
// hold are a problem, but stay.
func (r *reader) addLink(o *Object, name []byte, l Link, at int64) error {
	if err := r.budget.Node(1); err != nil {
		return err
	}
	var err error
	if l.Name, err = r.keep(name); err != nil {
		return err
	}
	if len(name) == 0 || string(name) == "." || bytes.IndexByte(name, '/') >= 0 || bytes.IndexByte(name, 0) >= 0 {
		r.problem("", l.Name, bounds.Malformedf(at, "link name %.100q, which no path can hold", name))
	}
	o.Links = append(o.Links, l)
	return nil
}

// Link types (section IV.A.2.g).
const (
	linkHard     = 0
	linkSoft     = 1
	linkExternal = 64
)

// linkMessage reads a link message, be it in an object header or in a fractal
// heap, and adds the link. It returns the name, for the check of its hash.
func (r *reader) linkMessage(o *Object, c cursor) ([]byte, error) {
	version, flags := c.u8(), c.u8()
	if version != 1 && !c.short {
		return nil, bounds.Unsupportedf(c.off, "link message version %d", version)
	}
	var l Link
	kind := uint8(linkHard)
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8) // creation order
	}
	if flags&16 != 0 {
		c.skip(1) // character set: names are bytes to us
	}
	size := c.uint(1 << (flags & 3))
	name := c.take(int(min(size, 1<<31)))
	if err := c.err("link message"); err != nil {
		return nil, err
	}
	if err := r.linkValue(&c, kind, &l); err != nil {
		r.problem("", string(name), err)
		if l.Kind == 0 || r.spent {
			return name, nil
		}
	}
	return name, r.addLink(o, name, l, c.off)
}

// linkValue reads the part of a link message that depends on its type.
func (r *reader) linkValue(c *cursor, kind uint8, l *Link) error {
	if kind == linkHard {
		l.Kind = Hard
		addr := c.addr()
		if err := c.err("link message"); err != nil {
			return err
		}
		target, err := r.object(addr)
		l.Target = target
		return err
	}
	if kind > linkSoft && kind < linkExternal {
		return bounds.Unsupportedf(c.off, "link of reserved type %d", kind)
	}
	at := c.here()
	value := c.take(int(c.u16()))
	if err := c.err("link message"); err != nil {
		return err
	}
	var err error
	switch kind {
	case linkSoft:
		l.Kind = Soft
		l.Path, err = r.keep(value)
		if err == nil && (len(value) == 0 || bytes.IndexByte(value, 0) >= 0) {
			err = bounds.Malformedf(at, "soft link with a path that is empty or holds NUL")
		}
	case linkExternal:
		l.Kind = External
		return r.externalLink(value, at, l)
	default:
		l.Kind = UserDefined
		l.Path, err = r.keep(value)
	}
	return err
}

// externalLink reads the value of an external link: version and flags, then
// the name of the file and the path in it.
func (r *reader) externalLink(value []byte, at int64, l *Link) error {
	c := cursor{b: value, off: at}
	head := c.u8()
	file := c.text()
	path := c.text()
	if err := c.err("external link"); err != nil {
		return err
	}
	if head != 0 {
		return bounds.Unsupportedf(at, "external link of version %d with flags %#x", head>>4, head&15)
	}
	var err error
	if l.File, err = r.keep(file); err != nil {
		return err
	}
	l.Path, err = r.keep(path)
	return err
}
