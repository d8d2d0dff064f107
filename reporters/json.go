package reporters

import (
	"encoding/json"
	"io"

	"github.com/kerasvet/kerasvet/analyzer"
)

// jsonSchemaURI is where schema.json, which describes what JSON writes, is published.
const jsonSchemaURI = toolURI + "/blob/main/reporters/schema.json"

type jsonReport struct {
	Schema  string       `json:"$schema"`
	Tool    jsonTool     `json:"tool"`
	Summary jsonSummary  `json:"summary"`
	Results []jsonResult `json:"results"`
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
	Unanalyzed int  `json:"unanalyzed"`
	Complete   bool `json:"complete"`
}

type jsonResult struct {
	Name     string        `json:"name"`
	Format   string        `json:"format"`
	Size     int64         `json:"size"`
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
		Results: []jsonResult{},
	}
	for _, rule := range r.Rules {
		out.Tool.Rules = append(out.Tool.Rules, jsonRule{rule.ID, rule.Title, rule.Severity.String(), list(rule.CWE), list(rule.Refs)})
	}
	for i := range r.Results {
		res := &r.Results[i]
		jr := jsonResult{Name: res.Name, Format: string(res.Format), Size: res.Size, Verdict: res.Verdict().String(),
			Complete: res.Complete(), Findings: []jsonFinding{}, Problems: []jsonProblem{}}
		for _, f := range res.Findings {
			jf := jsonFinding{f.Rule.ID, f.Rule.Severity.String(), f.Message, newJSONPlace(f.Place), []jsonPlace{}, f.Evidence, f.Fingerprint}
			for _, p := range f.Related {
				jf.Related = append(jf.Related, newJSONPlace(p))
			}
			jr.Findings = append(jr.Findings, jf)
		}
		for _, p := range res.Problems {
			jr.Problems = append(jr.Problems, jsonProblem{p.Code, p.Limit, p.Message, newJSONPlace(p.Place)})
		}
		out.Summary.Findings += len(jr.Findings)
		if !res.Complete() {
			out.Summary.Unanalyzed++
		}
		out.Results = append(out.Results, jr)
	}
	return encode(w, out)
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
