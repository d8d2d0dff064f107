package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/modelsigning"
)

// coverFlags say which files of a model a signature is about. They are called as in
// the reference implementation of model signing.
type coverFlags struct {
	signature string
	ignored   []string
	git       bool
	noGit     bool
	links     linkFlags
	jobs      int
}

func (f *coverFlags) flags(signature string) *pflag.FlagSet {
	fl := pflag.NewFlagSet("model", pflag.ContinueOnError)
	fl.StringVar(&f.signature, "signature", signature, "`FILE` of the signature")
	fl.StringArrayVar(&f.ignored, "ignore-paths", nil, "leave out this `PATH` and what is below it;\nrepeatable")
	fl.BoolVar(&f.git, "ignore-git-paths", true, "leave out .git, .github, .gitignore and\n.gitattributes at the top")
	fl.BoolVar(&f.noGit, "no-ignore-git-paths", false, "do not")
	fl.VarP(number[int]{&f.jobs, 0}, "jobs", "j", "files hashed at once (default one per processor)")
	fl.AddFlagSet(f.links.flags())
	return fl
}

// comparison settles what is left out of a model.
func (f *coverFlags) comparison(t *integrity.Tree, p *bytesProgress) (modelsigning.Comparison, error) {
	c := modelsigning.Comparison{KeepGit: f.noGit || !f.git, Jobs: f.jobs, Moved: p.add, Total: p.total}
	for _, arg := range f.ignored {
		name, err := ignoredPath(t, arg)
		if err != nil {
			return c, err
		}
		c.Ignored = append(c.Ignored, name)
	}
	if name, ok := inside(t, f.signature); ok {
		c.Self = name
	}
	return c, nil
}

// ignoredPath is a path of --ignore-paths relative to the model: it may be given as
// it is from the working directory, or from the model.
func ignoredPath(t *integrity.Tree, arg string) (string, error) {
	name, ok := inside(t, arg)
	if !ok {
		name = filepath.ToSlash(filepath.Clean(arg))
	}
	if strings.ContainsAny(name, "*?[") {
		return "", fmt.Errorf("--ignore-paths %s: patterns are not known here: give paths", arg)
	}
	if err := integrity.CheckName(name); err != nil {
		return "", fmt.Errorf("--ignore-paths %s: %w", arg, err)
	}
	return name, nil
}

// inside names a path relative to a model that is a directory, if it lies in it.
func inside(t *integrity.Tree, p string) (string, bool) {
	if t.Single || p == "" {
		return "", false
	}
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", false
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	rel, err := filepath.Rel(t.Dir, abs)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// signerFlags say with what is signed.
type signerFlags struct {
	privateKey   string
	password     string
	passwordFile string
	exec         string
	publicKey    string
	certificate  string
	chain        []string
}

func (s *signerFlags) flags(certificate bool) *pflag.FlagSet {
	fl := pflag.NewFlagSet("signer", pflag.ContinueOnError)
	fl.StringVar(&s.privateKey, "private-key", "", "PEM `FILE` of the key: P-256, P-384 or P-521")
	fl.StringVar(&s.passwordFile, "password-file", "", "`FILE` whose first line is the key's password")
	fl.StringVar(&s.password, "password", "", "the password itself, which others may see:\nKERASVET_PASSWORD or --password-file hide it")
	fl.StringVar(&s.exec, "signer-exec", "", "`COMMAND` that signs in place of a key file: it\ngets the bytes on standard input and writes an\nECDSA signature in DER")
	if certificate {
		fl.StringVar(&s.certificate, "signing-certificate", "", "PEM `FILE` of the signer's certificate")
		fl.StringArrayVar(&s.chain, "certificate-chain", nil, "PEM `FILE` of the certificates above it;\nrepeatable")
	} else {
		fl.StringVar(&s.publicKey, "public-key", "", "PEM `FILE` of the key that --signer-exec signs\nwith")
	}
	return fl
}

// certificates are the signing certificate and those above it.
func (s *signerFlags) certificates() ([]*x509.Certificate, error) {
	if s.certificate == "" {
		return nil, errors.New("no certificate: want --signing-certificate")
	}
	chain, err := modelsigning.LoadCertificates(append([]string{s.certificate}, s.chain...))
	if err != nil {
		return nil, fmt.Errorf("--signing-certificate, --certificate-chain: %w", err)
	}
	return chain, nil
}

// signer is what signs. chain is that of certificates, empty for a key.
func (s *signerFlags) signer(chain []*x509.Certificate) (modelsigning.Signer, error) {
	if (s.privateKey == "") == (s.exec == "") {
		return nil, errors.New("want either --private-key or --signer-exec")
	}
	if s.exec != "" {
		key, err := s.public(chain)
		if err != nil {
			return nil, err
		}
		words := strings.Fields(s.exec)
		if len(words) == 0 {
			return nil, errors.New("--signer-exec: no command")
		}
		return modelsigning.ExecSigner{Command: words, Key: key}, nil
	}
	password := []byte(s.password)
	if s.passwordFile != "" {
		data, err := os.ReadFile(s.passwordFile)
		if err != nil {
			return nil, fmt.Errorf("--password-file %s: %w", s.passwordFile, bare(err))
		}
		password, _, _ = bytes.Cut(data, []byte("\n"))
		password = bytes.TrimSuffix(password, []byte("\r"))
	}
	data, err := os.ReadFile(s.privateKey)
	if err != nil {
		return nil, fmt.Errorf("--private-key %s: %w", s.privateKey, bare(err))
	}
	key, err := modelsigning.ParsePrivateKey(data, password)
	if err != nil {
		return nil, fmt.Errorf("--private-key %s: %w", s.privateKey, err)
	}
	return modelsigning.KeySigner{Key: key}, nil
}

// public is the key that signatures of --signer-exec must be good for.
func (s *signerFlags) public(chain []*x509.Certificate) (*ecdsa.PublicKey, error) {
	if len(chain) > 0 {
		key, ok := chain[0].PublicKey.(*ecdsa.PublicKey)
		if !ok {
			return nil, errors.New("--signing-certificate: want one for an ECDSA key on P-256, P-384 or P-521")
		}
		return key, nil
	}
	if s.publicKey == "" {
		return nil, errors.New("--signer-exec needs --public-key, to verify what was signed")
	}
	key, err := modelsigning.LoadPublicKey(s.publicKey)
	if err != nil {
		return nil, fmt.Errorf("--public-key %s: %w", s.publicKey, bare(err))
	}
	return key, nil
}

// signFlags are the flags of kerasvet sign as they were given.
type signFlags struct {
	signer signerFlags
	cover  coverFlags
	shown  shownFlags
	compat string
}

func (c *command) sign() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sign {key|certificate} MODEL",
		Short:   "Sign a model, as OpenSSF Model Signing 1.0 says",
		Long:    "Sign every file of a model, a directory or a single file, as OpenSSF Model Signing\n1.0 says. model_signing and other tools verify the signature, and kerasvet verify.",
		Example: "  kerasvet sign key --private-key key.pem --signature model.sig model.keras",
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.signWith(false), c.signWith(true))
	return cmd
}

func (c *command) signWith(certificate bool) *cobra.Command {
	var f signFlags
	cmd := &cobra.Command{
		Use:     "key [flags] MODEL",
		Short:   "Sign with a private key",
		Long:    "Sign a model with a private key, or with a program that has one.",
		Example: "  kerasvet sign key --private-key key.pem --signature model.sig model.keras\n  kerasvet sign key --signer-exec ./kms-sign --public-key key.pub model/",
		Args:    oneModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runSign(cmd.Context(), f, certificate, args[0])
		},
	}
	if certificate {
		cmd.Use, cmd.Short, cmd.Long = "certificate [flags] MODEL", "Sign with a key that has a certificate", "Sign a model with a private key whose owner a certificate names."
		cmd.Example = "  kerasvet sign certificate --private-key key.pem --signing-certificate cert.pem --certificate-chain ca.pem model/"
	}
	format := pflag.NewFlagSet("format", pflag.ContinueOnError)
	f.compat = string(modelsigning.Spec)
	format.Var(choice{&f.compat, "READER", modelsigning.Compats}, "compat", "spec names a model that is one file after the\nfile, as the specification says; python names it\n\".\", the only name that model_signing verifies")
	groupFlags(cmd, flagGroup{"Signer", f.signer.flags(certificate)}, flagGroup{"Model", f.cover.flags("model.sig")}, flagGroup{"Format", format}, flagGroup{"Reporting", f.shown.flags()})
	underscores(cmd)
	return cmd
}

// oneModel wants exactly one path.
func oneModel(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d paths: want one model, a file or a directory; see %s --help", len(args), cmd.CommandPath())
	}
	return nil
}

func (c *command) runSign(ctx context.Context, f signFlags, certificate bool, model string) error {
	var chain []*x509.Certificate
	var err error
	if certificate {
		if chain, err = f.signer.certificates(); err != nil {
			return err
		}
	}
	signer, err := f.signer.signer(chain)
	if err != nil {
		return err
	}
	if err := writable(f.cover.signature); err != nil {
		return fmt.Errorf("--signature %s: %w", f.cover.signature, bare(err))
	}
	m, err := c.manifest(ctx, f.cover, f.shown, modelsigning.Compat(f.compat), model)
	if err != nil {
		return err
	}
	b, err := modelsigning.SignModel(ctx, m, signer, chain)
	if err != nil {
		return c.cannot("sign", err)
	}
	if err := writeFile(f.cover.signature, func(w io.Writer) error { _, err := w.Write(b.Raw); return err }); err != nil {
		return fmt.Errorf("cannot write signature %s: %w", f.cover.signature, bare(err))
	}
	if !f.shown.quiet {
		fmt.Fprintf(c.Stdout, "signed %s of %s in %s (root digest %s)\n", count(len(m.Resources), "file", "files"), printable(m.Name), filepath.ToSlash(f.cover.signature), m.Root)
	}
	return nil
}

// manifest hashes a model that is to be signed.
func (c *command) manifest(ctx context.Context, f coverFlags, shown shownFlags, compat modelsigning.Compat, model string) (*modelsigning.Manifest, error) {
	t, err := integrity.OpenTree(model, f.links.links())
	if err != nil {
		return nil, c.cannot("sign", err)
	}
	defer t.Close()
	p := c.bytesProgress(shown, "hashed")
	defer p.stop()
	comparison, err := f.comparison(t, p)
	if err != nil {
		return nil, err
	}
	sums, ignored, loadable, err := modelsigning.Collect(ctx, t, comparison)
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, c.cannot("sign", err)
	}
	for _, name := range loadable {
		fmt.Fprintf(c.Stderr, "kerasvet: %s is left out of the signature: kerasvet verify will refuse the model with it\n", printable(name))
	}
	for _, s := range sums {
		if strings.HasPrefix(s.Name, ".cache/huggingface/") {
			fmt.Fprintln(c.Stderr, "kerasvet: .cache/huggingface is signed too, which a downloader left there: remove it, or --ignore-paths .cache")
			break
		}
	}
	m, err := modelsigning.NewManifest(t.Name, sums, t.Single, compat, ignored, f.links.allow || f.links.within != "")
	if err != nil {
		return nil, c.cannot("sign", err)
	}
	return m, nil
}

// cannot says why something could not be done: exit code 3.
func (c *command) cannot(what string, err error) error {
	fmt.Fprintf(c.Stderr, "kerasvet: cannot %s: %s\n", what, printable(err.Error()))
	return exitError(exitIncomplete)
}
