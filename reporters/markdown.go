package reporters

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

const (
	// maxMarkdown is how many findings are written out: GitHub cuts a comment at
	// 65,536 characters and a job summary at 1 MiB.
	maxMarkdown = 50
	// maxMarkdownModels is how many models the table lists.
	maxMarkdownModels = 100
)

// markdownText escapes what Markdown or HTML would obey in a text. GitHub makes links of
// bare addresses and mentions of names after it has resolved escapes and entities, but
// not across an element; a comment is one.
var markdownText = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "~", `\~`,
	"@", "&#64;<!-- -->", "#", "&#35;<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.")

// markdownCode writes a text as a code span, whatever backticks it holds.
func markdownCode(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	s = strings.ReplaceAll(s, "|", `\|`)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) == "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Markdown writes a job summary or a comment: what came of each input, and the
// findings, worst first in each, with where and what to do.
func Markdown(out io.Writer, r *analyzer.Report) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "## kerasvet\n\n%s\n", markdownText.Replace(Style{Unicode: true}.summary(r)))
	markdownModels(w, r)
	left := maxMarkdown
	more := 0
	for _, severity := range []rules.Severity{rules.Critical, rules.High, rules.Medium, rules.Low, rules.Info} {
		for res := range r.All() {
			for _, f := range res.Findings {
				if f.Rule.Severity != severity {
					continue
				}
				if left == 0 {
					more++
					continue
				}
				left--
				markdownFinding(w, f)
			}
		}
	}
	if more > 0 {
		fmt.Fprintf(w, "\n%d more findings are not listed here.\n", more)
	}
	return w.Flush()
}

// markdownModels writes the table of inputs.
func markdownModels(w io.Writer, r *analyzer.Report) {
	if len(r.Results)+len(r.Versions) == 0 {
		return
	}
	fmt.Fprint(w, "\n| model | verdict | findings | not analysed |\n|---|---|---|---|\n")
	n := 0
	for res := range r.All() {
		if n++; n > maxMarkdownModels {
			fmt.Fprintf(w, "| %d more | | | |\n", len(r.Results)+len(r.Versions)-maxMarkdownModels)
			return
		}
		unread := ""
		if !res.Complete() {
			unread = unreadPhrase(*res)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", markdownCode(res.Name), res.Verdict(), severityCounts(res), markdownText.Replace(unread))
	}
}

// severityCounts says how many findings of each severity count.
func severityCounts(res *analyzer.Result) string {
	counts := map[rules.Severity]int{}
	waived := 0
	for _, f := range res.Findings {
		if f.Waiver != nil {
			waived++
		} else {
			counts[f.Rule.Severity]++
		}
	}
	var parts []string
	for s := rules.Critical; s >= rules.Info; s-- {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", waived))
	}
	return strings.Join(parts, ", ")
}

func markdownFinding(w io.Writer, f analyzer.Finding) {
	fmt.Fprintf(w, "\n### %s: [%s](%s#%s)\n\n%s\n\n- where: %s\n", severityWord(f), f.Rule.ID, rulesURI, f.Rule.ID, markdownText.Replace(f.Message), markdownCode(f.Place.Address))
	if effect := effectLine(f); effect != "" && f.Rule.Severity > rules.Info {
		fmt.Fprintf(w, "- effect: %s\n", markdownText.Replace(effect))
	}
	if f.Waiver != nil {
		fmt.Fprintf(w, "- waived: %s\n", markdownText.Replace(f.Waiver.Reason))
	} else if help, err := f.Rule.Section("What to do"); err == nil && f.Rule.Severity > rules.Info {
		fmt.Fprintf(w, "- help: %s\n", firstSentence(help))
	}
	if len(f.Listing) > 0 {
		fence := "```"
		for _, l := range f.Listing {
			for strings.Contains(l.Text, fence) {
				fence += "`"
			}
		}
		fmt.Fprintf(w, "\n<details><summary>code</summary>\n\n%stext\n", fence)
		for _, l := range f.Listing {
			mark := "  "
			if l.Marked {
				mark = "> "
			}
			fmt.Fprintf(w, "%s%s\n", mark, l.Text)
		}
		fmt.Fprintf(w, "%s\n\n</details>\n", fence)
	}
}
