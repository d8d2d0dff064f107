package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/kerasvet/kerasvet/rules"
)

// The types below are flag values that refuse what makes no sense when they are
// set, so that the error names the flag, or the variable, that it came from.

// choice is one word of several.
type choice struct {
	value   *string
	kind    string // what Type returns, which help shows
	allowed []string
}

func (c choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("unknown %s %q: want %s%s", strings.ToLower(c.kind), s, strings.Join(c.allowed, ", "), didYouMean(s, c.allowed))
	}
	*c.value = s
	return nil
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return c.kind }

// number is a whole number that is not below least.
type number[T int | int64] struct {
	value *T
	least T
}

func (n number[T]) Set(s string) error {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || int64(T(v)) != v || T(v) < n.least {
		return fmt.Errorf("%q is not a whole number from %d", s, n.least)
	}
	*n.value = T(v)
	return nil
}

func (n number[T]) String() string { return strconv.FormatInt(int64(*n.value), 10) }
func (n number[T]) Type() string   { return "N" }

// duration is a time span above zero.
type duration time.Duration

func (d *duration) Set(s string) error {
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		return fmt.Errorf("%q is not a time limit: want one such as 90s or 5m", s)
	}
	*d = duration(v)
	return nil
}

func (d *duration) String() string { return time.Duration(*d).String() }
func (d *duration) Type() string   { return "TIME" }

// ruleList is rule ids separated by commas; every further flag adds to it.
type ruleList []string

func (l *ruleList) Set(s string) error {
	for id := range strings.SplitSeq(s, ",") {
		id = strings.TrimSpace(id)
		if rules.ByID(id) == nil {
			return unknownRule(id)
		}
		*l = append(*l, id)
	}
	return nil
}

func (l *ruleList) String() string { return strings.Join(*l, ",") }
func (l *ruleList) Type() string   { return "RULES" }

// digestList is SHA-256 digests in hex; every further flag adds to it.
type digestList []string

func (l *digestList) Set(s string) error {
	for digest := range strings.SplitSeq(s, ",") {
		digest = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(digest), "sha256:"))
		if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size {
			return fmt.Errorf("%q is not a SHA-256: want 64 hexadecimal digits", digest)
		}
		*l = append(*l, digest)
	}
	return nil
}

func (l *digestList) String() string { return strings.Join(*l, ",") }
func (l *digestList) Type() string   { return "SHA256" }

// globList is globs over names, ** for any directories; every further flag adds one.
type globList []string

func (l *globList) Set(s string) error {
	if !doublestar.ValidatePattern(s) {
		return fmt.Errorf("%q is not a glob", s)
	}
	*l = append(*l, s)
	return nil
}

// match reports whether a glob matches a name.
func (l globList) match(name string) bool {
	return slices.ContainsFunc(l, func(glob string) bool { return doublestar.MatchUnvalidated(glob, name) })
}

func (l *globList) String() string { return strings.Join(*l, ",") }
func (l *globList) Type() string   { return "GLOB" }

func unknownRule(id string) error {
	if near := nearest(id, ruleIDs()); near != "" {
		return fmt.Errorf("unknown rule %q: did you mean %s?", id, near)
	}
	return fmt.Errorf("unknown rule %q: kerasvet rules lists them", id)
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}
