package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/kerasvet/kerasvet/rules"
)

// Ignore lets findings pass that somebody has decided about.
type Ignore struct {
	Rule        string   // id; empty means any
	Fingerprint string   // the beginning of one; empty means any
	Paths       []string // globs over the names of inputs; empty means all
	Reason      string
	Owner       string
	Until       time.Time // from then on it does not hold; zero means ever

	used atomic.Int64
}

// Used is how many findings the ignore has let pass.
func (i *Ignore) Used() int64 { return i.used.Load() }

// Expired reports whether the ignore does not hold any more.
func (i *Ignore) Expired(now time.Time) bool { return !i.Until.IsZero() && !now.Before(i.Until) }

// covers reports whether the ignore is about a finding.
func (i *Ignore) covers(input string, f *Finding, now time.Time) bool {
	switch {
	case i.Expired(now), i.Rule != "" && i.Rule != f.Rule.ID, !strings.HasPrefix(f.Fingerprint, i.Fingerprint):
		return false
	}
	return len(i.Paths) == 0 || slices.ContainsFunc(i.Paths, func(glob string) bool { return doublestar.MatchUnvalidated(glob, input) })
}

// reason is what reports say.
func (i *Ignore) reason() string {
	text := "Ignored: " + strings.TrimSuffix(i.Reason, ".")
	if i.Owner != "" {
		text += ", says " + i.Owner
	}
	if !i.Until.IsZero() {
		text += ", until " + i.Until.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return text + "."
}

// waive sets a finding aside if the options say so: the decision about the code
// itself first, then about the name, the loader, the finding.
func (f *Finding) waive(input string, found *rules.Finding, row *rules.EffectRow, opts *Options) {
	if f.unread {
		return
	}
	if reason, ok := opts.AllowCode[f.Code]; ok && f.Code != "" {
		f.Waiver = &Waiver{WaiverCode, fmt.Sprintf("The code with the SHA-256 %s was allowed%s.", f.Code, because(reason))}
		return
	}
	if f.Rule == rules.CustomObject {
		for _, o := range opts.AllowObjects {
			if doublestar.MatchUnvalidated(o.Name, found.Evidence) {
				f.Waiver = &Waiver{WaiverObject, fmt.Sprintf("The name is allowed by %q%s.", o.Name, because(o.Reason))}
				return
			}
		}
	}
	if !opts.Target.Strict {
		if why := opts.Target.cannotFire(row); why != "" {
			f.Waiver = &Waiver{WaiverLoader, why}
			return
		}
		if why := opts.Target.tooOld(f.Python); why != "" {
			f.Waiver = &Waiver{WaiverLoader, why}
			return
		}
	}
	f.ignore(input, opts)
}

// ignore sets a finding aside if somebody has decided about it.
func (f *Finding) ignore(input string, opts *Options) {
	now := opts.now()
	for _, i := range opts.Ignores {
		if i.covers(input, f, now) {
			i.used.Add(1)
			f.Waiver = &Waiver{WaiverIgnore, i.reason()}
			return
		}
	}
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(reason, ".")
}
