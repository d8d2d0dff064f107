package reporters

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

// codeQuality is one entry of GitLab's Code Quality report.
type codeQuality struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// codeQualitySeverities are GitLab's words for ours.
var codeQualitySeverities = map[rules.Severity]string{
	rules.Critical: "blocker", rules.High: "critical", rules.Medium: "major", rules.Low: "minor", rules.Info: "info",
}

// GitLab writes a Code Quality report, which merge requests show. A finding in a
// binary stands at line 1. What is waived is left out: the format has no word for it.
func GitLab(w io.Writer, r *analyzer.Report) error {
	out := []codeQuality{}
	for res := range r.All() {
		for _, f := range res.Findings {
			if f.Waiver != nil {
				continue
			}
			line := 1
			if f.Place.OnDisk {
				line = f.Place.Line
			}
			out = append(out, codeQuality{f.Message + where(f.Place), f.Rule.ID, f.Fingerprint, codeQualitySeverities[f.Rule.Severity],
				codeQualityLocation{res.Name, codeQualityLines{line}}})
		}
	}
	return encode(w, out)
}

// The types of GitLab's security report schema 15, as a SAST report uses them.
type (
	sastReport struct {
		Version         string              `json:"version"`
		Scan            sastScan            `json:"scan"`
		Vulnerabilities []sastVulnerability `json:"vulnerabilities"`
	}
	sastScan struct {
		Analyzer sastTool      `json:"analyzer"`
		Scanner  sastTool      `json:"scanner"`
		Type     string        `json:"type"`
		Start    string        `json:"start_time"`
		End      string        `json:"end_time"`
		Status   string        `json:"status"`
		Messages []sastMessage `json:"messages,omitempty"`
	}
	sastTool struct {
		ID      string     `json:"id"`
		Name    string     `json:"name"`
		Version string     `json:"version"`
		Vendor  sastVendor `json:"vendor"`
		URL     string     `json:"url,omitempty"`
	}
	sastVendor struct {
		Name string `json:"name"`
	}
	sastMessage struct {
		Level string `json:"level"`
		Value string `json:"value"`
	}
	sastVulnerability struct {
		ID          string           `json:"id"`
		Name        string           `json:"name"`
		Description string           `json:"description"`
		Severity    string           `json:"severity"`
		Solution    string           `json:"solution,omitempty"`
		Identifiers []sastIdentifier `json:"identifiers"`
		Location    sastLocation     `json:"location"`
	}
	sastIdentifier struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
		URL   string `json:"url,omitempty"`
	}
	sastLocation struct {
		File      string `json:"file"`
		StartLine int    `json:"start_line,omitempty"`
		EndLine   int    `json:"end_line,omitempty"`
	}
)

// sastVersion is the version of the schema.
const sastVersion = "15.2.1"

// sastSeverities are GitLab's words for ours.
var sastSeverities = map[rules.Severity]string{
	rules.Critical: "Critical", rules.High: "High", rules.Medium: "Medium", rules.Low: "Low", rules.Info: "Info",
}

// sastTime is what the schema wants for the times of a scan. Reports of the same run
// are to have the same bytes, so it is no clock's.
var sastTime = time.Unix(0, 0).UTC().Format("2006-01-02T15:04:05")

// GitLabSAST writes a SAST report, which GitLab's security dashboards show. What is
// waived is left out; what was not read is a message of the scan.
func GitLabSAST(w io.Writer, r *analyzer.Report) error {
	version := r.Version
	if version == "" {
		version = "unknown"
	}
	tool := sastTool{toolName, toolName, version, sastVendor{toolName}, toolURI}
	out := sastReport{Version: sastVersion, Scan: sastScan{Analyzer: tool, Scanner: tool, Type: "sast", Start: sastTime, End: sastTime, Status: "success"},
		Vulnerabilities: []sastVulnerability{}}
	for res := range r.All() {
		for _, f := range res.Findings {
			if f.Waiver == nil {
				out.Vulnerabilities = append(out.Vulnerabilities, sastFinding(res, f))
			}
		}
		for _, p := range res.Problems {
			out.Scan.Messages = append(out.Scan.Messages, sastMessage{"warn", "not analysed: " + p.Place.Address + ": " + p.Message})
		}
	}
	return encode(w, out)
}

// sastFinding writes a finding. GitLab shows the description and the solution as Markdown.
func sastFinding(res *analyzer.Result, f analyzer.Finding) sastVulnerability {
	v := sastVulnerability{ID: uuidOf(f.Fingerprint), Name: f.Rule.Title, Description: markdownText.Replace(f.Message + where(f.Place)), Severity: sastSeverities[f.Rule.Severity],
		Identifiers: []sastIdentifier{{"kerasvet_rule", f.Rule.ID, f.Rule.ID, rulesURI + "#" + f.Rule.ID}}, Location: sastLocation{File: res.Name}}
	if help, err := f.Rule.Section("What to do"); err == nil {
		v.Solution = firstSentence(help)
	}
	for _, cwe := range f.Rule.CWE {
		v.Identifiers = append(v.Identifiers, sastIdentifier{"cwe", fmt.Sprintf("CWE-%d", cwe), strconv.Itoa(cwe), fmt.Sprintf("https://cwe.mitre.org/data/definitions/%d.html", cwe)})
	}
	if f.Place.OnDisk {
		v.Location.StartLine, v.Location.EndLine = f.Place.Line, f.Place.EndLine
	}
	return v
}

// uuidOf writes the beginning of a fingerprint as a UUID, which is what GitLab takes
// for an identity. The version is 8, that of vendors.
func uuidOf(fingerprint string) string {
	f := fingerprint
	return f[:8] + "-" + f[8:12] + "-8" + f[13:16] + "-8" + f[17:20] + "-" + f[20:32]
}
