// Package sigstore verifies keyless signatures: a certificate that was valid for
// minutes, an identity that an identity provider vouched for, and an entry in a
// public log that says when. It is a module of its own, and a program of its own, because
// sigstore-go brings 70 modules and 14 MB.
//
// Nothing is downloaded: the keys of the authority and the log come from a trusted
// root file.
package sigstore

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// Verified is what a signature says, and who says it when.
type Verified struct {
	Payload  []byte    `json:"payload"` // of the DSSE envelope
	Identity string    `json:"identity"`
	Issuer   string    `json:"issuer"`
	Time     time.Time `json:"time"` // when it was logged, UTC
}

// RootError is the error for a trusted root that cannot be used: nothing is known of
// the signature.
type RootError struct{ Err error }

func (r *RootError) Error() string { return "trusted root: " + r.Err.Error() }
func (r *RootError) Unwrap() error { return r.Err }

// Verify verifies a bundle in JSON with a trusted root in JSON. The certificate must
// name exactly this identity, vouched for by exactly this issuer.
func Verify(bundleJSON, rootJSON []byte, identity, issuer string) (*Verified, error) {
	trusted, err := root.NewTrustedRootFromJSON(rootJSON)
	if err != nil {
		return nil, &RootError{err}
	}
	b := &bundle.Bundle{}
	if err := b.UnmarshalJSON(bundleJSON); err != nil {
		return nil, fmt.Errorf("no Sigstore bundle: %w", err)
	}
	return verifyEntity(b, trusted, identity, issuer)
}

func verifyEntity(entity verify.SignedEntity, trusted root.TrustedMaterial, identity, issuer string) (*Verified, error) {
	if identity == "" || issuer == "" {
		return nil, errors.New("anybody can sign without a key: want an identity and an issuer")
	}
	who, err := verify.NewShortCertificateIdentity(issuer, "", identity, "")
	if err != nil {
		return nil, err
	}
	v, err := verify.NewVerifier(trusted, verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))
	if err != nil {
		return nil, &RootError{err}
	}
	// Without an artifact: the statement lists the files of a model, which whoever
	// asked compares.
	result, err := v.Verify(entity, verify.NewPolicy(verify.WithoutArtifactUnsafe(), verify.WithCertificateIdentity(who)))
	if err != nil {
		return nil, err
	}
	content, err := entity.SignatureContent()
	if err != nil {
		return nil, err
	}
	envelope := content.EnvelopeContent()
	if envelope == nil || result.Signature == nil || result.Signature.Certificate == nil || len(result.VerifiedTimestamps) == 0 {
		return nil, errors.New("no DSSE envelope with a certificate and a time")
	}
	payload, err := base64.StdEncoding.DecodeString(envelope.RawEnvelope().Payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	c := result.Signature.Certificate
	return &Verified{Payload: payload, Identity: c.SubjectAlternativeName, Issuer: c.Issuer, Time: result.VerifiedTimestamps[0].Timestamp.UTC()}, nil
}
