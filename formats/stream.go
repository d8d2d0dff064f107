package formats

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/expand"
	"github.com/kerasvet/kerasvet/formats/internal/hdf5"
	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// streamEndings are the names of compressed files, and what is left of them.
var streamEndings = [][2]string{
	{".tgz", ".tar"}, {".taz", ".tar"}, {".tbz", ".tar"}, {".tbz2", ".tar"}, {".tb2", ".tar"}, {".txz", ".tar"}, {".tlz", ".tar"}, {".tzst", ".tar"},
	{".gz", ""}, {".bz2", ""}, {".xz", ""}, {".lzma", ""}, {".zst", ""}, {".lz4", ""}, {".br", ""},
}

// streamName is what the content of a compressed file is called.
func streamName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	for _, e := range streamEndings {
		if base := name[:max(0, len(name)-len(e[0]))]; base != "" && strings.EqualFold(name[len(base):], e[0]) {
			return base + e[1]
		}
	}
	return "content"
}

// stream reads a compressed text, if it is one and if what is in it may be a model by
// its name or first bytes. A tar archive in it takes its place in the tree; anything else
// is its only member.
func (o *opener) stream(n *Node, src *bounds.Source, head []byte, nesting int) (format Format, ok bool) {
	kind := expand.Kind(head)
	if kind == "" {
		return "", false
	}
	if err := o.budget.Nesting(nesting); err != nil {
		o.problem(n, err)
		return FormatCompressed, true
	}
	name := streamName(n.Name)
	peek := &expand.Output{Budget: o.budget, Limit: sniffLen, Passing: true}
	_, _, err := expand.Stream(kind, src, peek)
	if e := (*bounds.Error)(nil); errors.As(err, &e) && e.Code != bounds.Malformed {
		o.problem(n, err)
		return FormatCompressed, true
	}
	if !promisesModel(n.Name) && !modelName(name) && !o.asks(peek.Data) {
		return o.unread(n, head), true
	}
	out := &expand.Output{Budget: o.budget, Limit: o.budget.Limits().MemberBytes}
	used, more, err := expand.Stream(kind, src, out)
	o.problemIf(n, streamError(kind, err))
	if err == nil && more {
		o.problem(n, bounds.As(o.budget.Member(out.Limit+1)))
	}
	inner := bounds.FromBytes(out.Data, o.budget)
	if err == nil && !more && used < src.Size() {
		o.problemIf(n, o.outside(n, src, []Outside{{Side: Behind, Span: Span{used, src.Size()}}}))
	}
	if tarHead(out.Data) {
		learned(n).Expanded = inner.Size()
		return o.tar(n, inner, nesting, more || err != nil), true
	}
	m, err := o.add(n, KindMember, name)
	if err != nil {
		o.problem(n, err)
		return FormatCompressed, true
	}
	m.Span = Span{0, inner.Size()}
	facts := &Member{Size: inner.Size(), Compressed: src.Size()}
	m.facts = facts
	facts.Content.Format = o.content(m, fileText{inner}, nesting+1)
	return FormatCompressed, true
}

// asks reports whether what a text begins with asks for the rest.
func (o *opener) asks(head []byte) bool {
	if len(head) == 0 {
		return false
	}
	return tarHead(head) || zipHead(head) || hdf5Head(head) || startsJSON(head) || isPickle(head) || isNPY(head) ||
		o.callsNames(head) || expand.Kind(head) != "" || yamlHead(head)
}

func streamError(kind string, err error) error {
	var e *bounds.Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return bounds.Malformedf(-1, "the %s stream is cut off", kind)
	}
	return bounds.Malformedf(-1, "corrupt %s stream: %v", kind, err)
}

// otherwise reports whether a file, or a member whose name promises it, is a zip archive
// or HDF5 to readers that look for these anywhere. Only a name leads such a reader to what
// begins as something else.
func (o *opener) otherwise(n *Node, src *bounds.Source) (isZip, isHDF5 bool, err error) {
	if promisesArchive(n.Name) {
		if isZip, err = zipfile.Find(src); err != nil {
			return false, false, err
		}
	}
	if promisesModel(n.Name) && !promisesPickle(n.Name) {
		_, isHDF5, err = hdf5.Find(src)
	}
	return isZip, isHDF5, err
}
