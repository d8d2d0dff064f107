// Kerasvet-sigstore verifies one keyless signature for kerasvet verify sigstore:
//
//	kerasvet-sigstore TRUSTED_ROOT IDENTITY ISSUER < BUNDLE
//
// It writes what the signature says as JSON. Exit codes: 0 verified, 1 not verified,
// 2 usage error, 3 something could not be read.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kerasvet/kerasvet/integrity/sigstore"
)

// maxBundle is the longest signature that is read, in bytes.
const maxBundle = 64 << 20

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(stderr, err)
		return code
	}
	if len(args) != 3 {
		return fail(2, errors.New("usage: kerasvet-sigstore TRUSTED_ROOT IDENTITY ISSUER < BUNDLE"))
	}
	trusted, err := os.ReadFile(args[0])
	if err != nil {
		return fail(3, err)
	}
	bundle, err := io.ReadAll(io.LimitReader(stdin, maxBundle))
	if err != nil {
		return fail(3, err)
	}
	v, err := sigstore.Verify(bundle, trusted, args[1], args[2])
	var unusable *sigstore.RootError
	switch {
	case errors.As(err, &unusable):
		return fail(3, err)
	case err != nil:
		return fail(1, err)
	}
	if err := json.NewEncoder(stdout).Encode(v); err != nil {
		return fail(3, err)
	}
	return 0
}
