package reporters

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

// securitySeverity is the score that GitHub shows; info rules have none.
var securitySeverity = map[rules.Severity]string{rules.Critical: "9.5", rules.High: "8.0", rules.Medium: "5.5", rules.Low: "2.5"}

// maxTags is how many tags of a rule GitHub accepts.
const maxTags = 10

// taxonomy numbers the weaknesses that the rules name.
func (b *sarifBuilder) taxonomy() {
	for _, cwe := range slices.Sorted(maps.Keys(b.taxonIndex)) {
		b.taxonIndex[cwe] = len(b.taxa)
		b.taxa = append(b.taxa, sarifTaxon{ID: fmt.Sprintf("CWE-%d", cwe), HelpURI: fmt.Sprintf("https://cwe.mitre.org/data/definitions/%d.html", cwe)})
	}
}

func (b *sarifBuilder) rule(r *rules.Rule) sarifRule {
	doc, _ := r.Doc() // rules.Validate holds every rule to a page
	flags, _ := r.Section("What it flags")
	out := sarifRule{
		ID:                   r.ID,
		Name:                 pascal(r.ID),
		ShortDescription:     sarifText{r.Title + "."},
		FullDescription:      sarifText{plainText(flags)},
		Help:                 sarifHelp{Text: plainText(doc), Markdown: doc},
		HelpURI:              rulesURI + "#" + r.ID,
		DefaultConfiguration: sarifConfiguration{level(r.Severity)},
		Properties:           sarifRuleProperties{Tags: []string{}, Precision: "high", SecuritySeverity: securitySeverity[r.Severity]},
	}
	if r.Severity > rules.Info {
		out.Properties.Tags = append(out.Properties.Tags, "security")
	}
	for _, cwe := range r.CWE {
		out.Properties.Tags = append(out.Properties.Tags, fmt.Sprintf("external/cwe/cwe-%d", cwe))
		out.Relationships = append(out.Relationships, sarifRelationship{Kinds: []string{"superset"},
			Target: sarifTaxonRef{ID: fmt.Sprintf("CWE-%d", cwe), Index: index(b.taxonIndex[cwe]), ToolComponent: sarifToolComponentRef{Name: "CWE", Index: new(int)}}})
	}
	out.Properties.Tags = out.Properties.Tags[:min(len(out.Properties.Tags), maxTags)]
	return out
}

// pascal writes a kebab-case id in PascalCase.
func pascal(id string) string {
	var b strings.Builder
	for _, word := range strings.Split(id, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// plainText drops the marks of Markdown that rule pages use.
func plainText(md string) string {
	lines := strings.Split(md, "\n")
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(strings.TrimLeft(l, "# "), "`", "")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
