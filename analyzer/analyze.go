package analyzer

import (
	"context"
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
	content, size, err := in.Open(ctx)
	if err != nil {
		r.fail(&formats.Node{Kind: formats.KindFile, Name: in.Name}, err)
		return r, true
	}
	if c, ok := content.(io.Closer); ok {
		defer c.Close()
	}
	a := formats.Open(ctx, in.Name, content, size, opts.Limits)
	r.Format, r.Size = a.Format, size
	if !a.Model && !in.Explicit {
		return r, false
	}
	if !a.Model && a.Complete() {
		return r, false // named by the user, read, and nothing that Keras loads
	}
	check(&r, a, opts.rules())
	return r, true
}

// fail records an input that could not be opened.
func (r *Result) fail(root *formats.Node, err error) {
	check(r, &formats.Artifact{Root: root, Problems: []formats.Problem{{At: root, Code: formats.Unreadable, Err: err}}}, nil)
}

// check runs the rules and freezes what they and the decoders report.
func check(r *Result, a *formats.Artifact, list []*rules.Rule) {
	var found []rules.Finding
	rules.NewChecker(list).Check(a, func(f rules.Finding) { found = append(found, f) }, func(rule *rules.Rule, v any) {
		a.Problems = append(a.Problems, formats.Problem{At: a.Root, Code: formats.Internal, Err: fmt.Errorf("rule %s failed: %v", rule.ID, v)})
	})
	r.Findings = freeze(a.Root, found)
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

// AnalyzeAll analyzes inputs side by side and returns the report in the order of
// the inputs, whatever Jobs is. done, if not nil, is called after each input, not
// concurrently.
func AnalyzeAll(ctx context.Context, inputs []Input, opts Options, done func(Result)) *Report {
	opts.Rules = opts.rules()
	jobs := opts.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	results := make([]Result, len(inputs))
	models := make([]bool, len(inputs))
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range min(jobs, len(inputs)) {
		wg.Go(func() {
			for i := range next {
				results[i], models[i] = Analyze(ctx, inputs[i], opts)
				if done != nil {
					mu.Lock()
					done(results[i])
					mu.Unlock()
				}
			}
		})
	}
	for i := range inputs {
		next <- i
	}
	close(next)
	wg.Wait()
	report := &Report{Rules: opts.Rules}
	for i, r := range results {
		if models[i] {
			report.Results = append(report.Results, r)
		}
	}
	return report
}

// Incomplete reports whether something in some input was not read.
func (r *Report) Incomplete() bool {
	return slices.ContainsFunc(r.Results, func(r Result) bool { return !r.Complete() })
}

// Worst returns the highest severity of what was found, zero if nothing was. A
// finding that only repeats a problem does not count: Incomplete speaks of those.
func (r *Report) Worst() rules.Severity {
	var worst rules.Severity
	for _, res := range r.Results {
		for _, f := range res.Findings {
			if !f.unread {
				worst = max(worst, f.Rule.Severity)
			}
		}
	}
	return worst
}
