// Package pep440 reads versions and version specifiers of Python packages and
// answers questions about sets of them.
//
// It accepts, orders and matches exactly what the PyPA library packaging 26.3
// does (PEP 440 and the version specifiers specification), which a recorded
// table in testdata holds it to. Two limits are ours: a text may be MaxLength
// bytes long, and versions are ASCII.
package pep440

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MaxLength is the longest version or specifier set that is read, in bytes. The
// longest real ones are a few dozen; the bound keeps comparing cheap.
const MaxLength = 1024

// Version is a version of a package. The zero value is no version.
type Version struct {
	epoch   number
	release []number // as written, with trailing zeros
	suffix  suffix
	local   []segment
}

// suffix is what stands behind the release, in the order in which it is compared.
type suffix struct {
	pre  preKind
	preN number
	post number // "" where there is none
	dev  number // "" where there is none
}

type preKind int8

const (
	devOnly preKind = iota // a development release of the release itself: before any alpha
	alpha
	beta
	candidate
	final // no pre-release segment
)

// segment is one part of a local version. Words are before numbers.
type segment struct {
	word string
	n    number
}

// number is a decimal number without leading zeros: real development releases
// carry time stamps, and hostile ones more digits than any integer holds. "" is
// no number, infinite is above all.
type number string

const infinite number = ":"

func num(digits string) number {
	if n := strings.TrimLeft(digits, "0"); n != "" {
		return number(n)
	}
	return "0"
}

func (n number) compare(m number) int {
	if n == infinite || m == infinite {
		return cmp.Compare(boolInt(n == infinite), boolInt(m == infinite))
	}
	return cmp.Or(cmp.Compare(len(n), len(m)), strings.Compare(string(n), string(m)))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// next returns n+1, and 0 if n is no number.
func (n number) next() number {
	if n == "" {
		return "0"
	}
	digits := []byte(n)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return number(digits)
		}
		digits[i] = '0'
	}
	return number("1" + string(digits))
}

// versionPattern is the grammar of PEP 440, appendix B, for lower case text.
var versionPattern = regexp.MustCompile(`^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)` +
	`(?:[._-]?(alpha|a|beta|b|preview|pre|c|rc)[._-]?([0-9]+)?)?` +
	`(?:-([0-9]+)|[._-]?(post|rev|r)[._-]?([0-9]+)?)?` +
	`(?:[._-]?(dev)[._-]?([0-9]+)?)?` +
	`(?:\+([a-z0-9]+(?:[._-][a-z0-9]+)*))?$`)

// space is what Python's str.strip and \s take for white space in ASCII.
const space = " \t\n\r\v\f\x1c\x1d\x1e\x1f"

// Parse reads one version. White space around it is ignored.
func Parse(text string) (Version, error) {
	if len(text) > MaxLength {
		return Version{}, fmt.Errorf("version of %d bytes, at most %d are read", len(text), MaxLength)
	}
	m := versionPattern.FindStringSubmatch(lower(strings.Trim(text, space)))
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version (PEP 440)", text)
	}
	v := Version{epoch: num(m[1]), suffix: suffix{pre: final}}
	for part := range strings.SplitSeq(m[2], ".") {
		v.release = append(v.release, num(part))
	}
	switch m[3] {
	case "":
	case "alpha", "a":
		v.suffix.pre = alpha
	case "beta", "b":
		v.suffix.pre = beta
	default:
		v.suffix.pre = candidate
	}
	if m[3] != "" {
		v.suffix.preN = num(m[4])
	}
	if m[5] != "" || m[6] != "" {
		v.suffix.post = num(m[5] + m[7])
	}
	if m[8] != "" {
		v.suffix.dev = num(m[9])
		if v.suffix.pre == final && v.suffix.post == "" {
			v.suffix.pre = devOnly
		}
	}
	if m[10] != "" {
		for _, part := range strings.FieldsFunc(m[10], func(r rune) bool { return strings.ContainsRune("._-", r) }) {
			v.local = append(v.local, localSegment(part))
		}
	}
	return v, nil
}

// lower maps ASCII only: U+212A is not a k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func localSegment(part string) segment {
	if strings.Trim(part, "0123456789") == "" {
		return segment{n: num(part)}
	}
	return segment{word: part}
}

// IsZero tells whether v is no version.
func (v Version) IsZero() bool { return len(v.release) == 0 }

// IsPrerelease tells whether v is an alpha, beta, candidate or development release.
func (v Version) IsPrerelease() bool { return v.suffix.pre != final || v.suffix.dev != "" }

// Release returns the n-th number of the release segment, "0" where there is
// none: Release(1) of 2.15.1 is "15".
func (v Version) Release(n int) string {
	if n < len(v.release) {
		return string(v.release[n])
	}
	return "0"
}

// Compare orders versions as PEP 440 does: -1, 0 or 1.
func (v Version) Compare(w Version) int {
	return cmp.Or(
		v.epoch.compare(w.epoch),
		slices.CompareFunc(trim(v.release), trim(w.release), number.compare),
		v.suffix.compare(w.suffix),
		slices.CompareFunc(v.local, w.local, compareSegments),
	)
}

// trim drops trailing zeros, which do not tell releases apart.
func trim(release []number) []number {
	n := len(release)
	for n > 0 && release[n-1] == "0" {
		n--
	}
	return release[:n]
}

func (s suffix) compare(t suffix) int {
	return cmp.Or(
		cmp.Compare(s.pre, t.pre),
		s.preN.compare(t.preN),
		s.post.compare(t.post), // none is before post 0, being shorter
		cmp.Compare(boolInt(s.dev == ""), boolInt(t.dev == "")),
		s.dev.compare(t.dev),
	)
}

func compareSegments(a, b segment) int {
	if a.word != "" || b.word != "" {
		return cmp.Or(cmp.Compare(boolInt(a.word == ""), boolInt(b.word == "")), strings.Compare(a.word, b.word))
	}
	return a.n.compare(b.n)
}

// String returns the normal form of PEP 440.
func (v Version) String() string {
	var b strings.Builder
	if v.epoch != "0" {
		b.WriteString(string(v.epoch) + "!")
	}
	for i, n := range v.release {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(string(n))
	}
	switch v.suffix.pre {
	case alpha:
		b.WriteString("a" + string(v.suffix.preN))
	case beta:
		b.WriteString("b" + string(v.suffix.preN))
	case candidate:
		b.WriteString("rc" + string(v.suffix.preN))
	}
	if v.suffix.post != "" {
		b.WriteString(".post" + string(v.suffix.post))
	}
	if v.suffix.dev != "" {
		b.WriteString(".dev" + string(v.suffix.dev))
	}
	for i, s := range v.local {
		b.WriteString([]string{"+", "."}[min(i, 1)])
		b.WriteString(s.word + string(s.n))
	}
	return b.String()
}
