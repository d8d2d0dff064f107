package modelsigning

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/internal/strictjson"
)

const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://model_signing/signature/v1.0"

	// maxResources is how many files a statement may list.
	maxResources = 1_000_000
)

// Manifest is what a statement says about a model.
type Manifest struct {
	Name      string // base name of the model when it was signed; informational
	Root      integrity.Digest
	Resources []Resource
	Ignored   []string // paths that the signer left out, as the statement has them
	Symlinks  bool     // links were followed
	ShardSize int64    // bytes; 0 if files were hashed as a whole
	Legacy    bool     // of model-signing 0.2.0
	Notes     []string
}

// Resource is a file of a model, or a part of one.
type Resource struct {
	Name       string // clean and relative; "." for a model that is one file, as the reference writes it
	Digest     integrity.Digest
	Start, End int64 // of a shard, in bytes; 0 and 0 for a file
}

// Unsupported is the error for what the specification allows and this package does
// not verify: nothing is known of the model.
type Unsupported struct{ Err error }

func (u *Unsupported) Error() string { return u.Err.Error() }
func (u *Unsupported) Unwrap() error { return u.Err }

// Manifest reads the statement of a payload that was verified. Every name in it has
// been judged.
func (v *Verified) Manifest() (*Manifest, error) {
	m, err := parseStatement(v.Payload)
	var unsupported *Unsupported
	switch {
	case errors.As(err, &unsupported):
		return nil, fmt.Errorf("signed statement: %w", err)
	case err != nil:
		return nil, malformed("signed statement: %w", err)
	}
	return m, nil
}

func parseStatement(payload []byte) (*Manifest, error) {
	s, err := strictjson.Parse(payload)
	if err != nil {
		return nil, err
	}
	if err := s.Only("the statement", "_type", "subject", "predicateType", "predicate"); err != nil {
		return nil, err
	}
	if s["_type"] != statementType {
		return nil, fmt.Errorf("_type %q: want %q", s["_type"], statementType)
	}
	subjects, err := s.List("the statement", "subject")
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	switch s["predicateType"] {
	case predicateType:
		predicate, err := s.Object("the statement", "predicate")
		if err == nil {
			err = m.current(subjects, predicate)
		}
		if err != nil {
			return nil, err
		}
	case legacyPredicate:
		if err := m.legacy(subjects); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("predicate type %q is no model signature: want %q", s["predicateType"], predicateType)
	}
	return m, m.unique()
}

// current reads the predicate of version 1.0.
func (m *Manifest) current(subjects []any, predicate strictjson.Object) error {
	if len(subjects) != 1 {
		return fmt.Errorf("%d subjects: want exactly one", len(subjects))
	}
	name, claimed, err := parseSubject(subjects[0])
	if err != nil {
		return err
	}
	m.Name = name
	if err := predicate.Only("predicate", "serialization", "resources"); err != nil {
		return err
	}
	serialization, err := predicate.Object("predicate", "serialization")
	if err != nil {
		return err
	}
	if err := m.serialization(serialization); err != nil {
		return fmt.Errorf("serialization: %w", err)
	}
	list, err := predicate.List("predicate", "resources")
	if err != nil {
		return err
	}
	if len(list) == 0 || len(list) > maxResources {
		return fmt.Errorf("%d resources: want 1 to %d", len(list), maxResources)
	}
	for i, r := range list {
		o, _ := r.(strictjson.Object)
		if err := m.resource(o); err != nil {
			return fmt.Errorf("resource %d: %w", i, err)
		}
	}
	// In the order in which they are listed: the specification and the reference sort
	// differently.
	if m.Root = rootDigest(m.Resources); m.Root != claimed {
		return fmt.Errorf("the subject's digest is %s, but the files listed make %s", claimed, m.Root)
	}
	return nil
}

func parseSubject(v any) (name string, d integrity.Digest, err error) {
	o, _ := v.(strictjson.Object)
	if name, err = o.Text("subject", "name"); err != nil {
		return "", d, err
	}
	digests, err := o.Object("subject", "digest")
	if err != nil {
		return "", d, err
	}
	text, err := digests.Text("digest", "sha256")
	if err != nil {
		return "", d, err
	}
	d, err = integrity.ParseDigest(text)
	return name, d, err
}

func (m *Manifest) serialization(o strictjson.Object) error {
	if err := o.Only("serialization", "method", "hash_type", "allow_symlinks", "shard_size", "ignore_paths"); err != nil {
		return err
	}
	switch o["hash_type"] {
	case "sha256":
	case "blake2b", "blake3":
		return &Unsupported{fmt.Errorf("hash_type %q: only sha256 is verified; ask the signer to sign with it", o["hash_type"])}
	default:
		return fmt.Errorf("hash_type %q: only sha256 is verified; ask the signer to sign with it", o["hash_type"])
	}
	var ok bool
	if m.Symlinks, ok = o["allow_symlinks"].(bool); !ok {
		return fmt.Errorf("want allow_symlinks to be true or false")
	}
	size, sized := o["shard_size"]
	switch o["method"] {
	case "files":
		if sized {
			return fmt.Errorf("shard_size together with the method files")
		}
	case "shards":
		n, err := wholeNumber(size)
		if err != nil || n <= 0 {
			return fmt.Errorf("shard_size %v: want a number of bytes above 0", size)
		}
		m.ShardSize = n
	default:
		return fmt.Errorf("method %q: want files or shards", o["method"])
	}
	if _, has := o["ignore_paths"]; !has {
		return nil
	}
	list, err := o.List("serialization", "ignore_paths")
	if err != nil && o["ignore_paths"] != nil {
		return err
	}
	for _, p := range list {
		text, ok := p.(string)
		if !ok {
			return fmt.Errorf("ignore_paths: want strings")
		}
		m.Ignored = append(m.Ignored, text)
	}
	return nil
}

// wholeNumber reads a number of bytes. The reference writes statements through a
// type of protocol buffers that has floating-point numbers only: 1000 becomes
// 1000.0.
func wholeNumber(v any) (int64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("want a number")
	}
	whole, fraction, _ := strings.Cut(n.String(), ".")
	if strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("%s is no whole number", n)
	}
	return strconv.ParseInt(whole, 10, 64)
}

var shardName = regexp.MustCompile(`^(.*):(0|[1-9][0-9]{0,17}):([1-9][0-9]{0,17})$`)

func (m *Manifest) resource(o strictjson.Object) error {
	name, err := o.Text("resource", "name")
	if err != nil {
		return err
	}
	algorithm, err := o.Text("resource", "algorithm")
	if err != nil {
		return err
	}
	// The reference names its shards' algorithm after their size.
	if algorithm != "sha256" && (m.ShardSize == 0 || algorithm != fmt.Sprintf("sha256-sharded-%d", m.ShardSize)) {
		return fmt.Errorf("%q: algorithm %q: only sha256 is verified", short(name), algorithm)
	}
	text, err := o.Text("resource", "digest")
	if err != nil {
		return err
	}
	r := Resource{Name: name}
	if r.Digest, err = integrity.ParseDigest(text); err != nil {
		return fmt.Errorf("%q: %w", short(name), err)
	}
	if m.ShardSize > 0 {
		parts := shardName.FindStringSubmatch(name)
		if parts == nil {
			return fmt.Errorf("%q: want path:start:end", short(name))
		}
		r.Name = parts[1]
		r.Start, _ = strconv.ParseInt(parts[2], 10, 64)
		r.End, _ = strconv.ParseInt(parts[3], 10, 64)
		if r.End <= r.Start || r.Start%m.ShardSize != 0 || r.End-r.Start > m.ShardSize {
			return fmt.Errorf("%q is no shard of %d bytes", short(name), m.ShardSize)
		}
	}
	if r.Name != "." { // a model that is one file, in the reference
		if err := integrity.CheckName(r.Name); err != nil {
			return err
		}
	}
	m.Resources = append(m.Resources, r)
	return nil
}

// legacy reads the subjects of model-signing 0.2.0.
func (m *Manifest) legacy(subjects []any) error {
	m.Legacy, m.Name = true, "."
	m.Notes = append(m.Notes, "the statement has the form of model-signing 0.2.0, which is no standard: sign again")
	if len(subjects) == 0 || len(subjects) > maxResources {
		return fmt.Errorf("%d subjects: want 1 to %d", len(subjects), maxResources)
	}
	for i, s := range subjects {
		name, d, err := parseSubject(s)
		if err == nil && name != "." {
			err = integrity.CheckName(name)
		}
		if err != nil {
			return fmt.Errorf("subject %d: %w", i, err)
		}
		m.Resources = append(m.Resources, Resource{Name: name, Digest: d})
	}
	m.Root = rootDigest(m.Resources)
	return nil
}

// unique refuses a file that is listed twice: readers that take the first and
// readers that take the last would verify different files. Shards of one file must
// follow each other without a gap.
func (m *Manifest) unique() error {
	type part struct {
		name  string
		start int64
	}
	seen := map[part]bool{}
	files := len(m.files())
	for _, r := range m.Resources {
		p := part{r.Name, r.Start}
		if seen[p] {
			return fmt.Errorf("%q is listed twice", short(r.Name))
		}
		seen[p] = true
		if r.Name == "." && files > 1 {
			return fmt.Errorf(`"." is listed among other files`)
		}
	}
	for _, r := range m.Resources {
		if r.Start > 0 && !seen[part{r.Name, r.Start - m.ShardSize}] {
			return fmt.Errorf("%q: the shard before byte %d is missing", short(r.Name), r.Start)
		}
	}
	return nil
}

// files are the names of the files listed, each once, in order.
func (m *Manifest) files() []string {
	var names []string
	for _, r := range m.Resources {
		if r.Start == 0 {
			names = append(names, r.Name)
		}
	}
	return names
}

// rootDigest is the SHA-256 over the raw digests in the order in which they are
// listed (spec/v1.0.md, section 6.5.1).
func rootDigest(resources []Resource) integrity.Digest {
	h := sha256.New()
	for _, r := range resources {
		h.Write(r.Digest[:])
	}
	return integrity.Digest(h.Sum(nil))
}
