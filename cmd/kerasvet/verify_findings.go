package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/integrity"
)

// integrity are the commands about whether a model is the one that was meant.
func (c *command) integrity() []*cobra.Command {
	return []*cobra.Command{c.hash(), c.sign(), c.verify(), c.attest(), c.stage(), c.runModel()}
}

// shownFlags say what the commands about integrity show.
type shownFlags struct {
	allow      []string
	quiet      bool
	noProgress bool
}

func (s *shownFlags) flags() *pflag.FlagSet {
	fl := pflag.NewFlagSet("reporting", pflag.ContinueOnError)
	fl.Var((*findingList)(&s.allow), "allow", "findings that do not fail, such as\nhash-beside-model; they are shown all the same")
	fl.BoolVarP(&s.quiet, "quiet", "q", false, "print what is wrong, nothing else")
	fl.BoolVar(&s.noProgress, "no-progress", false, "no progress")
	return fl
}

// linkFlags say which symbolic links are followed.
type linkFlags struct {
	allow  bool
	within string
}

func (l *linkFlags) flags() *pflag.FlagSet {
	fl := pflag.NewFlagSet("links", pflag.ContinueOnError)
	fl.BoolVar(&l.allow, "allow-symlinks", false, "follow links that stay inside the model, or\ninside the hub cache that it is a snapshot of")
	fl.StringVar(&l.within, "symlinks-within", "", "follow links that stay inside this `DIR` above it")
	return fl
}

func (l *linkFlags) links() integrity.Links {
	return integrity.Links{Follow: l.allow, Within: l.within}
}

// underscores lets flags be written with underscores too, as the reference
// implementation of model signing spells some of them.
func underscores(cmd *cobra.Command) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
}

// findingList is ids of findings separated by commas; every further flag adds to it.
type findingList []string

func (l *findingList) Set(s string) error {
	for id := range strings.SplitSeq(s, ",") {
		id = strings.TrimSpace(id)
		if !slices.Contains(integrity.FindingIDs, id) {
			return fmt.Errorf("unknown finding %q: want %s%s", id, strings.Join(integrity.FindingIDs, ", "), didYouMean(id, integrity.FindingIDs))
		}
		*l = append(*l, id)
	}
	return nil
}

func (l *findingList) String() string { return strings.Join(*l, ",") }
func (l *findingList) Type() string   { return "FINDINGS" }

// verdicts counts what a command about integrity has to say and prints findings.
type verdicts struct {
	c      *command
	shown  shownFlags
	bad    int // verification failed
	unread int // could not verify
}

func (c *command) findings(s shownFlags) *verdicts { return &verdicts{c: c, shown: s} }

// add prints findings; those that are not allowed, and not only information, fail.
func (v *verdicts) add(list ...integrity.Finding) {
	for _, f := range list {
		word := string(f.Severity)
		if slices.Contains(v.shown.allow, f.ID) {
			word = "allowed"
		} else if f.Severity != integrity.Info {
			v.bad++
		}
		if word == string(integrity.Info) && v.shown.quiet {
			continue
		}
		fmt.Fprintf(v.c.Stdout, "%s[%s]: %s\n  --> %s\n  = help: %s\n", word, f.ID, printable(f.Message), printable(filepath.ToSlash(f.Path)), f.Help)
	}
}

// unreadable says that something could not be read.
func (v *verdicts) unreadable(name string, err error) {
	v.unread++
	if name != "" {
		name = printable(name) + ": "
	}
	fmt.Fprintf(v.c.Stderr, "kerasvet: %s%s\n", name, printable(err.Error()))
}

// failed reports whether verification has failed so far.
func (v *verdicts) failed() bool { return v.bad > 0 }

// exit decides the exit code: what failed wins over what could not be verified.
func (v *verdicts) exit() error {
	switch {
	case v.bad > 0:
		return exitError(exitFindings)
	case v.unread > 0:
		return exitError(exitIncomplete)
	}
	return nil
}

// printable makes text from outside fit for a terminal.
func printable(s string) string { return formats.PrintableText(s, maxPrinted) }

// maxPrinted is the longest text from outside that is printed, in bytes.
const maxPrinted = 4096

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// relativeTo names a path relative to base, or the working directory, as lists do.
func relativeTo(base, path string) (string, error) {
	shown := base
	if base == "" {
		base, shown = ".", "the working directory"
	}
	absBase, err1 := filepath.Abs(base)
	abs, err2 := filepath.Abs(path)
	if err1 != nil || err2 != nil {
		return "", fmt.Errorf("%s: the working directory is gone", path)
	}
	rel, err := filepath.Rel(absBase, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s lies outside of %s, and names in lists are relative to it: give the directory with --base", path, shown)
	}
	return filepath.ToSlash(rel), nil
}

// directories are the arguments that are directories.
func directories(args []string) []string {
	var dirs []string
	for _, a := range args {
		if info, err := os.Stat(a); err == nil && info.IsDir() {
			dirs = append(dirs, a)
		}
	}
	return dirs
}

// same reports whether two paths lead to one file.
func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// bytesProgress is one line on standard error about bytes. It is shown only to
// somebody who watches.
type bytesProgress struct {
	verb string
	show func(string) // nil shows nothing
	now  func() time.Time

	mu      sync.Mutex
	done    int64
	of      int64
	begun   time.Time
	drawn   time.Time
	visible bool
}

func (c *command) bytesProgress(s shownFlags, verb string) *bytesProgress {
	p := &bytesProgress{verb: verb, now: time.Now}
	if c.terminal(c.Stderr) && !s.noProgress && !s.quiet && !c.on("CI") {
		p.show = func(line string) { fmt.Fprint(c.Stderr, "\r\x1b[K"+line) }
	}
	p.begun = p.now()
	return p
}

// expect adds files to what is to be done.
func (p *bytesProgress) expect(files []integrity.File) {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	p.total(n)
}

// total adds bytes to what is to be done.
func (p *bytesProgress) total(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of += n
}

// add counts bytes that are done.
func (p *bytesProgress) add(n int) {
	if p.show == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += int64(n)
	now := p.now()
	if now.Sub(p.begun) < progressDelay || now.Sub(p.drawn) < progressEvery {
		return
	}
	p.drawn, p.visible = now, true
	p.show(p.line(now))
}

// line is what is shown, such as
//
//	hashed 1.2 of 4.0 GB [######              ] 1.9 GB/s, 1s left
func (p *bytesProgress) line(now time.Time) string {
	rate := float64(p.done) / now.Sub(p.begun).Seconds()
	of := max(p.of, p.done)
	if of == 0 || rate == 0 {
		return p.verb
	}
	const width = 20
	bar := strings.Repeat("#", int(width*p.done/of))
	left := time.Duration(float64(of-p.done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s %.1f of %.1f GB [%-*s] %.0f MB/s, %s left", p.verb, float64(p.done)/1e9, float64(of)/1e9, width, bar, rate/1e6, left)
}

// stop wipes the line.
func (p *bytesProgress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.visible {
		p.show("")
		p.visible = false
	}
}
