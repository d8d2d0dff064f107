package hdf5

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// parts are the messages of which an object has at most one, by type.
type parts [msgKnown + 1]*message

// single says which types those are. libhdf5 uses the first and ignores others.
var single = [msgKnown + 1]bool{
	msgDataspace: true, msgLinkInfo: true, msgDatatype: true, msgExternal: true, msgLayout: true,
	msgFilters: true, msgSymbolTable: true, msgAttrInfo: true,
}

// readObject reads the header of o and everything it leads to.
func (r *reader) readObject(o *Object) {
	h, err := r.header(uint64(o.Addr-r.base), r.messages[:0])
	if err != nil {
		r.problem("", "", err)
		return
	}
	r.messages = h.messages
	var p parts
	links, attrs := 0, 0
	for i := range h.messages {
		m := &h.messages[i]
		if m.kind > msgKnown {
			if err := m.unknown(); err != nil {
				r.problem("", "", err)
			}
			continue
		}
		switch {
		case m.kind == msgLink:
			links++
		case m.kind == msgAttribute:
			attrs++
		case single[m.kind] && p[m.kind] != nil:
			r.problem("", "", bounds.Malformedf(m.off, "object with two messages of type %#x", m.kind))
		case single[m.kind]:
			p[m.kind] = m
		}
	}
	o.Kind = r.kind(o, &p, h.broken)
	if o.Kind == Group || links > 0 {
		r.readGroup(o, &h, &p, links)
	}
	if p[msgDatatype] != nil {
		r.readType(o, p[msgDatatype])
	}
	if o.Kind == Dataset {
		r.readDataset(o, &p)
	}
	if attrs > 0 || p[msgAttrInfo] != nil {
		r.readAttributes(o, &h, &p, attrs)
	}
}

// kind decides as libhdf5 does, and reports what fits two kinds or none.
func (r *reader) kind(o *Object, p *parts, broken bool) Kind {
	data := p[msgDatatype] != nil || p[msgDataspace] != nil || p[msgLayout] != nil || p[msgExternal] != nil // a group may have filters, for its heap
	switch {
	case p[msgSymbolTable] != nil || p[msgLinkInfo] != nil:
		if data {
			r.problem("", "", bounds.Malformedf(o.Addr, "object is both a group and a dataset or datatype"))
		}
		return Group
	case p[msgDatatype] != nil && p[msgDataspace] != nil:
		return Dataset
	case p[msgDatatype] != nil:
		if p[msgLayout] != nil {
			r.problem("", "", bounds.Malformedf(o.Addr, "dataset without a dataspace"))
		}
		return NamedType
	}
	if !broken {
		r.problem("", "", bounds.Malformedf(o.Addr, "object is neither group nor dataset nor datatype"))
	}
	return Unknown
}

func (r *reader) readType(o *Object, m *message) {
	t, err := r.typeMessage(m)
	if err != nil {
		r.problem("", "", err)
	}
	o.Type = t
}
