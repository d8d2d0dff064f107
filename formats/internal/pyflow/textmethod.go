package pyflow

import (
	"strconv"
	"strings"
)

// textMethod is the result of a method of a string.
func (f *frame) textMethod(recv *atom, name string, args *arguments) *set {
	x, y := args.arg(0, ""), args.arg(1, "")
	a, okA := text(x)
	b, okB := text(y)
	if name == "format" || name == "format_map" {
		return f.braces(recv, args)
	}
	if !recv.known {
		return computed
	}
	s := recv.str
	switch {
	case name == "join":
		return f.joined(only(recv), x)
	case name == "replace" && okA && okB && len(s)*(len(b)+1) <= textLimit:
		return f.made(strings.ReplaceAll(s, a, b))
	case name == "lower" || name == "casefold":
		return f.made(strings.ToLower(s))
	case name == "upper":
		return f.made(strings.ToUpper(s))
	case name == "swapcase":
		return f.made(strings.Map(swapCase, s))
	case (name == "strip" || name == "lstrip" || name == "rstrip") && (okA || x == nil):
		return f.made(strip(name, s, a))
	case name == "decode" || name == "encode":
		if x == nil {
			a = "utf8"
		} else if !okA {
			return computed
		}
		return f.decoded(s, a)
	case name == "split" && (okA && a != "" || x == nil):
		parts := strings.Fields(s)
		if x != nil {
			parts = strings.Split(s, a)
		}
		list, _ := f.boxAt("list", 1)
		for i, p := range parts {
			f.putElem(list, i, f.made(p))
		}
		return only(boxAtom(list))
	case name == "__add__":
		return f.concat([]*set{only(recv), x})
	case name == "__getitem__" && x != nil:
		return f.textSlice(recv, x)
	case name == "removeprefix" && okA:
		return f.made(strings.TrimPrefix(s, a))
	case name == "removesuffix" && okA:
		return f.made(strings.TrimSuffix(s, a))
	}
	return computed
}

func strip(name, s, cut string) string {
	if cut == "" {
		cut = " \t\n\r\v\f"
	}
	if name != "rstrip" {
		s = strings.TrimLeft(s, cut)
	}
	if name != "lstrip" {
		s = strings.TrimRight(s, cut)
	}
	return s
}

func swapCase(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r - 32
	case r >= 'A' && r <= 'Z':
		return r + 32
	}
	return r
}

// braces is str.format with plain fields; what else it does, a rule must judge
// by Facts.Formats.
func (f *frame) braces(recv *atom, args *arguments) *set {
	if !recv.known {
		f.z.facts.ComputedFormat = true
		return computed
	}
	s, pos, next := recv.str, args.positional(), 0
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		if strings.HasPrefix(s[i:], "{{") || strings.HasPrefix(s[i:], "}}") {
			b.WriteByte(s[i])
			s = s[i+2:]
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return computed
		}
		field := s[i+1 : i+end]
		s = s[i+end+1:]
		k, err := strconv.Atoi(field)
		if field == "" {
			k, err = next, nil
			next++
		}
		var v *set
		if err == nil && k >= 0 && k < len(pos) {
			v = pos[k]
		} else if err != nil {
			v = args.arg(-1, field)
		}
		if v == nil {
			return computed
		}
		part, ok := text(f.shown(v))
		if !ok || b.Len()+len(part) > textLimit {
			return computed
		}
		b.WriteString(part)
	}
	return f.made(b.String())
}
