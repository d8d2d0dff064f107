package formatstest

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Built is what a case becomes in one container.
type Built struct {
	Name  string            // the file or directory name to open it under
	Data  []byte            // the bytes of the file; nil for a directory
	Files map[string][]byte // of a directory: contents by slash-separated path; a path that ends in "/" is an empty directory
	Links map[string]string // of a directory: symbolic links, path to target
}

// A member is one resolved section.
type member struct {
	ref, name string // with and without "#2"
	data      []byte
}

// Build writes the case as the given container, which must be one of
// c.Containers. The same case gives the same bytes every time.
func (c *Case) Build(container string) (*Built, error) {
	if !slices.Contains(c.Containers, container) {
		return nil, fmt.Errorf("%s: container %q is not one of %v", c.Name, container, c.Containers)
	}
	b := &Built{Name: defaultNames[container]}
	if c.fileName != "" {
		b.Name = c.fileName
	}
	var err error
	switch container {
	case "keras", "zip":
		b.Data, err = c.buildZip()
	case "h5":
		b.Data, err = c.buildH5()
	case "json":
		b.Data, err = c.buildJSON()
	case "tar":
		b.Data, err = c.buildTar()
	case "savedmodel", "pickle", "file":
		b.Data, err = c.buildNamed(b.Name)
	case "lock":
		b.Data, err = c.buildLock(b.Name)
	case "dir":
		b.Files, b.Links, err = c.buildDir()
	}
	if err != nil || container == "dir" {
		return b, err
	}
	if c.compress != "" {
		if b.Data, err = streamKinds[c.compress](b.Data); err != nil {
			return nil, err
		}
	}
	for _, l := range c.bytes {
		if b.Data, _, err = c.editBytes(l, b.Data); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Write puts the file or directory below dir and returns its path.
func (b *Built) Write(dir string) (string, error) {
	root := filepath.Join(dir, b.Name)
	if b.Files == nil {
		return root, os.WriteFile(root, b.Data, 0o644)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	for name, data := range b.Files {
		p := filepath.Join(root, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(p, 0o755); err != nil {
				return "", err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(p, data, 0o644); err != nil {
			return "", err
		}
	}
	for name, target := range b.Links {
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return "", err
		}
		if err := os.Symlink(target, p); err != nil {
			return "", err
		}
	}
	return root, nil
}

// members resolves the sections that are not HDF5 attributes. With within
// empty these are the members of the model, else only the one blob of that
// name. Sections "outer!inner" become one archive "outer".
func (c *Case) members(within string) ([]member, error) {
	return c.resolve("", func(name string) bool {
		if within != "" {
			outer, _, _ := strings.Cut(name, "!")
			return outer == within
		}
		return !strings.HasPrefix(name, "$") && !isAttribute(name)
	})
}

func (c *Case) resolve(below string, include func(string) bool) ([]member, error) {
	var out []member
	done := map[string]bool{}
	for _, s := range c.sections {
		rest, found := strings.CutPrefix(s.name, below)
		if !found || !include(s.name) {
			continue
		}
		ref, _, nested := strings.Cut(rest, "!")
		if done[ref] {
			continue
		}
		done[ref] = true
		var data []byte
		var err error
		if nested {
			var inner []member
			inner, err = c.resolve(below+ref+"!", include)
			if strings.HasSuffix(ref, ".tar") {
				data = honestTar(inner)
			} else {
				data = newZip(inner).honest()
			}
		} else {
			data, err = c.content(s)
		}
		if err != nil {
			return nil, err
		}
		name, _ := cutCopy(ref)
		out = append(out, member{ref: ref, name: name, data: data})
	}
	return out, nil
}

func honestTar(members []member) []byte {
	var entries []*tarEntry
	for _, m := range members {
		entries = append(entries, newTarEntry(m))
	}
	return tarBytes(entries, make([]byte, 1024))
}

// modelMembers are the members with the metadata.json that "keras:" asks for.
func (c *Case) modelMembers() ([]member, error) {
	members, err := c.members("")
	if err != nil || c.Keras == "" || c.section("metadata.json") != nil {
		return members, err
	}
	metadata := fmt.Sprintf(`{"keras_version": %q, "date_saved": "2026-01-01@00:00:00"}`, c.Keras)
	return append([]member{{"metadata.json", "metadata.json", []byte(metadata)}}, members...), nil
}

func (c *Case) buildJSON() ([]byte, error) {
	s := c.section("config.json")
	if s == nil {
		return nil, fmt.Errorf("%s: container json needs a section config.json", c.Name)
	}
	return c.content(s)
}

// buildNamed is the one section of that name.
func (c *Case) buildNamed(name string) ([]byte, error) {
	s := c.section(name)
	if s == nil {
		return nil, fmt.Errorf("%s: there is no section %s, which is the whole file", c.Name, name)
	}
	return c.content(s)
}

func (c *Case) buildDir() (map[string][]byte, map[string]string, error) {
	members, err := c.modelMembers()
	if err != nil {
		return nil, nil, err
	}
	files, links := map[string][]byte{}, map[string]string{}
	for _, m := range members {
		if !filepath.IsLocal(m.ref) {
			return nil, nil, fmt.Errorf("%s: section %q would leave the directory", c.Name, m.ref)
		}
		files[m.ref] = m.data
	}
	for _, l := range c.scripts["dir"] {
		if l.verb != "symlink" {
			return nil, nil, l.errorf("unknown verb %q; dir: knows symlink", l.verb)
		}
		if err := l.want(2, 2); err != nil {
			return nil, nil, err
		}
		name := path.Clean(l.args[0])
		if _, taken := files[name]; taken || !filepath.IsLocal(name) {
			return nil, nil, l.errorf("%q is a section, or outside the directory", l.args[0])
		}
		links[name] = l.args[1]
	}
	return files, links, nil
}
