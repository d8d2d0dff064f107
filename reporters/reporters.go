// Package reporters writes an analyzer.Report in the formats that people and
// dashboards read. Reporters decide nothing: what is a finding, how severe it is
// and whether a run is complete is in the report.
package reporters

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
)

// Func writes a report. The same report gives the same bytes.
type Func func(io.Writer, *analyzer.Report) error

// byName are the formats that need no settings.
var byName = map[string]Func{
	"text":        Text(Style{}),
	"concise":     Concise,
	"json":        JSON,
	"sarif":       SARIF,
	"jsonl":       JSONL,
	"csv":         CSV,
	"markdown":    Markdown,
	"github":      GitHub,
	"junit":       JUnit,
	"gitlab":      GitLab,
	"gitlab-sast": GitLabSAST,
	"html":        HTML,
}

// ByName returns the reporter of a format.
func ByName(name string) (Func, error) {
	if f, ok := byName[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("unknown format %q: want %s", name, strings.Join(Names(), ", "))
}

// Names returns the formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(byName)) }
