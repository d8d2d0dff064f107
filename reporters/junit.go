package reporters

import (
	"encoding/xml"
	"fmt"
	"io"

	"github.com/kerasvet/kerasvet/analyzer"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string         `xml:"name,attr"`
	ClassName string         `xml:"classname,attr"`
	File      string         `xml:"file,attr,omitempty"`
	Failure   *junitProblem  `xml:"failure,omitempty"`
	Error     *junitProblem  `xml:"error,omitempty"`
	Skipped   *junitProblem  `xml:"skipped,omitempty"`
	Output    *junitCharData `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

type junitCharData struct {
	Text string `xml:",chardata"`
}

// JUnit writes a test suite for each input: a failed test for each finding that
// counts, a skipped one for what is waived, an error for what was not read, and a
// passed one where there is nothing of these. Findings of severity info pass.
func JUnit(w io.Writer, r *analyzer.Report) error {
	all := junitSuites{Name: toolName, Suites: []junitSuite{}}
	for res := range r.All() {
		s := junitSuite{Name: res.Name}
		for _, f := range res.Findings {
			s.Cases = append(s.Cases, junitFinding(res, f))
		}
		for _, p := range res.Problems {
			s.Cases = append(s.Cases, junitCase{Name: "not analysed: " + p.Place.Address, ClassName: res.Name,
				Error: &junitProblem{p.Message, p.Code, p.Place.Address + ": " + p.Message}})
		}
		if len(s.Cases) == 0 {
			s.Cases = []junitCase{{Name: "no finding", ClassName: res.Name}}
		}
		for _, c := range s.Cases {
			s.Tests++
			switch {
			case c.Failure != nil:
				s.Failures++
			case c.Error != nil:
				s.Errors++
			case c.Skipped != nil:
				s.Skipped++
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitFinding(res *analyzer.Result, f analyzer.Finding) junitCase {
	c := junitCase{Name: f.Rule.ID + " " + f.Place.Address, ClassName: res.Name, File: res.Name}
	text := fmt.Sprintf("%s[%s] %s\n%s", f.Rule.Severity, f.Rule.ID, f.Message, f.Place.Address)
	if effect := effectLine(f); effect != "" {
		text += "\neffect: " + effect
	}
	switch {
	case f.Waiver != nil:
		c.Skipped = &junitProblem{Message: f.Waiver.Reason, Text: text}
	case level(f.Rule.Severity) == "note":
		c.Output = &junitCharData{text}
	default:
		c.Failure = &junitProblem{f.Message, f.Rule.Severity.String(), text}
	}
	return c
}
