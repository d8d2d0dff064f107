package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

// targetFlags say which loader the user runs.
type targetFlags struct {
	keras      requirementList
	python     pythonVersion
	locks      []string
	safeMode   string
	strict     bool
	advisories string
}

// safeModes are the values of --safe-mode.
var safeModes = []string{"on", "off", "unknown"}

func (t *targetFlags) flags(name string) *pflag.FlagSet {
	fl := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fl.Var(&t.keras, "keras", "the version that you run, such as 3.12.4,\ntf-keras==2.19.0 or tensorflow==2.15.1; repeatable")
	fl.StringArrayVar(&t.locks, "lock", nil, "read versions from a lock file, requirements or\nan environment's `PATH`; repeatable")
	fl.StringVar(&t.advisories, "advisories", "", "also use the OSV records in `FILE` (JSON or zip)")
	return fl
}

// scanFlags are those of flags, and those that only a scan has.
func (t *targetFlags) scanFlags() *pflag.FlagSet {
	fl := t.flags("loader")
	t.safeMode = "unknown"
	fl.Var(choice{&t.safeMode, "MODE", safeModes}, "safe-mode", "how you call load_model: on, off, unknown")
	fl.Var(&t.python, "python", "the version of Python that you run, such as 3.12")
	fl.BoolVar(&t.strict, "strict", false, "waive nothing that cannot fire there, and do not pass\nover files of other frameworks")
	return fl
}

// installed is what the flags say is installed.
type installed struct {
	pins   []loaders.Pin
	unread []loaders.Unread
}

// asked reports whether the user has said which versions are installed.
func (i *installed) asked() bool { return len(i.pins) > 0 || len(i.unread) > 0 }

// read reads what is stated and what lock files say.
func (t *targetFlags) read(base string) (installed, error) {
	in := installed{pins: slices.Clone(t.keras.pins)}
	for _, path := range t.locks {
		lock, err := loaders.ReadLock(os.DirFS(filepath.Dir(path)), filepath.Base(path))
		if err != nil {
			return in, fmt.Errorf("--lock %s: %w", path, bare(err))
		}
		if len(lock.Pins) == 0 && len(lock.Unread) == 0 {
			return in, fmt.Errorf("--lock %s: names no package that loads models", path)
		}
		dir := filepath.Dir(path)
		for _, p := range lock.Pins {
			p.File = relative(base, filepath.ToSlash(filepath.Join(dir, p.File)))
			in.pins = append(in.pins, p)
		}
		for _, u := range lock.Unread {
			u.File = relative(base, filepath.ToSlash(filepath.Join(dir, u.File)))
			in.unread = append(in.unread, u)
		}
	}
	return in, nil
}

// database returns the advisories of the program and those of --advisories.
func (t *targetFlags) database() (loaders.Database, error) {
	known, err := loaders.Embedded()
	if err != nil || t.advisories == "" {
		return known, err
	}
	more, err := readAdvisories(t.advisories)
	if err != nil {
		return known, fmt.Errorf("--advisories %s: %w", t.advisories, bare(err))
	}
	return known.Merge(more), nil
}

func readAdvisories(path string) (loaders.Database, error) {
	f, err := os.Open(path)
	if err != nil {
		return loaders.Database{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return loaders.Database{}, err
	}
	return loaders.ReadOSV(f, info.Size(), path)
}

// target is who loads the models.
func (t *targetFlags) target(in installed) analyzer.Target {
	modes := map[string]analyzer.SafeMode{"on": analyzer.SafeModeOn, "off": analyzer.SafeModeOff, "unknown": analyzer.SafeModeUnknown}
	python := t.python.versions
	for _, p := range in.pins {
		if p.Package == "python" && t.python.text == "" && !python.Known {
			python = p.Versions
		}
	}
	return analyzer.Target{Loaders: loaders.Loaders(in.pins), SafeMode: modes[t.safeMode], Python: python, Strict: t.strict}
}

// sayAge says once that the advisories are old.
func (c *command) sayAge(db loaders.Database) {
	if age := db.Age(time.Now()); age > loaders.Stale {
		fmt.Fprintf(c.Stderr, "kerasvet: the advisories are %d days old (%s): --advisories reads newer ones\n", int(age.Hours()/24), db.Date.Format(time.DateOnly))
	}
}

// requirementList is what the user says is installed; every further flag adds to it.
type requirementList struct{ pins []loaders.Pin }

func (l *requirementList) Set(s string) error {
	p, err := loaders.ParseRequirement(s)
	if err != nil {
		return err
	}
	l.pins = append(l.pins, p)
	return nil
}

func (l *requirementList) String() string { return "" }
func (l *requirementList) Type() string   { return "VERSION" }

// pythonVersion is a version of Python.
type pythonVersion struct {
	text     string
	versions loaders.Versions
}

func (v *pythonVersion) Set(s string) error {
	p, err := loaders.ParsePython(s)
	if err != nil {
		return err
	}
	v.text, v.versions = s, p.Versions
	return nil
}

func (v *pythonVersion) String() string { return v.text }
func (v *pythonVersion) Type() string   { return "VERSION" }
