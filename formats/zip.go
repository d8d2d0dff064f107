package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/expand"
	"github.com/kerasvet/kerasvet/formats/internal/hdf5"
	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// Member names that Keras 3 opens (keras/src/saving/saving_lib.py). It looks for
// the exact names.
const (
	configName     = "config.json"
	metadataName   = "metadata.json"
	weightsName    = "model.weights.h5"
	npzWeightsName = "model.weights.npz"
)

var keras3Names = []string{configName, metadataName, weightsName, npzWeightsName}

// zip reads an archive: every entry becomes a member, duplicates and all, and
// whatever a loader could make of its content is read below it.
func (o *opener) zip(n *Node, src *bounds.Source, nesting int) Format {
	archive, err := zipfile.Read(src)
	if err != nil {
		o.problem(n, fmt.Errorf("zip archive: %w", err))
		o.model = o.model || modelName(n.Name)
	}
	if archive == nil {
		return FormatZip
	}
	nodes := make(map[*zipfile.Entry]*Node, len(archive.Entries))
	format := FormatZip
	npz, loadable := len(archive.Entries) > 0, false
	for _, e := range archive.Entries {
		for i, name := range e.Names() {
			if i > 0 && !opens(name) {
				continue // a name that only some readers see, and none acts on
			}
			m, err := o.member(n, e, name, nesting)
			if err != nil {
				o.problem(n, err)
				return format
			}
			if nodes[e] == nil {
				nodes[e] = m
			}
			if name == configName && keras(m) || name == weightsName || name == npzWeightsName {
				format = FormatKeras
				o.model = true
			}
			loadable = loadable || opens(name) && name != metadataName
			npz = npz && strings.HasSuffix(name, ".npy")
		}
	}
	o.disagreements(n, archive, nodes)
	if err := o.torchScript(n, archive, nodes); err != nil {
		o.problem(n, err)
	}
	if err := o.outsideArchive(n, src, archive); err != nil {
		o.problem(n, err)
	}
	o.nearDuplicates(n)
	o.twoForms(n)
	switch {
	case format == FormatKeras:
	case npz:
		format = FormatNPZ
	case !loadable && err == nil && strings.EqualFold(path.Ext(n.Name), ".keras"):
		o.problem(n, bounds.Unsupportedf(-1, "a zip archive with neither a configuration nor weights of Keras"))
	}
	return format
}

// opens reports whether a loader asks for a member of that name.
func opens(name string) bool { return slices.Contains(keras3Names, name) }

// keras reports whether a member holds a document that Keras deserializes.
func keras(m *Node) bool {
	return slices.ContainsFunc(m.Children, kerasDocument)
}

// member makes the node of one entry under one of its names and reads its content.
// An error means that the budget for nodes is spent.
func (o *opener) member(archive *Node, e *zipfile.Entry, name string, nesting int) (*Node, error) {
	m, err := o.add(archive, KindMember, name)
	if err != nil {
		return nil, err
	}
	m.Span = Span{max(e.DataOff, 0), max(e.DataOff, 0) + e.Packed}
	m.facts = &Member{Method: e.Method, Size: e.Size, Compressed: e.Packed, Mode: mode(e), Encrypted: e.Encrypted(), Python: pythonOf(e, name)}
	if e.IsDir() && e.Size == 0 {
		return m, nil
	}
	before := len(o.problems)
	m.Member().Content.Format = o.content(m, e, nesting+1)
	if m.Member().Mode&fs.ModeSymlink != 0 {
		target, _ := e.Head(sniffLen) // that it cannot be read is a problem already
		m.Member().Target = string(target)
	}
	if len(o.problems) > before && modelName(name) {
		o.model = true
	}
	return m, nil
}

// The release lines of CPython whose zipfile reads more than older ones.
const (
	pythonRenames = "3.12" // by extra field 0x7075
	pythonZstd    = "3.14" // decompresses method 93
)

// pythonOf returns the first release line of Python that has an entry under a name
// and can decompress it; empty where all do.
func pythonOf(e *zipfile.Entry, name string) string {
	switch {
	case e.Method == zipfile.Zstd:
		return pythonZstd
	case e.UnicodeName != "" && (name == e.UnicodeName || name == strings.ReplaceAll(e.UnicodeName, `\`, "/")):
		return pythonRenames
	}
	return ""
}

func mode(e *zipfile.Entry) fs.FileMode {
	unix := e.UnixMode()
	m := fs.FileMode(unix & 0o777)
	switch {
	case e.IsSymlink():
		m |= fs.ModeSymlink
	case e.IsDir():
		m |= fs.ModeDir
	}
	return m
}

// disagreements records where readers of the archive differ. Every reading that a
// loader could open is in the tree already.
func (o *opener) disagreements(n *Node, a *zipfile.Archive, nodes map[*zipfile.Entry]*Node) {
	for _, d := range a.Disagreements {
		at := nodes[d.Entry]
		if at == nil {
			at = n
		}
		p := Problem{At: at, Code: Ambiguous, Err: errors.New(d.What)}
		if d.Renamed {
			p.Python = pythonRenames
		}
		o.list(p)
	}
	if a.Unscanned > 0 {
		o.problem(n, bounds.Unsupportedf(-1, "%d bytes between the entries of the zip archive were not searched for further entries", a.Unscanned))
	}
}

// outsideArchive records the bytes that the archive does not account for, but for
// those in which another archive was found: they are a disagreement.
func (o *opener) outsideArchive(n *Node, src *bounds.Source, a *zipfile.Archive) error {
	behind := src.Size() - a.Trailing
	comment := behind - int64(len(a.Comment))
	ranges := []Outside{{Side: Comment, Span: Span{comment, behind}}, {Side: Behind, Span: Span{behind, src.Size()}}}
	for _, g := range a.Gaps {
		side := Between
		if g.Off == 0 {
			side = Before
		}
		ranges = append(ranges, Outside{Side: side, Span: Span{g.Off, g.Off + g.Len}})
	}
	ranges = slices.DeleteFunc(ranges, func(r Outside) bool {
		return slices.ContainsFunc(a.Disagreements, func(d zipfile.Disagreement) bool {
			return d.Entry == nil && r.Span.Start <= d.Off && d.Off < r.Span.End
		})
	})
	if _, isHDF5, err := hdf5.Find(src); isHDF5 || err != nil {
		return err // the bytes are the other format's
	}
	return o.outside(n, src, ranges)
}

// maxOutside is how many ranges of bytes outside a format are kept. What the
// others hold is no more than what these show.
const maxOutside = 16

// outside records ranges of bytes that the format of n does not account for.
func (o *opener) outside(n *Node, src *bounds.Source, ranges []Outside) error {
	for _, r := range ranges {
		size := r.Span.End - r.Span.Start
		if size <= 0 {
			continue
		}
		c := learned(n)
		if len(c.Outside) == maxOutside {
			break
		}
		head, err := src.Bytes(r.Span.Start, min(size, sniffLen))
		if err != nil {
			return err
		}
		r.Begins, _ = begins(head)
		r.Text = printableText(head)
		c.Outside = append(c.Outside, r)
	}
	return nil
}

// learned returns the facts of a file or member, to add to them.
func learned(n *Node) *Content {
	if n.Content() == nil {
		n.facts = &Content{}
	}
	return n.Content()
}

// nearDuplicates looks for members that a file system or another reader would
// take for one of those that Keras opens: other case, blanks, "./" or backslashes.
func (o *opener) nearDuplicates(n *Node) {
	for _, m := range n.Children {
		if m.Kind != KindMember || opens(m.Name) {
			continue
		}
		if k := strings.ToLower(path.Clean(strings.TrimSpace(strings.ReplaceAll(m.Name, `\`, "/")))); opens(k) && n.Get(k) != nil {
			o.ambiguous(m, fmt.Sprintf("member %q is another %s to readers that ignore case, blanks or path forms", Printable(m.Name), k))
		}
	}
}

// source opens a text where its name or its first bytes ask for more than the
// head; nil where neither does. Decompressing is the costly part: what lies stored
// is always opened.
func (o *opener) source(n *Node, t text, head []byte) (*bounds.Source, error) {
	m := n.Member()
	if m == nil || m.Method == 0 || modelName(n.Name) || path.Ext(n.Name) == ".json" || startsJSON(head) || zipHead(head) || hdf5Head(head) {
		return t.Open()
	}
	if promisesPickle(n.Name) || isPickle(head) || isObjectArray(head) || compressedHead(head) || o.callsNames(head) ||
		tarHead(head) || expand.Kind(head) != "" || yamlName(n.Name) || indexName(n.Name) {
		return t.Open()
	}
	return nil, nil
}

// zipHead reports whether a text begins as a zip archive does.
func zipHead(head []byte) bool {
	return len(head) > 3 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 && head[3] == 4 || head[2] == 5 && head[3] == 6)
}

// hdf5Head reports whether a text begins as HDF5 does. Behind a user block the
// signature is found only if the member's name says what it is, as loaders ask
// for weights by name.
func hdf5Head(head []byte) bool { return bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")) }

// empty records a text of no bytes.
func (o *opener) empty(n *Node) Format {
	if n.Kind == KindFile || modelName(n.Name) {
		o.problem(n, bounds.Unsupportedf(-1, "an empty file where a model should be"))
	}
	return FormatEmpty
}

// unread records a text that is none of the containers that are read. In an
// archive a member of no known format is data.
func (o *opener) unread(n *Node, head []byte) Format {
	if isNPY(head) {
		return o.npy(n, nil, head, 0)
	}
	format, what := unreadFormat(head, n.Name)
	c := learned(n)
	c.Begins, c.Program = begins(head)
	// What is packed may be a model, unless the name says what else it is.
	packed := (format == FormatArchive || zipHead(head)) && !otherEndings[strings.ToLower(path.Ext(n.Name))]
	o.model = o.model || packed
	switch {
	case what != "":
		o.model = o.model || n.Kind == KindFile && (format == FormatLFSPointer || format == FormatSavedModel)
		if n.Kind == KindFile || modelName(n.Name) || packed {
			o.problem(n, bounds.Unsupportedf(-1, "%s", what))
		}
	case zipHead(head):
		o.problem(n, bounds.Malformedf(-1, "begins as a zip archive, but has no end record: it may be cut off"))
	case modelName(n.Name), modelName(streamName(n.Name)):
		o.model = true
		o.problem(n, bounds.Malformedf(-1, "%s is not what its name says, nor another format that is known", path.Base(n.Name)))
	case n.Kind == KindFile:
		o.problem(n, bounds.Unsupportedf(-1, "not a format that is known"))
	}
	return format
}
