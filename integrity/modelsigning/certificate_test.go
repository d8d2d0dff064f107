package modelsigning

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
)

type fakeSigner struct {
	key  *ecdsa.PublicKey
	sign func([]byte) ([]byte, error)
}

func (f fakeSigner) Public() *ecdsa.PublicKey                            { return f.key }
func (f fakeSigner) Sign(_ context.Context, data []byte) ([]byte, error) { return f.sign(data) }

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// root makes an authority that has signed itself.
func root(t *testing.T, name string) authority {
	t.Helper()
	a := authority{key: newKey(t, elliptic.P256())}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert = issue(t, template, template, &a.key.PublicKey, a.key)
	return a
}

func issue(t *testing.T, template, parent *x509.Certificate, pub *ecdsa.PublicKey, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// leaf is a certificate that may sign; change makes it another.
func (a authority) leaf(t *testing.T, key *ecdsa.PrivateKey, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	uri, _ := url.Parse("https://example.com/release")
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "the release team"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, EmailAddresses: []string{"release@example.com"}, DNSNames: []string{"models.example.com"}, URIs: []*url.URL{uri}}
	if change != nil {
		change(template)
	}
	return issue(t, template, a.cert, &key.PublicKey, a.key)
}

// unchecked signs with a certificate that Sign would refuse.
func unchecked(t *testing.T, key *ecdsa.PrivateKey, chain ...*x509.Certificate) *Bundle {
	t.Helper()
	b := &Bundle{Method: Certificate, Payload: []byte("{}")}
	for _, c := range chain {
		b.Chain = append(b.Chain, c.Raw)
	}
	h, err := hashOf(&key.PublicKey)
	if err != nil {
		h = 5 // SHA-256
	}
	if b.Signature, err = ecdsa.SignASN1(rand.Reader, key, digestOf(h, pae(b.Payload))); err != nil {
		t.Fatal(err)
	}
	return b
}

// Traps 7 and 8: certificates must be valid now, below roots that the verifier
// names, and name somebody whom the verifier expects.
func TestTrapCertificates(t *testing.T) {
	ours, theirs := root(t, "ours"), root(t, "theirs")
	key := newKey(t, elliptic.P256())
	p224 := newKey(t, elliptic.P224())
	expired := func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }
	policy := func(change func(*CertificatePolicy)) CertificatePolicy {
		p := CertificatePolicy{Trusted: []*x509.Certificate{ours.cert}, Identities: []string{"release@example.com"}, Now: now}
		if change != nil {
			change(&p)
		}
		return p
	}
	identity := func(who ...string) func(*CertificatePolicy) {
		return func(p *CertificatePolicy) { p.Identities = who }
	}
	tests := []struct {
		name   string
		bundle *Bundle
		policy func(*CertificatePolicy)
		want   string // of the error, or of By
	}{
		{"e-mail address", unchecked(t, key, ours.leaf(t, key, nil)), nil, "certificate of release@example.com"},
		{"URI", unchecked(t, key, ours.leaf(t, key, nil)), identity("https://example.com/release"), "certificate of https://example.com/release"},
		{"DNS name", unchecked(t, key, ours.leaf(t, key, nil)), identity("x", "models.example.com"), "certificate of models.example.com"},
		{"common name", unchecked(t, key, ours.leaf(t, key, nil)), identity("the release team"), "certificate of the release team"},
		{"any identity", unchecked(t, key, ours.leaf(t, key, nil)), func(p *CertificatePolicy) { p.Identities, p.AnyIdentity = nil, true }, "(any identity was allowed)"},
		{"another identity", unchecked(t, key, ours.leaf(t, key, nil)), identity("Release@example.com"), "signed by release@example.com, models.example.com, https://example.com/release, the release team, not by Release@example.com"},
		{"no identity", unchecked(t, key, ours.leaf(t, key, nil)), identity(), "no identity: any certificate of this authority would pass"},
		{"expired", unchecked(t, key, ours.leaf(t, key, expired)), nil, "is not valid now (the signer's is valid from 2025-06-01 to 2026-05-31): have the model signed again, or accept it with --at-signing-time"},
		{"expired, accepted", unchecked(t, key, ours.leaf(t, key, expired)), func(p *CertificatePolicy) { p.AtSigningTime = true }, "certificate of release@example.com"},
		{"not yet valid", unchecked(t, key, ours.leaf(t, key, func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) })), nil, "is not valid now"},
		{"another authority", unchecked(t, key, theirs.leaf(t, key, nil)), nil, "was not issued below the roots that you trust"},
		{"another authority that it brings along", unchecked(t, key, theirs.leaf(t, key, nil), theirs.cert), nil, "was not issued below the roots that you trust"},
		{"no roots", unchecked(t, key, ours.leaf(t, key, nil)), func(p *CertificatePolicy) { p.Trusted = nil }, "no root certificate: give the root of your own certificate authority; the system's roots are never used"},
		{"roots of the web", unchecked(t, key, ours.leaf(t, key, nil)), func(p *CertificatePolicy) {
			for range maxRoots {
				p.Trusted = append(p.Trusted, theirs.cert)
			}
		}, "21 root certificates look like the roots of the web"},
		{"code signing alone", unchecked(t, key, ours.leaf(t, key, func(c *x509.Certificate) {
			c.KeyUsage, c.ExtKeyUsage = 0, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		})), nil, "certificate of release@example.com"},
		{"not for signing", unchecked(t, key, ours.leaf(t, key, func(c *x509.Certificate) {
			c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageKeyEncipherment, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})), nil, "is not for signing: want the key usage digitalSignature"},
		{"wrong curve", unchecked(t, p224, ours.leaf(t, p224, nil)), nil, "the certificate has a key on the curve P-224"},
		{"the signature of another key", unchecked(t, newKey(t, elliptic.P256()), ours.leaf(t, key, nil)), nil, "the signature is not good for this key"},
		{"a key signature", signed(t, []resource{{"w", "x"}}, nil), nil, "signed with method key, not with a certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := tt.bundle.VerifyCertificate(policy(tt.policy))
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = v.By
				if relaxed := strings.Contains(strings.Join(v.Notes, ""), "and not now"); relaxed != (tt.name == "expired, accepted") {
					t.Errorf("notes %q", v.Notes)
				}
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSigningCertificate refuses to sign with a certificate that no verifier would
// take.
func TestSigningCertificate(t *testing.T) {
	a := root(t, "ours")
	key := newKey(t, elliptic.P256())
	sign := func(c *x509.Certificate) error {
		_, err := Sign(context.Background(), []byte("{}"), KeySigner{key}, []*x509.Certificate{c})
		return err
	}
	if err := sign(a.leaf(t, key, nil)); err != nil {
		t.Error(err)
	}
	wantRefused(t, sign(a.leaf(t, newKey(t, elliptic.P256()), nil)), "is not for this private key")
	wantRefused(t, sign(a.leaf(t, key, func(c *x509.Certificate) { c.KeyUsage = 0 })), "is not for signing")
}
