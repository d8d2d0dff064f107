package loaders

import (
	"regexp"
	"strings"
)

// tomlPattern tells the lock files in TOML by their content.
var tomlPattern = regexp.MustCompile(`(?m)^[ \t]*\[\[[ \t]*packages?[ \t]*\]\]|^[ \t]*lock-version[ \t]*=`)

// parseTOMLLock reads poetry.lock, uv.lock, pdm.lock and pylock.toml. Which one it
// is shows in the file: a name promises nothing.
func parseTOMLLock(s *source) (Lock, error) {
	root, err := parseTOML(s)
	if err != nil {
		return Lock{}, err
	}
	lock := Lock{}
	packages, python := root.get("package"), field{}
	switch {
	case root.at("lock-version") != nil: // PEP 751
		lock.Format, packages, python = "pylock.toml", root.get("packages"), root.get("requires-python")
	case root.at("metadata", "lock-version") != nil || root.at("metadata", "content-hash") != nil:
		lock.Format, python = "poetry.lock", root.at("metadata").get("python-versions")
	case root.at("metadata", "lock_version") != nil || root.at("metadata", "content_hash") != nil:
		lock.Format, python = "pdm.lock", root.at("metadata").get("requires_python")
	case root.at("version") != nil && (packages.value != nil || root.at("requires-python") != nil):
		lock.Format, python = "uv.lock", root.get("requires-python")
	default:
		return Lock{}, &Error{File: s.name, What: "a lock file of poetry, uv or pdm or a pylock.toml is expected; this is none of them"}
	}
	if python.value.str() != "" && python.value.str() != "*" {
		v, err := pythonVersions(poetryPython(python.value.str()))
		if err != nil {
			v = unknown(excerpt(python.value.str()), "not read as version specifiers")
		}
		lock.Pins = append(lock.Pins, s.pin(Pin{Package: "python", Versions: v}, python.start, python.value.end))
	}
	if packages.value == nil {
		return lock, nil
	}
	if packages.value.kind != list {
		return Lock{}, s.errorf(packages.start, "%s: a list of packages is expected", packages.key)
	}
	for _, p := range packages.value.items {
		name := p.get("name")
		if name.value.str() == "" {
			return Lock{}, s.errorf(p.start, "a package without a name")
		}
		if Of(name.value.text) == "" {
			continue
		}
		pin, err := tomlPin(s, lock.Format, p)
		if err != nil {
			return Lock{}, err
		}
		pin.Hashes = append(pin.Hashes, oldPoetryHashes(root, name.value.text)...)
		lock.Pins = append(lock.Pins, pin)
	}
	return lock, nil
}

// poetryPython turns what only poetry writes, "^3.11", into version specifiers.
func poetryPython(text string) string {
	if rest, ok := strings.CutPrefix(text, "^"); ok {
		major, _, _ := strings.Cut(rest, ".")
		return ">=" + rest + ",==" + major + ".*"
	}
	return text
}

func tomlPin(s *source, format string, p *node) (Pin, error) {
	name, version := p.get("name"), p.get("version")
	pin := Pin{Package: Normalize(name.value.text), Marker: tomlMarker(format, p)}
	pin.Hashes = tomlHashes(p)
	if version.value.str() == "" {
		pin.Versions = unknown("", "the lock file gives no version for this source")
		return s.pin(pin, name.start, name.value.end), nil
	}
	v, err := exactly(version.value.text)
	if err != nil {
		return Pin{}, s.errorf(version.value.start, "version of %s: %v", excerpt(name.value.text), err)
	}
	pin.Versions = v
	pin = s.pin(pin, version.start, version.value.end)
	if from := origin(p); from != "" {
		pin.Doubt = pin.Package + " comes from " + from + ": it need not be the release of that number"
	}
	return pin, nil
}

// origin says where a package comes from, if not from an index.
func origin(p *node) string {
	switch kind := p.at("source", "type").str(); kind { // poetry
	case "git", "url", "file", "directory":
		return kind
	}
	for _, key := range []string{"git", "url", "path", "directory", "editable", "virtual"} { // uv
		if p.at("source", key) != nil && p.at("source", "type") == nil {
			return key
		}
	}
	for _, key := range []string{"vcs", "directory", "archive"} { // PEP 751
		if p.at(key) != nil {
			return key
		}
	}
	return ""
}

// tomlMarker returns the condition of a package: one marker, one for each group
// (poetry), or a list of which one must hold (uv).
func tomlMarker(format string, p *node) string {
	m := p.at(map[string]string{"poetry.lock": "markers", "uv.lock": "resolution-markers"}[format])
	if m == nil {
		m = p.at("marker")
	}
	if m == nil {
		return ""
	}
	var parts []string
	for _, i := range m.items {
		parts = append(parts, i.str())
	}
	for _, f := range m.fields {
		parts = append(parts, f.value.str())
	}
	if len(parts) > 1 {
		return "(" + strings.Join(parts, ") or (") + ")"
	}
	return m.text + strings.Join(parts, "")
}

// tomlHashes collects the hashes of a package's files, wherever the format has them.
func tomlHashes(p *node) []string {
	var hashes []string
	add := func(file *node) {
		if h := file.at("hash").str(); h != "" {
			hashes = append(hashes, h)
		}
		if all := file.at("hashes"); all != nil {
			for _, f := range all.fields {
				hashes = append(hashes, f.key+":"+f.value.str())
			}
		}
	}
	for _, key := range []string{"sdist", "archive"} {
		add(p.at(key))
	}
	for _, key := range []string{"wheels", "files"} {
		if files := p.at(key); files != nil {
			for _, f := range files.items {
				add(f)
			}
		}
	}
	return hashes
}

// oldPoetryHashes reads the table of files that poetry wrote up to version 1.1.
func oldPoetryHashes(root *node, name string) []string {
	files := root.at("metadata", "files", name)
	if files == nil {
		return nil
	}
	var hashes []string
	for _, f := range files.items {
		if h := f.at("hash").str(); h != "" {
			hashes = append(hashes, h)
		}
	}
	return hashes
}
