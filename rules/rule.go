// Package rules holds what kerasvet looks for: one value per rule, one function
// that walks the tree of an artifact and reports at a node.
//
// Rules know nothing of bytes or containers; what a Python name can do is not
// code either but reviewed text (symbols.txt). A rule concludes from what is
// there, never from what is missing: a missing node may only mean that a budget
// ran out.
package rules

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// Severity grades a rule: the worst realistic outcome for somebody who loads the
// file on an affected loader with defaults. The zero Severity is invalid.
type Severity uint8

const (
	// Info: worth knowing, nothing to act on.
	Info Severity = iota + 1
	// Low: unusual, harmless alone.
	Low
	// Medium: needs a look before the file is loaded.
	Medium
	// High: loading runs, reads or hides something that a model has no need of.
	High
	// Critical: loading gives the author of the file control.
	Critical
)

var severityNames = [...]string{"invalid", "info", "low", "medium", "high", "critical"}

func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return severityNames[0]
}

// ParseSeverity is the inverse of String.
func ParseSeverity(s string) (Severity, error) {
	if i := slices.Index(severityNames[1:], s); i >= 0 {
		return Severity(i + 1), nil
	}
	return 0, fmt.Errorf("unknown severity %q: want critical, high, medium, low or info", s)
}

// Rule is one thing to look for. Its severity is fixed: where a construct has
// several grades, it is several rules.
type Rule struct {
	ID       string // kebab-case, names the construct; never reused
	Title    string // one line, no full stop
	Severity Severity
	Since    string   // the kerasvet version that introduced it
	CWE      []int    // weakness numbers, the best match first
	Refs     []string // CVE ids and URLs
	// Check reports every place in the artifact where the construct stands. It
	// does no I/O and keeps no state between artifacts.
	Check func(*Pass)
}

// Finding is a construct that a rule met.
type Finding struct {
	Rule *Rule
	// Message is a sentence that stands alone: what it is, in which layer, what would happen.
	Message string
	At      *formats.Node
	Related []*formats.Node // other places of the same finding, in file order
	// Evidence is the bytes or name that make this finding this finding: a
	// changed payload is a new finding. It goes into the fingerprint as a digest.
	Evidence string
	// Python is the first release line of Python on which the finding means anything,
	// such as "3.12"; empty where it always does. Pass.Report takes that of At.
	Python string
	// Code is the digest of the serialized function that the finding is about
	// (formats.Function); empty for others.
	Code string
	// Listing shows that function; nil where there is nothing to show.
	Listing func() []CodeLine
}

// CodeLine is one line of a listing of code.
type CodeLine struct {
	Text   string
	Marked bool // the finding rests on it
}

// Pass is one artifact being checked by one rule.
type Pass struct {
	Artifact *formats.Artifact
	rule     *Rule
	index    *index
	report   func(Finding)
	reported int
}

// maxFindings is how many findings of one rule are listed for one artifact. A
// file with more was made to drown its reader; how many there are is said.
const maxFindings = 1000

// Reportf reports the construct at a node. evidence identifies what was found
// there (see Finding).
func (p *Pass) Reportf(at *formats.Node, evidence, format string, args ...any) {
	p.Report(Finding{At: at, Evidence: evidence, Message: fmt.Sprintf(format, args...)})
}

// Report reports a finding; the rule is filled in.
func (p *Pass) Report(f Finding) {
	if p.reported++; p.reported > maxFindings {
		return
	}
	f.Rule = p.rule
	if f.Python == "" {
		f.Python = f.At.PythonSince()
	}
	p.report(f)
}

// close says how many findings were not listed.
func (p *Pass) close() {
	if left := p.reported - maxFindings; left > 0 {
		p.report(Finding{Rule: p.rule, At: p.Artifact.Root, Evidence: "more", Message: fmt.Sprintf("%d more findings of this rule are not listed.", left)})
	}
}

// Checker runs a list of rules over artifacts, in their order.
type Checker struct{ rules []*Rule }

// NewChecker returns a Checker for the rules given.
func NewChecker(rules []*Rule) *Checker { return &Checker{rules} }

// Check runs every rule over one artifact. A rule that panics is reported to
// failed, and the others run on.
func (c *Checker) Check(a *formats.Artifact, report func(Finding), failed func(*Rule, any)) {
	shared := &index{root: a.Root}
	for _, r := range c.rules {
		run(&Pass{Artifact: a, rule: r, index: shared, report: report}, failed)
	}
}

func run(p *Pass, failed func(*Rule, any)) {
	defer func() {
		if v := recover(); v != nil {
			failed(p.rule, v)
		}
	}()
	p.rule.Check(p)
	p.close()
}

//go:embed doc
var docs embed.FS

// Doc returns the rule's page: Markdown under fixed headings.
func (r *Rule) Doc() (string, error) {
	b, err := docs.ReadFile("doc/" + r.ID + ".md")
	if err != nil {
		return "", fmt.Errorf("rule %s has no page: %w", r.ID, err)
	}
	return string(b), nil
}

// Headings are the sections of every rule page, in order.
var Headings = []string{"What it flags", "Why it matters", "How Keras gets there", "What to do", "References"}

// Section returns the text below one heading of the rule's page.
func (r *Rule) Section(heading string) (string, error) {
	doc, err := r.Doc()
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(doc, "## "+heading+"\n")
	if !ok {
		return "", fmt.Errorf("page of rule %s has no section %q", r.ID, heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return strings.TrimSpace(text), nil
}

// ByID returns the rule of that id, nil if there is none.
func ByID(id string) *Rule {
	for _, r := range All() {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Validate reports the first fault in a list of rules: a bad or repeated id, a
// missing field, a page without its sections.
func Validate(list []*Rule) error {
	kebab := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, r := range list {
		switch {
		case !kebab.MatchString(r.ID):
			return fmt.Errorf("rule id %q is not kebab-case", r.ID)
		case seen[r.ID]:
			return fmt.Errorf("rule id %q is used twice", r.ID)
		case r.Title == "" || r.Since == "" || r.Check == nil || r.Severity == 0 || len(r.CWE) == 0 && r.Severity > Info:
			return fmt.Errorf("rule %s lacks a field", r.ID)
		}
		seen[r.ID] = true
		for _, h := range Headings {
			if text, err := r.Section(h); err != nil || text == "" {
				return fmt.Errorf("page of rule %s: section %q is missing or empty", r.ID, h)
			}
		}
	}
	return nil
}
