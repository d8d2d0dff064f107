package formatstest

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// Expect is the verdict that a case states.
type Expect string

// The values of the key "expect".
const (
	Foreign    Expect = "foreign"
	Flagged    Expect = "flagged"
	Clean      Expect = "clean"
	Unanalyzed Expect = "unanalyzed"
)

// Case is one parsed txtar archive. Parse makes it; Build turns it into bytes.
type Case struct {
	Name       string           // as given to Parse; used in error messages
	Containers []string         // of "keras", "zip", "h5", "json", "dir", "tar", "file", "savedmodel", "pickle", "lock", in the order of the file; never empty
	Expect     Expect           // empty when the case does not state one
	Limits     map[string]int64 // from the key "limits"; nil when absent. Names are not checked here
	Keras      string           // from the key "keras": the version to write; empty when absent
	Scan       string           // from the key "scan": which part of a directory is scanned; empty for all of it
	Want       string           // the section "want", unchanged; empty when absent

	fileName string // from the key "name"
	compress string // from the key "compress"
	sections []*section
	edits    []line            // replace, append, repeat, encode: change sections
	scripts  map[string][]line // "zip", "h5", "dir", "tar"
	bytes    []line            // prefix, suffix, truncate, poke: change the finished file
}

// A section is one file of the txtar archive.
type section struct {
	name string // as written, so with "#2"
	line int    // of the first line of its content
	text []byte
}

var defaultNames = map[string]string{
	"keras": "model.keras",
	"zip":   "model.zip",
	"h5":    "model.h5",
	"json":  "model.json",
	"dir":   "model",

	"savedmodel": "saved_model.pb",
	"pickle":     "model.pkl",
	"lock":       "requirements.txt",
	"tar":        "models.tar",
	"file":       "file",
}

// Parse reads a case. The name is for error messages only, which give it with
// the line. Scripts are checked by Build, since most of their mistakes depend
// on the container.
func Parse(name string, data []byte) (*Case, error) {
	archive := txtar.Parse(data)
	c := &Case{Name: name, scripts: map[string][]line{}}
	if err := c.parseHeader(string(archive.Comment)); err != nil {
		return nil, err
	}
	at := 1 + strings.Count(string(archive.Comment), "\n")
	for _, f := range archive.Files {
		at++
		s := &section{name: f.Name, line: at, text: f.Data}
		at += strings.Count(string(f.Data), "\n")
		if s.name == "want" {
			c.Want = string(s.text)
			continue
		}
		if c.section(s.name) != nil {
			return nil, c.errorf(s.line-1, "section %q is here twice; name the other copy %q", s.name, s.name+"#2")
		}
		c.sections = append(c.sections, s)
	}
	if len(c.Containers) == 0 {
		return nil, c.errorf(1, "no container: line")
	}
	return c, c.check()
}

// ParseFile reads a case from a file.
func ParseFile(path string) (*Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Glob reads every case whose path matches the pattern, in the order of the
// paths. A pattern that matches nothing is an error, since a test that runs
// over no case passes without having tested anything.
func Glob(pattern string) ([]*Case, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no case matches %s", pattern)
	}
	slices.Sort(paths)
	var cases []*Case
	for _, p := range paths {
		c, err := ParseFile(p)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func (c *Case) errorf(at int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", c.Name, at, fmt.Sprintf(format, args...))
}

func (c *Case) parseHeader(text string) error {
	seen := map[string]bool{}
	for i, raw := range strings.Split(text, "\n") {
		raw = strings.TrimSpace(raw)
		if raw == "" || raw[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(raw, ":")
		if !found {
			return c.errorf(i+1, "expected key: value, found %q", raw)
		}
		value = strings.TrimSpace(value)
		l, err := c.parseLine(i+1, value)
		if err != nil {
			return err
		}
		single := true
		switch key {
		case "container":
			err = c.setContainers(l)
		case "expect":
			c.Expect = Expect(value)
			if !slices.Contains([]Expect{Flagged, Clean, Unanalyzed, Foreign}, c.Expect) {
				err = l.errorf("expect is flagged, clean, unanalyzed or foreign, not %q", value)
			}
		case "name":
			c.fileName = l.verb
		case "scan":
			c.Scan = l.verb
		case "keras":
			c.Keras = l.verb
		case "limits":
			err = c.setLimits(l)
		case "compress":
			if c.compress = value; streamKinds[value] == nil {
				err = l.errorf("compress is one of %s, not %q", strings.Join(slices.Sorted(maps.Keys(streamKinds)), " "), value)
			}
		case "zip", "h5", "dir", "tar":
			c.scripts[key] = append(c.scripts[key], l)
			single = false
		case "replace", "append", "repeat", "encode":
			c.edits = append(c.edits, l.under(key))
			single = false
		case "prefix", "suffix", "truncate", "poke":
			c.bytes = append(c.bytes, l.under(key))
			single = false
		default:
			err = l.errorf("unknown key %q", key)
		}
		if err != nil {
			return err
		}
		if single && seen[key] {
			return l.errorf("second %s: line", key)
		}
		seen[key] = true
	}
	return nil
}

func (c *Case) setContainers(l line) error {
	for _, name := range l.words() {
		if defaultNames[name] == "" {
			known := slices.Sorted(maps.Keys(defaultNames))
			return l.errorf("unknown container %q; known are %s", name, strings.Join(known, " "))
		}
		if slices.Contains(c.Containers, name) {
			return l.errorf("container %s is named twice", name)
		}
		c.Containers = append(c.Containers, name)
	}
	return nil
}

func (c *Case) setLimits(l line) error {
	c.Limits = map[string]int64{}
	for _, w := range l.words() {
		name, value, _ := strings.Cut(w, "=")
		n, err := strconv.ParseInt(value, 0, 64)
		if err != nil || name == "" {
			return l.errorf("expected Name=number, found %q", w)
		}
		c.Limits[name] = n
	}
	return nil
}

// check refuses what no container of the case would use: a misspelt section
// would otherwise turn a case into one that tests nothing.
func (c *Case) check() error {
	for key, containers := range map[string][]string{"zip": {"keras", "zip"}, "h5": {"h5"}, "dir": {"dir"}, "tar": {"tar"}} {
		if lines := c.scripts[key]; len(lines) > 0 && !c.runsIn(containers...) {
			return lines[0].errorf("%s: lines need container %s", key, strings.Join(containers, " or "))
		}
	}
	if len(c.bytes) > 0 && !c.runsIn("keras", "zip", "h5", "json", "savedmodel", "pickle", "tar", "file") {
		return c.bytes[0].errorf("%s changes a file, and a directory is none", c.bytes[0].verb)
	}
	for _, l := range c.edits {
		if len(l.args) == 0 || c.section(l.args[0]) == nil {
			return l.errorf("%s needs the name of a section of this case", l.verb)
		}
	}
	for _, s := range c.sections {
		used := strings.HasPrefix(s.name, "$") ||
			isAttribute(s.name) && c.runsIn("h5") ||
			!isAttribute(s.name) && c.runsIn("keras", "zip", "dir", "tar") ||
			s.name == c.fileName && c.runsIn("file") ||
			s.name == "config.json" && c.runsIn("h5", "json") ||
			s.name == cmp.Or(c.fileName, defaultNames["savedmodel"]) && c.runsIn("savedmodel") ||
			s.name == cmp.Or(c.fileName, defaultNames["pickle"]) && c.runsIn("pickle") ||
			c.runsIn("lock")
		if !used {
			return c.errorf(s.line-1, "section %q has no place in container %s", s.name, strings.Join(c.Containers, " "))
		}
	}
	return nil
}

func (c *Case) runsIn(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(c.Containers, n) })
}

func (c *Case) section(name string) *section {
	for _, s := range c.sections {
		if s.name == name {
			return s
		}
	}
	return nil
}
