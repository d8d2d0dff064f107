package loaders

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// Versions says which versions of a package may be there. The zero value says
// nothing, so every version may.
type Versions struct {
	// Text is what is written: "==3.12.4", ">=3.9,<3.12", "" where nothing is.
	Text string
	// Known is false if nothing follows from Text; Why then says why.
	Known bool
	Why   string
	// Exact is the version if there is only one, apart from local variants.
	Exact pep440.Version
	// Set holds the versions that may be there, if Known.
	Set pep440.Set
}

// MayMeet tells whether a version of v may be in s, and whether every one is.
// Versions that are not known may be in any set.
func (v Versions) MayMeet(s pep440.Set) (some, all bool) {
	if !v.Known {
		return true, false
	}
	return !v.Set.Intersect(s).IsEmpty(), v.Set.SubsetOf(s)
}

// String returns Text, or why there is none.
func (v Versions) String() string {
	if v.Text == "" {
		return "unknown version: " + v.Why
	}
	return v.Text
}

func unknown(text, why string) Versions { return Versions{Text: text, Why: why} }

func specified(text string) (Versions, error) {
	s, err := pep440.ParseSpecifiers(text)
	if err != nil {
		return Versions{}, err
	}
	if s.String() == "" {
		return unknown("", "no version is given"), nil
	}
	v := Versions{Text: s.String(), Known: true, Set: s.Set()}
	if v.Set.IsEmpty() {
		return unknown(v.Text, "no version meets these specifiers"), nil
	}
	if exact, ok := s.Pinned(); ok {
		v.Exact = exact
	}
	return v, nil
}

func exactly(text string) (Versions, error) {
	v, err := pep440.Parse(text)
	if err != nil {
		return Versions{}, err
	}
	return Versions{Text: "==" + v.String(), Known: true, Exact: v, Set: pep440.Exactly(v)}, nil
}

// Pin is one statement about one package.
type Pin struct {
	Package  string // normalized as PEP 503 says: "tf-keras"
	Versions Versions

	// File, the position and the bytes say where the statement is: the requirement,
	// the version's line of a lock file. File is empty if the user stated it. Lines
	// and columns count from 1, columns in Unicode code points; the bytes are
	// File[Start:End].
	File         string
	Line, Column int
	Start, End   int

	// Marker is the condition under which the pin holds, as written; for conda-lock
	// the platform. Empty if it always holds.
	Marker string
	// Hashes are "algorithm:digest", as written.
	Hashes []string
	// Constraint is true if the file restricts the version and installs nothing.
	Constraint bool
	// Via is the package that brings this one along, if that was concluded: a pin of
	// tensorflow 2.15 is one of keras 2.15.
	Via string
	// Doubt says that the version is not among the releases known when the data were
	// made: newer, withdrawn, private or made up. Empty if it is, or if that is not
	// known of the package.
	Doubt string
}

// Unread is a part of a lock file that may name packages, and was not read.
type Unread struct {
	Text string // the line, as far as it matters
	Why  string

	File         string
	Line, Column int
	Start, End   int
}

// Lock is what a lock file or an environment says about the packages of interest.
type Lock struct {
	// Format is "requirements.txt", "poetry.lock", "uv.lock", "pdm.lock",
	// "pylock.toml", "Pipfile.lock", "environment.yml", "conda-lock.yml" or
	// "environment" (installed packages).
	Format string
	// Pins are in the order of the file; one package may have several.
	Pins []Pin
	// Unread is not empty if Pins may not be all.
	Unread []Unread
}

// Error is why a file could not be read.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the error is not at a place
	What         string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// source is one file in hand. Decoders store offsets; lines come last.
type source struct {
	name  string
	data  []byte
	lines []int // offsets of the beginnings of lines, computed on first use
}

func (s *source) position(off int) (line, column int) {
	if s.lines == nil {
		s.lines = []int{0}
		for i, b := range s.data {
			if b == '\n' {
				s.lines = append(s.lines, i+1)
			}
		}
	}
	off = min(max(off, 0), len(s.data))
	i, found := slices.BinarySearch(s.lines, off)
	if !found {
		i--
	}
	return i + 1, utf8.RuneCount(s.data[s.lines[i]:off]) + 1
}

func (s *source) errorf(off int, format string, args ...any) *Error {
	line, column := s.position(off)
	return &Error{File: s.name, Line: line, Column: column, What: fmt.Sprintf(format, args...)}
}

// pin fills in where a pin is and whether its version is a known one.
func (s *source) pin(p Pin, from, to int) Pin {
	p.File, p.Start, p.End = s.name, from, to
	p.Line, p.Column = s.position(from)
	p.Doubt = doubt(p.Package, p.Versions)
	return p
}

func (s *source) unread(why string, from, to int) Unread {
	u := Unread{Text: excerpt(string(s.data[from:to])), Why: why, File: s.name, Start: from, End: to}
	u.Line, u.Column = s.position(from)
	return u
}

// excerpt keeps a message short, whatever is in the file.
func excerpt(s string) string {
	const longest = 200
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return s
}
