package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/modelsigning"
	"github.com/kerasvet/kerasvet/integrity/stage"
	"github.com/kerasvet/kerasvet/reporters"
)

// vetFlags are those of the scan that is part of another command.
type vetFlags struct {
	scan  scanFlags
	all   *pflag.FlagSet // every flag of a scan, for the configuration
	shown []string       // names of those that the command has
}

// flags defines the flags that the command shows; names are theirs.
func (v *vetFlags) flags(names ...string) *pflag.FlagSet {
	v.all = pflag.NewFlagSet("all", pflag.ContinueOnError)
	for _, fl := range []*pflag.FlagSet{v.scan.scanning(), v.scan.target.scanFlags(), v.scan.reporting(), limitFlags(&v.scan.limits)} {
		v.all.AddFlagSet(fl)
	}
	v.shown = names
	fl := pflag.NewFlagSet("scanning", pflag.ContinueOnError)
	for _, name := range names {
		fl.AddFlag(v.all.Lookup(name))
	}
	return fl
}

// vetNames are the flags of a scan that stage, run and attest have.
var vetNames = []string{"fail-on", "config", "no-config", "select", "ignore", "allow-code", "keras", "lock", "safe-mode", "timeout"}

// options settles how to scan.
func (v *vetFlags) options() (analyzer.Options, settings, error) {
	s, err := readConfig(v.scan.config, v.scan.noConfig)
	if err != nil {
		return analyzer.Options{}, s, err
	}
	if err := s.apply(v.all); err != nil {
		return analyzer.Options{}, s, err
	}
	list, err := chooseRules(v.scan.selected, v.scan.ignored)
	if err != nil {
		return analyzer.Options{}, s, err
	}
	have, err := v.scan.target.read("")
	if err != nil {
		return analyzer.Options{}, s, err
	}
	code, objects := s.allowances(v.scan.allowCode)
	return analyzer.Options{Rules: list, Limits: v.scan.limits, Timeout: v.scan.timeout, Jobs: v.scan.jobs, AllowCode: code, AllowObjects: objects,
		Ignores: s.ignores, Target: v.scan.target.target(have)}, s, nil
}

// stageFlags are the flags of kerasvet stage and run as they were given.
type stageFlags struct {
	to        string
	hashes    string
	base      string
	record    string
	signature string
	ignored   []string
	links     linkFlags
	trust     trustFlags
	gate      gateFlags
	vet       vetFlags
	noScan    bool
	shown     shownFlags
}

func (f *stageFlags) group(cmd *cobra.Command, to *pflag.FlagSet) {
	checks := pflag.NewFlagSet("checks", pflag.ContinueOnError)
	checks.StringVar(&f.hashes, "hashes", "", "hold it against this hash `LIST` or store")
	checks.StringVar(&f.base, "base", "", "names in the list are relative to `DIR`, not to the\nworking directory")
	checks.StringVar(&f.signature, "signature", "", "`FILE` of a signature of the model")
	checks.StringArrayVar(&f.ignored, "ignore-paths", nil, "`PATH` that the signature may leave out; repeatable")
	checks.StringVar(&f.record, "attestation", "", "`FILE` of kerasvet attest")
	checks.AddFlagSet(f.gate.flags())
	scan := f.vet.flags(vetNames...)
	scan.BoolVar(&f.noScan, "no-scan", false, "do not scan")
	to.AddFlagSet(f.links.flags())
	groupFlags(cmd, flagGroup{"Copy", to}, flagGroup{"What must hold", checks}, flagGroup{"Trust", f.trust.flags(trustKey | trustCertificate | trustKeyless)},
		flagGroup{"Scan of the copy", scan}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
}

func (c *command) stage() *cobra.Command {
	var f stageFlags
	cmd := &cobra.Command{
		Use:   "stage --to DIR [flags] MODEL",
		Short: "Copy a model to where nobody else can write, verify and scan the copy",
		Long: `Copy a model into a fresh directory of mode 0700, hash the bytes while they are
written, verify and scan the copy, and print its path: what was vetted is what you
load. Delete the directory that the path lies in when you are done.

Exit codes are those of scan and verify; unless 0, nothing is left behind.`,
		Example: "  model=$(kerasvet stage --to ~/.cache --hashes /srv/hashes model.keras)",
		Args:    oneModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.to == "" {
				return errors.New("no directory: want --to DIR, a directory of your own")
			}
			s, err := c.vetted(cmd.Context(), &f, args[0])
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(c.Stdout, s.Path); err != nil {
				return errors.Join(err, s.Remove())
			}
			return s.Keep()
		},
	}
	to := pflag.NewFlagSet("copy", pflag.ContinueOnError)
	to.StringVar(&f.to, "to", "", "`DIR` for the fresh directory")
	f.group(cmd, to)
	return cmd
}

// vetted copies a model and does everything that was asked for with the copy. The
// copy is gone if something is wrong with it.
func (c *command) vetted(ctx context.Context, f *stageFlags, model string) (_ *stage.Staged, err error) {
	check, err := c.checks(ctx, f, model)
	if err != nil {
		return nil, err
	}
	p := c.bytesProgress(f.shown, "copied")
	s, err := stage.Copy(ctx, model, stage.Options{To: f.to, Links: f.links.links(), Moved: p.add, Total: p.total})
	p.stop()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, c.cannot("copy", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Remove())
		}
	}()
	// All are done, so that all that is wrong is said; the worst decides.
	worst := check(s)
	if !f.noScan {
		worst = worse(worst, c.scanStaged(ctx, f, s, model))
	}
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if worst != nil {
		return nil, worst
	}
	if err := s.Recheck(ctx, 0); err != nil {
		return nil, c.failed(err)
	}
	return s, nil
}

// worse is the error that decides the exit code of both.
func worse(a, b error) error {
	rank := func(err error) int {
		var code exitError
		switch {
		case err == nil:
			return 0
		case !errors.As(err, &code):
			return 4
		}
		return map[exitError]int{exitFindings: 3, exitIncomplete: 2, exitNoModels: 1}[code]
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// checks reads all that the copy is to be held against, before it is made.
func (c *command) checks(ctx context.Context, f *stageFlags, model string) (func(*stage.Staged) error, error) {
	var list []func(*stage.Staged) error
	if f.hashes != "" {
		entries, err := integrity.ReadList(f.hashes)
		if err != nil {
			return nil, c.cannot("verify", fmt.Errorf("hash list %s: %w", f.hashes, err))
		}
		name, err := relativeTo(f.base, model)
		if err != nil {
			return nil, err
		}
		list = append(list, func(s *stage.Staged) error { return c.checkStaged(f, entries, name, model, s) })
	}
	if f.signature != "" {
		m, by, err := c.signedManifest(ctx, f.trust, f.signature)
		if err != nil {
			return nil, err
		}
		list = append(list, func(s *stage.Staged) error { return c.compareStaged(ctx, f, m, by, model, s) })
	}
	if f.record != "" {
		record, err := c.readRecord(ctx, f.trust, f.record)
		if err != nil {
			return nil, err
		}
		gate, err := f.gate.requirement()
		if err != nil {
			return nil, err
		}
		list = append(list, func(s *stage.Staged) error {
			root, err := modelsigning.RootOf(s.Tree.Name, s.Sums, s.Tree.Single)
			if err == nil {
				err = record.Check(s.Sums, root, gate)
			}
			if err != nil {
				return c.failed(err)
			}
			return nil
		})
	}
	return func(s *stage.Staged) error {
		var worst error
		for _, check := range list {
			worst = worse(worst, check(s))
		}
		return worst
	}, nil
}

// checkStaged holds the copies against a hash list.
func (c *command) checkStaged(f *stageFlags, entries []integrity.Entry, name, model string, s *stage.Staged) error {
	quiet := f.shown
	quiet.quiet = true
	v := c.onStderr().findings(quiet)
	results := integrity.CheckSums(entries, name, s.Tree.Single, s.Sums)
	for _, r := range results {
		v.c.printChecked(r, v, true)
	}
	v.add(integrity.Apart(integrity.StoreFile(f.hashes), []string{model}, directories([]string{model}))...)
	v.add(integrity.Older(results, integrity.ModTime(integrity.StoreFile(f.hashes)))...)
	return v.exit()
}

// compareStaged holds the copies against what was signed.
func (c *command) compareStaged(ctx context.Context, f *stageFlags, m *modelsigning.Manifest, by *modelsigning.Verified, model string, s *stage.Staged) error {
	t, err := integrity.OpenTree(model, f.links.links()) // for the paths of flags only
	if err != nil {
		return c.cannot("verify", err)
	}
	defer t.Close()
	comparison := modelsigning.Comparison{Known: s.Digests()}
	for _, arg := range f.ignored {
		name, err := ignoredPath(t, arg)
		if err != nil {
			return err
		}
		comparison.Ignored = append(comparison.Ignored, name)
	}
	if name, ok := inside(t, f.signature); ok {
		comparison.Self = name
	}
	r, err := m.Compare(ctx, s.Tree, comparison)
	if err != nil {
		return c.failed(err)
	}
	quiet := f.shown
	quiet.quiet = true
	return c.onStderr().printVerified(quiet, by, m, r)
}

// signedManifest reads a signature and verifies it with the method that it has.
func (c *command) signedManifest(ctx context.Context, t trustFlags, file string) (*modelsigning.Manifest, *modelsigning.Verified, error) {
	b, err := c.readBundle(file)
	if err != nil {
		return nil, nil, err
	}
	by, err := c.trusted(ctx, t, "", b)
	if err != nil {
		return nil, nil, err
	}
	m, err := by.Manifest()
	if err != nil {
		return nil, nil, c.refused(err)
	}
	return m, by, nil
}

// scanStaged scans the copies and prints what is found to standard error: standard
// output is for the path, or for the program that is run.
func (c *command) scanStaged(ctx context.Context, f *stageFlags, s *stage.Staged, model string) error {
	report, err := c.scanCopy(ctx, &f.vet, s, model)
	if err != nil {
		return err
	}
	result := exit(report, threshold(f.vet.scan.failOn), false)
	if result != nil || !f.shown.quiet && !nothingToSay(report) {
		if err := reporters.Text(c.style("auto"))(c.Stderr, report); err != nil {
			return err
		}
	}
	var code exitError
	if errors.As(result, &code) && code == exitNoModels {
		fmt.Fprintln(c.Stderr, "kerasvet: no model files found: --no-scan hands over files of other kinds")
	}
	return result
}

// scanCopy scans the copies.
func (c *command) scanCopy(ctx context.Context, v *vetFlags, s *stage.Staged, model string) (*analyzer.Report, error) {
	opts, settings, err := v.options()
	if err != nil {
		return nil, err
	}
	old := debug.SetGCPercent(gcPercent)
	defer debug.SetGCPercent(old)
	debug.SetMemoryLimit(softMemory)
	report, err := s.Scan(ctx, relative("", model), opts)
	if err != nil {
		return nil, c.cannot("scan", err)
	}
	report.Version = version()
	settings.unused(c, report)
	return report, nil
}

// onStderr is the command with everything on standard error.
func (c *command) onStderr() *command {
	d := *c
	d.Stdout = io.Writer(c.Stderr)
	return &d
}

// gateFlags say what a record of vetting must answer.
type gateFlags struct {
	maxAge   time.Duration
	maxRules time.Duration
	rules    string
	policy   string
	failOn   string
}

func (g *gateFlags) flags() *pflag.FlagSet {
	fl := pflag.NewFlagSet("gate", pflag.ContinueOnError)
	fl.Var((*dayDuration)(&g.maxAge), "max-age", "the model was vetted at most so long ago, such as\n30d")
	fl.Var((*dayDuration)(&g.maxRules), "max-rules-age", "the rules that vetted it are at most so old")
	fl.StringVar(&g.rules, "rules", "", "they are these: a `SHA256`, or \"same\" for those of\nthis kerasvet")
	fl.StringVar(&g.policy, "policy", "", "it was vetted with this configuration `FILE`")
	fl.Var(choice{&g.failOn, "SEVERITY", severities}, "vetted-from", "findings failed from this severity, or a lower one")
	return fl
}

// modelPath is a path as people read it.
func modelPath(p string) string { return path.Clean(filepath.ToSlash(p)) }
