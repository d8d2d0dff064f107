package formats

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pickle"
)

// Pickle is what one pickle makes its reader do; see the fields of pickle.Pickle.
type Pickle = pickle.Pickle

// PickleEvent is one thing that a pickle does.
type PickleEvent = pickle.Event

// PickleValue is what is known of one object that a pickle makes.
type PickleValue = pickle.Value

// The kinds of a PickleEvent.
const (
	PickleImport       = pickle.Import
	PickleCall         = pickle.Call
	PickleRestore      = pickle.Restore
	PicklePersistentID = pickle.PersistentID
	PickleExtension    = pickle.Extension
	PickleAppend       = pickle.Append
	PickleSetItem      = pickle.SetItem
)

// The kinds of a PickleValue.
const (
	PickleUnknown = pickle.Unknown
	PickleNone    = pickle.None
	PickleBool    = pickle.Bool
	PickleInt     = pickle.Int
	PickleFloat   = pickle.Float
	PickleText    = pickle.Text
	PickleBytes   = pickle.Bytes
	PickleTuple   = pickle.Tuple
	PickleList    = pickle.List
	PickleDict    = pickle.Dict
	PickleSet     = pickle.Set
	PickleGlobal  = pickle.Global
	PickleResult  = pickle.Result
)

// PickleLookup reports whether calling a path only looks up the name that it is
// given; the call's Text is that name then, or empty where it is computed.
func PickleLookup(path string) bool { return pickle.Lookup(path) }

// Pickle returns the facts of a KindPickle, nil for other nodes.
func (n *Node) Pickle() *Pickle { p, _ := n.facts.(*Pickle); return p }

// pickleName is what a KindPickle is called in addresses.
const pickleName = "pickle"

// pickleEndings are file names that promise a pickle, whatever the content.
var pickleEndings = []string{".pkl", ".pickle", ".joblib", ".dill", ".pck", ".pcl", ".cpkl", ".cloudpickle", ".jbl"}

func promisesPickle(name string) bool {
	return slices.Contains(pickleEndings, strings.ToLower(path.Ext(name)))
}

// maxPickles is how many pickles are looked for one behind the other in a text:
// torch.save writes five, and pickle.dump may be called on one file again and again.
const maxPickles = 1000

// pickles reads a text that is a pickle, by its first bytes, by its name, or
// because it calls what it names; found is false where it is none. whole is false
// where the text may be something else as well. A name makes no pickle of what
// begins as HDF5 or zip: CPython meets an unknown opcode there ("H"), or a persistent
// id that nobody resolves ("P"), before anything has been named.
func (o *opener) pickles(n *Node, src *bounds.Source, head []byte, nesting int) (found, whole bool) {
	promised := promisesPickle(n.Name) && !hdf5Head(head) && !zipHead(head)
	if promised || compressedHead(head) {
		plain, err := o.compressed(src, head, promised)
		o.problemIf(n, err)
		switch {
		case plain != nil: // what came out before an error is run before it is met
			return o.pickleText(n, plain, 0, nesting, false) > 0 || err != nil && promised, true
		case err != nil:
			return promised, true
		}
	}
	if !promised && !isPickle(head) && !o.callsNames(head) {
		return false, false
	}
	end := o.pickleText(n, src, 0, nesting, promised)
	return end > 0 || promised, end > 0 && !promisesArchive(n.Name) && src.Size()-end < 22
}

// pickleFormat records that a text is a pickle.
func (o *opener) pickleFormat(n *Node) Format {
	learned(n).Pickled = arrayName(n.Name)
	return FormatPickle
}

// promisesArchive reports whether loaders open a file of that name as a zip archive.
func promisesArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".keras", ".zip", ".npz":
		return true
	}
	return false
}

// pickleStarts are the opcodes that a pickle can begin with: those that take nothing
// from the stack or the memo, and are known to the protocols that CPython reads.
const pickleStarts = "(c]})\x80\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96BCFGIJKLMNSTUVX\x82\x83\x84"

// callsNames reports whether bytes without a mark are the beginning of a pickle:
// they call something that they name, or end having named something.
func (o *opener) callsNames(head []byte) bool {
	if len(head) < 4 || strings.IndexByte(pickleStarts, head[0]) < 0 {
		return false
	}
	p, err := pickle.Walk(bounds.FromBytes(head, o.budget), 0)
	return err == nil && acts(p)
}

// acts reports whether a pickle is one beyond doubt: before any fault it calls
// what it names, or is complete and names something.
func acts(p *Pickle) bool {
	for i := range p.Events {
		e := &p.Events[i]
		if e.Plain || p.Fault != nil && e.Off >= p.Fault.Off {
			continue
		}
		switch e.Kind {
		case pickle.Call:
			if dotted(e.Value.Func.Path()) {
				return true
			}
		case pickle.Import:
			if dotted(e.Value.Text) && p.Stopped && p.Fault == nil {
				return true
			}
		}
	}
	return false
}

// dotted reports whether a path consists of identifiers.
func dotted(path string) bool {
	for part := range strings.SplitSeq(path, ".") {
		for i, r := range part {
			if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

// pickleText adds the pickles that stand one behind the other from off on, and
// returns where they end; 0 where there is none. What begins as a pickle but names
// nothing and does not end as one is none, unless its name promises one.
func (o *opener) pickleText(n *Node, src *bounds.Source, off int64, nesting int, promised bool) int64 {
	end := int64(0)
	for i := 0; off < src.Size(); i++ {
		if i == maxPickles {
			o.problem(n, bounds.Unsupportedf(off, "more than %d pickles one behind the other", maxPickles))
			break
		}
		p, err := pickle.Walk(src, off)
		first := i == 0 && (promised || acts(p) || p.Stopped)
		if err == nil && !first && !(i > 0 && (acts(p) || p.Stopped && p.Fault == nil)) {
			break // what follows is data
		}
		if err := o.pickle(n, src, p, err, nesting); err != nil {
			o.problem(n, err)
			break
		}
		if off = p.End; p.Stopped {
			end = off
		}
		if err != nil || !p.Stopped {
			end = max(end, off, 1)
			break
		}
	}
	return end
}

// pickle adds one pickle and what it holds below parent. broken is what kept it
// from being read to its end.
func (o *opener) pickle(parent *Node, src *bounds.Source, p *Pickle, broken error, nesting int) error {
	o.model = true
	n, err := o.add(parent, KindPickle, pickleName)
	if err != nil {
		return err
	}
	n.facts = p
	n.Span = Span{p.Off, p.End}
	switch {
	case broken != nil:
		o.problem(n, fmt.Errorf("pickle: %w", broken))
	case p.Fault != nil:
		o.problem(n, fmt.Errorf("pickle: %w", p.Fault))
	}
	if err := o.globals(n, p); err != nil {
		return err
	}
	o.embedded(n, src, p, nesting)
	return o.pickledCode(n, src, p)
}

// globals adds a node for each name that a pickle imports or looks up.
func (o *opener) globals(n *Node, p *Pickle) error {
	seen := map[string]bool{}
	for i := range p.Events {
		e := &p.Events[i]
		if e.Kind != pickle.Import && e.Kind != pickle.Call || e.Value.Text == "" || seen[e.Value.Text] {
			continue
		}
		seen[e.Value.Text] = true
		g, err := o.add(n, KindGlobal, globalName(e.Value.Text))
		if err != nil {
			return err
		}
		g.Text = e.Value.Text
		g.Span = Span{e.Off, e.Off + 1}
	}
	return nil
}

// globalName is what a KindGlobal is called in addresses: its path, if nothing else
// in a pickle is called so.
func globalName(path string) string {
	if !strings.Contains(path, ".") || strings.HasPrefix(path, "python") || path == embeddedName {
		return "import " + path
	}
	return path
}

// embeddedName is what an archive in a pickle is called. Keras pickles a model as
// a whole .keras file, which is loaded without safe mode.
const embeddedName = "model.keras"

// embedded reads what the bytes in a pickle hold: further pickles, and archives.
func (o *opener) embedded(n *Node, src *bounds.Source, p *Pickle, nesting int) {
	for _, v := range p.Embedded {
		if err := o.budget.Nesting(nesting + 1); err != nil {
			o.problem(n, err)
			return
		}
		inner, err := o.content8(src, v)
		if err != nil {
			o.problem(n, err)
			continue
		}
		head, err := inner.Bytes(0, min(sniffLen, inner.Size()))
		if err != nil {
			o.problem(n, err)
			continue
		}
		if isPickle(head) {
			o.pickleText(n, inner, 0, nesting+1, false)
			continue
		}
		b, err := o.add(n, KindBytes, embeddedName)
		if err != nil {
			o.problem(n, err)
			return
		}
		b.Span = Span{max(v.Off, 0), max(v.Off, 0) + max(v.Len, 0)}
		learned(b).Format = o.content(b, fileText{inner}, nesting+1)
	}
}

// content8 is the content of a text or of bytes as bytes.
func (o *opener) content8(src *bounds.Source, v *PickleValue) (*bounds.Source, error) {
	wide := v.Latin1 && (v.Off >= 0 || v.Kind == pickle.Text)
	switch {
	case v.Off >= 0 && !wide:
		return src.Section(v.Off, v.Len)
	case v.Off < 0 && !v.Whole():
		return nil, bounds.Unsupportedf(-1, "a text of more than %d bytes in a pickle that holds something", pickle.KeptText)
	case v.Off < 0 && !wide:
		return bounds.FromBytes([]byte(v.Text), o.budget), nil
	}
	text := []byte(v.Text)
	if v.Off >= 0 {
		if err := o.budget.Member(v.Len); err != nil {
			return nil, err
		}
		section, err := src.Section(v.Off, v.Len)
		if err == nil {
			text, err = section.Bytes(0, section.Size())
		}
		if err != nil {
			return nil, err
		}
	}
	if err := o.budget.Text(int64(len(text))); err != nil {
		return nil, err
	}
	narrow := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r > 0xff {
			return nil, bounds.Malformedf(v.Off, "a text in a pickle begins as bytes, but holds other characters")
		}
		narrow = append(narrow, byte(r))
	}
	return bounds.FromBytes(narrow, o.budget), nil
}
