package loaders

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// condaPattern tells the files of conda by their content.
var condaPattern = regexp.MustCompile(`(?m)^(?:dependencies|package):[ \t\r]*$`)

// parseConda reads environment.yml and conda-lock.yml.
func parseConda(s *source) (Lock, []include, error) {
	root, err := parseYAML(s)
	if err != nil {
		return Lock{}, nil, err
	}
	if deps := root.at("dependencies"); deps != nil {
		return parseEnvironmentFile(s, deps)
	}
	if packages := root.at("package"); packages != nil && packages.kind == list {
		lock, err := parseCondaLock(s, packages)
		return lock, nil, err
	}
	return Lock{}, nil, &Error{File: s.name, What: `an environment.yml with "dependencies" or a conda-lock.yml with "package" is expected`}
}

func parseCondaLock(s *source, packages *node) (Lock, error) {
	lock := Lock{Format: "conda-lock.yml"}
	for _, p := range packages.items {
		name, version := p.get("name"), p.get("version")
		if name.value.str() == "" {
			return Lock{}, s.errorf(p.start, "a package without a name")
		}
		if Of(name.value.text) == "" {
			continue
		}
		pin := Pin{Package: condaName(name.value.text), Marker: p.at("platform").str()}
		if all := p.at("hash"); all != nil {
			for _, h := range all.fields {
				pin.Hashes = append(pin.Hashes, h.key+":"+h.value.str())
			}
		}
		if version.value.str() == "" {
			pin.Versions = unknown("", "the lock file gives no version")
			lock.Pins = append(lock.Pins, s.pin(pin, name.start, name.value.end))
			continue
		}
		v, err := exactly(version.value.text)
		if err != nil {
			return Lock{}, s.errorf(version.value.start, "version of %s: %v", excerpt(name.value.text), err)
		}
		pin.Versions = v
		lock.Pins = append(lock.Pins, s.pin(pin, version.start, version.value.end))
	}
	return lock, nil
}

func parseEnvironmentFile(s *source, deps *node) (Lock, []include, error) {
	lock := Lock{Format: "environment.yml"}
	var includes []include
	for _, d := range deps.items {
		switch {
		case d.kind == scalar:
			pin, err := condaSpec(s, d)
			if err != nil {
				return Lock{}, nil, err
			}
			lock.Pins = append(lock.Pins, pin...)
		case d.at("pip") != nil:
			for _, line := range d.at("pip").items {
				pins, u, in, err := pipLine(s, line)
				if err != nil {
					return Lock{}, nil, err
				}
				lock.Pins = append(lock.Pins, pins...)
				lock.Unread = append(lock.Unread, u...)
				includes = append(includes, in...)
			}
		default:
			return Lock{}, nil, s.errorf(d.start, "a package or a list for pip is expected")
		}
	}
	return lock, includes, nil
}

// pipLine reads a line of a requirements file that is a value of YAML.
func pipLine(s *source, n *node) ([]Pin, []Unread, []include, error) {
	if n.kind != scalar {
		return nil, nil, nil, s.errorf(n.start, "a requirement is expected")
	}
	l := logical{text: strings.Trim(n.text, " ")}
	if l.text == "" {
		return nil, nil, nil, nil
	}
	// A text with escapes is not found; then places within it are approximate.
	from := max(0, strings.Index(string(s.data[n.start:n.end]), l.text))
	l.pieces, l.limit = []piece{{0, n.start + from}}, n.end
	if l.text[0] == '-' {
		in, u := readOption(s, l)
		return nil, u, in, nil
	}
	pins, u, err := readRequirement(s, l)
	return pins, u, nil, err
}

var condaMatch = regexp.MustCompile(`^(?:[^\s=<>!~\[\]]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)[ ]*(.*)$`)

// condaSpec reads a match specification of conda: "keras=3.12", "keras 3.12.0 py_0".
func condaSpec(s *source, n *node) ([]Pin, error) {
	m := condaMatch.FindStringSubmatch(n.text)
	if m == nil {
		return nil, s.errorf(n.start, "%q is not a package specification of conda", excerpt(n.text))
	}
	if Of(m[1]) == "" {
		return nil, nil
	}
	pin := Pin{Package: condaName(m[1]), Versions: condaVersions(m[2])}
	return []Pin{s.pin(pin, n.start, n.end)}, nil
}

func condaName(name string) string {
	if name = Normalize(name); name == "pytorch" {
		return "torch"
	}
	return name
}

// condaVersions reads what stands behind the name. "=1.2" means 1.2 and everything
// below it, "|" is or, a second "=" or word is the build. What is not read is
// unknown.
func condaVersions(text string) Versions {
	text = strings.TrimSpace(text)
	if text == "" || text == "*" {
		return unknown("", "no version is given")
	}
	var set pep440.Set
	out := Versions{Text: text, Known: true}
	for alternative := range strings.SplitSeq(text, "|") {
		var clauses []string
		for clause := range strings.SplitSeq(alternative, ",") {
			clauses = append(clauses, condaClause(strings.TrimSpace(clause)))
		}
		v, err := specified(strings.Join(clauses, ","))
		if err != nil || !v.Known {
			return unknown(excerpt(text), "not read as a version of conda")
		}
		set = set.Union(v.Set)
		out.Exact = v.Exact
	}
	if strings.Contains(text, "|") {
		out.Exact = pep440.Version{}
	}
	out.Set = set
	return out
}

// condaParts are operator, version and build.
var condaParts = regexp.MustCompile(`^(==|=|!=|>=|<=|>|<|~=)?[ ]*([0-9][^ =*]*)(\.?\*)?(?:[ =]+([^ =]+))?$`)

// condaClause turns one clause into version specifiers.
func condaClause(clause string) string {
	m := condaParts.FindStringSubmatch(clause)
	if m == nil {
		return "invalid"
	}
	operator, version, star, build := m[1], strings.TrimSuffix(m[2], "."), m[3], m[4]
	switch {
	case operator == "" && star == "", operator == "=" && build != "" && star == "":
		operator = "=="
	case operator == "" || operator == "=" || (operator == "==" || operator == "!=") && star != "":
		if operator != "!=" {
			operator = "=="
		}
		version += ".*"
	}
	return fmt.Sprintf("%s%s", operator, version)
}
