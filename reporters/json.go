package reporters

import (
	"encoding/json"
	"io"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/rules"
)

// jsonSchemaURI is where schema.json, which describes what JSON writes, is published.
const jsonSchemaURI = toolURI + "/blob/main/reporters/schema.json"

type jsonReport struct {
	Schema  string       `json:"$schema"`
	Tool    jsonTool     `json:"tool"`
	Summary jsonSummary  `json:"summary"`
	Results []jsonResult `json:"results"`
	// Versions are results about lock files and stated versions.
	Versions []jsonResult `json:"versions"`
	Gone     []jsonGone   `json:"gone,omitempty"`
	// Foreign are models that no loader of Keras reads and in which nothing was found.
	Foreign []jsonForeign `json:"foreign,omitempty"`
}

// jsonForeign is a model that no loader of Keras reads.
type jsonForeign struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Size   int64  `json:"size"`
}

// jsonGone is a finding of the baseline that is not in the run.
type jsonGone struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Address string `json:"address"`
}

type jsonTool struct {
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Rules   []jsonRule `json:"rules"`
}

type jsonRule struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Severity string   `json:"severity"`
	CWE      []int    `json:"cwe"`
	Refs     []string `json:"references"`
}

type jsonSummary struct {
	Models     int  `json:"models"`
	Findings   int  `json:"findings"`
	Waived     int  `json:"waived"`
	Unanalyzed int  `json:"unanalyzed"`
	Complete   bool `json:"complete"`
}

type jsonResult struct {
	Name     string        `json:"name"`
	Format   string        `json:"format"`
	Size     int64         `json:"size"`
	SHA256   string        `json:"sha256,omitempty"`
	Verdict  string        `json:"verdict"`
	Complete bool          `json:"complete"`
	Findings []jsonFinding `json:"findings"`
	Problems []jsonProblem `json:"problems"`
}

type jsonFinding struct {
	Rule        string      `json:"rule"`
	Severity    string      `json:"severity"`
	Message     string      `json:"message"`
	Place       jsonPlace   `json:"place"`
	Related     []jsonPlace `json:"related"`
	Evidence    string      `json:"evidenceSha256"`
	Fingerprint string      `json:"fingerprint"`
	Code        string      `json:"codeSha256,omitempty"`
	Listing     []jsonLine  `json:"listing,omitempty"`
	Python      string      `json:"pythonSince,omitempty"`
	Effect      string      `json:"effect,omitempty"`
	// Effects is what was measured, run by run of versions.
	Effects  []rules.EffectRange `json:"effects,omitempty"`
	Baseline string              `json:"baseline,omitempty"`
	Waiver   *jsonWaiver         `json:"waiver,omitempty"`
}

// jsonLine is one line of a listing of code.
type jsonLine struct {
	Text   string `json:"text"`
	Marked bool   `json:"marked,omitempty"`
}

type jsonWaiver struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

type jsonPlace struct {
	Address    string `json:"address"`
	Kind       string `json:"kind"`
	Member     string `json:"member,omitempty"`
	Pointer    string `json:"jsonPointer,omitempty"`
	Layer      string `json:"layer,omitempty"`
	Line       int    `json:"line,omitempty"`
	Column     int    `json:"column,omitempty"`
	ByteOffset *int64 `json:"byteOffset,omitempty"`
}

type jsonProblem struct {
	Code    string    `json:"code"`
	Limit   string    `json:"limit,omitempty"`
	Message string    `json:"message"`
	Place   jsonPlace `json:"place"`
}

// JSON writes the whole report for programs; schema.json describes it.
func JSON(w io.Writer, r *analyzer.Report) error {
	out := jsonReport{
		Schema:  jsonSchemaURI,
		Tool:    jsonTool{Name: toolName, Version: r.Version, Rules: []jsonRule{}},
		Summary: jsonSummary{Models: len(r.Results), Complete: !r.Incomplete()},
		Results: []jsonResult{}, Versions: []jsonResult{},
	}
	for _, rule := range r.Rules {
		out.Tool.Rules = append(out.Tool.Rules, jsonRule{rule.ID, rule.Title, rule.Severity.String(), list(rule.CWE), list(rule.Refs)})
	}
	for i := range r.Results {
		out.Results = append(out.Results, out.result(&r.Results[i]))
	}
	for i := range r.Versions {
		out.Versions = append(out.Versions, out.result(&r.Versions[i]))
	}
	for _, res := range r.Foreign {
		out.Foreign = append(out.Foreign, jsonForeign{res.Name, res.Foreign, res.Size})
	}
	for _, e := range r.Gone {
		out.Gone = append(out.Gone, jsonGone(e))
	}
	return encode(w, out)
}

// result turns one result into JSON and counts what is in it.
func (out *jsonReport) result(res *analyzer.Result) jsonResult {
	jr := jsonResult{Name: res.Name, Format: string(res.Format), Size: res.Size, SHA256: res.SHA256, Verdict: res.Verdict().String(),
		Complete: res.Complete(), Findings: []jsonFinding{}, Problems: []jsonProblem{}}
	for _, f := range res.Findings {
		jr.Findings = append(jr.Findings, newJSONFinding(f))
		if f.Waiver != nil {
			out.Summary.Waived++
		}
	}
	for _, p := range res.Problems {
		jr.Problems = append(jr.Problems, jsonProblem{p.Code, p.Limit, p.Message, newJSONPlace(p.Place)})
	}
	out.Summary.Findings += len(jr.Findings)
	if !res.Complete() {
		out.Summary.Unanalyzed++
	}
	return jr
}

func newJSONFinding(f analyzer.Finding) jsonFinding {
	jf := jsonFinding{Rule: f.Rule.ID, Severity: f.Rule.Severity.String(), Message: f.Message, Place: newJSONPlace(f.Place),
		Related: []jsonPlace{}, Evidence: f.Evidence, Fingerprint: f.Fingerprint, Code: f.Code, Python: f.Python, Effect: f.Effect, Effects: f.Effects,
		Baseline: string(f.Baseline)}
	for _, p := range f.Related {
		jf.Related = append(jf.Related, newJSONPlace(p))
	}
	for _, l := range f.Listing {
		jf.Listing = append(jf.Listing, jsonLine{l.Text, l.Marked})
	}
	if f.Waiver != nil {
		jf.Waiver = &jsonWaiver{string(f.Waiver.Kind), f.Waiver.Reason}
	}
	return jf
}

func newJSONPlace(p analyzer.Place) jsonPlace {
	jp := jsonPlace{Address: p.Address, Kind: p.Kind, Member: p.Member, Pointer: p.Pointer, Layer: p.Layer}
	if p.InText {
		jp.Line, jp.Column, jp.ByteOffset = p.Line, p.Column, &p.ByteOffset
	}
	return jp
}

// list is never nil: an empty array is written [], not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// encode writes indented JSON without HTML escapes and with a final newline.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
