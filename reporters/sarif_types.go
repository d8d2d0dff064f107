package reporters

import "github.com/kerasvet/kerasvet/rules"

// The part of SARIF 2.1.0 (OASIS Errata 01) that kerasvet writes. Own types,
// because an index of 0 must survive (pointers), results and rules must be
// present and never null, and suppressions must be able to be an empty array:
// general libraries and generated types lose one or the other.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool               sarifTool                        `json:"tool"`
	Invocations        []sarifInvocation                `json:"invocations"`
	Artifacts          []sarifArtifact                  `json:"artifacts"`
	Results            []sarifResult                    `json:"results"`
	Taxonomies         []sarifTaxonomy                  `json:"taxonomies,omitempty"`
	AutomationDetails  *sarifAutomationDetails          `json:"automationDetails,omitempty"`
	OriginalURIBaseIDs map[string]sarifArtifactLocation `json:"originalUriBaseIds"`
	ColumnKind         string                           `json:"columnKind"`
}

type sarifAutomationDetails struct {
	ID string `json:"id"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name                string                  `json:"name"`
	SemanticVersion     string                  `json:"semanticVersion,omitempty"`
	Version             string                  `json:"version"`
	InformationURI      string                  `json:"informationUri"`
	Rules               []sarifRule             `json:"rules"`
	SupportedTaxonomies []sarifToolComponentRef `json:"supportedTaxonomies,omitempty"`
}

type sarifToolComponentRef struct {
	Name  string `json:"name"`
	Index *int   `json:"index,omitempty"`
}

type sarifRule struct {
	ID                   string              `json:"id"`
	Name                 string              `json:"name"`
	ShortDescription     sarifText           `json:"shortDescription"`
	FullDescription      sarifText           `json:"fullDescription"`
	Help                 sarifHelp           `json:"help"`
	HelpURI              string              `json:"helpUri"`
	DefaultConfiguration sarifConfiguration  `json:"defaultConfiguration"`
	Relationships        []sarifRelationship `json:"relationships,omitempty"`
	Properties           sarifRuleProperties `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifHelp struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifRelationship struct {
	Target sarifTaxonRef `json:"target"`
	Kinds  []string      `json:"kinds"`
}

type sarifTaxonRef struct {
	ID            string                `json:"id"`
	Index         *int                  `json:"index,omitempty"`
	ToolComponent sarifToolComponentRef `json:"toolComponent"`
}

type sarifRuleProperties struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity,omitempty"`
}

type sarifTaxonomy struct {
	Name             string       `json:"name"`
	Version          string       `json:"version"`
	Organization     string       `json:"organization"`
	ShortDescription sarifText    `json:"shortDescription"`
	InformationURI   string       `json:"informationUri"`
	Taxa             []sarifTaxon `json:"taxa"`
}

type sarifTaxon struct {
	ID      string `json:"id"`
	HelpURI string `json:"helpUri"`
}

type sarifInvocation struct {
	ExecutionSuccessful        bool                `json:"executionSuccessful"`
	ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Descriptor sarifDescriptor `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifText       `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
}

type sarifDescriptor struct {
	ID string `json:"id"`
}

type sarifArtifact struct {
	Location    sarifArtifactLocation `json:"location"`
	ParentIndex *int                  `json:"parentIndex,omitempty"`
	Length      *int64                `json:"length,omitempty"`
	MimeType    string                `json:"mimeType,omitempty"`
	Roles       []string              `json:"roles,omitempty"`
	// Hashes are by algorithm, as SARIF 3.24.11 names them: "sha-256".
	Hashes map[string]string `json:"hashes,omitempty"`
}

type sarifArtifactLocation struct {
	URI         string     `json:"uri,omitempty"`
	URIBaseID   string     `json:"uriBaseId,omitempty"`
	Index       *int       `json:"index,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifResult struct {
	RuleID              string             `json:"ruleId"`
	RuleIndex           *int               `json:"ruleIndex"`
	Level               string             `json:"level"`
	Message             sarifText          `json:"message"`
	Locations           []sarifLocation    `json:"locations"`
	PartialFingerprints map[string]string  `json:"partialFingerprints"`
	BaselineState       string             `json:"baselineState,omitempty"`
	Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	Properties          sarifResultProps   `json:"properties"`
}

// sarifSuppression says that somebody decided that the result does not count.
type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type sarifLocation struct {
	PhysicalLocation *sarifPhysicalLocation `json:"physicalLocation,omitempty"` // nil for what stands in no file
	LogicalLocations []sarifLogicalLocation `json:"logicalLocations,omitempty"`
}

type sarifPhysicalLocation struct {
	ArtifactLocation sarifArtifactLocation `json:"artifactLocation"`
	Region           *sarifRegion          `json:"region,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifLogicalLocation struct {
	Name               string `json:"name,omitempty"`
	Kind               string `json:"kind"`
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type sarifResultProps struct {
	Member     string `json:"member,omitempty"`
	Pointer    string `json:"jsonPointer,omitempty"`
	Line       int    `json:"line,omitempty"`
	Column     int    `json:"column,omitempty"`
	ByteOffset *int64 `json:"byteOffset,omitempty"`
	Evidence   string `json:"evidenceSha256"`
	Code       string `json:"codeSha256,omitempty"`
	Effect     string `json:"effect,omitempty"`
	// Effects is the same for programs, as in the JSON report.
	Effects []rules.EffectRange `json:"effects,omitempty"`
}
