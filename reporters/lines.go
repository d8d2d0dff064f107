package reporters

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
)

// jsonLinesFinding is a line of JSONL about a finding.
type jsonLinesFinding struct {
	Type  string `json:"type"` // "finding"
	Model string `json:"model"`
	jsonFinding
}

type jsonLinesProblem struct {
	Type  string `json:"type"` // "problem"
	Model string `json:"model"`
	jsonProblem
}

type jsonLinesModel struct {
	Type     string `json:"type"` // "model", or "versions" for what loads them
	Name     string `json:"name"`
	Format   string `json:"format"`
	Size     int64  `json:"size"`
	Verdict  string `json:"verdict"`
	Complete bool   `json:"complete"`
}

// JSONL writes one JSON object a line: for each input a model, then its findings and
// what was not read. The objects are those of the JSON report.
func JSONL(w io.Writer, r *analyzer.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for res := range r.All() {
		kind := "model"
		if res.Format == analyzer.FormatLock {
			kind = "versions"
		}
		lines := []any{jsonLinesModel{kind, res.Name, string(res.Format), res.Size, res.Verdict().String(), res.Complete()}}
		for _, f := range res.Findings {
			lines = append(lines, jsonLinesFinding{"finding", res.Name, newJSONFinding(f)})
		}
		for _, p := range res.Problems {
			lines = append(lines, jsonLinesProblem{"problem", res.Name, jsonProblem{p.Code, p.Limit, p.Message, newJSONPlace(p.Place)}})
		}
		for _, l := range lines {
			if err := e.Encode(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// csvHeader names the columns of CSV.
var csvHeader = []string{"model", "format", "verdict", "severity", "rule", "message", "address", "layer", "line", "effect", "waiver", "fingerprint"}

// CSV writes a line for each finding, and one for each input without any, for
// spreadsheets. A cell that a spreadsheet would take for a formula is quoted.
func CSV(w io.Writer, r *analyzer.Report) error {
	out := csv.NewWriter(w)
	rows := [][]string{csvHeader}
	for res := range r.All() {
		model := []string{res.Name, string(res.Format), res.Verdict().String()}
		if len(res.Findings) == 0 {
			rows = append(rows, append(model, make([]string, len(csvHeader)-len(model))...))
		}
		for _, f := range res.Findings {
			line, waiver := "", ""
			if f.Place.InText {
				line = strconv.Itoa(f.Place.Line)
			}
			if f.Waiver != nil {
				waiver = f.Waiver.Reason
			}
			rows = append(rows, append(model[:len(model):len(model)], f.Rule.Severity.String(), f.Rule.ID, f.Message, f.Place.Address, f.Place.Layer,
				line, effectLine(f), waiver, f.Fingerprint))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
				row[i] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
