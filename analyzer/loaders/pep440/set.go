package pep440

import "slices"

// Set is a set of versions: a union of intervals. The zero value is empty.
type Set struct {
	intervals []interval // sorted, not empty, not touching
}

// interval holds the versions between two cuts.
type interval struct{ low, high cut }

// cut is a place between versions: just before v, or just behind it.
type cut struct {
	v      Version
	behind bool
	end    bool // behind every version
}

var (
	start = cut{v: Version{epoch: "0", release: []number{"0"}, suffix: suffix{pre: devOnly, dev: "0"}}}
	end   = cut{end: true}
)

func (c cut) compare(d cut) int {
	if c.end || d.end {
		return boolInt(c.end) - boolInt(d.end)
	}
	if n := c.v.Compare(d.v); n != 0 {
		return n
	}
	return boolInt(c.behind) - boolInt(d.behind)
}

func before(v Version) cut { return cut{v: v} }

// behindExactly is the cut behind v alone, for a v with a local segment.
func behindExactly(v Version) cut { return cut{v: v, behind: true} }

// behindLocals is the cut behind v and all v+LOCAL. The next version that exists
// is a development release, so this is the cut before that one.
func behindLocals(v Version) cut {
	v.local = nil
	switch {
	case v.suffix.dev != "":
		v.suffix.dev = v.suffix.dev.next()
	default:
		v.suffix.post, v.suffix.dev = v.suffix.post.next(), "0"
	}
	return before(v)
}

// behindPosts is the cut behind v and all its post-releases.
func behindPosts(v Version) cut {
	v.local = nil
	if v.suffix.pre == final {
		// Between 1.0.post9... and 1.0.0.1.dev0 there is no first version.
		v.suffix.post, v.suffix.dev = infinite, ""
		return before(v)
	}
	v.suffix = suffix{pre: v.suffix.pre, preN: v.suffix.preN.next(), dev: "0"}
	return before(v)
}

// beforeAll is the cut before v and all its pre-releases, if v is not one itself.
func beforeAll(v Version) cut {
	if !v.IsPrerelease() {
		v.local, v.suffix.dev = nil, "0"
		if v.suffix.post == "" {
			v.suffix.pre = devOnly
		}
	}
	return before(v)
}

// All is the set of all versions.
func All() Set { return newSet(start, end) }

func newSet(low, high cut) Set {
	if low.compare(start) < 0 {
		low = start
	}
	if low.compare(high) >= 0 {
		return Set{}
	}
	return Set{[]interval{{low, high}}}
}

// Exactly is the set of v and, if it has no local segment, all v+LOCAL: "==v".
func Exactly(v Version) Set {
	if len(v.local) > 0 {
		return newSet(before(v), behindExactly(v))
	}
	return newSet(before(v), behindLocals(v))
}

// Between is the set from low up to high, which is left out with its
// pre-releases kept in: what advisories mean by "introduced" and "fixed". The
// pre-releases of low are in the set, since they are made from the same source.
// A zero low is the first version, a zero high stands for no end.
func Between(low, high Version) Set { return between(low, high, before) }

// Through is like Between, but high and its local versions are in the set.
func Through(low, high Version) Set { return between(low, high, behindLocals) }

func between(low, high Version, upper func(Version) cut) Set {
	from, to := start, end
	if !low.IsZero() {
		from = beforeAll(low)
	}
	if !high.IsZero() {
		to = upper(high)
	}
	return newSet(from, to)
}

// IsEmpty tells whether no version is in s.
func (s Set) IsEmpty() bool { return len(s.intervals) == 0 }

// Contains tells whether v is in s.
func (s Set) Contains(v Version) bool {
	at := before(v)
	for _, i := range s.intervals {
		if i.low.compare(at) <= 0 && at.compare(i.high) < 0 {
			return true
		}
	}
	return false
}

// Intersect returns the versions that are in both sets.
func (s Set) Intersect(t Set) Set {
	var both []interval
	for i, j := 0, 0; i < len(s.intervals) && j < len(t.intervals); {
		a, b := s.intervals[i], t.intervals[j]
		low, high := a.low, a.high
		if b.low.compare(low) > 0 {
			low = b.low
		}
		if b.high.compare(high) < 0 {
			high = b.high
		}
		if low.compare(high) < 0 {
			both = append(both, interval{low, high})
		}
		if a.high.compare(b.high) < 0 {
			i++
		} else {
			j++
		}
	}
	return Set{both}
}

// Union returns the versions that are in one of the sets or both.
func (s Set) Union(t Set) Set { return Union(s, t) }

// Union returns the versions that are in any of the sets, in one pass.
func Union(sets ...Set) Set {
	var all []interval
	for _, s := range sets {
		all = append(all, s.intervals...)
	}
	slices.SortFunc(all, func(a, b interval) int { return a.low.compare(b.low) })
	var merged []interval
	for _, i := range all {
		if n := len(merged); n > 0 && i.low.compare(merged[n-1].high) <= 0 {
			if i.high.compare(merged[n-1].high) > 0 {
				merged[n-1].high = i.high
			}
			continue
		}
		merged = append(merged, i)
	}
	return Set{merged}
}

// Complement returns the versions that are not in s.
func (s Set) Complement() Set {
	var gaps []interval
	at := start
	for _, i := range s.intervals {
		if at.compare(i.low) < 0 {
			gaps = append(gaps, interval{at, i.low})
		}
		at = i.high
	}
	if at.compare(end) < 0 {
		gaps = append(gaps, interval{at, end})
	}
	return Set{gaps}
}

// SubsetOf tells whether every version of s is in t.
func (s Set) SubsetOf(t Set) bool { return s.Intersect(t.Complement()).IsEmpty() }
