package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/modelsigning"
)

// trustFlags say whose signatures are good.
type trustFlags struct {
	publicKey     string
	chain         []string
	identities    []string
	anyIdentity   bool
	atSigningTime bool
	provider      string
	trustedRoot   string
	program       string
}

const (
	trustKey = 1 << iota
	trustCertificate
	trustKeyless
)

// flags defines the flags of some methods.
func (t *trustFlags) flags(methods int) *pflag.FlagSet {
	fl := pflag.NewFlagSet("trust", pflag.ContinueOnError)
	if methods&trustKey != 0 {
		fl.StringVar(&t.publicKey, "public-key", "", "PEM `FILE` of the signer's key")
	}
	if methods&trustCertificate != 0 {
		fl.StringArrayVar(&t.chain, "certificate-chain", nil, "PEM `FILE` of your certificate authority; the\nsystem's roots are never used; repeatable")
	}
	if methods&(trustCertificate|trustKeyless) != 0 {
		fl.StringArrayVar(&t.identities, "identity", nil, "`WHO` may have signed: an e-mail address, URI, DNS\nname or common name; repeatable")
	}
	if methods&trustCertificate != 0 {
		fl.BoolVar(&t.anyIdentity, "any-identity", false, "let every certificate of the authority pass")
		fl.BoolVar(&t.atSigningTime, "at-signing-time", false, "accept a certificate that has expired")
	}
	if methods&trustKeyless != 0 {
		fl.StringVar(&t.provider, "identity-provider", "", "`URL` of who vouches for the identity")
		fl.StringVar(&t.trustedRoot, "trusted-root", "", "`FILE` of Sigstore's trusted root; nothing is\ndownloaded")
		fl.StringVar(&t.program, "sigstore-program", "", "`FILE` of kerasvet-sigstore, if it does not lie\nbeside kerasvet or in PATH")
	}
	return fl
}

// check finds what is missing for a method before anything is read.
func (t *trustFlags) check(m modelsigning.Method) error {
	switch m {
	case modelsigning.Key:
		if t.publicKey == "" {
			return errors.New("no key: want --public-key, the key of whoever should have signed")
		}
	case modelsigning.Certificate:
		if len(t.chain) == 0 {
			return errors.New("no authority: want --certificate-chain, the root of your own certificate authority; the system's roots are never used")
		}
		if len(t.identities) == 0 && !t.anyIdentity {
			return errors.New("no identity: any certificate of this authority would pass; want --identity, or --any-identity")
		}
	case modelsigning.Keyless:
		switch {
		case len(t.identities) != 1:
			return errors.New("no identity: anybody can sign without a key; want one --identity")
		case t.provider == "":
			return errors.New("no identity provider: want --identity-provider, such as https://accounts.google.com")
		case t.trustedRoot == "":
			return errors.New("no trusted root: want --trusted-root, a file that you have fetched over a way that you trust")
		}
	}
	return nil
}

// verify verifies the signature of a bundle, not yet the model.
func (t *trustFlags) verify(ctx context.Context, b *modelsigning.Bundle) (*modelsigning.Verified, error) {
	switch b.Method {
	case modelsigning.Key:
		key, err := modelsigning.LoadPublicKey(t.publicKey)
		if err != nil {
			return nil, usage(fmt.Errorf("--public-key %s: %w", t.publicKey, bare(err)))
		}
		return b.VerifyKey(key)
	case modelsigning.Certificate:
		trusted, err := modelsigning.LoadCertificates(t.chain)
		if err != nil {
			return nil, usage(fmt.Errorf("--certificate-chain: %w", err))
		}
		policy := modelsigning.CertificatePolicy{Trusted: trusted, Identities: t.identities, AnyIdentity: t.anyIdentity, AtSigningTime: t.atSigningTime}
		if err := policy.Check(); err != nil {
			return nil, usage(fmt.Errorf("--certificate-chain: %w", err))
		}
		return b.VerifyCertificate(policy)
	default:
		return t.keyless(ctx, b)
	}
}

// usageError is misuse that shows only when something has been read.
type usageError struct{ error }

func usage(err error) error { return usageError{err} }

// verifyFlags are the flags of kerasvet verify as they were given.
type verifyFlags struct {
	trust    trustFlags
	cover    coverFlags
	shown    shownFlags
	unsigned bool
}

func (c *command) verify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify {auto|key|certificate|sigstore|attestation} MODEL",
		Short: "Verify that a model is the one that was signed, or vetted",
		Long: `Verify that a model is the one that was signed, as OpenSSF Model Signing 1.0 says,
or vetted by kerasvet attest.

Exit codes: 0 verified, 1 verification failed, 2 usage error, 3 something could not
be read, so that nothing is verified.`,
		Example: "  kerasvet verify key --public-key key.pub --signature model.sig model.keras",
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		c.verifyWith("auto", "", trustKey|trustCertificate|trustKeyless, "Verify with the method of the signature",
			"  kerasvet verify auto --public-key key.pub --signature model.sig model.keras"),
		c.verifyWith("key", modelsigning.Key, trustKey, "Verify with a public key",
			"  kerasvet verify key --public-key key.pub --signature model.sig model.keras"),
		c.verifyWith("certificate", modelsigning.Certificate, trustCertificate, "Verify with the root of a certificate authority",
			"  kerasvet verify certificate --certificate-chain ca.pem --identity release@example.com --signature model.sig model/"),
		c.verifyWith("sigstore", modelsigning.Keyless, trustKeyless, "Verify a keyless signature, offline",
			"  kerasvet verify sigstore --trusted-root trusted_root.json --identity me@example.com --identity-provider https://accounts.google.com --signature model.sig model/"),
		c.verifyRecord())
	return cmd
}

func (c *command) verifyWith(name string, method modelsigning.Method, methods int, short, example string) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   name + " [flags] MODEL",
		Short: short,
		Long: short + `. Every file of the model must be signed and
unchanged. A file that the signer has left out, and that something loads or runs, is
a finding: the signature does not speak of it.`,
		Example: example,
		Args:    oneModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runVerify(cmd.Context(), f, method, args[0])
		},
	}
	cover := f.cover.flags("")
	cover.BoolVar(&f.unsigned, "ignore-unsigned-files", false, "let files pass that were not signed, unless\nsomething loads or runs them")
	groupFlags(cmd, flagGroup{"Trust", f.trust.flags(methods)}, flagGroup{"Model", cover}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
	return cmd
}

// runVerify verifies the signature, then the model. An empty method is that of the
// signature.
func (c *command) runVerify(ctx context.Context, f verifyFlags, method modelsigning.Method, model string) error {
	if f.cover.signature == "" {
		return errors.New("no signature: want --signature")
	}
	if err := f.trust.check(method); err != nil {
		return err
	}
	b, err := c.readBundle(f.cover.signature)
	if err != nil {
		return err
	}
	verified, err := c.trusted(ctx, f.trust, method, b)
	if err != nil {
		return err
	}
	m, err := verified.Manifest()
	if err != nil {
		return c.refused(err)
	}
	t, err := integrity.OpenTree(model, f.cover.links.links())
	if err != nil {
		return c.cannot("verify", err)
	}
	defer t.Close()
	p := c.bytesProgress(f.shown, "hashed")
	comparison, err := f.cover.comparison(t, p)
	if err != nil {
		return err
	}
	comparison.Unsigned = f.unsigned
	r, err := m.Compare(ctx, t, comparison)
	p.stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return c.failed(err)
	}
	return c.printVerified(f.shown, verified, m, r)
}

// readBundle reads a signature. One that is no signature is refused, one that cannot
// be read verifies nothing.
func (c *command) readBundle(file string) (*modelsigning.Bundle, error) {
	b, err := modelsigning.ReadBundle(file)
	var malformed *modelsigning.Malformed
	switch {
	case errors.As(err, &malformed):
		return nil, c.failed(fmt.Errorf("%s: %w", file, err))
	case err != nil:
		return nil, c.cannot("verify", fmt.Errorf("%s: %w", file, bare(err)))
	}
	return b, nil
}

// trusted verifies the signature of a bundle.
func (c *command) trusted(ctx context.Context, t trustFlags, method modelsigning.Method, b *modelsigning.Bundle) (*modelsigning.Verified, error) {
	if method == "" {
		if err := t.check(b.Method); err != nil {
			return nil, fmt.Errorf("the signature has the method %s: %w", b.Method, err)
		}
	} else if method != b.Method {
		return nil, c.failed(fmt.Errorf("the signature has the method %s, not %s: use kerasvet verify %s", b.Method, method, b.Method))
	}
	v, err := t.verify(ctx, b)
	var misuse usageError
	var unable unableError
	switch {
	case errors.As(err, &misuse):
		return nil, misuse.error
	case errors.As(err, &unable):
		return nil, c.cannot("verify", unable.error)
	case err != nil:
		return nil, c.failed(err)
	}
	return v, nil
}

// unableError says that it could not be found out whether a signature is good.
type unableError struct{ error }

// failed says that verification failed: exit code 1.
func (c *command) failed(err error) error {
	fmt.Fprintf(c.Stderr, "kerasvet: NOT VERIFIED: %s\n", printable(err.Error()))
	return exitError(exitFindings)
}

// refused is failed, or cannot where a statement is of a kind that is not verified.
func (c *command) refused(err error) error {
	var unsupported *modelsigning.Unsupported
	if errors.As(err, &unsupported) {
		return c.cannot("verify", err)
	}
	return c.failed(err)
}

// printVerified prints what came of a model.
func (c *command) printVerified(shown shownFlags, by *modelsigning.Verified, m *modelsigning.Manifest, r *modelsigning.Result) error {
	v := c.findings(shown)
	for _, f := range r.Files {
		if f.Outcome == integrity.OK {
			continue
		}
		line := string(f.Outcome)
		if f.Outcome == integrity.New {
			line = "not signed"
		}
		if f.Err != nil {
			line += " (" + printable(f.Err.Error()) + ")"
		}
		fmt.Fprintf(c.Stdout, "%s: %s\n", printable(f.Name), line)
		if f.Outcome == integrity.Unreadable {
			v.unread++
		} else {
			v.bad++
		}
	}
	if !shown.quiet {
		for _, u := range r.Uncovered {
			fmt.Fprintf(c.Stdout, "%s: not covered (%s)\n", printable(u.Name), u.Why)
		}
	}
	v.add(r.Findings...)
	for _, note := range append(by.Notes, m.Notes...) {
		fmt.Fprintf(c.Stderr, "kerasvet: %s\n", printable(note))
	}
	switch {
	case v.bad > 0:
		fmt.Fprintln(c.Stderr, "kerasvet: NOT VERIFIED: the model is not what was signed")
	case v.unread > 0:
		fmt.Fprintln(c.Stderr, "kerasvet: NOT VERIFIED: something could not be read")
	case !shown.quiet:
		fmt.Fprintf(c.Stdout, "verified: %s, signed by %s (root digest %s)\n", count(len(r.Files), "file", "files"), printable(by.By), m.Root)
	}
	return v.exit()
}
