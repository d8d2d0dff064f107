package modelsigning

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/internal/strictjson"
)

// Compat is whose reading of the specification is written.
type Compat string

const (
	// Spec names a model that is one file after the file, as the specification does.
	Spec Compat = "spec"
	// Python names it ".", as the reference implementation does and wants it.
	Python Compat = "python"
)

// Compats are the names of all.
var Compats = []string{string(Spec), string(Python)}

// RootOf is the root digest that a model has with the default exclusions, whoever
// signs it.
func RootOf(name string, sums []integrity.Summed, single bool) (integrity.Digest, error) {
	kept := slices.DeleteFunc(slices.Clone(sums), func(s integrity.Summed) bool { return !single && integrity.Covers(gitPaths, s.Name) })
	m, err := NewManifest(name, kept, single, Spec, nil, false)
	if err != nil {
		return integrity.Digest{}, err
	}
	return m.Root, nil
}

type statementJSON struct {
	Type          string        `json:"_type"`
	Subject       []subjectJSON `json:"subject"`
	PredicateType string        `json:"predicateType"`
	Predicate     predicateJSON `json:"predicate"`
}

type subjectJSON struct {
	Name   string     `json:"name"`
	Digest sha256JSON `json:"digest"`
}

type sha256JSON struct {
	SHA256 string `json:"sha256"`
}

type predicateJSON struct {
	Serialization serializationJSON `json:"serialization"`
	Resources     []resourceJSON    `json:"resources"`
}

type serializationJSON struct {
	Method   string   `json:"method"`
	HashType string   `json:"hash_type"`
	Symlinks bool     `json:"allow_symlinks"`
	Ignored  []string `json:"ignore_paths,omitempty"`
}

type resourceJSON struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"`
	Digest    string `json:"digest"`
}

// payload writes the statement.
func (m *Manifest) payload() ([]byte, error) {
	s := statementJSON{Type: statementType, PredicateType: predicateType,
		Subject:   []subjectJSON{{m.Name, sha256JSON{m.Root.String()}}},
		Predicate: predicateJSON{Serialization: serializationJSON{"files", "sha256", m.Symlinks, m.Ignored}}}
	for _, r := range m.Resources {
		s.Predicate.Resources = append(s.Predicate.Resources, resourceJSON{r.Name, "sha256", hex.EncodeToString(r.Digest[:])})
	}
	return strictjson.Marshal(s)
}

// gitPaths are left out by default, at the top of the model only (spec/v1.0.md,
// section 6.2).
var gitPaths = []string{".git", ".gitattributes", ".github", ".gitignore"}

// NewManifest describes a model of which all files have been hashed.
func NewManifest(name string, sums []integrity.Summed, single bool, compat Compat, ignored []string, links bool) (*Manifest, error) {
	m := &Manifest{Name: name, Symlinks: links, Ignored: slices.Clone(ignored)}
	slices.Sort(m.Ignored)
	m.Ignored = slices.Compact(m.Ignored)
	for _, s := range sums {
		if s.Err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, s.Err)
		}
		r := Resource{Name: s.Name, Digest: s.Digest}
		if single {
			r.Name = path.Base(s.Name)
		}
		if err := integrity.CheckName(r.Name); err != nil {
			return nil, err
		}
		if single && compat == Python {
			r.Name = "."
		}
		m.Resources = append(m.Resources, r)
	}
	if len(m.Resources) == 0 {
		return nil, errors.New("no file is left to sign: an empty model cannot be signed")
	}
	// By code points of the whole path, which is the order of bytes in UTF-8.
	slices.SortFunc(m.Resources, func(a, b Resource) int { return strings.Compare(a.Name, b.Name) })
	m.Root = rootDigest(m.Resources)
	return m, nil
}
