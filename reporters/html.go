package reporters

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

var (
	//go:embed html/page.gohtml
	htmlPage string
	//go:embed html/page.css
	htmlStyle string
	//go:embed html/page.js
	htmlScript string
)

var htmlTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(htmlPage)) })

// htmlReport is what the page shows.
type htmlReport struct {
	Style                 template.CSS
	Script                template.JS
	StyleHash, ScriptHash string // of the content security policy
	Summary, Version      string
	RuleCount, Total      int
	Severities            []htmlSeverity // for the filters
	Rules                 []string       // for the filters
	Hashed                bool           // there are digests of models to show
	Models                []htmlModel
	Unread                []htmlUnread
	Gone                  []analyzer.Earlier
}

// htmlSeverity is a filter: a severity, or "waived", and how many findings have it.
type htmlSeverity struct {
	Name  string
	Count int
}

type htmlModel struct {
	worst                                     rules.Severity // of what counts
	read                                      int            // 1 where everything was read
	ID, Name, Verdict, Counts, Format, SHA256 string
	Size                                      int64
	Findings                                  []htmlFinding
}

type htmlUnread struct{ Address, Code, Message string }

type htmlFinding struct {
	ID, Severity, Filter, Rule, RuleURI, Message, Address, Layer, Effect, Waiver, Code, Fingerprint string
	Line, Column                                                                                    int
	Excerpt                                                                                         bool // Before and After are set
	Before, After                                                                                   string
	Help                                                                                            []htmlText
	Related                                                                                         []string
	Listing                                                                                         []rules.CodeLine
	Effects                                                                                         []rules.EffectRange
}

// htmlText is a stretch of text, or of code.
type htmlText struct {
	Code bool
	Text string
}

// HTML writes one page for auditors that needs nothing else: no network, no other
// file, and no script to be read; a script that comes with it filters the findings.
func HTML(out io.Writer, r *analyzer.Report) error {
	page := htmlReport{
		Style: template.CSS(htmlStyle), Script: template.JS(htmlScript), StyleHash: cspHash(htmlStyle), ScriptHash: cspHash(htmlScript),
		Summary: Style{Unicode: true}.summary(r), Version: r.Version, RuleCount: len(r.Rules), Gone: r.Gone,
	}
	for s := rules.Critical; s >= rules.Info; s-- {
		page.Severities = append(page.Severities, htmlSeverity{Name: s.String()})
	}
	page.Severities = append(page.Severities, htmlSeverity{Name: "waived"})
	for res := range r.All() {
		page.model(res)
	}
	// The reader of a thousand models begins with the worst.
	slices.SortStableFunc(page.Models, func(a, b htmlModel) int {
		if a.worst != b.worst {
			return int(b.worst) - int(a.worst)
		}
		return cmp.Compare(a.read, b.read)
	})
	slices.Sort(page.Rules)
	page.Rules = slices.Compact(page.Rules)
	w := bufio.NewWriter(out)
	if err := htmlTemplate().Execute(w, page); err != nil {
		return err
	}
	return w.Flush()
}

// cspHash is the digest by which a policy allows an inline text.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// model adds one input to the page, its findings by rule, the worst first.
func (p *htmlReport) model(res *analyzer.Result) {
	m := htmlModel{ID: fmt.Sprintf("m%d", len(p.Models)), Name: res.Name, Verdict: res.Verdict().String(), Counts: severityCounts(res),
		Format: string(res.Format), Size: res.Size, SHA256: res.SHA256}
	p.Hashed = p.Hashed || res.SHA256 != ""
	if res.Complete() {
		m.read = 1
	}
	findings := slices.Clone(res.Findings)
	slices.SortStableFunc(findings, func(a, b analyzer.Finding) int {
		if a.Rule.Severity != b.Rule.Severity {
			return int(b.Rule.Severity) - int(a.Rule.Severity)
		}
		return strings.Compare(a.Rule.ID, b.Rule.ID)
	})
	for _, f := range findings {
		h := newHTMLFinding(fmt.Sprintf("f%d", p.Total), f)
		m.Findings = append(m.Findings, h)
		if f.Waiver == nil {
			m.worst = max(m.worst, f.Rule.Severity)
		}
		i := slices.IndexFunc(p.Severities, func(s htmlSeverity) bool { return s.Name == h.Filter })
		p.Severities[i].Count++
		p.Rules = append(p.Rules, f.Rule.ID)
		p.Total++
	}
	for _, u := range res.Problems {
		p.Unread = append(p.Unread, htmlUnread{u.Place.Address, u.Code, u.Message})
	}
	p.Models = append(p.Models, m)
}

func newHTMLFinding(id string, f analyzer.Finding) htmlFinding {
	h := htmlFinding{ID: id, Severity: severityWord(f), Filter: f.Rule.Severity.String(), Rule: f.Rule.ID, RuleURI: rulesURI + "#" + f.Rule.ID,
		Message: f.Message, Address: f.Place.Address, Layer: f.Place.Layer, Effect: effectLine(f), Code: f.Code, Fingerprint: f.Fingerprint,
		Listing: f.Listing, Effects: f.Effects}
	if f.Place.InText {
		h.Line, h.Column = f.Place.Line, f.Place.Column
		h.Excerpt, h.Before, h.After = true, f.Place.Before, f.Place.After
	}
	for _, p := range f.Related {
		h.Related = append(h.Related, p.Address)
	}
	if f.Waiver != nil {
		h.Filter, h.Waiver = "waived", f.Waiver.Reason
	} else if help, err := f.Rule.Section("What to do"); err == nil && f.Rule.Severity > rules.Info {
		for i, text := range strings.Split(firstSentence(help), "`") {
			h.Help = append(h.Help, htmlText{i%2 == 1, text})
		}
	}
	return h
}
