// Package zipfile reads zip archives as CPython's zipfile module does, since that
// is the reader that Keras loads a model with. The behaviour is that of CPython
// 3.8 to 3.14; where those versions read an archive differently, every reading is
// kept, and where other readers would see other names or other bytes than CPython,
// that is recorded as a Disagreement.
//
// Names such as _EndRecData or ZipExtFile are those of Lib/zipfile in CPython;
// APPNOTE is PKWARE's description of the format, version 6.3.10.
package zipfile

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Reading is a set of CPython generations. They differ in how they follow the
// zip64 end record, so that one file can hold a directory for each.
type Reading uint8

const (
	// Older is every release before gh-139700: 3.8 to 3.14.0, 3.13.8, 3.12.11.
	// The zip64 record is taken from right before its locator, unchecked.
	Older Reading = 1 << iota
	// Newer is every release with gh-139700: the zip64 record is looked for where
	// the locator points, then right before the locator, and is checked.
	Newer
)

// Archive is a zip archive as CPython reads it.
type Archive struct {
	// Entries are the members in directory order, those of the Older reading
	// first. Where names repeat, the last one wins in CPython.
	Entries []*Entry
	// Comment is the archive comment, cut where the file ends. Read-only.
	Comment []byte
	// Shift is what CPython adds to every offset in the directory ("concat"): not 0
	// where bytes were put before the archive, or taken away, afterwards.
	Shift int64
	// Prefix is how many bytes lie before the first thing that the directory
	// refers to.
	Prefix int64
	// Trailing is how many bytes follow the end record and its comment.
	Trailing int64
	// Gaps are the ranges before the end of the directory that nothing refers to,
	// in file order and without data descriptors; the first is the prefix if there
	// is one.
	Gaps []Range
	// Unscanned is how many bytes of Gaps were not searched for hidden entries.
	Unscanned int64
	// Disagreements are the places where readers differ about which members there
	// are or which bytes they hold. Differences that change neither (times, extra
	// fields, attributes, sizes left to a data descriptor) are not among them, so an
	// archive written by an ordinary tool has none.
	Disagreements []Disagreement

	src  *bounds.Source
	dirs []directory
}

// Range is a range of bytes in the archive.
type Range struct{ Off, Len int64 }

// Kind names a way in which readers of one archive disagree.
type Kind string

const (
	// LocalName: the local header has another name. CPython refuses to open the
	// member; readers that stream take the local name.
	LocalName Kind = "local-name"
	// LocalFields: method, encryption, CRC or a size differ in the local header.
	// CPython ignores the local ones; readers that stream do not.
	LocalFields Kind = "local-fields"
	// LocalHeader: there is no local header where the directory points.
	LocalHeader Kind = "local-header"
	// DuplicateName: two files have one name. The last wins in CPython.
	DuplicateName Kind = "duplicate-name"
	// NULInName: CPython cuts the name at the NUL; most readers keep it whole.
	NULInName Kind = "nul-in-name"
	// UnicodePath: extra field 0x7075 renames the member since CPython 3.12.
	UnicodePath Kind = "unicode-path"
	// Overlap: the member's data reaches into the next member or the directory.
	// CPython refuses to open such a member since 3.13, 3.12.2, 3.11.8, 3.10.14,
	// 3.9.19 and 3.8.19.
	Overlap Kind = "overlap"
	// StoredSize: a stored member whose two sizes differ. CPython reads the smaller.
	StoredSize Kind = "stored-size"
	// HiddenEntry: a local header that no directory entry refers to.
	HiddenEntry Kind = "hidden-entry"
	// SecondEndRecord: another end record than the one that CPython takes.
	SecondEndRecord Kind = "second-end-record"
	// SecondDirectory: the end records lead to a different directory in some readers.
	SecondDirectory Kind = "second-directory"
	// EntryCount: the end record counts other than the entries there are. CPython
	// ignores the count; others stop at it.
	EntryCount Kind = "entry-count"
)

// Disagreement is one place where readers differ.
type Disagreement struct {
	Kind  Kind
	Entry *Entry // nil where it concerns the archive as a whole
	Off   int64  // where in the archive
	What  string // lower case, for people
	// Renamed says that readers differ only since CPython 3.12, which renames members
	// by extra field 0x7075.
	Renamed bool
}

// Entry is one member of the central directory.
type Entry struct {
	// Name is the name in CPython up to 3.11 on Linux, cut at a NUL, else exact.
	Name string
	// UnicodeName is the name since CPython 3.12, if extra field 0x7075 changes it;
	// else "".
	UnicodeName string
	// LocalName is the name in the local header, if that differs; else "".
	LocalName string
	// Raw is the name's bytes in the directory. Read-only.
	Raw []byte
	// Readings says which generations of CPython list the entry.
	Readings Reading

	Method  uint16
	Flags   uint16
	CRC     uint32
	Size    int64 // uncompressed, as the directory claims, clamped to int64
	Packed  int64 // compressed, likewise
	DOSTime uint16
	DOSDate uint16
	Creator uint8 // the system that made it (APPNOTE 4.4.2): 0 MS-DOS, 3 Unix
	// Attributes are the external attributes; the upper half is the Unix mode.
	Attributes uint32
	Extra      []byte // of the directory; read-only
	Comment    []byte // read-only

	// HeaderOff is where the local header is, Shift included. It may lie outside
	// the file.
	HeaderOff int64
	// DataOff is where the data is; -1 if there is no local header.
	DataOff int64

	src        *bounds.Source
	orig       string // the name before it is cut at a NUL
	local      error  // why CPython would not open the member; nil if it would
	descriptor bool   // whether a data descriptor may follow the data
}

// General purpose flags, APPNOTE 4.4.4.
const (
	flagEncrypted  = 1 << 0
	flagEndMarker  = 1 << 1 // of LZMA
	flagDescriptor = 1 << 3
	flagPatched    = 1 << 5
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
)

// Names lists every name that some CPython gives the entry, without repetition:
// Name, UnicodeName, and both as on Windows, where a backslash becomes a slash
// (_sanitize_filename).
func (e *Entry) Names() []string {
	names := []string{e.Name}
	add := func(name string) {
		for _, n := range names {
			if n == name {
				return
			}
		}
		names = append(names, name)
	}
	if e.UnicodeName != "" {
		add(e.UnicodeName)
	}
	for _, n := range names {
		add(strings.ReplaceAll(n, `\`, "/"))
	}
	return names
}

// IsDir reports whether CPython takes the entry for a directory (ZipInfo.is_dir).
func (e *Entry) IsDir() bool { return strings.HasSuffix(e.Name, "/") }

// UnixMode is the Unix mode, file type included; 0 where there is none.
func (e *Entry) UnixMode() uint32 { return e.Attributes >> 16 }

// IsSymlink reports whether the Unix mode is that of a symbolic link. CPython
// extracts such a member as a plain file; others make the link.
func (e *Entry) IsSymlink() bool { return e.UnixMode()&0o170000 == 0o120000 }

// Encrypted reports whether the directory says that the member is encrypted.
func (e *Entry) Encrypted() bool { return e.Flags&(flagEncrypted|flagStrong) != 0 }

// Find reports whether some CPython finds an end record in src, as is_zipfile does
// up to 3.13. The error is that of the reader or of a spent budget.
func Find(src *bounds.Source) (bool, error) {
	_, err := findEnd(src)
	if err == nil {
		return true, nil
	}
	if bounds.As(err).Code == bounds.Malformed {
		return false, nil
	}
	return false, err
}

// Read reads the directory and every local header of the archive in src. With an
// error the archive is not nil if there was an end record, and holds the entries
// before the one that made CPython refuse the whole (BadZipFile, UnicodeDecodeError
// or NotImplementedError).
func Read(src *bounds.Source) (*Archive, error) {
	end, err := findEnd(src)
	if err != nil {
		return nil, err
	}
	a := &Archive{src: src, Comment: end.comment, Trailing: end.trailing}
	refused := a.locate(end)
	if refused != nil && spentOrUnread(refused) {
		return a, refused
	}
	if len(a.dirs) == 0 {
		return a, refused
	}
	refused = a.readDirectories()
	if refused != nil && spentOrUnread(refused) {
		return a, refused
	}
	for i, e := range a.Entries {
		if err := a.readLocal(e); err != nil {
			for _, e := range a.Entries[i:] {
				e.DataOff, e.local = -1, err // not looked at: Open and Head say why
			}
			return a, err
		}
	}
	a.compareNames()
	if refused != nil {
		return a, refused
	}
	if err := a.compareEnds(end); err != nil {
		return a, err
	}
	return a, a.layOut(end)
}

func (a *Archive) disagree(kind Kind, e *Entry, off int64, what string) {
	a.Disagreements = append(a.Disagreements, Disagreement{Kind: kind, Entry: e, Off: off, What: what})
}

// spentOrUnread tells an error of the budget or the source, after which nothing more
// can be read, from one that is about the archive.
func spentOrUnread(err error) bool {
	c := bounds.As(err).Code
	return c == bounds.LimitExceeded || c == bounds.Unreadable
}
