package reporters

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

// workflowData and workflowProperty escape text in a workflow command, as the
// toolkit of GitHub Actions does (packages/core/src/command.ts).
var (
	workflowData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	workflowProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub writes workflow commands, which GitHub Actions shows beside the files of a
// pull request, and the summary. A finding in a binary has no line.
func GitHub(out io.Writer, r *analyzer.Report) error {
	w := bufio.NewWriter(out)
	for res := range r.All() {
		for _, f := range res.Findings {
			command := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[level(f.Rule.Severity)]
			if f.Waiver != nil {
				command = "notice"
			}
			properties := "file=" + workflowProperty.Replace(res.Name)
			if res.Format == analyzer.FormatLock && !f.Place.OnDisk {
				properties = ""
			}
			if f.Place.OnDisk {
				properties += fmt.Sprintf(",line=%d,endLine=%d,col=%d,endColumn=%d", f.Place.Line, f.Place.EndLine, f.Place.Column, f.Place.EndColumn)
			}
			title := fmt.Sprintf("%s (%s)", f.Rule.ID, severityWord(f))
			fmt.Fprintf(w, "::%s %s::%s\n", command, strings.TrimPrefix(properties+",title="+workflowProperty.Replace(title), ","),
				workflowData.Replace(f.Message+where(f.Place)))
		}
		for _, p := range res.Problems {
			if !ran(r, rules.UnanalyzedContent) { // or it is a finding already
				fmt.Fprintf(w, "::warning file=%s,title=not analysed::%s\n", workflowProperty.Replace(res.Name), workflowData.Replace(p.Place.Address+": "+p.Message))
			}
		}
	}
	fmt.Fprintln(w, Style{}.summary(r))
	return w.Flush()
}

// ran reports whether a rule ran.
func ran(r *analyzer.Report, rule *rules.Rule) bool {
	for _, other := range r.Rules {
		if other == rule {
			return true
		}
	}
	return false
}

// severityWord is the severity of a finding, or that it does not count.
func severityWord(f analyzer.Finding) string {
	if f.Waiver != nil {
		return "waived, " + f.Rule.Severity.String()
	}
	return f.Rule.Severity.String()
}
