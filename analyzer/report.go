// Package analyzer runs every rule over every input and says what came of it.
//
// It knows no rule by name and no bytes. What it hands on is frozen: positions,
// addresses and fingerprints are computed, strings from models are made
// printable, and no tree is held any longer.
package analyzer

import (
	"iter"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// Verdict is what can be said of one input. The zero Verdict is Unanalyzed.
type Verdict uint8

const (
	// Unanalyzed: something was not read, and nothing was found in the rest.
	Unanalyzed Verdict = iota
	// Clean: everything was read and no rule above info reported, but for what is waived.
	Clean
	// Flagged: at least one finding above info that is not waived.
	Flagged
	// Foreign: a model that no loader of Keras reads, in which nothing was found: neither
	// clean nor failed.
	Foreign
)

func (v Verdict) String() string {
	return [...]string{"unanalyzed", "clean", "flagged", "foreign"}[v]
}

// Report is everything that one run has to say; reporters receive it.
type Report struct {
	Version string        // of kerasvet
	Rules   []*rules.Rule // the rules that ran, in the order of RULES.md
	Results []Result      // in the order of the inputs
	// Foreign are models that no loader of Keras reads and in which nothing was found.
	// Those with a finding, or in which something was not read, are among Results.
	Foreign []Result
	// Skipped are the names of inputs that are nothing that Keras loads, in their order.
	Skipped []string
	// Versions are results about what loads the models: one for each file that
	// states versions, where the user has named any (Advise).
	Versions []Result
	// Gone is what a baseline has and this run has not; nil without a baseline.
	Gone []Earlier
}

// All yields the results of models, and then those of versions.
func (r *Report) All() iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
		for _, list := range [][]Result{r.Results, r.Versions} {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// Result is what came of one input.
type Result struct {
	Name   string // as given, with forward slashes
	Format formats.Format
	Size   int64  // bytes
	SHA256 string // of the whole input, in hex; empty unless Options.Hash asks for it
	// Foreign names the format of a model that no loader of Keras reads, such as "ONNX".
	Foreign  string
	Findings []Finding
	Problems []Problem // what was not read; empty means that everything was

	unread bool // the zero Result is not complete either
	read   bool
}

// Verdict judges by the problems themselves, so that no choice of rules can make
// an incomplete run clean.
func (r *Result) Verdict() Verdict {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule.Severity > rules.Info && f.counts() {
			return Flagged
		}
	}
	switch {
	case !r.Complete():
		return Unanalyzed
	case r.Foreign != "":
		return Foreign
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

	// Code is the digest of the serialized function that the finding is about
	// (formats.Function), for Options.AllowCode; empty for others. Listing shows
	// that function, at most maxListing lines of it.
	Code    string
	Listing []rules.CodeLine
	// Python is the first release line of Python on which the finding means
	// anything; empty where it always does.
	Python string
	// Effect says in one line on which loaders the construct fires, and Effects
	// says it for programs; both are empty where nothing like it was measured.
	Effect  string
	Effects []rules.EffectRange
	// Waiver says why the finding does not count; nil where it does. It is in the
	// report all the same.
	Waiver *Waiver
	// Baseline says how the finding compares with one; empty without.
	Baseline BaselineState

	unread bool // the finding only repeats a problem
}

// Waiver is a reason why a finding does not fail a gate.
type Waiver struct {
	Kind   WaiverKind
	Reason string // a sentence
}

// WaiverKind says who decided.
type WaiverKind string

const (
	// WaiverCode: the code that the finding is about was reviewed and allowed by
	// its digest.
	WaiverCode WaiverKind = "allowed-code"
	// WaiverLoader: the construct does nothing on the loaders that the user has.
	WaiverLoader WaiverKind = "cannot-fire"
	// WaiverObject: the custom class or function is known.
	WaiverObject WaiverKind = "allowed-object"
	// WaiverIgnore: somebody has decided that the finding does not count.
	WaiverIgnore WaiverKind = "ignored"
	// WaiverBaseline: the finding is in the baseline.
	WaiverBaseline WaiverKind = "baseline"
)

// counts reports whether the finding is one, and not the repetition of a problem
// or waived.
func (f *Finding) counts() bool { return !f.unread && f.Waiver == nil }

// Problem is a frozen formats.Problem.
type Problem struct {
	Code    string // such as "malformed" or "limit exceeded"
	Limit   string // the field of formats.Limits, or "Time"; empty for other codes
	Message string
	Place   Place
}
