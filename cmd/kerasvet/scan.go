package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/reporters"
	"github.com/kerasvet/kerasvet/rules"
)

// scanFlags are the flags of kerasvet scan as they were given.
type scanFlags struct {
	format     string
	outputs    outputList
	failOn     string
	selected   ruleList
	ignored    ruleList
	allowCode  digestList
	jobs       int
	timeout    time.Duration
	color      string
	stdinName  string
	pathBase   string
	allowEmpty bool
	noProgress bool
	quiet      bool
	limits     formats.Limits
	target     targetFlags
	config     string
	noConfig   bool
	baseline   string
	newBase    string
	hash       bool
	verbose    bool
	include    globList
	exclude    globList
}

// softMemory is the heap size from which the collector works harder: scanning
// stays well below 256 MiB whatever the inputs are.
const softMemory = 160 << 20

// gcPercent lets garbage grow before it is collected: each model's tree is garbage
// at once, and below softMemory there is room for it.
const gcPercent = 400

// severities are the values of --fail-on.
var severities = []string{"critical", "high", "medium", "low", "info", "none"}

var colors = []string{"auto", "always", "never"}

func (c *command) scan() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "Scan model files and directories",
		Long: `Scan files, directories, or "-" for standard input. In a directory models are
found by content, not by name. Without a path the working directory is scanned.`,
		Example: `  kerasvet scan testdata/samples
  kerasvet scan --fail-on high -o sarif=out.sarif model.keras
  curl -s $URL | kerasvet scan --stdin-name model.keras -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := readConfig(f.config, f.noConfig)
			if err != nil {
				return err
			}
			if err := s.apply(cmd.Flags()); err != nil {
				return err
			}
			return c.runScan(cmd.Context(), f, s, args)
		},
	}
	groupFlags(cmd,
		flagGroup{"Scanning", f.scanning()},
		flagGroup{"Your loader: findings that cannot fire there are waived", f.target.scanFlags()},
		flagGroup{"Reporting", f.reporting()},
		flagGroup{"Limits: what exceeds one is reported as not analysed, with exit code 3", limitFlags(&f.limits)})
	f.complete(cmd)
	return cmd
}

// scanning defines the flags that say what is done.
func (f *scanFlags) scanning() *pflag.FlagSet {
	fl := pflag.NewFlagSet("scanning", pflag.ContinueOnError)
	fl.Var(&f.selected, "select", "run only these rules (ids with commas)")
	fl.Var(&f.ignored, "ignore", "do not run these rules")
	fl.Var(&f.allowCode, "allow-code", "waive findings about the function with this\nSHA-256, which the finding tells; repeatable")
	f.failOn = "medium"
	fl.Var(choice{&f.failOn, "SEVERITY", severities}, "fail-on", "exit 1 on findings from this severity: critical,\nhigh, medium, low, info; none: never")
	fl.BoolVar(&f.allowEmpty, "allow-empty", false, "exit 0 when no model files are found")
	fl.Var(&f.include, "include", "of a directory, scan only files that match; repeatable")
	fl.Var(&f.exclude, "exclude", "of a directory, leave out files that match; repeatable")
	fl.StringVarP(&f.config, "config", "c", "", "read this configuration `FILE`")
	fl.BoolVar(&f.noConfig, "no-config", false, "look for no configuration file")
	fl.StringVar(&f.stdinName, "stdin-name", "stdin", "`NAME` of standard input in reports")
	f.timeout = analyzer.DefaultTimeout
	fl.Var((*duration)(&f.timeout), "timeout", "for one input")
	fl.VarP(number[int]{&f.jobs, 0}, "jobs", "j", "inputs analyzed at once (default one per processor)")
	return fl
}

// reporting defines the flags that say what is shown.
func (f *scanFlags) reporting() *pflag.FlagSet {
	fl := pflag.NewFlagSet("reporting", pflag.ContinueOnError)
	f.format, f.color = "text", "auto"
	fl.VarP(choice{&f.format, "FORMAT", reporters.Names()}, "format", "f", "of standard output: "+strings.Join(reporters.Names(), ", "))
	fl.VarP(&f.outputs, "output", "o", "write a file; repeatable; without FORMAT=\nit takes that of -f and nothing is printed")
	fl.StringVar(&f.baseline, "baseline", "", "waive what is in an earlier `REPORT`, JSON or SARIF")
	fl.StringVar(&f.newBase, "write-baseline", "", "write this run's findings to `FILE`")
	fl.BoolVar(&f.hash, "hash", false, "also report the SHA-256 of each model, for which all\nof it is read")
	fl.StringVar(&f.pathBase, "path-base", "", "paths are relative to `DIR`, not to the working directory")
	fl.Var(choice{&f.color, "WHEN", colors}, "color", "auto, always or never")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no text when the run is clean, no progress")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say which files of directories were passed over")
	fl.BoolVar(&f.noProgress, "no-progress", false, "no progress")
	return fl
}

// complete offers the shell the values of flags.
func (f *scanFlags) complete(cmd *cobra.Command) {
	for flag, values := range map[string][]string{"format": reporters.Names(), "fail-on": severities, "color": colors, "safe-mode": safeModes} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("select", completeRules)
	_ = cmd.RegisterFlagCompletionFunc("ignore", completeRules)
}

// runScan is the whole job: settle what is asked, find the inputs, analyze, write.
func (c *command) runScan(ctx context.Context, f scanFlags, s settings, args []string) error {
	list, err := chooseRules(f.selected, f.ignored)
	if err != nil {
		return err
	}
	outs, err := c.plan(f)
	if err != nil {
		return err
	}
	have, err := f.target.read(f.pathBase)
	if err != nil {
		return err
	}
	var known loaders.Database
	advise := slices.Contains(list, rules.VulnerableKeras) && (have.asked() || f.target.advisories != "")
	if advise {
		if known, err = f.target.database(); err != nil {
			return err
		}
	}
	base, err := readBaseline(f.baseline)
	if err != nil {
		return err
	}
	inputs, err := c.inputs(f, args)
	if err != nil {
		return err
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(softMemory)
	code, objects := s.allowances(f.allowCode)
	opts := analyzer.Options{Rules: list, Limits: f.limits, Timeout: f.timeout, Jobs: f.jobs, AllowCode: code, AllowObjects: objects,
		Ignores: s.ignores, Hash: f.hash, RefuseForeign: f.target.strict, Target: f.target.target(have)}
	p := c.progress(f, len(inputs))
	report := analyzer.AnalyzeAll(ctx, inputs, opts, p.step)
	p.stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	report.Version = version()
	c.unused("--allow-code", f.allowCode, report)
	if advise {
		c.sayAge(known)
		report.Versions = analyzer.Advise(have.pins, have.unread, known.Advisories, report.Results, opts)
	}
	s.unused(c, report)
	if base != nil {
		report.Compare(base)
	}
	if f.verbose {
		for _, name := range report.Skipped {
			fmt.Fprintf(c.Stderr, "kerasvet: passed over, no model: %s\n", name)
		}
	}
	result := exit(report, threshold(f.failOn), f.allowEmpty)
	if err := outs.write(report, f.quiet && result == nil && nothingToSay(report)); err != nil {
		return err
	}
	return result
}

// unused says which allowed digests no function has: they were mistyped, or
// the code has changed.
func (c *command) unused(by string, allowed []string, r *analyzer.Report) {
	for _, digest := range allowed {
		if !slices.ContainsFunc(r.Results, func(res analyzer.Result) bool {
			return slices.ContainsFunc(res.Findings, func(f analyzer.Finding) bool { return f.Code == digest })
		}) {
			fmt.Fprintf(c.Stderr, "kerasvet: %s %s: no function has this SHA-256\n", by, digest)
		}
	}
}

// maxBaseline is the size of the largest report that is read, in bytes.
const maxBaseline = 256 << 20

// readBaseline reads the report that findings are compared with; nil without one.
func readBaseline(path string) (*analyzer.Baseline, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxBaseline {
		err = fmt.Errorf("larger than %d bytes", maxBaseline)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", path, bare(err))
	}
	b, err := reporters.ReadBaseline(path, data)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", path, err)
	}
	return b, nil
}

// exit decides the exit code: findings win over what was left unread.
func exit(r *analyzer.Report, threshold rules.Severity, allowEmpty bool) error {
	switch {
	case threshold != 0 && r.Worst() >= threshold:
		return exitError(exitFindings)
	case r.Incomplete():
		return exitError(exitIncomplete)
	case len(r.Results) == 0 && !allowEmpty:
		return exitError(exitNoModels)
	}
	return nil
}

// nothingToSay reports whether a run was clean, which --quiet does not mention.
func nothingToSay(r *analyzer.Report) bool {
	return len(r.Results) > 0 && !r.Incomplete() && r.Worst() <= rules.Info
}

// threshold is the severity of a value of --fail-on, zero for none.
func threshold(failOn string) rules.Severity {
	sev, err := rules.ParseSeverity(failOn)
	if err != nil {
		return 0
	}
	return sev
}

// chooseRules applies --select and --ignore, whose ids are known to exist.
func chooseRules(selected, ignored []string) ([]*rules.Rule, error) {
	var list []*rules.Rule
	for _, r := range rules.All() {
		if (len(selected) == 0 || slices.Contains(selected, r.ID)) && !slices.Contains(ignored, r.ID) {
			list = append(list, r)
		}
	}
	if len(list) == 0 { // or a run without rules would be called clean
		return nil, errors.New("--select and --ignore leave no rule to run")
	}
	return list, nil
}
