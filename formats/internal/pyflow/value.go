package pyflow

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

const (
	// plainLimit is how many alternatives the plain view keeps for one value;
	// with more it is unknown.
	plainLimit = 8
	// resolvedLimit is the same for the resolved view. It is higher, for eight
	// harmless alternatives must not hide a ninth.
	resolvedLimit = 32
	// pathLimit is how long a dotted path may become, in bytes. Of a longer one
	// the end is kept: os.path.os.path. ... .os.system is os.system.
	pathLimit = 480
	// textLimit is how long a string that is put together may become, in bytes.
	textLimit = 16 << 10
)

// plain is what an atom is in the plain view.
type plain uint8

const (
	plainNone    plain = iota // not part of it
	plainUnknown              // "?"
	plainPath                 // a path, also "?.name"; the text is in atom.text
	plainText                 // a str or bytes constant
	plainConst                // another constant that JSON can say
	plainDef                  // a function or class made here, named atom.text
	plainMark                 // NULL, a with slot, a code object
)

// kind is what an atom is in the resolved view.
type kind uint8

const (
	kindUnknown   kind = iota // path says where it came from, if that is known
	kindPath                  // something with a name
	kindConst                 // value
	kindText                  // a str or bytes: str if known is set, else computed
	kindNull                  // PUSH_NULL and the low bit of LOAD_GLOBAL
	kindSelf                  // second slot of a method load
	kindBuild                 // LOAD_BUILD_CLASS
	kindWith                  // __enter__ and __exit__ slots of a with statement
	kindCode                  // code
	kindFunc                  // a function made from fn's code
	kindClass                 // a class whose body is fn's code
	kindInstance              // an instance of such a class
	kindBox                   // a container
	kindMethod                // attribute name of recv
	kindPartial               // functools.partial: box
	kindGetter                // operator.attrgetter, itemgetter, methodcaller: path, box
	kindNamespace             // the attributes of path as a dict; "" for the globals
	kindCell                  // the cell name of fn
)

// atom is one alternative of a value. Atoms are compared by content.
type atom struct {
	plain plain
	kind  kind
	known bool   // of kindText: str is its content
	text  string // of the plain view: path or name
	path  string // of the resolved view
	str   string // of kindText; the name of kindMethod and kindCell
	value *pymarshal.Value
	code  *pymarshal.Code
	fn    *frame
	box   *box
	recv  *atom
}

func (a *atom) same(b *atom) bool {
	if a == b {
		return true
	}
	if a.plain != b.plain || a.kind != b.kind || a.known != b.known || a.text != b.text || a.path != b.path || a.str != b.str ||
		a.code != b.code || a.fn != b.fn || a.box != b.box {
		return false
	}
	if a.recv != b.recv && (a.recv == nil || b.recv == nil || !a.recv.same(b.recv)) {
		return false
	}
	return a.value == b.value || a.value != nil && b.value != nil && a.value.Kind == b.value.Kind && a.value.Items == nil && b.value.Items == nil &&
		a.value.Code == b.value.Code && a.value.Text == b.value.Text
}

// set is a value: its alternatives. Sets are never changed once they are shared.
// The empty set is an unbound variable.
type set struct {
	atoms []*atom
	wide  bool // the plain view is unknown
	one   [1]*atom
}

func only(a *atom) *set {
	s := &set{}
	s.one[0] = a
	s.atoms = s.one[:]
	return s
}

var (
	unknownAtom = &atom{plain: plainUnknown}
	unknown     = only(unknownAtom)
	empty       = &set{}
	nullMark    = only(&atom{plain: plainMark, kind: kindNull})
	selfMark    = only(&atom{plain: plainMark, kind: kindSelf})
	buildMark   = only(&atom{plain: plainMark, kind: kindBuild})
	withMark    = only(&atom{plain: plainMark, kind: kindWith})
	computed    = only(&atom{plain: plainUnknown, kind: kindText})
)

func pathAtom(p string) *atom {
	p = clip(p)
	return &atom{plain: plainPath, kind: kindPath, text: p, path: p}
}

// origin is something unknown of which it is known where it came from.
func origin(p string) *atom {
	return &atom{plain: plainUnknown, path: clip(p)}
}

func clip(p string) string {
	if len(p) <= pathLimit {
		return p
	}
	tail := p[len(p)-pathLimit/2:]
	if i := strings.IndexByte(tail, '.'); i >= 0 {
		return "?" + tail[i:]
	}
	return "?.…" + tail
}

func textAtom(s string, p plain) *atom {
	if len(s) > textLimit {
		return computed.atoms[0]
	}
	return &atom{plain: p, kind: kindText, known: true, str: s}
}

func (s *set) has(k kind) bool {
	for _, a := range s.atoms {
		if a.kind == k {
			return true
		}
	}
	return false
}

// pathless reports whether nothing is known of s.
func (s *set) pathless() bool {
	for _, a := range s.atoms {
		if a.kind != kindUnknown || a.path != "" {
			return false
		}
	}
	return true
}

// join returns the union of two values.
func (z *analysis) join(a, b *set) *set {
	switch {
	case a == b || len(b.atoms) == 0 && !b.wide:
		return a
	case len(a.atoms) == 0 && !a.wide:
		return b
	case len(a.atoms) == 1 && len(b.atoms) == 1 && !a.wide && !b.wide && a.atoms[0].same(b.atoms[0]):
		return a
	}
	return z.add(a, b.atoms, b.wide)
}

// add returns s with more alternatives; s itself if there is nothing new.
func (z *analysis) add(s *set, more []*atom, wide bool) *set {
	out := s
	if n := len(s.atoms) * len(more); n > 16 {
		z.spend(int64(n) / 16)
	}
	grow := func() {
		if out == s {
			out = &set{atoms: append(make([]*atom, 0, len(s.atoms)+len(more)), s.atoms...), wide: s.wide}
		}
	}
next:
	for _, b := range more {
		for _, a := range out.atoms {
			if a.same(b) {
				continue next
			}
		}
		if len(out.atoms) >= resolvedLimit && (b.plain <= plainUnknown || out.wide) {
			// results of calls are dropped in silence: a long function has many
			z.facts.Widened = z.facts.Widened || b.kind != kindUnknown
			continue
		}
		grow()
		out.atoms = append(out.atoms, b)
	}
	if !out.wide && (wide || len(out.atoms) > plainLimit && out.plainCount() > plainLimit) {
		z.facts.Widened = true
		grow()
		out.wide = true
	}
	return out
}

func (s *set) plainCount() int {
	n := 0
	s.eachPlain(func(*atom) { n++ })
	return n
}

// eachPlain calls f with every distinct alternative of the plain view.
func (s *set) eachPlain(f func(*atom)) {
	if s.wide {
		f(unknownAtom)
		return
	}
	for i, a := range s.atoms {
		if a.plain == plainNone {
			continue
		}
		if i == 0 || !s.plainSeen(i) {
			f(a)
		}
	}
}

func (s *set) plainSeen(i int) bool {
	for _, b := range s.atoms[:i] {
		if b.plain == s.atoms[i].plain && plainSame(s.atoms[i], b) {
			return true
		}
	}
	return false
}

func plainSame(a, b *atom) bool {
	switch a.plain {
	case plainUnknown:
		return true
	case plainPath, plainDef:
		return a.text == b.text
	case plainText:
		return a.str == b.str
	}
	return a.same(b)
}

// plainOne is the only alternative of the plain view; unknown if there is
// another number of them.
func (s *set) plainOne() *atom {
	one, n := unknownAtom, 0
	s.eachPlain(func(a *atom) { one = a; n++ })
	if n != 1 {
		return unknownAtom
	}
	return one
}

// opaque is s where the plain view knows nothing and the resolved view all.
func opaque(s *set) *set { return replain(s, plainUnknown) }

// unseen is s where the plain view has no part in it.
func unseen(s *set) *set { return replain(s, plainNone) }

func replain(s *set, p plain) *set {
	if len(s.atoms) == 0 {
		if p == plainNone {
			return empty
		}
		return unknown
	}
	if len(s.atoms) == 1 && s.atoms[0].plain == p && s.atoms[0].text == "" && !s.wide {
		return s
	}
	if p == plainUnknown && s.pathless() {
		return unknown
	}
	out := &set{atoms: make([]*atom, len(s.atoms))}
	for i, a := range s.atoms {
		if a.plain == p && a.text == "" {
			out.atoms[i] = a
			continue
		}
		b := *a
		b.plain, b.text = p, ""
		if a.kind <= kindConst && a.kind != kindConst && b.path == "" {
			b.path = a.path
		}
		out.atoms[i] = &b
	}
	return out
}
