package pep440

import (
	"fmt"
	"regexp"
	"strings"
)

// maxClauses bounds the work of one specifier set. Real ones have two or three.
const maxClauses = 64

// Specifiers is a comma-separated list of clauses, all of which a version must
// meet. The zero value has no clause and is met by every version.
type Specifiers struct {
	clauses []clause
}

type clause struct {
	operator string
	text     string  // the version as written, without white space
	version  Version // of text without ".*"; zero if operator is "===" and text is no version
	set      Set
}

// The version part that each operator takes, for lower case text. Local versions
// and ".*" go with == and != only, and ~= needs two numbers to leave one off.
var (
	epochRelease = `v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*`
	preRelease   = `(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?`
	postRelease  = `(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?`
	devRelease   = `(?:[-_.]?dev[-_.]?[0-9]*)?`
	public       = preRelease + postRelease + devRelease

	equalPattern   = regexp.MustCompile(`^` + epochRelease + `(?:\.\*|` + public + `(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?)$`)
	orderPattern   = regexp.MustCompile(`^` + epochRelease + public + `$`)
	compatible     = regexp.MustCompile(`^v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)+` + public + `$`)
	identicalValue = regexp.MustCompile(`^[^\s;)]*$`)
)

// ParseSpecifiers reads a specifier set such as ">=3.9,<3.12".
func ParseSpecifiers(text string) (Specifiers, error) {
	if len(text) > MaxLength {
		return Specifiers{}, fmt.Errorf("version specifiers of %d bytes, at most %d are read", len(text), MaxLength)
	}
	var s Specifiers
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.Trim(part, space); part == "" {
			continue
		}
		c, err := parseClause(part)
		if err != nil {
			return Specifiers{}, err
		}
		if s.clauses = append(s.clauses, c); len(s.clauses) > maxClauses {
			return Specifiers{}, fmt.Errorf("more than %d version specifiers", maxClauses)
		}
	}
	return s, nil
}

func parseClause(text string) (clause, error) {
	invalid := fmt.Errorf("%q is not a version specifier (PEP 440)", text)
	n := 0
	for n < len(text) && n < 3 && strings.IndexByte("<>=!~", text[n]) >= 0 {
		n++
	}
	c := clause{operator: text[:n], text: strings.Trim(text[n:], space)}
	pattern := map[string]*regexp.Regexp{
		"===": identicalValue, "==": equalPattern, "!=": equalPattern, "~=": compatible,
		"<=": orderPattern, ">=": orderPattern, "<": orderPattern, ">": orderPattern,
	}[c.operator]
	if pattern == nil || !pattern.MatchString(lower(c.text)) {
		return clause{}, invalid
	}
	v, err := Parse(strings.TrimSuffix(c.text, ".*"))
	if err != nil && c.operator != "===" {
		return clause{}, invalid
	}
	c.version = v
	c.set = c.versions()
	return c, nil
}

// versions returns the set that the clause stands for, as the version specifiers
// specification has it.
func (c clause) versions() Set {
	v := c.version
	if c.operator == "===" {
		if v.IsZero() {
			return All() // an identifier that is no version has no place in the order: it may be anything
		}
		return newSet(before(v), behindExactly(v))
	}
	if strings.HasSuffix(c.text, ".*") {
		s := prefix(v)
		if c.operator == "!=" {
			return s.Complement()
		}
		return s
	}
	switch c.operator {
	case "==":
		return Exactly(v)
	case "!=":
		return Exactly(v).Complement()
	case ">=":
		return newSet(before(v), end)
	case "<=":
		return newSet(start, behindLocals(v))
	case "<":
		return newSet(start, beforeAll(v))
	case ">":
		if v.suffix.dev != "" || v.suffix.post != "" {
			return newSet(behindLocals(v), end)
		}
		return newSet(behindPosts(v), end)
	default: // ~=
		above := v
		above.release = v.release[:len(v.release)-1]
		return newSet(before(v), prefix(above).intervals[0].high)
	}
}

// prefix is the set of ==V.*: from the first development release of V up to that
// of the next release of the same length.
func prefix(v Version) Set {
	low := Version{epoch: v.epoch, release: v.release, suffix: start.v.suffix}
	high := low
	high.release = append([]number(nil), v.release...)
	last := &high.release[len(high.release)-1]
	*last = last.next()
	return newSet(before(low), before(high))
}

// Match tells whether the version text meets every clause, as
// SpecifierSet.contains of packaging does: pre-releases count, and text that is
// no version meets "===" alone.
func (s Specifiers) Match(text string) bool {
	v, err := Parse(text)
	for _, c := range s.clauses {
		switch {
		case c.operator == "===":
			if lower(text) != lower(c.text) {
				return false
			}
		case err != nil || !c.set.Contains(v):
			return false
		}
	}
	return true
}

// Set returns the versions that meet every clause.
func (s Specifiers) Set() Set {
	set := All()
	for _, c := range s.clauses {
		set = set.Intersect(c.set)
	}
	return set
}

// Pinned returns the one version that s allows, apart from local variants: that
// of a clause "==" or "===" without ".*".
func (s Specifiers) Pinned() (Version, bool) {
	for _, c := range s.clauses {
		if (c.operator == "==" || c.operator == "===") && !strings.HasSuffix(c.text, ".*") && !c.version.IsZero() {
			return c.version, true
		}
	}
	return Version{}, false
}

// String returns the clauses as written, without white space.
func (s Specifiers) String() string {
	var b strings.Builder
	for i, c := range s.clauses {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(c.operator + c.text)
	}
	return b.String()
}
