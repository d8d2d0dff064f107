// Package attest writes and reads records of who vetted what: in-toto statements with
// the SLSA verification summary as predicate (slsa.dev/spec/v1.1, verification
// summary). A record says that this tool, with these rules and this configuration,
// judged exactly these bytes thus. It is signed as model signatures are.
package attest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/internal/strictjson"
)

const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://slsa.dev/verification_summary/v1"

	// Verifier is the id of this tool in records.
	Verifier = "https://github.com/kerasvet/kerasvet"

	// rootPrefix stands before the model's name in the subject whose digest is the
	// root digest of OpenSSF Model Signing; other subjects are files.
	rootPrefix = "model-signing-root:"

	// levelPrefix stands before the severity from which findings would have failed.
	levelPrefix = "KERASVET_FAIL_ON_"

	maxSubjects = 1_000_000
)

// Record is what is said about one model.
type Record struct {
	Model string                      // base name of its path; informational
	Files map[string]integrity.Digest // every file by its name in the model
	Root  integrity.Digest            // of OpenSSF Model Signing

	Time   time.Time // when it was vetted, UTC, whole seconds
	Passed bool      // nothing at or above FailOn, and everything was read
	FailOn string    // severity in lower case, or none

	Tool   Tool
	Policy Policy
	Report Input // the report in full; zero if it was not kept
}

// Tool is what vetted.
type Tool struct {
	Version    string           // of kerasvet
	Executable integrity.Digest // of the program; zero if it could not be read
	Rules      integrity.Digest // of the rule set
	RulesDate  time.Time        // of the rule set, UTC, whole seconds; zero if unknown
}

// Policy is the configuration and the flags that vetting went by.
type Policy struct {
	URI    string           // of the configuration file, or what stands for none
	Digest integrity.Digest // of the file's bytes; of no bytes if there is none
	Flags  []string         // flags that were set, as --name=value, sorted
}

// Input is a file that went with the vetting.
type Input struct {
	URI    string
	Digest integrity.Digest
}

type statementJSON struct {
	Type          string        `json:"_type"`
	Subject       []subjectJSON `json:"subject"`
	PredicateType string        `json:"predicateType"`
	Predicate     summaryJSON   `json:"predicate"`
}

type subjectJSON struct {
	Name   string     `json:"name"`
	Digest digestJSON `json:"digest"`
}

type digestJSON struct {
	SHA256 string `json:"sha256"`
}

// summaryJSON is the predicate, in the order of its specification.
type summaryJSON struct {
	Verifier     verifierJSON     `json:"verifier"`
	Time         string           `json:"timeVerified"`
	Resource     string           `json:"resourceUri"`
	Policy       descriptorJSON   `json:"policy"`
	Attestations []descriptorJSON `json:"inputAttestations,omitempty"`
	Result       string           `json:"verificationResult"`
	Levels       []string         `json:"verifiedLevels"`
}

type verifierJSON struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version"`
}

type descriptorJSON struct {
	URI         string            `json:"uri"`
	Digest      digestJSON        `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Payload writes the statement, in the same bytes for the same record.
func (r *Record) Payload() ([]byte, error) {
	s := statementJSON{Type: statementType, PredicateType: predicateType, Predicate: summaryJSON{
		Verifier: verifierJSON{Verifier, map[string]string{"kerasvet": r.Tool.Version, "executable": r.Tool.Executable.String(), "rules": r.Tool.Rules.String()}},
		Time:     stamp(r.Time),
		Resource: (&url.URL{Scheme: "file", Opaque: url.PathEscape(r.Model)}).String(),
		Policy:   descriptorJSON{URI: r.Policy.URI, Digest: digestJSON{r.Policy.Digest.String()}},
		Result:   "FAILED", Levels: []string{levelPrefix + strings.ToUpper(r.FailOn)},
	}}
	if !r.Tool.RulesDate.IsZero() {
		s.Predicate.Verifier.Version["rules-date"] = stamp(r.Tool.RulesDate)
	}
	if r.Passed {
		s.Predicate.Result = "PASSED"
	}
	if len(r.Policy.Flags) > 0 {
		s.Predicate.Policy.Annotations = map[string]string{"flags": strings.Join(r.Policy.Flags, "\n")}
	}
	if r.Report != (Input{}) {
		s.Predicate.Attestations = []descriptorJSON{{URI: r.Report.URI, Digest: digestJSON{r.Report.Digest.String()}}}
	}
	s.Subject = []subjectJSON{{rootPrefix + r.Model, digestJSON{r.Root.String()}}}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		s.Subject = append(s.Subject, subjectJSON{name, digestJSON{r.Files[name].String()}})
	}
	return strictjson.Marshal(s)
}

// Parse reads a statement whose signature was verified.
func Parse(payload []byte) (*Record, error) {
	r, err := parse(payload)
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	return r, nil
}

func parse(payload []byte) (*Record, error) {
	s, err := strictjson.Parse(payload)
	if err != nil {
		return nil, err
	}
	if err := s.Only("the statement", "_type", "subject", "predicateType", "predicate"); err != nil {
		return nil, err
	}
	switch {
	case s["_type"] != statementType:
		return nil, fmt.Errorf("_type %q: want %q", s["_type"], statementType)
	case s["predicateType"] != predicateType:
		return nil, fmt.Errorf("predicate type %q is no verification summary: want %q, as kerasvet attest writes it", s["predicateType"], predicateType)
	}
	r := &Record{Files: map[string]integrity.Digest{}}
	subjects, err := s.List("the statement", "subject")
	if err == nil {
		err = r.subjects(subjects)
	}
	if err != nil {
		return nil, err
	}
	predicate, err := s.Object("the statement", "predicate")
	if err == nil {
		err = r.predicate(predicate)
	}
	return r, err
}

func (r *Record) subjects(list []any) error {
	if len(list) < 2 || len(list) > maxSubjects {
		return fmt.Errorf("%d subjects: want the root digest and 1 to %d files", len(list), maxSubjects)
	}
	roots := 0
	for i, v := range list {
		o, _ := v.(strictjson.Object)
		name, err := o.Text("subject", "name")
		if err != nil {
			return err
		}
		d, err := digest(o, "digest")
		if err != nil {
			return fmt.Errorf("subject %d: %w", i, err)
		}
		if model, ok := strings.CutPrefix(name, rootPrefix); ok && i == 0 {
			r.Model, r.Root = model, d
			roots++
			continue
		}
		if err := integrity.CheckName(name); err != nil {
			return fmt.Errorf("subject %d: %w", i, err)
		}
		if _, twice := r.Files[name]; twice {
			return fmt.Errorf("subject %d: %q is there twice", i, name)
		}
		r.Files[name] = d
	}
	if roots != 1 {
		return fmt.Errorf("want the first subject to be %s and a name", rootPrefix)
	}
	return nil
}

// digest reads the SHA-256 of a resource descriptor.
func digest(o strictjson.Object, member string) (integrity.Digest, error) {
	digests, err := o.Object("descriptor", member)
	if err != nil {
		return integrity.Digest{}, err
	}
	text, err := digests.Text(member, "sha256")
	if err != nil {
		return integrity.Digest{}, err
	}
	return integrity.ParseDigest(text)
}

func (r *Record) predicate(p strictjson.Object) error {
	verifier, err := p.Object("predicate", "verifier")
	if err != nil {
		return err
	}
	if verifier["id"] != Verifier {
		return fmt.Errorf("verifier %q: want %q; other tools' summaries say nothing about Keras models", verifier["id"], Verifier)
	}
	version, err := verifier.Object("verifier", "version")
	if err == nil {
		err = r.tool(version)
	}
	if err != nil {
		return err
	}
	if r.Time, err = moment(p, "timeVerified"); err != nil {
		return err
	}
	switch p["verificationResult"] {
	case "PASSED":
		r.Passed = true
	case "FAILED":
	default:
		return fmt.Errorf("verificationResult %q: want PASSED or FAILED", p["verificationResult"])
	}
	levels, err := p.List("predicate", "verifiedLevels")
	if err != nil {
		return err
	}
	for _, l := range levels {
		text, _ := l.(string)
		if level, ok := strings.CutPrefix(text, levelPrefix); ok {
			r.FailOn = strings.ToLower(level)
		}
	}
	if r.FailOn == "" {
		return fmt.Errorf("verifiedLevels: want %s and a severity", levelPrefix)
	}
	return r.inputs(p)
}

func (r *Record) inputs(p strictjson.Object) error {
	policy, err := p.Object("predicate", "policy")
	if err != nil {
		return err
	}
	if r.Policy.URI, err = policy.Text("policy", "uri"); err != nil {
		return err
	}
	if r.Policy.Digest, err = digest(policy, "digest"); err != nil {
		return err
	}
	if notes, ok := policy["annotations"].(strictjson.Object); ok {
		flags, err := notes.Text("annotations", "flags")
		if err != nil {
			return err
		}
		r.Policy.Flags = strings.Split(flags, "\n")
	}
	list, _ := p["inputAttestations"].([]any)
	if len(list) > 1 {
		return fmt.Errorf("%d input attestations: want the report alone", len(list))
	}
	for _, v := range list {
		o, _ := v.(strictjson.Object)
		if r.Report.URI, err = o.Text("report", "uri"); err == nil {
			r.Report.Digest, err = digest(o, "digest")
		}
	}
	return err
}

func (r *Record) tool(version strictjson.Object) error {
	var err error
	if r.Tool.Version, err = version.Text("version", "kerasvet"); err != nil {
		return err
	}
	for name, to := range map[string]*integrity.Digest{"executable": &r.Tool.Executable, "rules": &r.Tool.Rules} {
		text, err := version.Text("version", name)
		if err != nil {
			return err
		}
		if *to, err = integrity.ParseDigest(text); err != nil {
			return fmt.Errorf("version: %s: %w", name, err)
		}
	}
	if _, ok := version["rules-date"]; ok {
		r.Tool.RulesDate, err = moment(version, "rules-date")
	}
	return err
}

func moment(o strictjson.Object, name string) (time.Time, error) {
	text, err := o.Text("predicate", name)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("%s %q: want a time such as 2026-05-01T10:00:00Z", name, text)
	}
	return t.UTC(), nil
}
