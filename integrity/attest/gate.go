package attest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kerasvet/kerasvet/integrity"
)

// Requirement is what a gate asks of a record. Zero fields ask nothing.
type Requirement struct {
	Now      time.Time         // zero means the clock's
	MaxAge   time.Duration     // of the vetting
	MaxRules time.Duration     // of the rule set that vetted
	Rules    *integrity.Digest // exactly this rule set
	Policy   *integrity.Digest // exactly this configuration
	FailOn   []string          // one of these severities, or a stricter way to say it
}

// skew is how far clocks may differ.
const skew = 5 * time.Minute

// Check says why a record does not answer a gate: the model is another one, it was
// refused, or the record is older or of other rules than was asked for.
func (r *Record) Check(sums []integrity.Summed, root integrity.Digest, q Requirement) error {
	now := q.Now
	if now.IsZero() {
		now = time.Now()
	}
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := r.about(sums, root); err != nil {
		errs = append(errs, err)
	}
	if !r.Passed {
		fail("the model was vetted and refused at %s", stamp(r.Time))
	}
	if r.Time.After(now.Add(skew)) {
		fail("the model was vetted at %s, which is in the future", stamp(r.Time))
	}
	if q.MaxAge > 0 && now.Sub(r.Time) > q.MaxAge {
		fail("the model was vetted at %s, %d days ago, more than the %s that --max-age allows: vet it again", stamp(r.Time), days(now.Sub(r.Time)), span(q.MaxAge))
	}
	if q.MaxRules > 0 {
		switch age := now.Sub(r.Tool.RulesDate); {
		case r.Tool.RulesDate.IsZero():
			fail("the record does not say how old its rules are: vet the model with a released kerasvet")
		case age > q.MaxRules:
			fail("the rules that vetted the model are from %s, %d days old, more than the %s that --max-rules-age allows: vet it again with a newer kerasvet", stamp(r.Tool.RulesDate), days(age), span(q.MaxRules))
		}
	}
	if q.Rules != nil && *q.Rules != r.Tool.Rules {
		fail("the model was vetted by the rules %s, not by %s: vet it again", r.Tool.Rules, *q.Rules)
	}
	if q.Policy != nil && *q.Policy != r.Policy.Digest {
		fail("the model was vetted with the configuration %s, not with %s", r.Policy.Digest, *q.Policy)
	}
	if len(q.FailOn) > 0 && !slices.Contains(q.FailOn, r.FailOn) {
		fail("findings failed from %q on, not from %s", r.FailOn, strings.Join(q.FailOn, " or "))
	}
	return errors.Join(errs...)
}

func days(d time.Duration) int { return int(d.Hours() / 24) }

func span(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", days(d))
	}
	return d.String()
}

// about makes sure that the record is about exactly these files.
func (r *Record) about(sums []integrity.Summed, root integrity.Digest) error {
	seen := 0
	for _, s := range sums {
		d, ok := r.Files[s.Name]
		switch {
		case !ok && len(sums) == 1 && len(r.Files) == 1:
			for name, d := range r.Files { // one file under another name
				return fmt.Errorf("the record is about %q (%s), not about %q (%s)", name, d, s.Name, s.Digest)
			}
		case !ok:
			return fmt.Errorf("%q was not vetted", s.Name)
		case d != s.Digest:
			return fmt.Errorf("%q was changed: vetted was %s, this is %s", s.Name, d, s.Digest)
		}
		seen++
	}
	if seen != len(r.Files) {
		return fmt.Errorf("%d files were vetted, %d are here", len(r.Files), seen)
	}
	if root != r.Root {
		return fmt.Errorf("the record has the root digest %s, but the files make %s", r.Root, root)
	}
	return nil
}
