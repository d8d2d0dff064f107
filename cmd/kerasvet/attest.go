package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/attest"
	"github.com/kerasvet/kerasvet/integrity/modelsigning"
	"github.com/kerasvet/kerasvet/integrity/stage"
	"github.com/kerasvet/kerasvet/reporters"
	"github.com/kerasvet/kerasvet/rules"
)

// attestFlags are the flags of kerasvet attest as they were given.
type attestFlags struct {
	signer signerFlags
	vet    vetFlags
	shown  shownFlags
	links  linkFlags
	output string
	report string
	to     string
}

func (c *command) attest() *cobra.Command {
	var f attestFlags
	cmd := &cobra.Command{
		Use:   "attest --private-key FILE --output FILE [flags] MODEL",
		Short: "Scan a model and sign a record of what came of it",
		Long: `Copy a model as kerasvet stage does, scan the copy, and sign a record: this tool with
these rules and this configuration judged exactly these bytes thus. It is an in-toto
statement with the SLSA verification summary. kerasvet verify attestation reads it.

A model that does not pass gets a record too, which says so, and the exit code of
scan.`,
		Example: "  kerasvet attest --private-key key.pem --output model.vet.json --report model.report.json model.keras",
		Args:    oneModel,
		RunE:    func(cmd *cobra.Command, args []string) error { return c.runAttest(cmd.Context(), &f, args[0]) },
	}
	out := pflag.NewFlagSet("record", pflag.ContinueOnError)
	out.StringVarP(&f.output, "output", "o", "", "`FILE` of the record")
	out.StringVar(&f.report, "report", "", "also write the report in JSON to this `FILE`; the\nrecord has its digest")
	out.StringVar(&f.to, "to", "", "`DIR` for the copy (default that of temporary files)")
	out.AddFlagSet(f.links.flags())
	signer := f.signer.flags(true)
	signer.StringVar(&f.signer.publicKey, "public-key", "", "PEM `FILE` of the key that --signer-exec signs\nwith")
	groupFlags(cmd, flagGroup{"Record", out}, flagGroup{"Signer", signer}, flagGroup{"Scan", f.vet.flags(vetNames...)}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
	return cmd
}

func (c *command) runAttest(ctx context.Context, f *attestFlags, model string) (err error) {
	if f.output == "" {
		return errors.New("no file for the record: want --output")
	}
	for _, file := range []string{f.output, f.report} {
		if file == "" {
			continue
		}
		if err := writable(file); err != nil {
			return fmt.Errorf("%s: %w", file, bare(err))
		}
	}
	var chain []*x509.Certificate
	if f.signer.certificate != "" {
		if chain, err = f.signer.certificates(); err != nil {
			return err
		}
	}
	signer, err := f.signer.signer(chain)
	if err != nil {
		return err
	}
	p := c.bytesProgress(f.shown, "copied")
	s, err := stage.Copy(ctx, model, stage.Options{To: f.to, Links: f.links.links(), Moved: p.add, Total: p.total})
	p.stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return c.cannot("copy", err)
	}
	defer func() { err = errors.Join(err, s.Remove()) }()
	record, result, err := c.judge(ctx, f, s, model)
	if err != nil {
		return err
	}
	payload, err := record.Payload()
	if err != nil {
		return err
	}
	b, err := modelsigning.Sign(ctx, payload, signer, chain)
	if err != nil {
		return c.cannot("sign", err)
	}
	if err := writeFile(f.output, func(w io.Writer) error { _, err := w.Write(b.Raw); return err }); err != nil {
		return fmt.Errorf("cannot write record %s: %w", f.output, bare(err))
	}
	if !f.shown.quiet {
		fmt.Fprintf(c.Stdout, "%s: %s, recorded in %s\n", printable(record.Model), outcome(record.Passed), filepath.ToSlash(f.output))
	}
	return result
}

func outcome(passed bool) string {
	if passed {
		return "passed"
	}
	return "FAILED"
}

// judge scans the copy and says what came of it; result is the exit code of the scan.
func (c *command) judge(ctx context.Context, f *attestFlags, s *stage.Staged, model string) (r *attest.Record, result, err error) {
	report, err := c.scanCopy(ctx, &f.vet, s, model)
	if err != nil {
		return nil, nil, err
	}
	if ctx.Err() != nil {
		return nil, nil, errInterrupted
	}
	if err := s.Recheck(ctx, 0); err != nil {
		return nil, nil, c.failed(err)
	}
	result = exit(report, threshold(f.vet.scan.failOn), false)
	if len(report.Results) == 0 {
		fmt.Fprintln(c.Stderr, "kerasvet: no model files found: nothing to record")
		return nil, nil, result
	}
	if result != nil || !f.shown.quiet && !nothingToSay(report) {
		if err := reporters.Text(c.style("auto"))(c.Stderr, report); err != nil {
			return nil, nil, err
		}
	}
	r = &attest.Record{Model: s.Tree.Name, Files: s.Digests(), Time: time.Now().UTC().Truncate(time.Second), Passed: result == nil, FailOn: f.vet.scan.failOn, Tool: c.tool()}
	if r.Root, err = modelsigning.RootOf(s.Tree.Name, s.Sums, s.Tree.Single); err != nil {
		return nil, nil, err
	}
	if r.Policy, err = f.vet.policy(); err != nil {
		return nil, nil, err
	}
	if f.report != "" {
		json, err := reporters.ByName("json")
		if err != nil {
			return nil, nil, err
		}
		var text bytes.Buffer
		if err := json(&text, report); err != nil {
			return nil, nil, err
		}
		if err := writeFile(f.report, func(w io.Writer) error { _, err := w.Write(text.Bytes()); return err }); err != nil {
			return nil, nil, fmt.Errorf("cannot write report %s: %w", f.report, bare(err))
		}
		r.Report = attest.Input{URI: filepath.Base(f.report), Digest: sha256.Sum256(text.Bytes())}
	}
	return r, result, nil
}

// policy is what the scan went by: the configuration file, and the flags.
func (v *vetFlags) policy() (attest.Policy, error) {
	p := attest.Policy{URI: "kerasvet:defaults", Digest: sha256.Sum256(nil)}
	s, err := readConfig(v.scan.config, v.scan.noConfig)
	if err != nil {
		return p, err
	}
	if s.path != "" {
		data, err := os.ReadFile(s.path)
		if err != nil {
			return p, fmt.Errorf("%s: %w", s.path, bare(err))
		}
		p.URI, p.Digest = modelPath(s.path), sha256.Sum256(data)
	}
	v.all.VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Name != "config" {
			p.Flags = append(p.Flags, "--"+f.Name+"="+strings.ReplaceAll(f.Value.String(), "\n", " "))
		}
	})
	return p, nil
}

// tool is this program.
func (c *command) tool() attest.Tool {
	t := attest.Tool{Version: version(), Rules: rulesDigest(), RulesDate: rulesDate()}
	if exe, err := os.Executable(); err == nil {
		if f, err := os.Open(exe); err == nil {
			defer f.Close()
			if d, _, err := integrity.Sum(context.Background(), f, nil); err == nil {
				t.Executable = d
			}
		}
	}
	return t
}

// rulesDigest identifies the rule set: every rule with its severity and its page.
func rulesDigest() integrity.Digest {
	h := sha256.New()
	for _, r := range rules.All() {
		page, _ := r.Doc() // every rule has one: a test sees to it
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00", r.ID, r.Severity, page)
	}
	return integrity.Digest(h.Sum(nil))
}

// rulesDate is when this program's source was last changed, as the build recorded it;
// zero if it did not.
func rulesDate() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				return t.UTC()
			}
		}
	}
	// v0.0.0-20260501100000-0123456789ab is a version with its time.
	parts := strings.Split(info.Main.Version, "-")
	if len(parts) > 2 {
		stamp := parts[len(parts)-2]
		if t, err := time.Parse("20060102150405", stamp[strings.LastIndexByte(stamp, '.')+1:]); err == nil {
			return t
		}
	}
	return time.Time{}
}

// verifyRecordFlags are the flags of kerasvet verify attestation as they were given.
type verifyRecordFlags struct {
	record string
	trust  trustFlags
	gate   gateFlags
	links  linkFlags
	shown  shownFlags
	jobs   int
}

func (c *command) verifyRecord() *cobra.Command {
	var f verifyRecordFlags
	cmd := &cobra.Command{
		Use:   "attestation [flags] MODEL",
		Short: "Verify that exactly this model was vetted",
		Long: `Verify a record of kerasvet attest: its signature, that it is about exactly this
model, that the model passed, and that the vetting answers what is asked for.`,
		Example: "  kerasvet verify attestation --attestation model.vet.json --public-key key.pub --max-age 30d model.keras",
		Args:    oneModel,
		RunE:    func(cmd *cobra.Command, args []string) error { return c.runVerifyRecord(cmd.Context(), f, args[0]) },
	}
	record := pflag.NewFlagSet("record", pflag.ContinueOnError)
	record.StringVar(&f.record, "attestation", "", "`FILE` of the record")
	record.AddFlagSet(f.gate.flags())
	model := f.links.flags()
	model.VarP(number[int]{&f.jobs, 0}, "jobs", "j", "files hashed at once (default one per processor)")
	groupFlags(cmd, flagGroup{"Record", record}, flagGroup{"Trust", f.trust.flags(trustKey | trustCertificate)}, flagGroup{"Model", model}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
	return cmd
}

func (c *command) runVerifyRecord(ctx context.Context, f verifyRecordFlags, model string) error {
	if f.record == "" {
		return errors.New("no record: want --attestation")
	}
	gate, err := f.gate.requirement()
	if err != nil {
		return err
	}
	record, err := c.readRecord(ctx, f.trust, f.record)
	if err != nil {
		return err
	}
	t, err := integrity.OpenTree(model, f.links.links())
	if err != nil {
		return c.cannot("verify", err)
	}
	defer t.Close()
	p := c.bytesProgress(f.shown, "hashed")
	v := c.findings(f.shown)
	sums := c.hashTree(ctx, t, hashFlags{jobs: f.jobs}, p, v)
	p.stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err := v.exit(); err != nil {
		return err
	}
	root, err := modelsigning.RootOf(t.Name, sums, t.Single)
	if err == nil {
		err = record.Check(sums, root, gate)
	}
	if err != nil {
		return c.failed(err)
	}
	if !f.shown.quiet {
		fmt.Fprintf(c.Stdout, "verified: vetted at %s by kerasvet %s, rules %.12s, findings fail from %s\n", record.Time.Format(time.RFC3339), printable(record.Tool.Version), record.Tool.Rules, printable(record.FailOn))
		for _, flag := range record.Policy.Flags {
			fmt.Fprintf(c.Stdout, "  with %s\n", printable(flag))
		}
	}
	return nil
}

// readRecord reads a record and verifies its signature.
func (c *command) readRecord(ctx context.Context, t trustFlags, file string) (*attest.Record, error) {
	b, err := c.readBundle(file)
	if err != nil {
		return nil, err
	}
	by, err := c.trusted(ctx, t, "", b)
	if err != nil {
		return nil, err
	}
	record, err := attest.Parse(by.Payload)
	if err != nil {
		return nil, c.failed(fmt.Errorf("%s: %w", file, err))
	}
	return record, nil
}

// requirement is what the flags ask of a record.
func (g *gateFlags) requirement() (attest.Requirement, error) {
	q := attest.Requirement{MaxAge: g.maxAge, MaxRules: g.maxRules}
	switch {
	case g.rules == "same":
		d := rulesDigest()
		q.Rules = &d
	case g.rules != "":
		d, err := integrity.ParseDigest(strings.TrimPrefix(g.rules, "sha256:"))
		if err != nil {
			return q, fmt.Errorf("--rules: %w", err)
		}
		q.Rules = &d
	}
	if g.policy != "" {
		data, err := os.ReadFile(g.policy)
		if err != nil {
			return q, fmt.Errorf("--policy %s: %w", g.policy, bare(err))
		}
		d := integrity.Digest(sha256.Sum256(data))
		q.Policy = &d
	}
	if g.failOn != "" {
		for i := len(severities) - 1; i >= 0; i-- { // from none down to critical
			if s := severities[i]; s != "none" || g.failOn == "none" {
				q.FailOn = append(q.FailOn, s)
			}
			if severities[i] == g.failOn && g.failOn != "none" {
				break
			}
		}
	}
	return q, nil
}

// dayDuration is a time span above zero, also in days.
type dayDuration time.Duration

func (d *dayDuration) Set(s string) error {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int64
		if err := (number[int64]{&n, 1}).Set(days); err == nil && n < 100_000 {
			*d = dayDuration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
		return fmt.Errorf("%q is not a time span: want one such as 30d or 12h", s)
	}
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		return fmt.Errorf("%q is not a time span: want one such as 30d or 12h", s)
	}
	*d = dayDuration(v)
	return nil
}

func (d *dayDuration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}
func (d *dayDuration) Type() string { return "TIME" }
