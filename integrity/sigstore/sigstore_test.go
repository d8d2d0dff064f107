package sigstore

import (
	"errors"
	"strings"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/testing/ca"
)

const (
	me     = "release@example.com"
	issuer = "https://accounts.example.com"
)

var statement = []byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://model_signing/signature/v1.0","subject":[{"name":"m","digest":{"sha256":"` +
	strings.Repeat("0", 64) + `"}}],"predicate":{}}`)

// TestIdentityRules signs with an authority, a log and a timestamp server of our own.
func TestIdentityRules(t *testing.T) {
	ours, err := ca.NewVirtualSigstore()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ca.NewVirtualSigstore()
	if err != nil {
		t.Fatal(err)
	}
	entity, err := ours.Attest(me, issuer, statement)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		trusted       *ca.VirtualSigstore
		identity, iss string
		want          string // of the error
	}{
		{"right", ours, me, issuer, ""},
		{"another identity", ours, "somebody@example.com", issuer, "no matching CertificateIdentity found"},
		{"a part of the identity", ours, "release@example.co", issuer, "no matching CertificateIdentity found"},
		{"another issuer", ours, me, "https://accounts.example.org", "no matching CertificateIdentity found"},
		{"no identity", ours, "", issuer, "anybody can sign without a key"},
		{"no issuer", ours, me, "", "anybody can sign without a key"},
		{"another authority", theirs, me, issuer, "failed to verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := verifyEntity(entity, tt.trusted, tt.identity, tt.iss)
			switch {
			case tt.want != "":
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
			case err != nil:
				t.Error(err)
			case string(v.Payload) != string(statement) || v.Identity != me || v.Issuer != issuer || v.Time.IsZero():
				t.Errorf("got %+v", v)
			}
		})
	}
}

// TestUnusable tells a trusted root that cannot be used from a bundle that must not
// be believed.
func TestUnusable(t *testing.T) {
	var unusable *RootError
	if _, err := Verify([]byte("{}"), []byte("no root"), me, issuer); !errors.As(err, &unusable) {
		t.Errorf("root: %v", err)
	}
	empty := []byte(`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`)
	if _, err := Verify([]byte("{}"), empty, me, issuer); err == nil || errors.As(err, &unusable) {
		t.Errorf("bundle: %v", err)
	}
}
