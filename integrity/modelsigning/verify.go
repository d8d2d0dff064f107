package modelsigning

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/integrity"
)

// Comparison says how to hold a model against a manifest.
type Comparison struct {
	// Ignored are paths that the verifier leaves out, relative to the model. They are
	// listed as not covered, but that is the verifier's decision and no finding.
	Ignored []string
	// KeepGit does not leave out .git, .gitignore, .gitattributes and .github at the
	// top of the model.
	KeepGit bool
	// Unsigned lets files pass that the signer did not know.
	Unsigned bool
	// Self is the signature file, relative to the model; empty if it lies elsewhere.
	Self string
	// Known are digests of files that need not be read again.
	Known map[string]integrity.Digest
	Jobs  int
	Moved func(int)   // called with the length of each block, from several goroutines
	Total func(int64) // called with the number of bytes before they are read
}

// FileResult is what came of one file.
type FileResult struct {
	Name    string
	Outcome integrity.Outcome // New is a file that the signature does not know
	Err     error             // why it is changed or unreadable, where a digest does not say it
}

// Uncovered is a file that the signature does not speak of, and why that passes.
type Uncovered struct{ Name, Why string }

// Result is what came of holding a model against a manifest.
type Result struct {
	Files     []FileResult // sorted by name
	Uncovered []Uncovered  // sorted by name
	Findings  []integrity.Finding
}

// Failed reports whether the model is not the one that was signed, or a finding says
// that the signature leaves out something that matters.
func (r *Result) Failed() bool {
	return len(r.Findings) > 0 || slices.ContainsFunc(r.Files, func(f FileResult) bool {
		return f.Outcome != integrity.OK && f.Outcome != integrity.Unreadable
	})
}

// Unreadable reports whether some file could not be verified.
func (r *Result) Unreadable() bool {
	return slices.ContainsFunc(r.Files, func(f FileResult) bool { return f.Outcome == integrity.Unreadable })
}

// Compare holds a model against the manifest: every file of the manifest must be
// there with its digest, and every other file must be left out by somebody. What is
// left out by the signer, and not by the verifier, must be nothing that is loaded or
// run.
func (m *Manifest) Compare(ctx context.Context, t *integrity.Tree, c Comparison) (*Result, error) {
	if err := m.fits(t); err != nil {
		return nil, err
	}
	files, refused, err := t.Files()
	if err != nil {
		return nil, err
	}
	r := &Result{}
	listed := map[string]bool{}
	for _, name := range m.files() {
		listed[m.onDisk(t, name)] = true
	}
	for _, x := range refused {
		switch {
		case listed[x.Name]:
			r.Files = append(r.Files, FileResult{x.Name, integrity.Changed, x.Err})
			delete(listed, x.Name)
		default:
			m.other(t, x.Name, x.Err, false, c, r)
		}
	}
	var read []integrity.File
	for _, f := range files {
		if listed[f.Name] {
			read = append(read, f)
			delete(listed, f.Name)
			continue
		}
		m.other(t, f.Name, nil, m.ShardSize > 0 && f.Size == 0, c, r)
	}
	for name := range listed {
		r.Files = append(r.Files, FileResult{name, integrity.Missing, nil})
	}
	r.Files = append(r.Files, m.digests(ctx, t, read, c)...)
	slices.SortFunc(r.Files, func(a, b FileResult) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Uncovered, func(a, b Uncovered) int { return strings.Compare(a.Name, b.Name) })
	return r, ctx.Err()
}

// fits refuses a manifest of one file for a directory and the reverse.
func (m *Manifest) fits(t *integrity.Tree) error {
	names := m.files()
	switch {
	case t.Single && len(names) > 1:
		return fmt.Errorf("the signature is for %d files: give the directory that they are in", len(names))
	case !t.Single && slices.Contains(names, "."):
		return errors.New("the signature is for one file: give the path of the file, not of a directory")
	}
	return nil
}

// onDisk is what a file of the manifest is called in the model: the reference calls
// a model that is one file ".".
func (m *Manifest) onDisk(t *integrity.Tree, name string) string {
	if name == "." {
		return t.Name
	}
	return name
}

// other judges a file that is not in the manifest.
func (m *Manifest) other(t *integrity.Tree, name string, refused error, empty bool, c Comparison, r *Result) {
	pass := func(why string) { r.Uncovered = append(r.Uncovered, Uncovered{name, why}) }
	switch {
	case name == c.Self:
		return
	case integrity.Covers(c.Ignored, name):
		pass("left out by --ignore-paths")
		return
	case !c.KeepGit && integrity.Covers(gitPaths, name):
		pass("git's files are left out by default")
	case integrity.Covers(m.exclusions(), name):
		pass("left out by the signer")
	case empty:
		pass("empty files have no shards")
		return
	case c.Unsigned:
		pass("unsigned, and unsigned files were allowed")
	default:
		r.Files = append(r.Files, FileResult{name, integrity.New, refused})
		return
	}
	kind := t.Loadable(name)
	if refused != nil && kind == "" && !strings.HasPrefix(name, ".git/") {
		kind = "link or special"
	}
	if kind != "" {
		r.Findings = append(r.Findings, integrity.Finding{ID: integrity.UnsignedFile, Severity: integrity.High, Path: path.Join(t.Name, name),
			Message: fmt.Sprintf("The signature is valid, but does not cover %q, which is a %s file.", name, kind),
			Help:    "Remove the file, or have the model signed with it; --ignore-paths accepts it by name."})
	}
}

// exclusions are the signer's paths that mean something. Others, such as ".", leave
// nothing out: they would make an empty signature good for any model.
func (m *Manifest) exclusions() []string {
	var paths []string
	for _, p := range m.Ignored {
		if integrity.CheckName(p) == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// digests hashes files of the manifest and compares.
func (m *Manifest) digests(ctx context.Context, t *integrity.Tree, files []integrity.File, c Comparison) []FileResult {
	byName := map[string][]Resource{}
	for _, r := range m.Resources {
		name := m.onDisk(t, r.Name)
		byName[name] = append(byName[name], r)
	}
	var results []FileResult
	var whole []integrity.File
	var total int64
	for _, f := range files {
		known, ok := c.Known[f.Name]
		switch {
		case m.ShardSize > 0:
			total += f.Size
		case !ok:
			total += f.Size
			whole = append(whole, f)
		case known == byName[f.Name][0].Digest:
			results = append(results, FileResult{f.Name, integrity.OK, nil})
		default:
			results = append(results, FileResult{f.Name, integrity.Changed, nil})
		}
	}
	if c.Total != nil {
		c.Total(total)
	}
	if m.ShardSize > 0 {
		for _, f := range files {
			results = append(results, m.shards(ctx, t, f, byName[f.Name], c.Moved))
		}
		return results
	}
	for _, s := range t.Sums(ctx, whole, c.Jobs, c.Moved) {
		r := FileResult{s.Name, integrity.OK, s.Err}
		switch {
		case s.Err != nil:
			r.Outcome = integrity.Unreadable
		case s.Digest != byName[s.Name][0].Digest:
			r.Outcome = integrity.Changed
		}
		results = append(results, r)
	}
	return results
}

// shards hashes one file part by part.
func (m *Manifest) shards(ctx context.Context, t *integrity.Tree, file integrity.File, parts []Resource, moved func(int)) FileResult {
	f, info, err := t.Open(file.Name)
	if err != nil {
		return FileResult{file.Name, integrity.Unreadable, err}
	}
	defer f.Close()
	slices.SortFunc(parts, func(a, b Resource) int {
		if a.Start < b.Start {
			return -1
		}
		return 1
	})
	if parts[len(parts)-1].End != info.Size {
		return FileResult{file.Name, integrity.Changed, fmt.Errorf("has %d bytes, signed were %d", info.Size, parts[len(parts)-1].End)}
	}
	for i, p := range parts {
		if i > 0 && parts[i-1].End != p.Start {
			return FileResult{file.Name, integrity.Changed, fmt.Errorf("bytes %d to %d are not signed", parts[i-1].End, p.Start)}
		}
		d, n, err := integrity.Sum(ctx, io.NewSectionReader(f, p.Start, p.End-p.Start), moved)
		switch {
		case err != nil:
			return FileResult{file.Name, integrity.Unreadable, err}
		case n != p.End-p.Start || d != p.Digest:
			return FileResult{file.Name, integrity.Changed, fmt.Errorf("bytes %d to %d", p.Start, p.End)}
		}
	}
	return FileResult{file.Name, integrity.OK, nil}
}

// Collect hashes the files of a model that are to be signed. skip are paths that are
// left out, and the default exclusions are unless keepGit is set. It returns the
// exclusions for the manifest, and the names of files that are left out although
// something loads or runs them.
func Collect(ctx context.Context, t *integrity.Tree, c Comparison) (sums []integrity.Summed, ignored, loadable []string, err error) {
	files, refused, err := t.Files()
	if err != nil {
		return nil, nil, nil, err
	}
	ignored = slices.Clone(c.Ignored)
	if !c.KeepGit && !t.Single {
		ignored = append(ignored, gitPaths...)
	}
	if c.Self != "" {
		ignored = append(ignored, c.Self)
	}
	for _, x := range refused {
		if !integrity.Covers(ignored, x.Name) {
			return nil, nil, nil, fmt.Errorf("%s: %w", x.Name, x.Err)
		}
	}
	files = slices.DeleteFunc(files, func(f integrity.File) bool {
		out := integrity.Covers(ignored, f.Name)
		if out && f.Name != c.Self && t.Loadable(f.Name) != "" {
			loadable = append(loadable, f.Name)
		}
		return out
	})
	if c.Total != nil {
		var n int64
		for _, f := range files {
			n += f.Size
		}
		c.Total(n)
	}
	sums = t.Sums(ctx, files, c.Jobs, c.Moved)
	if err := ctx.Err(); err != nil {
		return nil, nil, nil, err
	}
	return sums, ignored, loadable, integrity.Errors(sums)
}
