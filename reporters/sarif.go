package reporters

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

const (
	toolName = "kerasvet"
	toolURI  = "https://github.com/kerasvet/kerasvet"
	rulesURI = toolURI + "/blob/main/RULES.md"

	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifVersion = "2.1.0"
	// maxResults is how many results one log may hold: what GitHub shows of a run.
	maxResults = 5000
	srcRoot    = "%SRCROOT%"
	// fingerprintKey names our own fingerprint; its version changes with what it digests.
	fingerprintKey = "kerasvet/v1"
	// githubFingerprint is the one that GitHub code scanning matches alerts by.
	githubFingerprint = "primaryLocationLineHash"
)

// SARIF writes a SARIF 2.1.0 log of one run. The primary location of a finding is
// the container without a region, unless the document is itself a file on disk:
// a line number in a binary makes consumers hash or merge nonsense. Where inside
// the container it is stands in logicalLocations and properties.
func SARIF(w io.Writer, r *analyzer.Report) error {
	b := sarifBuilder{ruleIndex: map[string]int{}, artifactIndex: map[string]int{}, taxonIndex: map[int]int{}}
	return encode(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{b.run(r)}})
}

type sarifBuilder struct {
	ruleIndex     map[string]int
	artifactIndex map[string]int
	artifacts     []sarifArtifact
	taxonIndex    map[int]int
	taxa          []sarifTaxon
}

func (b *sarifBuilder) run(r *analyzer.Report) sarifRun {
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: toolName, Version: cmp.Or(r.Version, "unknown"), InformationURI: toolURI, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, ToolExecutionNotifications: []sarifNotification{}}},
		Results:     []sarifResult{},
		OriginalURIBaseIDs: map[string]sarifArtifactLocation{srcRoot: {
			Description: &sarifText{Text: "The directory that the scan was started in."}}},
		ColumnKind: "unicodeCodePoints",
	}
	for _, rule := range r.Rules {
		for _, cwe := range rule.CWE {
			b.taxonIndex[cwe] = 0
		}
	}
	b.taxonomy()
	for i, rule := range r.Rules {
		b.ruleIndex[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, b.rule(rule))
	}
	if len(b.taxa) > 0 {
		run.Tool.Driver.SupportedTaxonomies = []sarifToolComponentRef{{Name: "CWE", Index: new(int)}}
		run.Taxonomies = []sarifTaxonomy{{Name: "CWE", Version: "4.18", Organization: "MITRE",
			ShortDescription: sarifText{"Common Weakness Enumeration"}, InformationURI: "https://cwe.mitre.org/", Taxa: b.taxa}}
	}
	for _, res := range r.Results {
		b.container(res)
	}
	notes := &run.Invocations[0].ToolExecutionNotifications
	for res := range r.All() {
		for _, p := range res.Problems {
			*notes = append(*notes, sarifNotification{Descriptor: sarifDescriptor{ID: rules.UnanalyzedContent.ID}, Level: "warning",
				Message: sarifText{fmt.Sprintf("%s: %s: %s", p.Place.Address, p.Code, p.Message)}, Locations: []sarifLocation{b.location(*res, p.Place)}})
		}
	}
	run.Results, *notes = b.results(r, *notes)
	run.Artifacts = list(b.artifacts)
	return run
}

// results writes the findings; of too many, the worst.
func (b *sarifBuilder) results(r *analyzer.Report, notes []sarifNotification) ([]sarifResult, []sarifNotification) {
	type found struct {
		res analyzer.Result
		f   analyzer.Finding
		at  int
	}
	var all []found
	for res := range r.All() {
		for _, f := range res.Findings {
			all = append(all, found{*res, f, len(all)})
		}
	}
	if left := len(all) - maxResults; left > 0 {
		slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.f.Rule.Severity, a.f.Rule.Severity) })
		all = all[:maxResults]
		slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.at, b.at) })
		notes = append(notes, sarifNotification{Descriptor: sarifDescriptor{ID: "results-left-out"}, Level: "warning",
			Message: sarifText{fmt.Sprintf("%d results of the least severity are left out: a log holds at most %d.", left, maxResults)}})
	}
	results := []sarifResult{}
	for _, a := range all {
		results = append(results, b.result(a.res, a.f))
	}
	return results, notes
}

func (b *sarifBuilder) result(res analyzer.Result, f analyzer.Finding) sarifResult {
	p := f.Place
	out := sarifResult{
		RuleID:    f.Rule.ID,
		RuleIndex: index(b.ruleIndex[f.Rule.ID]),
		Level:     level(f.Rule.Severity),
		Message:   sarifText{f.Message + where(p)},
		Locations: []sarifLocation{b.location(res, p)},
		PartialFingerprints: map[string]string{
			githubFingerprint: f.Fingerprint[:16] + ":" + strconv.Itoa(f.Ordinal+1),
			fingerprintKey:    f.Fingerprint,
		},
		Properties: sarifResultProps{Member: p.Member, Pointer: p.Pointer, Evidence: f.Evidence, Code: f.Code, Effect: f.Effect, Effects: f.Effects},
	}
	out.BaselineState = string(f.Baseline)
	if f.Waiver != nil {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: f.Waiver.Reason}}
	}
	if p.InText {
		out.Properties.Line, out.Properties.Column, out.Properties.ByteOffset = p.Line, p.Column, &p.ByteOffset
	}
	return out
}

// where is the second sentence of a message: most dashboards show nothing else of
// a nested position.
func where(p analyzer.Place) string {
	text := ""
	if p.Member != "" {
		text = " in member " + p.Member
	}
	switch {
	case p.Pointer != "":
		text += " at " + p.Pointer
	case p.Kind == "link" || p.Kind == "dataset" || p.Kind == "attribute" || p.Kind == "group":
		text += " at " + p.Address
	}
	if text == "" {
		return ""
	}
	return " Found" + text + "."
}

func (b *sarifBuilder) location(res analyzer.Result, p analyzer.Place) sarifLocation {
	loc := sarifLocation{LogicalLocations: []sarifLogicalLocation{{Name: p.Layer, Kind: logicalKind(p.Kind), FullyQualifiedName: p.Address}}}
	// Versions that were stated on the command line are in no file. They get a physical
	// location all the same: GitHub refuses results without, and reviewdog crashes.
	loc.PhysicalLocation = &sarifPhysicalLocation{ArtifactLocation: sarifArtifactLocation{
		URI: fileURI(res.Name), URIBaseID: srcRoot, Index: index(b.container(res))}}
	if p.OnDisk {
		loc.PhysicalLocation.Region = &sarifRegion{p.Line, p.Column, p.EndLine, p.EndColumn}
	}
	if p.Member != "" {
		b.member(res, p.Member)
	}
	return loc
}

// container returns the index of an input in run.artifacts.
func (b *sarifBuilder) container(res analyzer.Result) int {
	if i, ok := b.artifactIndex[res.Name]; ok {
		return i
	}
	a := sarifArtifact{Location: sarifArtifactLocation{URI: fileURI(res.Name), URIBaseID: srcRoot}, MimeType: mimeType(res.Format), Roles: []string{"analysisTarget"}}
	if res.Format != analyzer.FormatLock { // whose size nobody has asked for
		a.Length = &res.Size
	}
	if res.SHA256 != "" {
		a.Hashes = map[string]string{"sha-256": res.SHA256}
	}
	return b.artifact(res.Name, a)
}

// member lists the archive members that hold a result, one in another.
func (b *sarifBuilder) member(res analyzer.Result, members string) {
	key, parent := res.Name, b.container(res)
	for _, m := range strings.Split(members, "!") {
		key += "!" + m
		i, ok := b.artifactIndex[key]
		if !ok {
			i = b.artifact(key, sarifArtifact{Location: sarifArtifactLocation{URI: fileURI(m)}, ParentIndex: index(parent)})
		}
		parent = i
	}
}

func (b *sarifBuilder) artifact(key string, a sarifArtifact) int {
	i := len(b.artifacts)
	b.artifactIndex[key] = i
	b.artifacts = append(b.artifacts, a)
	return i
}

func index(i int) *int { return &i }

func mimeType(f formats.Format) string {
	switch f {
	case formats.FormatKeras, formats.FormatZip, formats.FormatNPZ:
		return "application/zip"
	case formats.FormatHDF5:
		return "application/x-hdf5"
	case formats.FormatJSON:
		return "application/json"
	case analyzer.FormatLock:
		return "text/plain"
	}
	return "application/octet-stream"
}

// logicalKind maps a node's kind to one of SARIF 3.33.7.
func logicalKind(kind string) string {
	switch kind {
	case "object", "array":
		return kind
	case "string", "number", "literal":
		return "value"
	case "attribute":
		return "property"
	}
	return "resource"
}

func level(s rules.Severity) string {
	switch s {
	case rules.Critical, rules.High:
		return "error"
	case rules.Medium:
		return "warning"
	}
	return "note"
}

// fileURI writes a path as a relative URI reference: percent-encoded, without a
// leading "/" or "./", and with no colon in the first segment.
func fileURI(name string) string {
	name = strings.TrimLeft(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/")
	var b strings.Builder
	first := true
	for _, c := range []byte(name) {
		switch {
		case c == '/':
			first = false
			b.WriteByte(c)
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~!$&'()*+,;=@", c) >= 0, c == ':' && !first:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
