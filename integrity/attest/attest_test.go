package attest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/integrity"
)

func digestOf(c byte) integrity.Digest {
	var d integrity.Digest
	for i := range d {
		d[i] = c
	}
	return d
}

var vetted = time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)

func record() *Record {
	return &Record{
		Model: "m a.keras", Files: map[string]integrity.Digest{"m a.keras": digestOf(1)}, Root: digestOf(2), Time: vetted, Passed: true, FailOn: "medium",
		Tool:   Tool{Version: "v1.2.3", Executable: digestOf(3), Rules: digestOf(4), RulesDate: vetted.AddDate(0, 0, -10)},
		Policy: Policy{URI: "kerasvet.yaml", Digest: digestOf(5), Flags: []string{"--fail-on=medium", "--keras=3.12.0"}},
		Report: Input{URI: "report.json", Digest: digestOf(6)},
	}
}

// TestRecordsReadAsTheyWereWritten holds writer and reader to each other.
func TestRecordsReadAsTheyWereWritten(t *testing.T) {
	refused := record()
	refused.Passed, refused.FailOn = false, "none"
	bare := record()
	bare.Tool.RulesDate, bare.Policy.Flags, bare.Report = time.Time{}, nil, Input{}
	bare.Files["sub/w.h5"] = digestOf(7)
	for name, want := range map[string]*Record{"passed": record(), "refused": refused, "bare": bare} {
		payload, err := want.Payload()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(payload)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestStatementIsAVerificationSummary shows the statement in full: other tools read it.
func TestStatementIsAVerificationSummary(t *testing.T) {
	payload, err := record().Payload()
	if err != nil {
		t.Fatal(err)
	}
	hex := func(c string) string { return strings.Repeat(c, 32) }
	want := `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"model-signing-root:m a.keras","digest":{"sha256":"` + hex("02") + `"}},` +
		`{"name":"m a.keras","digest":{"sha256":"` + hex("01") + `"}}],"predicateType":"https://slsa.dev/verification_summary/v1","predicate":{` +
		`"verifier":{"id":"https://github.com/kerasvet/kerasvet","version":{"executable":"` + hex("03") + `","kerasvet":"v1.2.3","rules":"` + hex("04") + `","rules-date":"2026-04-21T10:00:00Z"}},` +
		`"timeVerified":"2026-05-01T10:00:00Z","resourceUri":"file:m%20a.keras","policy":{"uri":"kerasvet.yaml","digest":{"sha256":"` + hex("05") + `"},` +
		`"annotations":{"flags":"--fail-on=medium\n--keras=3.12.0"}},"inputAttestations":[{"uri":"report.json","digest":{"sha256":"` + hex("06") + `"}}],` +
		`"verificationResult":"PASSED","verifiedLevels":["KERASVET_FAIL_ON_MEDIUM"]}}`
	if diff := cmp.Diff(want, string(payload)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefusesStatements refuses what is signed and says something else.
func TestRefusesStatements(t *testing.T) {
	predicate := func(s map[string]any) map[string]any { return s["predicate"].(map[string]any) }
	subjects := func(s map[string]any) []any { return s["subject"].([]any) }
	for _, tt := range []struct {
		name   string
		change func(map[string]any)
		want   string
	}{
		{"model signature", func(s map[string]any) { s["predicateType"] = "https://model_signing/signature/v1.0" }, "is no verification summary"},
		{"other type", func(s map[string]any) { s["_type"] = "x" }, `_type "x"`},
		{"foreign member", func(s map[string]any) { s["x"] = 1 }, `foreign members "x"`},
		{"another tool", func(s map[string]any) {
			predicate(s)["verifier"].(map[string]any)["id"] = "https://example.com/scanner"
		}, "other tools' summaries say nothing about Keras models"},
		{"another verdict", func(s map[string]any) { predicate(s)["verificationResult"] = "passed" }, "want PASSED or FAILED"},
		{"no time", func(s map[string]any) { delete(predicate(s), "timeVerified") }, `want the string "timeVerified"`},
		{"a time that is none", func(s map[string]any) { predicate(s)["timeVerified"] = "yesterday" }, `timeVerified "yesterday"`},
		{"no level", func(s map[string]any) { predicate(s)["verifiedLevels"] = []any{"SLSA_BUILD_LEVEL_3"} }, "want KERASVET_FAIL_ON_"},
		{"no policy", func(s map[string]any) { delete(predicate(s), "policy") }, `want the object "policy"`},
		{"no subject", func(s map[string]any) { s["subject"] = []any{} }, "0 subjects"},
		{"no root", func(s map[string]any) { s["subject"] = append(subjects(s)[1:], subjects(s)[1]) }, "is there twice"},
		{"two roots", func(s map[string]any) { s["subject"] = append(subjects(s), subjects(s)[0]) }, ""},
		{"traversal", func(s map[string]any) { subjects(s)[1].(map[string]any)["name"] = "../m" }, "leaves the directory"},
		{"no digest", func(s map[string]any) { subjects(s)[1].(map[string]any)["digest"] = map[string]any{"sha512": "00"} }, `want the string "sha256"`},
	} {
		payload, err := record().Payload()
		if err != nil {
			t.Fatal(err)
		}
		var s map[string]any
		if err := json.Unmarshal(payload, &s); err != nil {
			t.Fatal(err)
		}
		tt.change(s)
		if payload, err = json.Marshal(s); err != nil {
			t.Fatal(err)
		}
		r, err := Parse(payload)
		if tt.want == "" { // a file of that name, which no model has
			if err == nil && r.Check([]integrity.Summed{{File: integrity.File{Name: "m a.keras"}, Digest: digestOf(1)}}, digestOf(2), Requirement{Now: vetted}) == nil {
				t.Errorf("%s: passed", tt.name)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestGate asks what a gate asks: was exactly this model vetted, lately, by rules that
// are young enough?
func TestGate(t *testing.T) {
	day := 24 * time.Hour
	other := digestOf(9)
	rules, policy := digestOf(4), digestOf(5)
	sums := func(files ...integrity.Summed) []integrity.Summed { return files }
	file := func(name string, c byte) integrity.Summed {
		return integrity.Summed{File: integrity.File{Name: name}, Digest: digestOf(c)}
	}
	mine := sums(file("m a.keras", 1))
	for _, tt := range []struct {
		name   string
		change func(*Record)
		sums   []integrity.Summed
		root   byte
		ask    Requirement
		want   string // of the error; empty passes
	}{
		{name: "nothing asked"},
		{name: "all that holds", ask: Requirement{MaxAge: 30 * day, MaxRules: 40 * day, Rules: &rules, Policy: &policy, FailOn: []string{"medium", "low"}}},
		{name: "changed", sums: sums(file("m a.keras", 8)), want: `"m a.keras" was changed: vetted was 0101`},
		{name: "renamed", sums: sums(file("m.h5", 1)), want: `the record is about "m a.keras" (0101`},
		{name: "another file beside it", sums: sums(file("m a.keras", 1), file("x", 1)), want: `"x" was not vetted`},
		{name: "a file is gone", change: func(r *Record) { r.Files["w"] = digestOf(1) }, want: "2 files were vetted, 1 are here"},
		{name: "another root", root: 9, want: "the record has the root digest 0202"},
		{name: "refused", change: func(r *Record) { r.Passed = false }, want: "the model was vetted and refused at 2026-05-01T10:00:00Z"},
		{name: "old", ask: Requirement{MaxAge: 2 * day}, want: "3 days ago, more than the 2 days that --max-age allows: vet it again"},
		{name: "from the future", change: func(r *Record) { r.Time = r.Time.AddDate(1, 0, 0) }, want: "which is in the future"},
		{name: "old rules", ask: Requirement{MaxRules: 12 * day}, want: "13 days old, more than the 12 days that --max-rules-age allows"},
		{name: "rules of unknown age", change: func(r *Record) { r.Tool.RulesDate = time.Time{} }, ask: Requirement{MaxRules: 1000 * day}, want: "does not say how old its rules are"},
		{name: "other rules", ask: Requirement{Rules: &other}, want: "was vetted by the rules 0404"},
		{name: "another policy", ask: Requirement{Policy: &other}, want: "was vetted with the configuration 0505"},
		{name: "lax", ask: Requirement{FailOn: []string{"low"}}, want: `findings failed from "medium" on, not from low`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record()
			if tt.change != nil {
				tt.change(r)
			}
			if tt.sums == nil {
				tt.sums = mine
			}
			if tt.root == 0 {
				tt.root = 2
			}
			tt.ask.Now = vetted.AddDate(0, 0, 3)
			err := r.Check(tt.sums, digestOf(tt.root), tt.ask)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
