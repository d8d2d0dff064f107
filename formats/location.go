package formats

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Location is where a node is, outermost step first. It is computed from the
// parent chain when it is asked for and never passed around.
//
// In text a step into a container is "!", into an attribute "@", into a document
// "#"; groups and JSON pointers use "/":
//
//	models/a.keras!config.json#/config/layers/3/class_name
//	legacy.h5!/@model_config#/config/layers/0
//	a.keras!model.weights.h5!/layers/dense/vars/0
//	a.keras!config.json#/config/layers/1/config/function/config/code!python3.11!<lambda>
//
// Characters that would be mistaken for a separator, control characters and bytes
// that are not UTF-8 are percent-encoded; in a pointer "~" and "/" are "~0" and
// "~1". Of several children of one name the last, which is the one that Python
// sees, has the plain address; ";1" is the first, ";2" the second.
type Location struct {
	steps []step
	outer int // the steps in front of a SavedModel's graph; 0 where there is none, or where it is not known
}

type step struct {
	sep  byte // 0 file, '!' container or its part, '/' child, '@' attribute, '#' root value
	name string
	nth  int // 0 for the last of that name, else counted from 1
}

// rootGroup is the name of an HDF5 file's root group.
const rootGroup = "/"

// Location returns where n is.
func (n *Node) Location() Location {
	var steps []step
	inner := -1
	for ; n != nil; n = n.Parent {
		steps = append(steps, n.step())
		if n.Kind == KindGraph || n.Kind == KindTracked || n.Kind == KindVariable {
			inner = len(steps)
		}
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	outer := 0
	if inner > 0 {
		outer = len(steps) - inner
	}
	return Location{steps, outer}
}

func (n *Node) step() step {
	s := step{sep: n.separator(), name: n.stepName()}
	if n.Parent != nil && n.Parent.Kind == KindArray {
		s.name = strconv.Itoa(n.index())
		return s
	}
	if n.Parent != nil {
		s.nth = n.nth(s)
	}
	return s
}

func (n *Node) separator() byte {
	switch {
	case n.Kind == KindFile:
		return 0
	case n.Kind == KindAttribute:
		return '@'
	case n.Kind.JSON():
		if n.Parent.Kind.JSON() {
			return '/'
		}
		return '#'
	case n.Kind == KindCode, n.Kind == KindConstant, n.Kind == KindPickle, n.Kind == KindGlobal, n.Kind == KindBytes, n.Kind.graph():
		return '!'
	case n.Kind == KindMember, n.Kind == KindExternal, n.Kind == KindVirtual, n.Name == rootGroup && n.Parent.Kind != KindGroup:
		return '!'
	}
	return '/'
}

// index is the place of an array element, found by where it stands in the text.
func (n *Node) index() int {
	i, _ := slices.BinarySearchFunc(n.Parent.Children, n.Span.Start, func(c *Node, start int64) int {
		return cmp.Compare(c.Span.Start, start)
	})
	for i < len(n.Parent.Children) && n.Parent.Children[i] != n { // what a YAML alias stands for begins where that does
		i++
	}
	return i
}

// nth is which of its equally addressed siblings n is: 0 for the last.
func (n *Node) nth(s step) int {
	if n.Kind == KindGlobal || n.Kind == KindVariable {
		return 0 // there is one of each name
	}
	if keys := n.Parent.keys(); keys != nil {
		start, end := keys.find(n.Parent, n.Name)
		i, _ := slices.BinarySearchFunc(keys[start:end], n.Span.Start, func(i int32, at int64) int {
			return cmp.Compare(n.Parent.Children[i].Span.Start, at)
		})
		if i >= end-start || n.Parent.Children[keys[start+i]] != n { // keys that YAML merges are not in the order of the text
			i = slices.IndexFunc(keys[start:end], func(k int32) bool { return n.Parent.Children[k] == n })
		}
		if start+i == end-1 {
			return 0
		}
		return i + 1
	}
	count, mine := 0, 0
	for _, c := range n.Parent.Children {
		if c.separator() == s.sep && c.stepName() == s.name {
			if count++; c == n {
				mine = count
			}
		}
	}
	if mine == count {
		return 0
	}
	return mine
}

// stepName is how an address calls n, where the parent is not an array.
func (n *Node) stepName() string {
	switch n.Kind {
	case KindExternal:
		return "external"
	case KindVirtual:
		return "virtual"
	}
	if n.Name == rootGroup && n.Kind.graph() {
		return "./" // or it would read as a group
	}
	return n.Name
}

// Member returns the members, one in another, that lead to the location,
// joined with "!"; empty outside archives.
func (l Location) Member() string {
	var names []string
	for i, s := range l.steps {
		if s.sep == '#' || l.outer > 0 && i == l.outer { // what a document or graph holds is no member
			break
		}
		if s.sep == '!' && s.name != rootGroup {
			names = append(names, s.name)
		}
	}
	return strings.Join(names, "!")
}

// Pointer returns the RFC 6901 pointer of a JSON value in its document, and of
// what a value holds that of the value. It is empty for a root value; ok is false
// outside documents.
func (l Location) Pointer() (pointer string, ok bool) {
	var b strings.Builder
	for _, s := range l.steps {
		switch {
		case s.sep == '#':
			ok = true
		case ok && s.sep == '!':
			return b.String(), ok
		case ok:
			b.WriteByte('/')
			b.WriteString(escapePointer(s.name))
		}
	}
	return b.String(), ok
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// String writes the address; ParseLocation reads it back.
func (l Location) String() string {
	var b strings.Builder
	document := false
	for i, s := range l.steps {
		if s.sep != 0 && !(s.sep == '/' && i > 0 && l.steps[i-1].name == rootGroup && !document) {
			b.WriteByte(s.sep)
		}
		document = s.sep == '#' || document && s.sep == '/'
		switch {
		case s.sep == '#':
		case s.sep == '!' && s.name == rootGroup:
			b.WriteByte('/')
		case document:
			escape(&b, escapePointer(s.name), false)
		case s.sep == '/':
			if s.name == "" {
				b.WriteString("%-") // or it would read as its parent
			}
			escape(&b, s.name, true)
		case s.sep == '!' && strings.HasPrefix(s.name, "/"):
			b.WriteString("%2F")
			escape(&b, s.name[1:], false)
		default:
			escape(&b, s.name, false)
		}
		if s.nth > 0 {
			fmt.Fprintf(&b, ";%d", s.nth)
		}
	}
	return b.String()
}

func escape(b *strings.Builder, s string, slash bool) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		plain := r >= 0x20 && r != 0x7f && !(r >= 0x80 && r < 0xa0) && !strings.ContainsRune("%!@#;", r) && !(r == '/' && slash) && !(r == utf8.RuneError && size == 1)
		if plain {
			b.WriteString(s[i : i+size])
		} else {
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(b, "%%%02X", c)
			}
		}
		i += size
	}
}

var errLocation = errors.New("not a location")

// ParseLocation reads what Location.String wrote.
func ParseLocation(s string) (Location, error) {
	var l Location
	document := false
	for sep, rest := byte(0), s; ; {
		var st step
		document = sep == '#' || document && sep == '/'
		switch {
		case sep == '#':
			st = step{sep: sep}
		case sep == '!' && strings.HasPrefix(rest, rootGroup):
			rest = rest[1:]
			st = step{sep: sep, name: rootGroup}
		default:
			ends := "!@#"
			if sep == '/' {
				ends = "!@#/"
			}
			token := rest
			if i := strings.IndexAny(rest, ends); i >= 0 {
				token = rest[:i]
			}
			rest = rest[len(token):]
			var err error
			if st, err = parseStep(sep, token, document); err != nil {
				return Location{}, err
			}
		}
		l.steps = append(l.steps, st)
		switch {
		case rest == "":
			return l, nil
		case strings.IndexByte("!@#/", rest[0]) >= 0:
			sep, rest = rest[0], rest[1:]
		case st.name == rootGroup && st.sep == '!':
			sep = '/' // the root group's name is also what parts it from its children
		default:
			return Location{}, fmt.Errorf("%w: %q in %q", errLocation, rest, s)
		}
	}
}

func parseStep(sep byte, token string, document bool) (step, error) {
	st := step{sep: sep}
	if i := strings.LastIndexByte(token, ';'); i >= 0 {
		n, err := strconv.Atoi(token[i+1:])
		if err != nil || n < 1 {
			return st, fmt.Errorf("%w: ordinal in %q", errLocation, token)
		}
		st.nth, token = n, token[:i]
	}
	if token == "%-" {
		return st, nil
	}
	name, err := unescape(token)
	if err != nil {
		return st, err
	}
	if document {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	st.name = name
	return st, nil
}

func unescape(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", fmt.Errorf("%w: escape in %q", errLocation, s)
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%w: escape in %q", errLocation, s)
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), nil
}

// Find returns the node at a location below root, nil if there is none.
func Find(root *Node, l Location) *Node {
	if root == nil || len(l.steps) == 0 || root.step() != l.steps[0] {
		return nil
	}
	n := root
	for _, s := range l.steps[1:] {
		if n = n.child(s); n == nil {
			return nil
		}
	}
	return n
}

func (n *Node) child(s step) *Node {
	if n.Kind == KindArray {
		i, err := strconv.Atoi(s.name)
		if err != nil || i < 0 || i >= len(n.Children) {
			return nil
		}
		return n.Children[i]
	}
	for _, c := range n.Children {
		if c.separator() == s.sep && c.step() == s {
			return c
		}
	}
	return nil
}
