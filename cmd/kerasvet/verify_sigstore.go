package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kerasvet/kerasvet/integrity/modelsigning"
)

// keylessProgram verifies keyless signatures. It is a program of its own: it would
// double the size of this one.
const keylessProgram = "kerasvet-sigstore"

// keyless verifies a keyless signature with the other program. It gets the bytes
// that were read here, and what it calls verified must be the payload of these bytes.
func (t *trustFlags) keyless(ctx context.Context, b *modelsigning.Bundle) (*modelsigning.Verified, error) {
	program, err := t.keylessPath()
	if err != nil {
		return nil, unableError{err}
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, t.trustedRoot, t.identities[0], t.provider)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(b.Raw), &stdout, &stderr
	var failed *exec.ExitError
	switch err := cmd.Run(); {
	case errors.As(err, &failed) && failed.ExitCode() == exitFindings:
		return nil, errors.New(strings.TrimSpace(stderr.String()))
	case err != nil:
		return nil, unableError{fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(stderr.String()))}
	}
	var said struct {
		Payload          []byte
		Identity, Issuer string
		Time             time.Time
	}
	if err := json.Unmarshal(stdout.Bytes(), &said); err != nil {
		return nil, unableError{fmt.Errorf("%s: %w", program, err)}
	}
	if !bytes.Equal(said.Payload, b.Payload) || said.Identity != t.identities[0] || said.Issuer != t.provider {
		return nil, fmt.Errorf("%s has verified something else than the signature that was read", program)
	}
	return &modelsigning.Verified{Payload: b.Payload, By: fmt.Sprintf("%s (%s) at %s", said.Identity, said.Issuer, said.Time.Format(time.RFC3339)),
		Notes: slices.Clone(b.Notes), Digest: sha256.Sum256(b.Raw)}, nil
}

// keylessPath finds the other program: where a flag says, beside this one, in PATH.
func (t *trustFlags) keylessPath() (string, error) {
	if t.program != "" {
		return t.program, nil
	}
	name := keylessProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if exe, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(exe), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name) // never from the working directory
	if err != nil {
		return "", fmt.Errorf("keyless signatures are verified by %s, which is not installed: go install github.com/kerasvet/kerasvet/integrity/sigstore/%s@latest, or --sigstore-program", name, keylessProgram)
	}
	return found, nil
}
