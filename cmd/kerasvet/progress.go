package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/kerasvet/kerasvet/analyzer"
)

// progress is one line on standard error that counts inputs. The zero value
// shows nothing.
type progress struct {
	w     io.Writer        // nil shows nothing
	now   func() time.Time // set if w is
	total int

	mu      sync.Mutex // an interrupted run leaves while step may still be called
	done    int
	begun   time.Time
	drawn   time.Time
	visible bool
	stopped bool
}

const (
	progressDelay = 500 * time.Millisecond // shorter runs show nothing
	progressEvery = 100 * time.Millisecond // no faster than can be read
)

// progress returns a line that is shown only to somebody who watches.
func (c *command) progress(f scanFlags, total int) *progress {
	if !c.watched(f, c.terminal(c.Stderr)) {
		return &progress{}
	}
	return newProgress(c.Stderr, time.Now, total)
}

// watched reports whether somebody may look at standard error: it is a terminal,
// this is no CI job, and progress was not switched off.
func (c *command) watched(f scanFlags, terminal bool) bool {
	return terminal && !f.noProgress && !f.quiet && !c.on("CI")
}

func newProgress(w io.Writer, now func() time.Time, total int) *progress {
	return &progress{w: w, now: now, total: total, begun: now()}
}

// step counts one finished input.
func (p *progress) step(analyzer.Result) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	now := p.now()
	if p.stopped || now.Sub(p.begun) < progressDelay || now.Sub(p.drawn) < progressEvery {
		return
	}
	p.drawn, p.visible = now, true
	fmt.Fprintf(p.w, "\r\x1b[Kscanned %d of %d files", p.done, p.total)
}

// stop wipes the line; no step shows it again.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.visible {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
