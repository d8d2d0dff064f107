package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/config"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

// settings are what a configuration file says, and where it is.
type settings struct {
	*config.File
	path    string // as messages call it; empty without a file
	ignores []*analyzer.Ignore
}

// findConfig looks for a configuration from the working directory up to the root of
// the repository that it lies in. Outside of a repository nothing is looked for: the
// directory may be what was downloaded.
func findConfig() (string, error) {
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	dir := working
	var found []string
	for {
		for _, name := range config.Names {
			if info, err := os.Lstat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
				found = append(found, filepath.Join(dir, name))
				break
			}
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			if len(found) == 0 {
				return "", nil
			}
			return filepath.Rel(working, found[0])
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// readConfig reads the configuration that the flags name, or the one that is found.
func readConfig(path string, none bool) (settings, error) {
	s := settings{File: &config.File{}}
	if none {
		return s, nil
	}
	if path == "" {
		var err error
		if path, err = findConfig(); err != nil || path == "" {
			return s, err
		}
	}
	file, err := config.Read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		var wrong *config.Error
		if errors.As(err, &wrong) {
			wrong.File = path
			return s, wrong
		}
		return s, fmt.Errorf("%s: %w", path, bare(err))
	}
	s.File, s.path = file, path
	for _, i := range file.Ignores {
		until, _ := i.End() // which Read has checked
		s.ignores = append(s.ignores, &analyzer.Ignore{Rule: i.Rule, Fingerprint: i.Fingerprint, Paths: i.Paths, Reason: i.Reason, Owner: i.Owner, Until: until})
	}
	return s, nil
}

// apply sets the flags of a scan that neither the command line nor the environment
// has set.
func (s *settings) apply(flags *pflag.FlagSet) error {
	set := func(name string, values ...string) error {
		if flags.Lookup(name).Changed {
			return nil
		}
		for _, v := range values {
			if v == "" {
				continue
			}
			if err := flags.Set(name, v); err != nil {
				var invalid *pflag.InvalidValueError
				if errors.As(err, &invalid) {
					err = invalid.Unwrap()
				}
				return fmt.Errorf("%s: %s: %w", s.path, name, err)
			}
		}
		return nil
	}
	strict := ""
	if s.Loader.Strict != nil {
		strict = strconv.FormatBool(*s.Loader.Strict)
	}
	locks, err := s.locks(flags)
	return errors.Join(err,
		set("select", strings.Join(s.Rules.Select, ",")), set("ignore", strings.Join(s.Rules.Ignore, ",")),
		set("fail-on", s.FailOn), set("timeout", s.Timeout),
		set("keras", s.Loader.Keras...), set("lock", locks...), set("safe-mode", s.Loader.SafeMode), set("python", s.Loader.Python),
		set("strict", strict), set("advisories", s.beside(s.Loader.Advisories)),
		set("include", s.Paths.Include...), set("exclude", s.Paths.Exclude...),
		set("max-read-bytes", s.Limits.ReadBytes), set("max-member-bytes", s.Limits.MemberBytes), set("max-text-bytes", s.Limits.TextBytes),
		set("max-structure-bytes", s.Limits.StructureBytes), set("max-nodes", s.Limits.Nodes), set("max-steps", s.Limits.Steps),
		set("max-depth", s.Limits.Depth), set("max-nesting", s.Limits.Nesting))
}

// beside returns a path relative to the configuration file.
func (s *settings) beside(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.directory(), path)
}

// directory is where the configuration file lies, or for one in .github, above.
func (s *settings) directory() string {
	dir := filepath.Dir(s.path)
	if filepath.Base(dir) == ".github" {
		return filepath.Dir(dir)
	}
	return dir
}

// lockNames are the files that say which loader is run, where they lie beside the
// configuration file.
var lockNames = []string{"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt", "conda-lock.yml", "environment.yml"}

// locks returns the lock files that the configuration names, or without any, and
// without a version on the command line, the one beside it that pins a loader.
func (s *settings) locks(flags *pflag.FlagSet) ([]string, error) {
	if s.path == "" {
		return nil, nil
	}
	var paths []string
	for _, l := range s.Loader.Lock {
		paths = append(paths, s.beside(l))
	}
	if len(paths) > 0 || len(s.Loader.Keras) > 0 || flags.Lookup("keras").Changed {
		return paths, nil
	}
	fsys := os.DirFS(s.directory())
	for _, name := range lockNames {
		lock, err := loaders.ReadLock(fsys, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("%s: %w", s.beside(name), bare(err))
		case len(lock.Pins) > 0:
			return []string{s.beside(name)}, nil
		}
	}
	return nil, nil
}

// unused says which decisions of the configuration were about nothing, or are over.
func (s *settings) unused(c *command, report *analyzer.Report) {
	for n, i := range s.ignores {
		at := fmt.Sprintf("%s:%d", s.path, s.Ignores[n].Line)
		what := i.Rule
		if what == "" {
			what = i.Fingerprint
		}
		switch {
		case i.Expired(time.Now()):
			fmt.Fprintf(c.Stderr, "kerasvet: %s: the ignore of %s has expired\n", at, what)
		case i.Used() == 0:
			fmt.Fprintf(c.Stderr, "kerasvet: %s: the ignore of %s matches no finding\n", at, what)
		}
	}
	var codes []string
	for _, code := range s.AllowCode {
		codes = append(codes, code.SHA256)
	}
	c.unused(s.path+": allow-code", codes, report)
}

func (c *command) config() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Write, check or describe a configuration file",
		Long: `A configuration is .kerasvet.yaml, kerasvet.yaml or .github/kerasvet.yaml, looked for
from the working directory up to the root of its repository, and nowhere else.`,
		Example: "  kerasvet config init\n  kerasvet config check",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "init",
		Short:   "Write a configuration to begin with",
		Example: "  kerasvet config init",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return c.configInit() },
	}, &cobra.Command{
		Use:     "check [FILE]",
		Short:   "Read a configuration and say what is wrong with it",
		Example: "  kerasvet config check",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return c.configCheck(args) },
	}, &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a configuration",
		Example: "  kerasvet config schema > kerasvet.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(c.Stdout, config.Schema)
			return err
		},
	})
	return cmd
}

// configInit writes the template, and never over a file.
func (c *command) configInit() error {
	name := config.Names[0]
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", name, bare(err))
	}
	_, err = f.WriteString(config.Template)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, bare(err))
	}
	_, err = fmt.Fprintf(c.Stdout, "wrote %s\n", name)
	return err
}

func (c *command) configCheck(args []string) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	s, err := readConfig(path, false)
	if err != nil {
		return err
	}
	if s.path == "" {
		return fmt.Errorf("no configuration: none of %s is here or above, up to the root of a repository", strings.Join(config.Names, ", "))
	}
	if err := s.apply(c.scan().Flags()); err != nil {
		return err
	}
	for n, i := range s.ignores {
		if i.Expired(time.Now()) {
			return fmt.Errorf("%s:%d: the ignore of %s has expired", s.path, s.Ignores[n].Line, i.Rule+i.Fingerprint)
		}
	}
	_, err = fmt.Fprintf(c.Stdout, "%s is good\n", s.path)
	return err
}

// allowances are the decisions of the configuration and the command line.
func (s *settings) allowances(digests []string) (code map[string]string, objects []analyzer.AllowedObject) {
	code = map[string]string{}
	for _, d := range digests {
		code[d] = ""
	}
	for _, a := range s.AllowCode {
		code[a.SHA256] = a.Reason
	}
	for _, o := range s.CustomObjects {
		objects = append(objects, analyzer.AllowedObject{Name: o.Name, Reason: o.Reason})
	}
	return code, objects
}
