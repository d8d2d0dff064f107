package loaders

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// requirement is a dependency specifier (PEP 508) taken apart.
type requirement struct {
	name   string // as written
	spec   string // version specifiers
	url    string // of a direct reference
	marker string
	end    int // where the name and specifiers or URL end: the pin
}

// requirementName returns the name of a package that text begins with, "" if it
// begins with none (PEP 508: letters, digits, and between them . _ -).
func requirementName(text string) string {
	end := 0
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
			end = i + 1
		case i == 0 || c != '.' && c != '_' && c != '-':
			return text[:end]
		}
	}
	return text[:end]
}

// splitRequirement takes text apart, which has no white space around it.
func splitRequirement(text string) (requirement, error) {
	r := requirement{name: requirementName(text)}
	if r.name == "" {
		return r, fmt.Errorf("%q is not a requirement: a package name is expected", excerpt(text))
	}
	at := skipSpace(text, len(r.name))
	if at < len(text) && text[at] == '[' {
		n := strings.IndexByte(text[at:], ']')
		if n < 0 {
			return r, fmt.Errorf("%q is not a requirement: the extras have no end", excerpt(text))
		}
		at = skipSpace(text, at+n+1)
	}
	rest := text[at:]
	if after, ok := strings.CutPrefix(rest, "@"); ok {
		// A semicolon belongs to the URL unless white space is before it.
		at += 1 + skipSpace(after, 0)
		r.url, _, _ = strings.Cut(text[at:], " ")
		if r.url == "" {
			return r, fmt.Errorf("%q is not a requirement: a URL is expected behind @", excerpt(text))
		}
		r.end = at + len(r.url)
		rest = strings.Trim(text[r.end:], " \t")
		if rest != "" && rest[0] != ';' {
			return r, fmt.Errorf("%q is not a requirement: %q behind the URL", excerpt(text), excerpt(rest))
		}
		r.marker = strings.Trim(strings.TrimPrefix(rest, ";"), " \t")
		return r, nil
	}
	r.spec, r.marker, _ = strings.Cut(rest, ";")
	r.end = at + len(r.spec)
	r.marker = strings.Trim(r.marker, " \t")
	r.spec = strings.TrimRight(r.spec, " \t")
	r.end = len(strings.TrimRight(text[:r.end], " \t"))
	if strings.HasPrefix(r.spec, "(") && strings.HasSuffix(r.spec, ")") {
		r.spec = r.spec[1 : len(r.spec)-1]
	}
	if _, err := pep440.ParseSpecifiers(r.spec); err != nil {
		return r, fmt.Errorf("requirement of %s: %w", r.name, err)
	}
	return r, nil
}

func skipSpace(s string, at int) int {
	for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
		at++
	}
	return at
}

// versions returns what the requirement says of its package.
func (r requirement) versions() (Versions, error) {
	if r.url == "" {
		return specified(r.spec)
	}
	return fromURL(r.url), nil
}

// wheelName is the beginning of a wheel's file name (PEP 427): installers refuse a
// wheel whose metadata has another version.
var wheelName = regexp.MustCompile(`(?:^|[/\\])[^/\\-]+-([^/\\-]+)(?:-[^/\\-]+){3,4}\.whl(?:$|[?#])`)

func fromURL(url string) Versions {
	if m := wheelName.FindStringSubmatch(url); m != nil {
		if v, err := exactly(strings.ReplaceAll(m[1], "%2B", "+")); err == nil {
			return v
		}
	}
	return unknown(excerpt(url), "a direct reference does not state a version")
}

// bareVersion is what the user may write for "the keras of this version".
var bareVersion = regexp.MustCompile(`^v?[0-9]`)

// ParseRequirement reads which package the user runs: "3.12.4" or ">=3.9,<3.12"
// for keras, or a package of interest with version specifiers, as in
// "tf-keras==2.19.0". A bare version of less than three numbers stands for all of
// its patch releases: "3.12" is ==3.12.*.
func ParseRequirement(text string) (Pin, error) {
	text = strings.TrimSpace(text)
	if len(text) > pep440.MaxLength {
		return Pin{}, fmt.Errorf("requirement of %d bytes, at most %d are read", len(text), pep440.MaxLength)
	}
	switch {
	case bareVersion.MatchString(text):
		spec := "==" + text
		if v, err := pep440.Parse(text); err == nil && len(strings.Split(text, ".")) < 3 && v.String() == strings.TrimPrefix(text, "v") {
			spec += ".*"
		}
		text = "keras" + spec
	case strings.HasPrefix(text, "<"), strings.HasPrefix(text, ">"), strings.HasPrefix(text, "="), strings.HasPrefix(text, "~"), strings.HasPrefix(text, "!"):
		text = "keras" + text
	}
	r, err := splitRequirement(text)
	switch {
	case err != nil:
		return Pin{}, err
	case Of(r.name) == "" || Of(r.name) == "python":
		return Pin{}, fmt.Errorf("%q is no package that loads Keras models: expected a version of keras, or keras, tf-keras or tensorflow with a version", excerpt(r.name))
	case r.marker != "" || r.url != "":
		return Pin{}, fmt.Errorf("%q: a package and version specifiers are expected, without URL and markers", excerpt(text))
	}
	v, err := r.versions()
	if err != nil {
		return Pin{}, err
	}
	if !v.Known && v.Text != "" {
		return Pin{}, fmt.Errorf("%q: %s", excerpt(text), v.Why)
	}
	p := Pin{Package: Normalize(r.name), Versions: v}
	p.Doubt = doubt(p.Package, v)
	return p, nil
}

// ParsePython reads a Python version, "3.12" or "3.12.4": the first stands for all
// of its patch releases. The pin's package is "python".
func ParsePython(text string) (Pin, error) {
	v, err := pythonVersions(strings.TrimSpace(text))
	if err != nil || !v.Known {
		return Pin{}, fmt.Errorf("%q is not a Python version: one such as 3.12 is expected", excerpt(text))
	}
	return Pin{Package: "python", Versions: v}, nil
}

// pythonVersions reads a version or version specifiers of Python.
func pythonVersions(text string) (Versions, error) {
	if bareVersion.MatchString(text) {
		if strings.Count(text, ".") < 2 {
			return specified("==" + text + ".*")
		}
		return specified("==" + text)
	}
	return specified(text)
}
