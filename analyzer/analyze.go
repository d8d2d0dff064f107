package analyzer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// Options say how to analyze.
type Options struct {
	Rules  []*rules.Rule // rules to run; nil means all
	Limits formats.Limits
	// Timeout bounds the time spent on one input; zero means DefaultTimeout.
	Timeout time.Duration
	// Jobs is how many inputs are analyzed at once; zero means one per processor.
	Jobs int
	// AllowCode are digests of serialized functions (formats.Function) that were
	// reviewed, with the reason, which may be empty: findings about them are waived,
	// whatever their severity.
	AllowCode map[string]string
	// AllowObjects are custom classes and functions that the user knows.
	AllowObjects []AllowedObject
	// Ignores let findings pass; the analyzer counts how many.
	Ignores []*Ignore
	// Now is the time that ignores expire by; zero means the clock's.
	Now time.Time
	// Hash asks for the SHA-256 of every input, for which all of it is read.
	Hash bool
	// Target is who loads the models. Findings that cannot fire there are waived.
	Target Target
	// RefuseForeign makes models that no loader of Keras reads count as not analysed.
	RefuseForeign bool
}

// AllowedObject is a glob over names of custom objects, and why they are allowed.
type AllowedObject struct{ Name, Reason string }

func (o *Options) now() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}

// DefaultTimeout is the time limit for one input.
const DefaultTimeout = 60 * time.Second

func (o Options) rules() []*rules.Rule {
	if o.Rules == nil {
		return rules.All()
	}
	return o.Rules
}

// Input is one thing to analyze.
type Input struct {
	Name string // how reports call it
	// Explicit inputs were named by the user. Others were found in a directory and
	// are passed over when they turn out not to be models.
	Explicit bool
	// Stream inputs can be opened only once.
	Stream bool
	// Shadowed is the file beside the input that a loader opens in its place; empty
	// if there is none.
	Shadowed string
	// LinkedTo is what the symbolic link says, if the input was found in a directory and is
	// or lies below a link out of it; empty for others.
	LinkedTo string
	// DataFiles are the sizes in bytes of the data files that lie beside the index of a
	// checkpoint, by name; empty for other inputs.
	DataFiles map[string]int64
	// Part inputs lie in a directory that is a model: a link counts whatever it leads to.
	Part bool
	// Directory inputs are links to directories out of a directory that is a model: that
	// they are there is all that is looked at, and Open is not called.
	Directory bool
	// Open returns the content and its size in bytes. The caller closes it if it is
	// an io.Closer. Reading a stream ends when the context does.
	Open func(context.Context) (io.ReaderAt, int64, error)
}

// Analyze reads one input and runs every rule over it. ok is false for an input
// that is not a model and was not named by the user.
func Analyze(ctx context.Context, in Input, opts Options) (r Result, ok bool) {
	timeout := opts.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r = Result{Name: formats.PrintableText(in.Name, maxAddress), read: true}
	if in.Directory {
		root := &formats.Node{Kind: formats.KindFile, Name: in.Name}
		return r.within(ctx, &formats.Artifact{Root: root, LinkedTo: in.LinkedTo}, opts), true
	}
	content, size, err := in.Open(ctx)
	if err != nil {
		r.fail(&formats.Node{Kind: formats.KindFile, Name: in.Name}, formats.Unreadable, "", err)
		return r, true
	}
	if c, ok := content.(io.Closer); ok {
		defer c.Close()
	}
	if opts.Hash {
		if r.SHA256, err = digest(ctx, content, size); err != nil {
			r.fail(&formats.Node{Kind: formats.KindFile, Name: in.Name}, formats.Unreadable, "", err)
			return r, true
		}
	}
	a := formats.Open(ctx, in.Name, content, size, opts.Limits)
	r.Format, r.Size = a.Format, size
	a.LinkedTo, a.DataFiles = in.LinkedTo, in.DataFiles
	a.Model = a.Model || len(in.DataFiles) > 0 // the index of a checkpoint, whatever it holds
	if in.Shadowed != "" {
		a.Problems = append(a.Problems, formats.Problem{At: a.Root, Code: formats.Ambiguous, Err: fmt.Errorf("%s lies beside it, and is what TensorFlow opens", in.Shadowed)})
	}
	switch {
	case a.Foreign != "" && opts.RefuseForeign:
		a.Problems = append(a.Problems, formats.Problem{At: a.Root, Code: formats.Unsupported, Err: fmt.Errorf("not a Keras model: %s", a.Foreign)})
	case a.Foreign != "":
		r.Foreign = a.Foreign
	case a.Model:
	case in.Part && in.LinkedTo != "":
		a.Problems = nil // what the link leads to is no model; that it does is what counts
	case !in.Explicit:
		return r, false
	case a.Complete():
		return r, false // named by the user, read, and nothing that Keras loads
	}
	return r.within(ctx, a, opts), true
}

// digest returns the SHA-256 of an input in hex.
func digest(ctx context.Context, content io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for r := io.NewSectionReader(content, 0, size); ; {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return "", err
		}
	}
}

// within is check under the deadline of ctx. Rules do no I/O and their work is
// linear in the tree, so they are not asked to look at the clock; rules that take
// longer all the same are left behind, and the result says so.
func (r Result) within(ctx context.Context, a *formats.Artifact, opts Options) Result {
	done := make(chan Result, 1)
	late := r // the goroutine's copy is its own
	go func() {
		check(&r, a, opts)
		done <- r
	}()
	select {
	case r := <-done:
		return r
	case <-ctx.Done():
	}
	select {
	case r := <-done: // a deadline that ended the reading already is in the problems
		return r
	case <-time.After(graceAfterDeadline):
	}
	late.fail(&formats.Node{Kind: formats.KindFile, Name: a.Root.Name}, formats.LimitExceeded, "Time", errors.New("time limit exceeded while the rules ran"))
	return late
}

// graceAfterDeadline is how long rules may take once the time is up: enough for the
// small tree of an input whose reading was cut short.
const graceAfterDeadline = 200 * time.Millisecond

// fail records an input of which nothing is known but why.
func (r *Result) fail(root *formats.Node, code formats.Code, limit string, err error) {
	check(r, &formats.Artifact{Root: root, Problems: []formats.Problem{{At: root, Code: code, Limit: limit, Err: err}}}, Options{Rules: []*rules.Rule{rules.UnanalyzedContent}})
}

// check runs the rules and freezes what they and the decoders report.
func check(r *Result, a *formats.Artifact, opts Options) {
	var found []rules.Finding
	rules.NewChecker(opts.rules()).Check(a, func(f rules.Finding) { found = append(found, f) }, func(rule *rules.Rule, v any) {
		a.Problems = append(a.Problems, formats.Problem{At: a.Root, Code: formats.Internal, Err: fmt.Errorf("rule %s failed: %v", rule.ID, v)})
	})
	r.Findings = freeze(a, found, opts)
	for _, p := range a.Problems {
		if p.Code == formats.Ambiguous {
			continue
		}
		r.unread = true
		r.Problems = append(r.Problems, Problem{
			Code:    p.Code.String(),
			Limit:   p.Limit,
			Message: formats.PrintableText(p.Err.Error(), maxMessage),
			Place:   place(p.At),
		})
	}
}

// light are the limits of memory under which inputs are analyzed side by side.
// The few inputs that need more are analyzed again afterwards, one at a time with
// the limits asked for: the report is the same whatever Jobs is, and so, but for
// the light part, is the memory that it takes.
var light = formats.Limits{MemberBytes: 16 << 20, TextBytes: 24 << 20, Nodes: 150_000}

// lighter returns limits with those of memory lowered to the light ones.
func lighter(l formats.Limits) formats.Limits {
	lower := func(v *int64, to, def int64) {
		if *v <= 0 {
			*v = def
		}
		*v = min(*v, to)
	}
	lower(&l.MemberBytes, light.MemberBytes, formats.DefaultLimits.MemberBytes)
	lower(&l.TextBytes, light.TextBytes, formats.DefaultLimits.TextBytes)
	lower(&l.Nodes, light.Nodes, formats.DefaultLimits.Nodes)
	return l
}

// heavy reports whether an input met a limit of memory.
func (r *Result) heavy() bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool {
		return p.Limit == "MemberBytes" || p.Limit == "TextBytes" || p.Limit == "Nodes"
	})
}

// AnalyzeAll analyzes inputs side by side and returns the report in the order of
// the inputs, whatever Jobs is. done, if not nil, is called after each input, not
// concurrently.
func AnalyzeAll(ctx context.Context, inputs []Input, opts Options, done func(Result)) *Report {
	opts.Rules = opts.rules()
	results := make([]Result, len(inputs))
	models := make([]bool, len(inputs))
	again := make([]bool, len(inputs))
	var mu sync.Mutex
	finish := func(i int) {
		if done != nil {
			mu.Lock()
			defer mu.Unlock()
			done(results[i])
		}
	}
	sideBySide(len(inputs), opts.jobs(), func(i int) {
		if again[i] = inputs[i].Stream; again[i] {
			return
		}
		lightly := opts
		lightly.Limits = lighter(opts.Limits)
		results[i], models[i] = Analyze(ctx, inputs[i], lightly)
		if again[i] = results[i].heavy() && lightly.Limits != opts.Limits; !again[i] {
			finish(i)
		}
	})
	for i := range inputs {
		if again[i] {
			results[i], models[i] = Analyze(ctx, inputs[i], opts)
			finish(i)
		}
	}
	report := &Report{Rules: opts.Rules}
	for i, r := range results {
		switch {
		case !models[i]:
			report.Skipped = append(report.Skipped, r.Name)
		case r.Verdict() == Foreign:
			report.Foreign = append(report.Foreign, r)
		default:
			report.Results = append(report.Results, r)
		}
	}
	return report
}

func (o Options) jobs() int {
	if o.Jobs <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return o.Jobs
}

// sideBySide calls f for 0 to n-1, jobs calls at a time.
func sideBySide(n, jobs int, f func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// Incomplete reports whether something in some input was not read.
func (r *Report) Incomplete() bool {
	for res := range r.All() {
		if !res.Complete() {
			return true
		}
	}
	return false
}

// Worst returns the highest severity of what was found, zero if nothing was. A
// finding that only repeats a problem does not count: Incomplete speaks of those.
// Neither does a waived one.
func (r *Report) Worst() rules.Severity {
	var worst rules.Severity
	for res := range r.All() {
		for i := range res.Findings {
			if f := &res.Findings[i]; f.counts() {
				worst = max(worst, f.Rule.Severity)
			}
		}
	}
	return worst
}
