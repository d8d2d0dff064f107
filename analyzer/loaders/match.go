package loaders

import "slices"

// State says how sure it is that an advisory applies. The zero value is not known.
type State uint8

const (
	// Undetermined: the version is not known, so it counts as affected.
	Undetermined State = iota
	// Possible: some of the versions that may be there are affected.
	Possible
	// Certain: all versions that may be there are affected.
	Certain
)

// String returns "unknown", "possible" or "certain".
func (s State) String() string { return [...]string{"unknown", "possible", "certain"}[s] }

// Match is an advisory that applies to a pin.
type Match struct {
	Pin      Pin
	Advisory Advisory
	State    State
	// Disagreed is true if someone calls the version fixed or not affected; see
	// Advisory.Claims.
	Disagreed bool
}

// Applies returns the advisories that apply to pins and to what they imply, by pin
// and then in the order of advisories. That there is none for a pin is no proof of
// anything: see Database.Covered and Pin.Doubt.
func Applies(pins []Pin, advisories []Advisory) []Match {
	var matches []Match
	for _, p := range Implied(pins) {
		versions := p.Versions
		if p.Package == "keras-core" {
			versions = unknown(versions.Text, "advisories do not count versions of keras-core")
		}
		for _, a := range advisories {
			if !concerns(a, p) {
				continue
			}
			some, all := versions.MayMeet(a.Affected())
			if !some {
				continue
			}
			m := Match{Pin: p, Advisory: a, State: Possible}
			switch {
			case !versions.Known:
				m.State = Undetermined
			case all:
				m.State = Certain
			}
			m.Disagreed = versions.Known && slices.ContainsFunc(a.Claims, func(c Claim) bool {
				met, _ := versions.MayMeet(c.Affected)
				return !met
			})
			matches = append(matches, m)
		}
	}
	return matches
}

// concerns tells whether an advisory is about a pin's package. keras-nlp is the
// former name of keras-hub and installs it.
func concerns(a Advisory, p Pin) bool {
	pkg := Of(p.Package)
	return a.Package == pkg || a.Package == "keras-hub" && pkg == "keras-nlp"
}

// Merge returns d with the advisories of more added. What has a number in common
// and is about the same package becomes one advisory, with the claims of both.
func (d Database) Merge(more Database) Database {
	out := d
	out.Advisories = nil
	at := map[[2]string]int{} // package and number
	for _, list := range [][]Advisory{d.Advisories, more.Advisories} {
		for _, a := range list {
			i := len(out.Advisories)
			for _, id := range a.ids() {
				if known, ok := at[[2]string{a.Package, id}]; ok {
					i = known
					break
				}
			}
			if i == len(out.Advisories) {
				fresh := a
				fresh.Aliases, fresh.Claims = nil, nil
				out.Advisories = append(out.Advisories, fresh)
				at[[2]string{a.Package, a.ID}] = i
			}
			whole := &out.Advisories[i]
			whole.Claims = append(whole.Claims, a.Claims...)
			if whole.Disputed == "" {
				whole.Disputed = a.Disputed
			}
			for _, id := range a.ids() {
				if _, ok := at[[2]string{a.Package, id}]; !ok {
					whole.Aliases = append(whole.Aliases, id)
					at[[2]string{a.Package, id}] = i
				}
			}
		}
	}
	if more.Date.After(out.Date) {
		out.Date = more.Date
	}
	out.Covered = slices.Compact(slices.Sorted(slices.Values(slices.Concat(d.Covered, more.Covered))))
	out.Partial = map[string]string{}
	for pkg, what := range d.Partial {
		if !slices.Contains(out.Covered, pkg) {
			out.Partial[pkg] = what
		}
	}
	return out
}

func (a Advisory) ids() []string { return append([]string{a.ID}, a.Aliases...) }
