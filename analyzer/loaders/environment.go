package loaders

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
)

const (
	// maxMetadata is the largest METADATA file of which the headers are looked for;
	// the rest is the package's description.
	maxMetadata = 4 << 20
	// maxEntries bounds the directory entries that are looked at.
	maxEntries = 1 << 17
)

// readEnvironment reads the packages that are installed in a directory: a
// site-packages directory, or an environment that has one.
func readEnvironment(fsys fs.FS, dir string) (Lock, error) {
	lock := Lock{Format: "environment"}
	var found bool
	for _, site := range sitePackages(fsys, dir) {
		entries, err := fs.ReadDir(fsys, site)
		if err != nil {
			return Lock{}, fileError(site, err)
		}
		if len(entries) > maxEntries {
			return Lock{}, &Error{File: site, What: "more entries than any environment has"}
		}
		for _, e := range entries {
			stem, ok := strings.CutSuffix(e.Name(), ".dist-info")
			if !ok || !e.IsDir() {
				continue
			}
			found = true
			name, _, _ := strings.Cut(stem, "-")
			if Of(name) == "" {
				continue
			}
			pin, err := readMetadata(fsys, path.Join(site, e.Name(), "METADATA"))
			if err != nil {
				return Lock{}, err
			}
			lock.Pins = append(lock.Pins, pin)
		}
	}
	if !found {
		return Lock{}, &Error{File: dir, What: "an environment is expected: there is no *.dist-info in it or in its site-packages"}
	}
	if pin, ok := readPyvenv(fsys, path.Join(dir, "pyvenv.cfg")); ok {
		lock.Pins = append(lock.Pins, pin)
	}
	return lock, nil
}

// sitePackages returns the directories in which packages are installed.
func sitePackages(fsys fs.FS, dir string) []string {
	sites := []string{dir}
	for _, pattern := range []string{"lib/python3*/site-packages", "lib64/python3*/site-packages", "Lib/site-packages"} {
		// lib64 is a link to lib in most environments.
		if len(sites) > 1 {
			break
		}
		more, _ := fs.Glob(fsys, path.Join(escapeGlob(dir), pattern))
		sites = append(sites, more...)
	}
	return sites
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// readMetadata reads name and version from the headers of a core metadata file.
func readMetadata(fsys fs.FS, name string) (Pin, error) {
	data, err := readBounded(fsys, name, maxMetadata)
	if err != nil {
		return Pin{}, err
	}
	s := &source{name: name, data: data}
	var pin Pin
	var from, to int
	for at := 0; at < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i
		}
		line := strings.TrimRight(string(data[at:end]), "\r")
		if line == "" {
			break
		}
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.EqualFold(key, "Name") && pin.Package == "":
			pin.Package = Normalize(value)
		case strings.EqualFold(key, "Version") && to == 0:
			if pin.Versions, err = exactly(value); err != nil {
				return Pin{}, s.errorf(at, "%v", err)
			}
			from, to = at, at+len(line)
		}
		at = end + 1
	}
	if Of(pin.Package) == "" || to == 0 {
		return Pin{}, &Error{File: name, What: "the headers Name and Version of a package of interest are expected"}
	}
	return s.pin(pin, from, to), nil
}

// readPyvenv reads the Python version that a virtual environment states.
func readPyvenv(fsys fs.FS, name string) (Pin, bool) {
	data, err := readBounded(fsys, name, 1<<16)
	if err != nil {
		return Pin{}, false
	}
	at := 0
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if key == "version" || key == "version_info" {
			if v, err := exactly(firstThree(strings.TrimSpace(value))); err == nil {
				s := &source{name: name, data: data}
				return s.pin(Pin{Package: "python", Versions: v}, at, at+len(strings.TrimRight(line, "\r\n"))), true
			}
		}
		at += len(line)
	}
	return Pin{}, false
}

// firstThree cuts the release level that virtualenv writes: 3.12.1.final.0.
func firstThree(version string) string {
	parts := strings.SplitN(version, ".", 4)
	return strings.Join(parts[:min(3, len(parts))], ".")
}
