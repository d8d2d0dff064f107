package modelsigning

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// hashOf is the hash that goes with a curve (algorithm-registry.md).
func hashOf(key *ecdsa.PublicKey) (crypto.Hash, error) {
	switch key.Curve {
	case elliptic.P256():
		return crypto.SHA256, nil
	case elliptic.P384():
		return crypto.SHA384, nil
	case elliptic.P521():
		return crypto.SHA512, nil
	}
	return 0, fmt.Errorf("key on the curve %s: want P-256, P-384 or P-521", key.Params().Name)
}

func digestOf(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// hint is the SHA-256 of the public key's PEM text, which bundles name keys by.
func hint(key *ecdsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return hex.EncodeToString(sum[:]), nil
}

// elliptical makes sure that a key is one that model signing knows.
func elliptical(key any) (*ecdsa.PublicKey, error) {
	k, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("key of type %s: want an ECDSA key on P-256, P-384 or P-521", strings.TrimPrefix(fmt.Sprintf("%T", key), "*"))
	}
	_, err := hashOf(k)
	return k, err
}

// ParsePublicKey reads a PEM file with a public key (SubjectPublicKeyInfo).
func ParsePublicKey(data []byte) (*ecdsa.PublicKey, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New(`no public key: want a PEM file that begins "-----BEGIN PUBLIC KEY-----"`)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("no public key on P-256, P-384 or P-521: %w", err)
	}
	return elliptical(key)
}

// ParsePrivateKey reads a PEM file with a private key: PKCS #8, encrypted with the
// password or plain, or SEC 1.
func ParsePrivateKey(data, password []byte) (*ecdsa.PrivateKey, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, errors.New(`no private key: want a PEM file with "-----BEGIN PRIVATE KEY-----"`)
		}
		var key any
		var err error
		switch {
		case block.Type == "EC PARAMETERS": // openssl ecparam -genkey writes it before the key
			continue
		case block.Headers["Proc-Type"] != "":
			return nil, errors.New("private key in an old encrypted form: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc")
		case block.Type == "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case block.Type == "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case block.Type == "ENCRYPTED PRIVATE KEY":
			var der []byte
			if der, err = decryptPKCS8(block.Bytes, password); err == nil {
				key, err = x509.ParsePKCS8PrivateKey(der)
			}
		default:
			return nil, fmt.Errorf("PEM block %q: want PRIVATE KEY, EC PRIVATE KEY or ENCRYPTED PRIVATE KEY", block.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("private key: %w", err)
		}
		k, ok := key.(*ecdsa.PrivateKey)
		if !ok {
			return nil, errors.New("private key: want an ECDSA key on P-256, P-384 or P-521; model signing knows no others")
		}
		_, err = hashOf(&k.PublicKey)
		return k, err
	}
}

// Signer makes signatures: a key in memory, or a program that has one.
type Signer interface {
	Public() *ecdsa.PublicKey
	// Sign returns the ECDSA signature of data, in DER, with the hash that goes with
	// the curve.
	Sign(ctx context.Context, data []byte) ([]byte, error)
}

// KeySigner signs with a private key.
type KeySigner struct{ Key *ecdsa.PrivateKey }

// Public is the key's other half.
func (s KeySigner) Public() *ecdsa.PublicKey { return &s.Key.PublicKey }

// Sign signs.
func (s KeySigner) Sign(_ context.Context, data []byte) ([]byte, error) {
	h, err := hashOf(&s.Key.PublicKey)
	if err != nil {
		return nil, err
	}
	return ecdsa.SignASN1(rand.Reader, s.Key, digestOf(h, data))
}

// ExecSigner asks a program, such as the client of a key service or of a hardware
// token: it gets the bytes to sign on standard input and writes the signature in DER
// to standard output.
type ExecSigner struct {
	Command []string // program and arguments; no shell is involved
	Key     *ecdsa.PublicKey
}

// Public is the key that signatures must be good for.
func (s ExecSigner) Public() *ecdsa.PublicKey { return s.Key }

// Sign runs the program.
func (s ExecSigner) Sign(ctx context.Context, data []byte) ([]byte, error) {
	var out, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(data), &out, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("signer %s: %w: %s", s.Command[0], err, strings.TrimSpace(stderr.String()))
	}
	if out.Len() > maxSignature {
		return nil, fmt.Errorf("signer %s: wrote %d bytes: want a signature in DER, at most %d", s.Command[0], out.Len(), maxSignature)
	}
	return out.Bytes(), nil
}

// maxSignature is longer than an ECDSA signature on P-521 in DER, which has 141
// bytes.
const maxSignature = 256

// LoadPublicKey reads the file of ParsePublicKey.
func LoadPublicKey(path string) (*ecdsa.PublicKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParsePublicKey(data)
}

// VerifyKey verifies the signature with a key that the caller trusts.
func (b *Bundle) VerifyKey(key *ecdsa.PublicKey) (*Verified, error) {
	if b.Method != Key {
		return nil, fmt.Errorf("signed with method %s, not with a key: verify it with that method", b.Method)
	}
	have, err := hint(key)
	if err != nil {
		return nil, err
	}
	if b.Hint != "" && b.Hint != have {
		return nil, fmt.Errorf("signed with another key: the signature names %s, the public key is %s", short(b.Hint), have)
	}
	notes, err := b.verify(key)
	if err != nil {
		return nil, err
	}
	return &Verified{Payload: b.Payload, By: "key " + have, Notes: append(notes, b.Notes...), Digest: sha256.Sum256(b.Raw)}, nil
}

// verify holds the signature to the payload.
func (b *Bundle) verify(key *ecdsa.PublicKey) (notes []string, err error) {
	h, err := hashOf(key)
	if err != nil {
		return nil, err
	}
	if ecdsa.VerifyASN1(key, digestOf(h, pae(b.Payload)), b.Signature) {
		return nil, nil
	}
	if b.legacy() && ecdsa.VerifyASN1(key, digestOf(crypto.SHA256, legacyPAE(b.Payload)), b.Signature) {
		return []string{"the signature has the form of model-signing 0.2.0, whose encoding was faulty: sign again"}, nil
	}
	return nil, errors.New("the signature is not good for this key: the signature was changed, or another key has made it")
}

func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}
