package reporters

import (
	"encoding/json"
	"errors"
	"regexp"

	"github.com/kerasvet/kerasvet/analyzer"
)

// ErrNoBaseline is returned for a file that is no report of kerasvet.
var ErrNoBaseline = errors.New("not a report of kerasvet: want one of scan -f json or -f sarif")

var fingerprintText = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ReadBaseline reads the findings of an earlier report, JSON or SARIF. Waived ones
// are among them: what a decision is about does not become new when it ends.
func ReadBaseline(name string, data []byte) (*analyzer.Baseline, error) {
	var report struct {
		jsonReport
		Runs []struct {
			Tool    sarifTool `json:"tool"`
			Results []struct {
				RuleID       string            `json:"ruleId"`
				Message      sarifText         `json:"message"`
				Fingerprints map[string]string `json:"partialFingerprints"`
				Locations    []sarifLocation   `json:"locations"`
				State        string            `json:"baselineState"`
			} `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, ErrNoBaseline
	}
	b := &analyzer.Baseline{Name: name, Findings: map[string]analyzer.Earlier{}}
	ours := report.Tool.Name == toolName
	for _, list := range [][]jsonResult{report.Results, report.Versions} {
		for _, res := range list {
			for _, f := range res.Findings {
				b.Findings[f.Fingerprint] = analyzer.Earlier{Rule: f.Rule, Message: f.Message, Address: f.Place.Address}
			}
		}
	}
	for _, run := range report.Runs {
		if run.Tool.Driver.Name != toolName {
			continue
		}
		ours = true
		for _, r := range run.Results {
			if r.State == "absent" {
				continue
			}
			e := analyzer.Earlier{Rule: r.RuleID, Message: r.Message.Text}
			if len(r.Locations) > 0 && len(r.Locations[0].LogicalLocations) > 0 {
				e.Address = r.Locations[0].LogicalLocations[0].FullyQualifiedName
			}
			b.Findings[r.Fingerprints[fingerprintKey]] = e
		}
	}
	for fingerprint := range b.Findings {
		if !fingerprintText.MatchString(fingerprint) {
			return nil, errors.New("a finding in it has no fingerprint of this version of kerasvet: write the baseline anew")
		}
	}
	if !ours {
		return nil, ErrNoBaseline
	}
	return b, nil
}
