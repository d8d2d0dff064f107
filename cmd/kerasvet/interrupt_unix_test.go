//go:build unix

package main

import (
	"syscall"
	"testing"
)

// TestSignals sends this process the signals that interrupt a scan.
func TestSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			dir := t.TempDir()
			end := make(chan struct{})
			defer close(end)
			kill := func() {
				if err := syscall.Kill(syscall.Getpid(), sig); err != nil {
					t.Error(err)
				}
			}
			code, stdout, stderr := runHanging(dir, (*command).run, kill, end)
			checkInterrupted(t, dir, code, stdout, stderr)
		})
	}
}
