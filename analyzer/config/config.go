// Package config reads .kerasvet.yaml, in which a team says once what it would
// otherwise repeat on every command line: which rules run, what it has reviewed and
// lets pass, and which loader it runs.
//
// A configuration never raises or lowers a severity and drops no finding: what it
// lets pass is waived, which every report shows with the reason.
package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/goccy/go-yaml"

	"github.com/kerasvet/kerasvet/rules"
)

// File is what a configuration file says. Every field may be left out.
type File struct {
	Version int `yaml:"version"` // of this format: 1
	Rules   struct {
		Select []string `yaml:"select"` // run only these
		Ignore []string `yaml:"ignore"` // do not run these
	} `yaml:"rules"`
	FailOn        string        `yaml:"fail-on"`
	CustomObjects []Object      `yaml:"custom-objects"`
	AllowCode     []Code        `yaml:"allow-code"`
	Ignores       []Ignore      `yaml:"ignores"`
	Loader        Loader        `yaml:"loader"`
	Limits        Limits        `yaml:"limits"`
	Timeout       string        `yaml:"timeout"`
	Paths         PathSelection `yaml:"paths"`
}

// Object is a custom class or function that the team knows.
type Object struct {
	Name   string `yaml:"name"` // glob over the canonical name: "demo>Gate", "mypackage.layers.*"
	Reason string `yaml:"reason"`
}

// Code is a serialized function that was reviewed.
type Code struct {
	SHA256 string `yaml:"sha256"`
	Reason string `yaml:"reason"`
}

// Ignore lets findings pass: those of a rule, or one fingerprint, in certain files.
type Ignore struct {
	Rule        string   `yaml:"rule"`
	Fingerprint string   `yaml:"fingerprint"` // or the beginning of it, at least 8 digits
	Paths       []string `yaml:"paths"`       // globs over input names, ** for any directories
	Reason      string   `yaml:"reason"`
	Owner       string   `yaml:"owner"`
	Expires     string   `yaml:"expires"` // last day, "2027-01-31"

	Line int `yaml:"-"` // where it stands, from 1
}

// Loader says which loader the team runs.
type Loader struct {
	Keras      []string `yaml:"keras"`
	Lock       []string `yaml:"lock"` // relative to the configuration file
	SafeMode   string   `yaml:"safe-mode"`
	Python     string   `yaml:"python"`
	Strict     *bool    `yaml:"strict"`
	Advisories string   `yaml:"advisories"` // relative to the configuration file
}

// Limits are sizes and numbers as the flags take them: max-nodes is nodes here.
type Limits struct {
	ReadBytes      string `yaml:"read-bytes"`
	MemberBytes    string `yaml:"member-bytes"`
	TextBytes      string `yaml:"text-bytes"`
	StructureBytes string `yaml:"structure-bytes"`
	Nodes          string `yaml:"nodes"`
	Steps          string `yaml:"steps"`
	Depth          string `yaml:"depth"`
	Nesting        string `yaml:"nesting"`
}

// PathSelection says which files of a directory are scanned.
type PathSelection struct {
	Include []string `yaml:"include"` // globs; empty means all
	Exclude []string `yaml:"exclude"`
}

// Names are the files that are looked for in a directory, in this order.
var Names = []string{".kerasvet.yaml", "kerasvet.yaml", ".github/kerasvet.yaml"}

// MaxBytes is the size of the largest configuration that is read.
const MaxBytes = 256 << 10

// Error is what is wrong with a configuration, and where.
type Error struct {
	File         string
	Line, Column int // from 1; 0 where it is about the whole
	What         string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// Read reads a configuration file.
func Read(fsys fs.FS, name string) (*File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxBytes {
		return nil, &Error{File: name, What: fmt.Sprintf("larger than %d bytes", MaxBytes)}
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// Parse reads the text of a configuration file called name. Unknown keys, values of
// another type, and what cannot be meant are errors with line and column.
func Parse(name string, data []byte) (*File, error) {
	if len(data) > MaxBytes {
		return nil, &Error{File: name, What: fmt.Sprintf("larger than %d bytes", MaxBytes)}
	}
	f := &File{}
	if err := yaml.UnmarshalWithOptions(data, f, yaml.Strict()); err != nil {
		return nil, place(name, err)
	}
	p := &positions{name: name, data: data}
	return f, f.check(p)
}

// place turns an error of the parser into one with its line and column.
func place(name string, err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return &Error{File: name, What: err.Error()}
	}
	out := &Error{File: name, What: e.GetMessage()}
	if t := e.GetToken(); t != nil && t.Position != nil {
		out.Line, out.Column = t.Position.Line, t.Position.Column
	}
	return out
}

var (
	sha256Text  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	fingerprint = regexp.MustCompile(`^[0-9a-f]{8,64}$`)
)

// check refuses what no key's type rules out.
func (f *File) check(p *positions) error {
	if f.Version != 0 && f.Version != 1 {
		return p.errorf("$.version", "version %d: this program reads version 1", f.Version)
	}
	for _, list := range []struct {
		path string
		ids  []string
	}{{"$.rules.select", f.Rules.Select}, {"$.rules.ignore", f.Rules.Ignore}} {
		for i, id := range list.ids {
			if rules.ByID(id) == nil {
				return p.errorf(fmt.Sprintf("%s[%d]", list.path, i), "unknown rule %q", id)
			}
		}
	}
	if words := []string{"critical", "high", "medium", "low", "info", "none"}; f.FailOn != "" && !slices.Contains(words, f.FailOn) {
		return p.errorf("$.fail-on", "unknown severity %q: want %s", f.FailOn, strings.Join(words, ", "))
	}
	for i, o := range f.CustomObjects {
		path := fmt.Sprintf("$.custom-objects[%d]", i)
		if o.Name == "" || !doublestar.ValidatePattern(o.Name) {
			return p.errorf(path, "want a name, or a glob over names")
		}
	}
	for i, c := range f.AllowCode {
		if !sha256Text.MatchString(c.SHA256) {
			return p.errorf(fmt.Sprintf("$.allow-code[%d]", i), "sha256 %q: want 64 hexadecimal digits in lower case", c.SHA256)
		}
	}
	for i := range f.Ignores {
		path := fmt.Sprintf("$.ignores[%d]", i)
		if err := f.Ignores[i].check(p, path); err != nil {
			return err
		}
	}
	if words := []string{"on", "off", "unknown"}; f.Loader.SafeMode != "" && !slices.Contains(words, f.Loader.SafeMode) {
		return p.errorf("$.loader.safe-mode", "unknown mode %q: want %s", f.Loader.SafeMode, strings.Join(words, ", "))
	}
	for _, list := range []struct {
		path  string
		globs []string
	}{{"$.paths.include", f.Paths.Include}, {"$.paths.exclude", f.Paths.Exclude}} {
		if err := globs(p, list.path, list.globs); err != nil {
			return err
		}
	}
	return nil
}

func (i *Ignore) check(p *positions, path string) error {
	i.Line, _ = p.of(path)
	switch {
	case i.Reason == "":
		return p.errorf(path, "an ignore needs a reason")
	case i.Rule == "" && i.Fingerprint == "":
		return p.errorf(path, "an ignore needs a rule or a fingerprint")
	case i.Rule != "" && rules.ByID(i.Rule) == nil:
		return p.errorf(path+".rule", "unknown rule %q", i.Rule)
	case i.Fingerprint != "" && !fingerprint.MatchString(i.Fingerprint):
		return p.errorf(path+".fingerprint", "fingerprint %q: want 8 to 64 hexadecimal digits in lower case", i.Fingerprint)
	}
	if _, err := i.End(); err != nil {
		return p.errorf(path+".expires", "%v", err)
	}
	return globs(p, path+".paths", i.Paths)
}

// End returns the moment from which the ignore does not hold any more, in UTC; zero
// if it does not expire.
func (i *Ignore) End() (time.Time, error) {
	if i.Expires == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, i.Expires)
	if err != nil {
		return time.Time{}, fmt.Errorf("expires %q: want a day such as 2027-01-31", i.Expires)
	}
	return day.AddDate(0, 0, 1), nil
}

func globs(p *positions, path string, patterns []string) error {
	for i, g := range patterns {
		if !doublestar.ValidatePattern(g) {
			return p.errorf(fmt.Sprintf("%s[%d]", path, i), "%q is not a glob", g)
		}
	}
	return nil
}

// Schema is the JSON Schema of the file, for editors.
//
//go:embed schema.json
var Schema string

// Template is a file to begin with.
//
//go:embed template.yaml
var Template string
