package loaders

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

//go:embed advisories.txt
var advisoriesText string

// Advisory is a known hole of one package.
type Advisory struct {
	// ID is a CVE number if there is one; else another database's, or
	// "unassigned-NAME" for what never got a number.
	ID        string
	Aliases   []string // other numbers of the same thing
	Published string   // "2026-08-10" or "2025-10"; empty if it never was
	Package   string
	Claims    []Claim // who says which versions; at least one
	What      string  // what it allows, one line
	Rules     []string
	Disputed  string // who denies it, "" if nobody does
}

// Claim is what one party says of an advisory's versions.
type Claim struct {
	Who      string // "advisory", "cna", "source", or the database that was read
	Affected pep440.Set
	Ranges   string   // Affected in words
	Fixed    []string // first versions without the hole; empty if there is none
}

// Affected returns the versions that anyone calls affected: where the parties
// disagree, the later fix counts.
func (a Advisory) Affected() pep440.Set {
	var set pep440.Set
	for _, c := range a.Claims {
		set = set.Union(c.Affected)
	}
	return set
}

// Fixed returns who names which fixed versions: "3.15.0 (advisory), 3.12.3 and
// 3.15.0 (source)"; "no fix" if nobody does.
func (a Advisory) Fixed() string {
	var parts []string
	for _, c := range a.Claims {
		if len(c.Fixed) > 0 {
			parts = append(parts, strings.Join(c.Fixed, " and ")+" ("+c.Who+")")
		}
	}
	if parts == nil {
		return "no fix"
	}
	return strings.Join(parts, ", ")
}

// Database is a list of advisories and what is known of its completeness.
type Database struct {
	// Date is the day of the data, in UTC.
	Date       time.Time
	Advisories []Advisory
	// Covered holds the packages of which every known advisory is here. That one of
	// them has none does not make it safe.
	Covered []string
	// Partial says of other packages what is missing.
	Partial map[string]string
}

// Stale is the age from which the data should be called old.
const Stale = 90 * 24 * time.Hour

// Age returns how old the data are; less than zero if now is before their day.
func (d Database) Age(now time.Time) time.Duration { return now.Sub(d.Date) }

var embedded = sync.OnceValues(func() (Database, error) { return parseAdvisories("advisories.txt", advisoriesText) })

// Embedded returns the reviewed list that the program carries.
func Embedded() (Database, error) {
	d, err := embedded()
	d.Advisories = slices.Clone(d.Advisories)
	return d, err
}

type advisoryParser struct {
	file string
	line int
	db   Database
	open *Advisory
	seen map[string]int // ids and aliases, and the words of the open block
}

// parseAdvisories reads a list in the notation that advisories.txt explains. It
// refuses unknown words, things said twice and blocks that lack something.
func parseAdvisories(file, text string) (Database, error) {
	p := &advisoryParser{file: file, db: Database{Partial: map[string]string{}}, seen: map[string]int{}}
	for line := range strings.SplitSeq(text, "\n") {
		p.line++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		word, value, _ := strings.Cut(line, " ")
		if err := p.read(word, strings.TrimSpace(value)); err != nil {
			return Database{}, err
		}
	}
	if err := p.close(); err != nil {
		return Database{}, err
	}
	if p.db.Date.IsZero() {
		return Database{}, p.errorf("a date is expected")
	}
	return p.db, nil
}

func (p *advisoryParser) errorf(format string, args ...any) error {
	return &Error{File: p.file, Line: p.line, Column: 1, What: fmt.Sprintf(format, args...)}
}

// once refuses what was said before.
func (p *advisoryParser) once(key string) error {
	if before := p.seen[key]; before != 0 {
		return p.errorf("%q stands in line %d already", key, before)
	}
	p.seen[key] = p.line
	return nil
}

func (p *advisoryParser) read(word, value string) (err error) {
	if value == "" {
		return p.errorf("%q says nothing", excerpt(word))
	}
	switch word {
	case "date":
		if err := p.once("date"); err != nil {
			return err
		}
		p.db.Date, err = p.day(value)
	case "covers":
		p.db.Covered = append(p.db.Covered, value)
		return p.once("completeness of " + value)
	case "partial":
		pkg, what, _ := strings.Cut(value, " ")
		p.db.Partial[pkg] = what
		return p.once("completeness of " + pkg)
	case "advisory":
		if err := p.close(); err != nil {
			return err
		}
		p.open = &Advisory{ID: value}
		return p.once(value)
	default:
		if p.open == nil {
			return p.errorf("%q outside of an advisory, or unknown", excerpt(word))
		}
		return p.field(p.open, word, value)
	}
	return err
}

func (p *advisoryParser) field(a *Advisory, word, value string) (err error) {
	key := a.ID + " " + word
	if word == "alias" || word == "rule" || word == "affected" || word == "fixed" {
		first, _, _ := strings.Cut(value, " ")
		key += " " + first
	}
	if err := p.once(key); err != nil {
		return err
	}
	switch word {
	case "alias":
		a.Aliases = append(a.Aliases, value)
		return p.once(value)
	case "published":
		if value != "unpublished" {
			if _, month := time.Parse("2006-01", value); month != nil {
				_, err = p.day(value)
			}
			a.Published = value
		}
	case "package":
		if a.Package = value; Of(value) != value {
			return p.errorf("%q is no package of interest", excerpt(value))
		}
	case "affected":
		who, ranges, _ := strings.Cut(value, " ")
		set, err := parseRanges(ranges)
		if err != nil {
			return p.errorf("%v", err)
		}
		if who != "advisory" && who != "cna" && who != "source" {
			return p.errorf("%q: advisory, cna or source is expected", excerpt(who))
		}
		a.Claims = append(a.Claims, Claim{Who: who, Affected: set, Ranges: ranges})
	case "fixed":
		return p.fixed(a, value)
	case "what":
		a.What = value
	case "rule":
		a.Rules = append(a.Rules, value)
	case "disputed":
		a.Disputed = value
	default:
		return p.errorf("%q is no word of an advisory", excerpt(word))
	}
	return err
}

func (p *advisoryParser) fixed(a *Advisory, value string) error {
	who, versions, _ := strings.Cut(value, " ")
	i := slices.IndexFunc(a.Claims, func(c Claim) bool { return c.Who == who })
	if i < 0 {
		return p.errorf("fixed: %q says nothing of affected versions above", excerpt(who))
	}
	if versions == "none" {
		return nil
	}
	for text := range strings.SplitSeq(versions, ", ") {
		v, err := pep440.Parse(text)
		if err != nil {
			return p.errorf("%v", err)
		}
		if a.Claims[i].Affected.Contains(v) {
			return p.errorf("%s is fixed and affected, says %s", text, who)
		}
		a.Claims[i].Fixed = append(a.Claims[i].Fixed, text)
	}
	return nil
}

// close ends a block, which must be whole.
func (p *advisoryParser) close() error {
	a := p.open
	if a == nil {
		return nil
	}
	for _, word := range []string{"published", "package", "what"} {
		if p.seen[a.ID+" "+word] == 0 {
			return p.errorf("%s lacks %q", a.ID, word)
		}
	}
	if len(a.Claims) == 0 {
		return p.errorf("%s lacks %q", a.ID, "affected")
	}
	for _, c := range a.Claims {
		if p.seen[a.ID+" fixed "+c.Who] == 0 {
			return p.errorf("%s lacks what %s calls fixed", a.ID, c.Who)
		}
	}
	p.db.Advisories = append(p.db.Advisories, *a)
	p.open = nil
	return nil
}

func (p *advisoryParser) day(text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, p.errorf("%q is no day: one such as 2026-11-24 is expected", excerpt(text))
	}
	return t, nil
}

var rangePattern = regexp.MustCompile(`^(\S+?)\.\.(<?)(\S*)$`)

// parseRanges reads "0..<3.12.3, 3.13.0..3.14.0, 3.15.1..".
func parseRanges(text string) (pep440.Set, error) {
	var set pep440.Set
	for part := range strings.SplitSeq(text, ", ") {
		m := rangePattern.FindStringSubmatch(part)
		if m == nil {
			return set, fmt.Errorf("%q is no range: A..<B, A..B or A.. is expected", excerpt(part))
		}
		var low, high pep440.Version
		var err error
		if m[1] != "0" {
			if low, err = pep440.Parse(m[1]); err != nil {
				return set, err
			}
		}
		if m[3] != "" {
			if high, err = pep440.Parse(m[3]); err != nil {
				return set, err
			}
		} else if m[2] != "" {
			return set, fmt.Errorf("%q is no range: a version is expected behind <", excerpt(part))
		}
		one := pep440.Through(low, high)
		if m[2] == "<" {
			one = pep440.Between(low, high)
		}
		if one.IsEmpty() {
			return set, fmt.Errorf("range %q has no version in it", excerpt(part))
		}
		set = set.Union(one)
	}
	return set, nil
}
