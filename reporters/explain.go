package reporters

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kerasvet/kerasvet/rules"
)

// minPrefix is how many digits of a fingerprint name a finding at least.
const minPrefix = 6

// ErrNotOurs is returned for a file that is no JSON report of kerasvet.
var ErrNotOurs = errors.New("not a JSON report of kerasvet: write one with scan -f json")

// Explain writes all that a JSON report knows of one finding, which is named by
// its fingerprint or the beginning of it, and what its rule's page says.
func (s Style) Explain(out io.Writer, report []byte, fingerprint string) error {
	var r jsonReport
	if err := json.NewDecoder(bytes.NewReader(report)).Decode(&r); err != nil || r.Tool.Name != toolName {
		return ErrNotOurs
	}
	fingerprint = strings.ToLower(fingerprint)
	if len(fingerprint) < minPrefix {
		return fmt.Errorf("%q is too short: want at least %d digits of a fingerprint", fingerprint, minPrefix)
	}
	var found []jsonFinding
	for _, res := range r.Results {
		for _, f := range res.Findings {
			if strings.HasPrefix(f.Fingerprint, fingerprint) {
				found = append(found, f)
			}
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("no finding in the report has a fingerprint that begins with %s", fingerprint)
	case 1:
		return s.explain(out, found[0])
	}
	return fmt.Errorf("%d findings have a fingerprint that begins with %s: give more digits", len(found), fingerprint)
}

func (s Style) explain(out io.Writer, f jsonFinding) error {
	w := bufio.NewWriter(out)
	severity, _ := rules.ParseSeverity(f.Severity)
	fmt.Fprintf(w, "%s: %s\n", s.paint(colors[severity], fmt.Sprintf("%s[%s]", f.Severity, f.Rule)), s.ascii(f.Message))
	fmt.Fprintf(w, "  --> %s\n", s.ascii(f.Place.Address))
	for _, p := range f.Related {
		fmt.Fprintf(w, "      %s\n", s.ascii(p.Address))
	}
	if f.Place.Line > 0 {
		fmt.Fprintf(w, "  = text: line %d, column %d\n", f.Place.Line, f.Place.Column)
	}
	if f.Code != "" {
		fmt.Fprintf(w, "  = code: SHA-256 %s\n", f.Code)
	}
	if f.Effect != "" {
		fmt.Fprintf(w, "  = effect: %s\n", s.ascii(f.Effect))
	}
	if f.Waiver != nil {
		fmt.Fprintf(w, "  = waived: %s\n", s.ascii(f.Waiver.Reason))
	}
	fmt.Fprintf(w, "  = fingerprint: %s\n", f.Fingerprint)
	if len(f.Listing) > 0 {
		fmt.Fprintf(w, "\nWhat the code does (> marks what the finding rests on):\n\n")
		for _, l := range f.Listing {
			mark := "  "
			if l.Marked {
				mark = s.paint(colors[severity], "> ")
			}
			fmt.Fprintf(w, "%s%s\n", mark, s.ascii(l.Text))
		}
	}
	if rule := rules.ByID(f.Rule); rule != nil {
		for _, h := range []string{"Why it matters", "How Keras gets there", "What to do"} {
			if text, err := rule.Section(h); err == nil {
				fmt.Fprintf(w, "\n## %s\n\n%s\n", h, text)
			}
		}
	}
	return w.Flush()
}
