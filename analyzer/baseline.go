package analyzer

import (
	"cmp"
	"slices"

	"github.com/kerasvet/kerasvet/formats"
)

// Baseline is the findings of an earlier report.
type Baseline struct {
	Name     string
	Findings map[string]Earlier // by fingerprint
}

// Earlier is a finding of an earlier report.
type Earlier struct{ Rule, Message, Address string }

// BaselineState is how a finding compares with the baseline. The zero state is that
// there is no baseline.
type BaselineState string

const (
	BaselineNew       BaselineState = "new"
	BaselineUnchanged BaselineState = "unchanged"
)

// Compare marks every finding as new or unchanged, waives what is unchanged, and
// records what is gone. A finding is known by its fingerprint, in which the digest of
// its evidence is: a changed payload is new, under the same address too.
func (r *Report) Compare(b *Baseline) {
	met := map[string]bool{}
	for res := range r.All() {
		for i := range res.Findings {
			f := &res.Findings[i]
			met[f.Fingerprint] = true
			if _, ok := b.Findings[f.Fingerprint]; !ok {
				f.Baseline = BaselineNew
				continue
			}
			f.Baseline = BaselineUnchanged
			if f.Waiver == nil && !f.unread {
				f.Waiver = &Waiver{WaiverBaseline, "It is in " + formats.Printable(b.Name) + ", unchanged."}
			}
		}
	}
	r.Gone = []Earlier{}
	for fingerprint, e := range b.Findings {
		if !met[fingerprint] {
			r.Gone = append(r.Gone, Earlier{formats.Printable(e.Rule), formats.PrintableText(e.Message, maxMessage), formats.PrintableText(e.Address, maxAddress)})
		}
	}
	slices.SortFunc(r.Gone, func(a, b Earlier) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
}
