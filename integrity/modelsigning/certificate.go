package modelsigning

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kerasvet/kerasvet/integrity"
)

// CertificatePolicy says which certificates may have signed.
type CertificatePolicy struct {
	// Trusted are root certificates, and intermediate ones that help to reach them.
	// The roots of the system are never used: any web server's certificate would do.
	Trusted []*x509.Certificate
	// Identities are who may have signed: an e-mail address, URI or DNS name of the
	// certificate's alternative names, or the common name of its subject. Any
	// certificate below the roots passes only if AnyIdentity is set.
	Identities  []string
	AnyIdentity bool
	// AtSigningTime judges validity at the beginning of the leaf's, as the reference
	// does, and not now: expired certificates pass.
	AtSigningTime bool
	Now           time.Time // zero means the clock's
}

// maxRoots is how many roots a policy may have. A file of more is a collection of the
// web's roots, which issue certificates to everybody.
const maxRoots = 20

// ParseCertificates reads every certificate of a PEM file.
func ParseCertificates(data []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(list)+1, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New(`no certificate: want a PEM file with "-----BEGIN CERTIFICATE-----"`)
	}
	return list, nil
}

// LoadCertificates reads the files of ParseCertificates.
func LoadCertificates(paths []string) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		more, err := ParseCertificates(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		list = append(list, more...)
	}
	return list, nil
}

// pools divides trusted certificates into roots, which have signed themselves, and
// others.
func (p *CertificatePolicy) pools() (roots, others *x509.CertPool, err error) {
	roots, others = x509.NewCertPool(), x509.NewCertPool()
	n := 0
	for _, c := range p.Trusted {
		if bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(c) == nil {
			roots.AddCert(c)
			n++
		} else {
			others.AddCert(c)
		}
	}
	switch {
	case n == 0:
		return nil, nil, errors.New("no root certificate: give the root of your own certificate authority; the system's roots are never used")
	case n > maxRoots:
		return nil, nil, fmt.Errorf("%d root certificates look like the roots of the web, which issue to everybody: give the root of your own certificate authority", n)
	}
	return roots, others, nil
}

// Check finds what is wrong with a policy before anything is read.
func (p *CertificatePolicy) Check() error {
	if len(p.Identities) == 0 && !p.AnyIdentity {
		return errors.New("no identity: any certificate of this authority would pass; say who may have signed")
	}
	_, _, err := p.pools()
	return err
}

// VerifyCertificate verifies the chain, who the leaf names, and the signature.
func (b *Bundle) VerifyCertificate(p CertificatePolicy) (*Verified, error) {
	if b.Method != Certificate {
		return nil, fmt.Errorf("signed with method %s, not with a certificate: verify it with that method", b.Method)
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	roots, others, err := p.pools()
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for i, der := range b.Chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, malformed("certificate %d of the signature: %w", i+1, err)
		}
		chain = append(chain, c)
		if i > 0 {
			others.AddCert(c)
		}
	}
	leaf := chain[0]
	v := &Verified{Payload: b.Payload, Notes: slices.Clone(b.Notes), Digest: integrity.Digest(sha256.Sum256(b.Raw))}
	at := p.Now
	if at.IsZero() {
		at = time.Now()
	}
	if p.AtSigningTime {
		at = leaf.NotBefore
		v.Notes = append(v.Notes, "validity was judged at "+at.UTC().Format(time.RFC3339)+", when the certificate was issued, and not now: nothing proves that the signature is not younger")
	}
	// ExtKeyUsageAny: model signing wants digital signatures or code signing, which
	// signingUse looks at; package x509 would want a server's certificate.
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, chainError(err, leaf)
	}
	if err := signingUse(leaf); err != nil {
		return nil, err
	}
	if v.By, err = p.identity(leaf); err != nil {
		return nil, err
	}
	key, err := elliptical(leaf.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the certificate has a %w", err)
	}
	notes, err := b.verify(key)
	v.Notes = append(v.Notes, notes...)
	return v, err
}

func chainError(err error, leaf *x509.Certificate) error {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("a certificate of the chain is not valid now (the signer's is valid from %s to %s): have the model signed again, or accept it with --at-signing-time",
			leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(err, &unknown):
		return fmt.Errorf("the certificate of %q was not issued below the roots that you trust: %w", leaf.Subject, err)
	}
	return fmt.Errorf("the certificate of %q: %w", leaf.Subject, err)
}

// signingUse wants a certificate that may sign (spec/v1.0.md, algorithm registry).
func signingUse(c *x509.Certificate) error {
	if c.KeyUsage&x509.KeyUsageDigitalSignature != 0 || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) {
		return nil
	}
	return fmt.Errorf("the certificate of %q is not for signing: want the key usage digitalSignature, or the extended one codeSigning", c.Subject)
}

// identity says who the leaf names and whether that is allowed.
func (p *CertificatePolicy) identity(leaf *x509.Certificate) (string, error) {
	names := slices.Concat(leaf.EmailAddresses, leaf.DNSNames)
	for _, u := range leaf.URIs {
		names = append(names, u.String())
	}
	if leaf.Subject.CommonName != "" {
		names = append(names, leaf.Subject.CommonName)
	}
	for _, name := range names {
		if slices.Contains(p.Identities, name) {
			return "certificate of " + name, nil
		}
	}
	who := "nobody"
	if len(names) > 0 {
		who = strings.Join(names, ", ")
	}
	if p.AnyIdentity {
		return "certificate of " + who + " (any identity was allowed)", nil
	}
	return "", fmt.Errorf("signed by %s, not by %s", who, strings.Join(p.Identities, " or "))
}
