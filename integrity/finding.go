package integrity

// Finding is a contradiction between what is on disk and what is said about it.
type Finding struct {
	ID       string   // such as hash-beside-model
	Severity Severity // of this finding
	Path     string   // the file that it is about
	Message  string   // a sentence or two
	Help     string   // what to do
}

// Severity is how bad a finding is.
type Severity string

// Severities of findings. Info does not fail a gate.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Info   Severity = "info"
)

// The ids of findings.
const (
	// HashBesideModel: whoever can change the model can change its hash too.
	HashBesideModel = "hash-beside-model"
	// HashOlderThanModel: the model was written after it was hashed.
	HashOlderThanModel = "hash-older-than-model"
	// UnsignedFile: a signature leaves out a file that a loader could read or run.
	UnsignedFile = "unsigned-file"
	// CacheMismatch: content in a hub cache does not hash to its name.
	CacheMismatch = "cache-mismatch"
	// LFSMismatch: a Git LFS object does not hash to its oid.
	LFSMismatch = "lfs-mismatch"
)

// FindingIDs are the ids of all findings.
var FindingIDs = []string{HashBesideModel, HashOlderThanModel, UnsignedFile, CacheMismatch, LFSMismatch}
