package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/integrity"
)

// hashFlags are the flags of kerasvet hash as they were given.
type hashFlags struct {
	check  string
	store  string
	update bool
	base   string
	style  string
	jobs   int
	links  linkFlags
	shown  shownFlags
}

func (c *command) hash() *cobra.Command {
	var f hashFlags
	cmd := &cobra.Command{
		Use:   "hash [flags] PATH...",
		Short: "Print SHA-256 hashes, keep them apart, hold files against them",
		Long: `Print the SHA-256 of files and of what lies below directories, as sha256sum does.
With --store they are kept in a file apart from the models, a line a model with the
time. With --check files are held against a store, or a list of sha256sum, a BSD or
OpenSSL: each is ok, changed, missing, new or unreadable.

Exit codes: 0 all ok, 1 changed, missing, new or a finding, 2 usage error,
3 something could not be read.`,
		Example: `  kerasvet hash --store /srv/hashes model.keras
  kerasvet hash --check /srv/hashes model.keras
  kerasvet hash models/ > SHA256SUMS`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.runHash(cmd.Context(), f, args) },
	}
	fl := pflag.NewFlagSet("hashing", pflag.ContinueOnError)
	fl.StringVarP(&f.check, "check", "c", "", "hold files against this `LIST`: all that it names,\nor those at PATH and what is new there")
	fl.StringVar(&f.store, "store", "", "add to the hash store in this `DIR` or file")
	fl.BoolVar(&f.update, "update", false, "let --store replace the hash of a model that has\nchanged")
	fl.StringVar(&f.base, "base", "", "names in lists are relative to `DIR`, not to the\nworking directory")
	f.style = string(integrity.Text)
	fl.Var(choice{&f.style, "STYLE", integrity.Styles}, "style", "of printed lines: "+strings.Join(integrity.Styles, ", "))
	fl.VarP(number[int]{&f.jobs, 0}, "jobs", "j", "files hashed at once (default one per processor)")
	groupFlags(cmd, flagGroup{"Hashing", fl}, flagGroup{"Links", f.links.flags()}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
	return cmd
}

func (c *command) runHash(ctx context.Context, f hashFlags, args []string) error {
	switch {
	case f.check != "" && f.store != "":
		return errors.New("--check and --store exclude each other: check first, then store")
	case f.check != "":
		return c.checkHashes(ctx, f, args)
	case len(args) == 0:
		return errors.New("no path: want files or directories to hash, or --check LIST")
	}
	v := c.findings(f.shown)
	sums := c.hashAll(ctx, f, args, v)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if f.store != "" {
		if err := c.storeHashes(f, sums, args, v); err != nil {
			return err
		}
		return v.exit()
	}
	for _, s := range sums {
		if _, err := fmt.Fprintln(c.Stdout, integrity.Entry{Name: s.Name, Digest: s.Digest}.Format(integrity.Style(f.style))); err != nil {
			return fmt.Errorf("cannot write to standard output: %w", bare(err))
		}
	}
	return v.exit()
}

// hashAll hashes what the arguments stand for; names are the paths as given.
func (c *command) hashAll(ctx context.Context, f hashFlags, args []string, v *verdicts) []integrity.Summed {
	var all []integrity.Summed
	p := c.bytesProgress(f.shown, "hashed")
	defer p.stop()
	for _, arg := range args {
		if arg == "-" {
			d, n, err := integrity.Sum(ctx, c.Stdin, p.add)
			if err != nil {
				v.unreadable("-", err)
				continue
			}
			all = append(all, integrity.Summed{File: integrity.File{Name: "-", Size: n}, Digest: d})
			continue
		}
		t, err := integrity.OpenTree(arg, f.links.links())
		if err != nil {
			v.unreadable("", err)
			continue
		}
		sums := c.hashTree(ctx, t, f, p, v)
		for _, s := range sums {
			s.Name = nameBelow(arg, t, s.Name)
			all = append(all, s)
		}
		t.Close()
	}
	return all
}

// hashTree hashes one argument. Objects of Git LFS are held against their names, but
// are no part of the model.
func (c *command) hashTree(ctx context.Context, t *integrity.Tree, f hashFlags, p *bytesProgress, v *verdicts) []integrity.Summed {
	files, refused, err := t.Files()
	if err != nil {
		v.unreadable("", err)
	}
	for _, r := range refused {
		if !integrity.UnderVersionControl(r.Name) {
			v.unreadable(r.Name, r.Err)
		}
	}
	files = slices.DeleteFunc(files, func(f integrity.File) bool {
		return integrity.UnderVersionControl(f.Name) && !strings.Contains(f.Name, "/lfs/objects/")
	})
	p.expect(files)
	sums := t.Sums(ctx, files, f.jobs, p.add)
	v.add(t.Contradictions(ctx, sums)...)
	return slices.DeleteFunc(sums, func(s integrity.Summed) bool {
		if s.Err != nil && ctx.Err() == nil {
			v.unreadable(s.Name, s.Err)
		}
		return s.Err != nil || integrity.UnderVersionControl(s.Name)
	})
}

// nameBelow is a file's path as the argument leads to it.
func nameBelow(arg string, t *integrity.Tree, name string) string {
	if t.Single {
		return filepath.ToSlash(filepath.Clean(arg))
	}
	return filepath.ToSlash(filepath.Join(arg, filepath.FromSlash(name)))
}

// storeHashes writes what was hashed into the store.
func (c *command) storeHashes(f hashFlags, sums []integrity.Summed, args []string, v *verdicts) error {
	if v.unread > 0 || v.failed() {
		return v.exit() // half a store would look like a whole one
	}
	file := integrity.StoreFile(f.store)
	var files []string
	var entries []integrity.Entry
	now := time.Now()
	for _, s := range sums {
		name, err := relativeTo(f.base, s.Name)
		if err != nil {
			return err
		}
		files = append(files, s.Name)
		entries = append(entries, integrity.Entry{Name: name, Digest: s.Digest, Size: s.Size, Time: now})
	}
	if v.add(integrity.Apart(file, files, directories(args))...); v.failed() {
		return v.exit()
	}
	added, replaced, err := integrity.Append(file, entries, f.update)
	if err != nil {
		return fmt.Errorf("cannot write hash store %s: %w", file, bare(err))
	}
	for _, r := range replaced {
		fmt.Fprintf(c.Stdout, "%s: changed since %s (was %s, is %s)\n", r.New.Name, r.Old.Time.Format(time.RFC3339), r.Old.Digest, r.New.Digest)
	}
	if len(replaced) > 0 && !f.update {
		fmt.Fprintf(c.Stderr, "kerasvet: nothing was stored: --update replaces the hash of a model that you have changed yourself\n")
		return exitError(exitFindings)
	}
	if !f.shown.quiet {
		fmt.Fprintf(c.Stdout, "stored %s in %s (%d already there)\n", count(added, "hash", "hashes"), filepath.ToSlash(file), len(entries)-added)
	}
	return nil
}

// checkHashes holds files against a list.
func (c *command) checkHashes(ctx context.Context, f hashFlags, args []string) error {
	want, err := integrity.ReadList(f.check)
	if err != nil {
		fmt.Fprintf(c.Stderr, "kerasvet: hash list %s: %v\n", f.check, err)
		return exitError(exitIncomplete)
	}
	under := make([]string, 0, len(args))
	for _, arg := range args {
		name, err := relativeTo(f.base, arg)
		if err != nil {
			return err
		}
		under = append(under, name)
	}
	v := c.findings(f.shown)
	p := c.bytesProgress(f.shown, "hashed")
	base := f.base
	if base == "" {
		base = "."
	}
	results, err := integrity.Check(ctx, want, integrity.Comparison{Base: base, Under: under, Links: f.links.links(), Jobs: f.jobs, Moved: p.add, Total: p.total})
	p.stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	file := integrity.StoreFile(f.check)
	results = slices.DeleteFunc(results, func(r integrity.Checked) bool { // the list itself
		return r.Outcome == integrity.New && same(filepath.Join(base, r.Name), file)
	})
	var files []string
	for _, r := range results {
		c.printChecked(r, v, f.shown.quiet)
		files = append(files, filepath.Join(base, filepath.FromSlash(r.Name)))
	}
	v.add(integrity.Apart(file, files, directories(args))...)
	v.add(integrity.Older(results, integrity.ModTime(file))...)
	return v.exit()
}

// printChecked prints the outcome of one file and counts it.
func (c *command) printChecked(r integrity.Checked, v *verdicts, quiet bool) {
	name := printable(r.Name)
	switch r.Outcome {
	case integrity.OK:
		if !quiet {
			fmt.Fprintf(c.Stdout, "%s: ok\n", name)
		}
	case integrity.Changed:
		fmt.Fprintf(c.Stdout, "%s: changed (is %s, was %s)\n", name, r.Got, r.Want.Digest)
		v.bad++
	case integrity.Unreadable:
		fmt.Fprintf(c.Stdout, "%s: unreadable (%v)\n", name, r.Err)
		v.unread++
	default:
		fmt.Fprintf(c.Stdout, "%s: %s\n", name, r.Outcome)
		v.bad++
	}
}
