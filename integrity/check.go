package integrity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Outcome is what came of one file that was held against a list.
type Outcome string

const (
	OK         Outcome = "ok"         // has the digest of the list
	Changed    Outcome = "changed"    // has another digest
	Missing    Outcome = "missing"    // is in the list, but not there
	New        Outcome = "new"        // is there, but not in the list
	Unreadable Outcome = "unreadable" // could not be read, so nothing is known
)

// Checked is the outcome of one file.
type Checked struct {
	Name    string
	Outcome Outcome
	Want    Entry  // zero if new
	Got     Digest // zero unless ok or changed
	ModTime time.Time
	Err     error // of unreadable
}

// Comparison says what to hold against a list.
type Comparison struct {
	Base  string   // directory that the names of the list are relative to
	Under []string // paths relative to Base, with forward slashes: only these are checked, and what is new below them is found; empty for every file of the list
	Links Links
	Jobs  int
	Moved func(int) // called with the length of each block, from several goroutines
	// Total, if set, is called with the number of bytes before they are read.
	Total func(int64)
}

// Check hashes files and holds them against a list. The result is sorted by name. An
// error means that nothing could be checked.
func Check(ctx context.Context, want []Entry, c Comparison) ([]Checked, error) {
	links := c.Links
	t, err := OpenTree(c.Base, links)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if t.Single {
		return nil, fmt.Errorf("%s: is a file: want the directory that the names in the list are relative to", c.Base)
	}
	var results []Checked
	var files []File
	listed := map[string]Entry{}
	for _, e := range want {
		if len(c.Under) > 0 && !covered(c.Under, e.Name) {
			continue
		}
		listed[e.Name] = e
		info, err := t.stat(e.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			results = append(results, Checked{Name: e.Name, Outcome: Missing, Want: e})
		case err != nil:
			results = append(results, Checked{Name: e.Name, Outcome: Unreadable, Want: e, Err: err})
		default:
			files = append(files, info)
		}
	}
	for _, u := range c.Under {
		more, err := t.unlisted(u, listed)
		if err != nil {
			return nil, err
		}
		results = append(results, more...)
	}
	if c.Total != nil {
		var n int64
		for _, f := range files {
			n += f.Size
		}
		c.Total(n)
	}
	for _, s := range t.Sums(ctx, files, c.Jobs, c.Moved) {
		e := listed[s.Name]
		r := Checked{Name: s.Name, Outcome: OK, Want: e, Got: s.Digest, ModTime: s.ModTime, Err: s.Err}
		switch {
		case errors.Is(s.Err, fs.ErrNotExist):
			r = Checked{Name: s.Name, Outcome: Missing, Want: e}
		case s.Err != nil:
			r.Outcome, r.Got = Unreadable, Digest{}
		case s.Digest != e.Digest:
			r.Outcome = Changed
		}
		results = append(results, r)
	}
	slices.SortFunc(results, func(a, b Checked) int { return strings.Compare(a.Name, b.Name) })
	results = slices.CompactFunc(results, func(a, b Checked) bool { return a.Name == b.Name })
	return results, ctx.Err()
}

// CheckSums holds files that have been hashed against a list, which calls the model
// name: its path relative to what the names of the list are relative to.
func CheckSums(want []Entry, name string, single bool, sums []Summed) []Checked {
	below := func(file string) string {
		if single {
			return name
		}
		return path.Join(name, file)
	}
	listed := map[string]Entry{}
	for _, e := range want {
		if covered([]string{name}, e.Name) {
			listed[e.Name] = e
		}
	}
	var results []Checked
	for _, s := range sums {
		file := below(s.Name)
		e, ok := listed[file]
		delete(listed, file)
		r := Checked{Name: file, Outcome: OK, Want: e, Got: s.Digest, ModTime: s.ModTime}
		switch {
		case !ok:
			r.Outcome = New
		case e.Digest != s.Digest:
			r.Outcome = Changed
		}
		results = append(results, r)
	}
	for file, e := range listed {
		results = append(results, Checked{Name: file, Outcome: Missing, Want: e})
	}
	slices.SortFunc(results, func(a, b Checked) int { return strings.Compare(a.Name, b.Name) })
	return results
}

// covered is Covers, where "." covers everything.
func covered(under []string, name string) bool {
	return slices.Contains(under, ".") || Covers(under, name)
}

// unlisted finds what lies below a path and is in no list.
func (t *Tree) unlisted(under string, listed map[string]Entry) ([]Checked, error) {
	var results []Checked
	p := t.path(under)
	info, err := t.root.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		for name := range listed {
			if Covers([]string{under}, name) {
				return nil, nil // reported as missing
			}
		}
		return nil, fmt.Errorf("%s: no such file, and not in the list", under)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", under, bare(err))
	}
	take := func(name string) {
		if _, ok := listed[name]; ok {
			return
		}
		r := Checked{Name: name, Outcome: New}
		if f, err := t.stat(name); err != nil {
			r.Outcome, r.Err = Unreadable, err
		} else {
			r.ModTime = f.ModTime
		}
		results = append(results, r)
	}
	if !info.IsDir() {
		take(under)
		return results, nil
	}
	err = fs.WalkDir(t.root.FS(), p, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", p, bare(err))
		}
		if d.IsDir() {
			if versionControl[d.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		name := p
		if t.prefix != "." {
			name = strings.TrimPrefix(p, t.prefix+"/")
		}
		take(name)
		return nil
	})
	return results, err
}

// versionControl are directories whose files are in no hash list: they change
// without the model.
var versionControl = map[string]bool{".git": true, ".hg": true, ".svn": true}

// Apart judges where a hash list lies: files are the models' paths, dirs the
// directories that were asked for as a whole. It returns nil if the list lies apart
// and belongs to somebody else.
func Apart(list string, files, dirs []string) []Finding {
	list = resolved(list)
	dir := filepath.Dir(list)
	for _, f := range files {
		if filepath.Dir(resolved(f)) == dir {
			return []Finding{beside(list, f)}
		}
	}
	for _, d := range dirs {
		if rel, err := filepath.Rel(resolved(d), list); err == nil && filepath.IsLocal(rel) {
			return []Finding{beside(list, d)}
		}
	}
	for _, f := range files {
		if who := sameOwner(list, f); who != "" {
			return []Finding{{ID: HashBesideModel, Severity: Info, Path: list,
				Message: fmt.Sprintf("The hash list and %s are both writable by %s, who can change them together.", f, who),
				Help:    "Keep the list where only another user can write, or in a git repository or bucket with an access of its own."}}
		}
	}
	return nil
}

func beside(list, model string) Finding {
	return Finding{ID: HashBesideModel, Severity: High, Path: list,
		Message: fmt.Sprintf("The hash list lies beside %s: whoever can change the model can change its hash too.", model),
		Help:    "Keep the list apart from the models: in another bucket, repository or machine."}
}

// resolved is a path without links, as far as it exists.
func resolved(p string) string {
	abs, err := filepath.Abs(p)
	if err != nil {
		return p
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return abs
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// Older finds models that were written after they were hashed. listed is the time
// of a plain list's file, for entries without a time of their own.
func Older(results []Checked, listed time.Time) []Finding {
	var found []Finding
	for _, r := range results {
		when := r.Want.Time
		if when.IsZero() {
			when = listed
		}
		if (r.Outcome != OK && r.Outcome != Changed) || when.IsZero() || !r.ModTime.Truncate(time.Second).After(when) {
			continue
		}
		f := Finding{ID: HashOlderThanModel, Severity: Medium, Path: r.Name,
			Message: fmt.Sprintf("The model was written at %s, after its hash, which is from %s.", utc(r.ModTime), utc(when)),
			Help:    "Hash right after saving, before anybody else can write to the file."}
		if r.Outcome == OK { // copying a file makes it younger
			f.Severity = Info
			f.Message += " The content is still that of the hash."
		}
		found = append(found, f)
	}
	return found
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ModTime is the time at which a file was last written, zero if it cannot be told.
func ModTime(file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
