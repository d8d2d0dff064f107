package modelsigning

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// Sign signs a statement and verifies what came out before it returns it: a program
// that signs may have signed something else. With certificates, the leaf first, the
// bundle has the method Certificate, otherwise Key.
func Sign(ctx context.Context, payload []byte, s Signer, chain []*x509.Certificate) (*Bundle, error) {
	b := &Bundle{Method: Key, Payload: payload}
	var err error
	if b.Hint, err = hint(s.Public()); err != nil {
		return nil, err
	}
	if len(chain) > 0 {
		b.Method, b.Hint = Certificate, ""
		leaf, err := elliptical(chain[0].PublicKey)
		if err != nil {
			return nil, fmt.Errorf("signing certificate: %w", err)
		}
		if !leaf.Equal(s.Public()) {
			return nil, errors.New("the signing certificate is not for this private key: give the certificate that was issued for it")
		}
		if err := signingUse(chain[0]); err != nil {
			return nil, err
		}
		if len(chain) > maxChain {
			return nil, fmt.Errorf("%d certificates: want at most %d", len(chain), maxChain)
		}
		for _, c := range chain {
			b.Chain = append(b.Chain, c.Raw)
		}
	}
	if b.Signature, err = s.Sign(ctx, pae(payload)); err != nil {
		return nil, err
	}
	if !good(s.Public(), b) {
		return nil, errors.New("what was signed is not good for the public key: want an ECDSA signature in DER over standard input, with the hash of the curve")
	}
	if b.Raw, err = b.Marshal(); err != nil {
		return nil, err
	}
	again, err := ParseBundle(b.Raw)
	if err == nil && !bytes.Equal(again.Payload, payload) {
		err = errors.New("the signature that was written reads differently")
	}
	return b, err
}

func good(key *ecdsa.PublicKey, b *Bundle) bool {
	h, err := hashOf(key)
	return err == nil && ecdsa.VerifyASN1(key, digestOf(h, pae(b.Payload)), b.Signature)
}

// SignModel signs the statement of a manifest.
func SignModel(ctx context.Context, m *Manifest, s Signer, chain []*x509.Certificate) (*Bundle, error) {
	payload, err := m.payload()
	if err != nil {
		return nil, err
	}
	return Sign(ctx, payload, s, chain)
}
