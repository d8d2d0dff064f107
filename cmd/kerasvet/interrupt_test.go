package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// hanging is a standard input that nothing comes from. It tells when it is read.
type hanging struct {
	read func()
	end  chan struct{}
}

func (h hanging) Read([]byte) (int, error) {
	h.read()
	<-h.end
	return 0, io.EOF
}

// runHanging scans a standard input that does something when it is read and then
// gives nothing.
func runHanging(dir string, run func(c *command, args []string) int, read func(), end chan struct{}) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	c := &command{Stdin: hanging{read, end}, Stdout: &out, Stderr: &errs, Env: func(string) (string, bool) { return "", false }}
	code = run(c, []string{"scan", "-o", "json=" + filepath.Join(dir, "out.json"), "-"})
	return code, out.String(), errs.String()
}

func checkInterrupted(t *testing.T, dir string, code int, stdout, stderr string) {
	t.Helper()
	if code != exitInterrupted || stdout != "" || stderr != "kerasvet: interrupted: no report was written\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

// TestInterrupted cancels a scan that waits for input: no report is written, and
// nobody has to wait.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan struct{})
		code, stdout, stderr := runHanging(dir, func(c *command, args []string) int { return c.runContext(ctx, args) }, cancel, end)
		checkInterrupted(t, dir, code, stdout, stderr)
		close(end)
	})
}

// TestInterruptedAfterwards cancels a scan whose input ends all the same.
func TestInterruptedAfterwards(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan struct{})
	close(end)
	code, stdout, stderr := runHanging(dir, func(c *command, args []string) int { return c.runContext(ctx, args) }, cancel, end)
	checkInterrupted(t, dir, code, stdout, stderr)
}

// endless is a standard input without an end. It tells when it has given more than
// stays in memory.
type endless struct {
	given int
	full  func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.given += len(p); e.given > 16<<20 {
		e.full()
	}
	return len(p), nil
}

// TestInterruptedStream cancels a scan that is filling a temporary file: it is removed.
func TestInterruptedStream(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	c := &command{Stdin: &endless{full: cancel}, Stdout: &stdout, Stderr: &stderr, Env: func(string) (string, bool) { return "", false }}
	code := c.runContext(ctx, []string{"scan", "-"})
	checkInterrupted(t, tmp, code, stdout.String(), stderr.String())
}
