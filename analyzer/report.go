// Package analyzer runs every rule over every input and says what came of it.
//
// It knows no rule by name and no bytes. What it hands on is frozen: positions,
// addresses and fingerprints are computed, strings from models are made
// printable, and no tree is held any longer.
package analyzer

import (
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// Verdict is what can be said of one input. The zero Verdict is Unanalyzed.
type Verdict uint8

const (
	// Unanalyzed: something was not read, and nothing was found in the rest.
	Unanalyzed Verdict = iota
	// Clean: everything was read and no rule above info reported.
	Clean
	// Flagged: at least one finding above info.
	Flagged
)

func (v Verdict) String() string {
	return [...]string{"unanalyzed", "clean", "flagged"}[v]
}

// Report is everything that one run has to say; reporters receive it.
type Report struct {
	Version string        // of kerasvet
	Rules   []*rules.Rule // the rules that ran, in the order of RULES.md
	Results []Result      // in the order of the inputs
}

// Result is what came of one input.
type Result struct {
	Name     string // as given, with forward slashes
	Format   formats.Format
	Size     int64 // bytes
	Findings []Finding
	Problems []Problem // what was not read; empty means that everything was

	unread bool // the zero Result is not complete either
	read   bool
}

// Verdict judges by the problems themselves, so that no choice of rules can make
// an incomplete run clean.
func (r *Result) Verdict() Verdict {
	for _, f := range r.Findings {
		if f.Rule.Severity > rules.Info && !f.unread {
			return Flagged
		}
	}
	if !r.Complete() {
		return Unanalyzed
	}
	return Clean
}

// Complete reports whether everything in the input was read and every rule ran.
func (r *Result) Complete() bool { return r.read && !r.unread }

// Place is where a finding or a problem is.
type Place struct {
	Address string // the full address (formats.Location)
	Member  string // the archive members that lead there, joined by "!"; empty outside archives
	Pointer string // RFC 6901 pointer into the document; meaningful if InText
	Layer   string // name of the layer that holds the place; empty if there is none
	Kind    string // kind of the node, such as "object" or "link"

	// InText says that the place is a value in a JSON document, and the fields
	// below are set. OnDisk says that this document is the input file itself.
	InText, OnDisk     bool
	Line, Column       int // from 1, columns in code points
	EndLine, EndColumn int
	// Before and After are the text around the beginning of the value, printable.
	Before, After       string
	ByteOffset, ByteEnd int64 // in the document's text as UTF-8
}

// Finding is a frozen rules.Finding.
type Finding struct {
	Rule    *rules.Rule
	Message string // one sentence or two, printable
	Place   Place
	Related []Place // other places of the same finding, at most maxRelated
	// Evidence is the SHA-256, in hex, of what makes this finding this finding.
	Evidence string
	// Fingerprint identifies the finding across runs, renamed layers' positions
	// and versions of kerasvet: 64 hex digits. Ordinal counts the findings of one
	// result that would otherwise have the same, from 0.
	Fingerprint string
	Ordinal     int

	unread bool // the finding only repeats a problem
}

// Problem is a frozen formats.Problem.
type Problem struct {
	Code    string // such as "malformed" or "limit exceeded"
	Limit   string // the field of formats.Limits, or "Time"; empty for other codes
	Message string
	Place   Place
}
