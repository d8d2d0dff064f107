package formats

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/tarfile"
)

// tar reads a tar archive: every entry becomes a member, as in a zip archive. cut says that
// src is known to end too early.
func (o *opener) tar(n *Node, src *bounds.Source, nesting int, cut bool) Format {
	if err := o.budget.Nesting(nesting); err != nil {
		o.problem(n, err)
		return FormatTar
	}
	archive, err := tarfile.Read(src)
	switch {
	case cut, err != nil:
		o.model = true // there may be one in what was not read
		if err != nil && (!cut || bounds.As(err).Code != bounds.Malformed) {
			o.problem(n, err)
		}
	case archive.Unended:
		o.problem(n, bounds.Malformedf(src.Size(), "the tar archive ends without its end mark: it may be cut off"))
	}
	nodes := make(map[*tarfile.Entry]*Node, len(archive.Entries))
	for _, e := range archive.Entries {
		if e.Type == tarfile.Directory && (e.Name == "." || e.Name == "") {
			continue // the directory that was packed
		}
		m, err := o.tarMember(n, e, nesting)
		if err != nil {
			o.problem(n, err)
			return FormatTar
		}
		nodes[e] = m
	}
	for _, d := range archive.Disagreements {
		at := nodes[d.Entry]
		if at == nil {
			at = n
		}
		o.list(Problem{At: at, Code: Ambiguous, Err: errors.New(d.What)})
	}
	if err == nil {
		o.problemIf(n, o.behindTar(n, src, archive))
	}
	return FormatTar
}

// tarMember makes the node of one entry and reads its content.
func (o *opener) tarMember(archive *Node, e *tarfile.Entry, nesting int) (*Node, error) {
	m, err := o.add(archive, KindMember, tarName(e.Name))
	if err != nil {
		return nil, err
	}
	m.Span = Span{e.DataOff, e.DataOff + e.Size}
	facts := &Member{Size: max(e.Size, e.Expanded), Compressed: e.Size, Mode: tarMode(e), Target: e.Link, Tar: true, Hard: e.Type == tarfile.HardLink}
	m.facts = facts
	if e.Type != tarfile.Regular {
		return m, nil
	}
	before := len(o.problems)
	facts.Content.Format = o.content(m, e, nesting+1)
	if len(o.problems) > before && modelName(m.Name) {
		o.model = true
	}
	return m, nil
}

// tarName is what a member is called: "./" in front, which tar writes where a directory
// is packed from within, says nothing.
func tarName(name string) string {
	for strings.HasPrefix(name, "./") {
		name = strings.TrimLeft(name[2:], "/")
	}
	return name
}

func tarMode(e *tarfile.Entry) fs.FileMode {
	m := fs.FileMode(e.Mode & 0o777)
	if e.Mode&0o4000 != 0 {
		m |= fs.ModeSetuid
	}
	if e.Mode&0o2000 != 0 {
		m |= fs.ModeSetgid
	}
	switch e.Type {
	case tarfile.Symlink:
		m |= fs.ModeSymlink
	case tarfile.Directory:
		m |= fs.ModeDir
	case tarfile.Device:
		m |= fs.ModeDevice
	case tarfile.Pipe:
		m |= fs.ModeNamedPipe
	}
	return m
}

// behindTar records what follows the end of an archive but zeros, unless further entries
// do: those are a disagreement.
func (o *opener) behindTar(n *Node, src *bounds.Source, a *tarfile.Archive) error {
	for _, e := range a.Entries {
		if e.Behind {
			return nil
		}
	}
	for pos := a.End; pos < src.Size(); {
		b, err := src.Bytes(pos, min(sniffLen, src.Size()-pos))
		if err != nil {
			return err
		}
		if i := bytes.IndexFunc(b, func(r rune) bool { return r != 0 }); i >= 0 {
			at := pos + int64(i)
			if o.asks(b[i:]) {
				o.problem(n, bounds.Unsupportedf(at, "a file that another reader finds behind the end of the tar archive"))
				o.model = true
			}
			return o.outside(n, src, []Outside{{Side: Behind, Span: Span{at, src.Size()}}})
		}
		pos += int64(len(b))
	}
	return nil
}

// tarHead reports whether a text is to be read as a tar archive: it begins with a header.
func tarHead(head []byte) bool { return tarfile.Begins(head) }

// packed reads a text that begins as a tar archive or a compressed stream does. Who goes by
// its name may find a zip archive or HDF5 in it all the same: the members of a tar archive
// lie in it as they are.
func (o *opener) packed(n *Node, src *bounds.Source, head []byte, nesting int) (format Format, ok bool) {
	if tarHead(head) {
		format = o.tar(n, src, nesting, false)
	} else if format, ok = o.stream(n, src, head, nesting); !ok {
		return "", false
	}
	isZip, isHDF5, err := o.otherwise(n, src)
	o.problemIf(n, err)
	if isZip || isHDF5 {
		o.ambiguous(n, "the file begins as one archive and is another to who goes by its name")
	}
	if isHDF5 {
		o.hdf5(n, src)
	}
	if isZip {
		o.zip(n, src, nesting)
	}
	return format, true
}
