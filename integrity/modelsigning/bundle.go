package modelsigning

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/kerasvet/kerasvet/integrity"
	"github.com/kerasvet/kerasvet/integrity/internal/strictjson"
)

const (
	mediaType   = "application/vnd.dev.sigstore.bundle.v0.3+json"
	payloadType = "application/vnd.in-toto+json"

	// maxBundle is the longest signature that is read, in bytes: enough for 200,000
	// files.
	maxBundle = 64 << 20
)

// Method is how a bundle was signed. The zero Method is none.
type Method string

const (
	Key         Method = "key"         // a key that the verifier has
	Certificate Method = "certificate" // a chain of certificates to a root that the verifier has
	Keyless     Method = "sigstore"    // a short-lived certificate and an entry in a public log
)

// Bundle is a signature as it was read; nothing in it has been verified.
type Bundle struct {
	Method    Method
	Hint      string   // SHA-256 of the public key's PEM text in hex; empty in old bundles
	Chain     [][]byte // DER certificates, the leaf first; not for Key
	Payload   []byte   // what is signed
	Signature []byte   // ECDSA, DER
	Notes     []string // what a current writer would do otherwise
	Raw       []byte   // the file
}

// ReadBundle reads a signature file.
func ReadBundle(path string) (*Bundle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBundle+1))
	if err != nil {
		return nil, err
	}
	return ParseBundle(data)
}

// Malformed is the error for a signature that was read and must not be believed,
// whatever it says.
type Malformed struct{ Err error }

func (m *Malformed) Error() string { return m.Err.Error() }
func (m *Malformed) Unwrap() error { return m.Err }

func malformed(format string, args ...any) error {
	return &Malformed{fmt.Errorf(format, args...)}
}

// ParseBundle reads the three layers down to the payload. It takes what the
// reference implementation has written since 0.2.0.
func ParseBundle(data []byte) (*Bundle, error) {
	if len(data) > maxBundle {
		return nil, malformed("longer than %d bytes: sign fewer files at once", maxBundle)
	}
	b, err := parseBundle(data)
	if err != nil {
		return nil, malformed("no model signature: %w", err)
	}
	return b, nil
}

func parseBundle(data []byte) (*Bundle, error) {
	top, err := strictjson.Parse(data)
	if err != nil {
		return nil, err
	}
	if err := top.Only("the bundle", "mediaType", "verificationMaterial", "dsseEnvelope"); err != nil {
		return nil, err
	}
	if media, err := top.Text("the bundle", "mediaType"); err != nil {
		return nil, err
	} else if media != mediaType {
		return nil, fmt.Errorf("media type %q: want %q; sign again with a current tool", media, mediaType)
	}
	b := &Bundle{Raw: data}
	material, err := top.Object("the bundle", "verificationMaterial")
	if err == nil {
		err = b.material(material)
	}
	if err != nil {
		return nil, err
	}
	envelope, err := top.Object("the bundle", "dsseEnvelope")
	if err == nil {
		err = b.envelope(envelope)
	}
	return b, err
}

// material reads verificationMaterial, which has one of three members.
func (b *Bundle) material(m strictjson.Object) error {
	const where = "verificationMaterial"
	if err := m.Only(where, "publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData"); err != nil {
		return err
	}
	found := 0
	for _, name := range []string{"publicKey", "x509CertificateChain", "certificate"} {
		if _, ok := m[name]; ok {
			found++
		}
	}
	if found != 1 {
		return fmt.Errorf("%s: want one of publicKey, x509CertificateChain and certificate, found %d", where, found)
	}
	if key, ok := m["publicKey"].(strictjson.Object); ok {
		b.Method = Key
		return b.publicKey(key)
	}
	if chain, ok := m["x509CertificateChain"].(strictjson.Object); ok {
		b.Method = Certificate
		list, err := chain.List("x509CertificateChain", "certificates")
		if err != nil {
			return err
		}
		for _, c := range list {
			o, _ := c.(strictjson.Object)
			if err := b.certificate(o); err != nil {
				return err
			}
		}
		if len(b.Chain) == 0 || len(b.Chain) > maxChain {
			return fmt.Errorf("x509CertificateChain: %d certificates: want 1 to %d", len(b.Chain), maxChain)
		}
		return nil
	}
	if c, ok := m["certificate"].(strictjson.Object); ok {
		b.Method = Keyless
		if log, _ := m["tlogEntries"].([]any); len(log) == 0 {
			return errors.New("a keyless signature without an entry of a transparency log: want tlogEntries")
		}
		return b.certificate(c)
	}
	return fmt.Errorf("%s: publicKey, x509CertificateChain or certificate is no object", where)
}

// maxChain is how many certificates a bundle may have: chains of more are not seen.
const maxChain = 16

func (b *Bundle) publicKey(key strictjson.Object) error {
	hint, _ := key["hint"].(string)
	_, old := key["rawBytes"].(string)
	switch {
	case hint != "":
		b.Hint = hint
	case old:
		b.Notes = append(b.Notes, "the signature has the form from before model-signing 1.1.0: sign again")
	default:
		return errors.New("publicKey: want the string \"hint\"")
	}
	return nil
}

func (b *Bundle) certificate(c strictjson.Object) error {
	text, err := c.Text("a certificate", "rawBytes")
	if err != nil {
		return err
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("a certificate: rawBytes: %w", err)
	}
	b.Chain = append(b.Chain, der)
	return nil
}

// envelope reads the DSSE envelope, which must have exactly one signature: verifiers
// that look at the first only, and verifiers that look for any that is good, would
// otherwise disagree.
func (b *Bundle) envelope(e strictjson.Object) error {
	if err := e.Only("dsseEnvelope", "payload", "payloadType", "signatures"); err != nil {
		return err
	}
	if kind, err := e.Text("dsseEnvelope", "payloadType"); err != nil {
		return err
	} else if kind != payloadType {
		return fmt.Errorf("payload type %q: want %q", kind, payloadType)
	}
	text, err := e.Text("dsseEnvelope", "payload")
	if err != nil {
		return err
	}
	if b.Payload, err = base64.StdEncoding.DecodeString(text); err != nil {
		return fmt.Errorf("dsseEnvelope: payload: %w", err)
	}
	list, err := e.List("dsseEnvelope", "signatures")
	if err != nil {
		return err
	}
	if len(list) != 1 {
		return fmt.Errorf("%d signatures: want exactly one; let each signer write a file of its own", len(list))
	}
	sig, _ := list[0].(strictjson.Object)
	if err := sig.Only("a signature", "sig", "keyid"); err != nil {
		return err
	}
	if text, err = sig.Text("a signature", "sig"); err != nil {
		return err
	}
	if b.Signature, err = base64.StdEncoding.DecodeString(text); err != nil {
		return fmt.Errorf("a signature: sig: %w", err)
	}
	return nil
}

// pae is the pre-authentication encoding of DSSE: the bytes that are signed
// (github.com/secure-systems-lab/dsse, protocol.md).
func pae(payload []byte) []byte {
	head := "DSSEv1 " + strconv.Itoa(len(payloadType)) + " " + payloadType + " " + strconv.Itoa(len(payload)) + " "
	return append([]byte(head), payload...)
}

// The types below are a bundle as it is written. They are in the order of the
// reference implementation's fields.
type bundleJSON struct {
	MediaType string       `json:"mediaType"`
	Material  materialJSON `json:"verificationMaterial"`
	Envelope  envelopeJSON `json:"dsseEnvelope"`
}

type materialJSON struct {
	PublicKey *publicKeyJSON `json:"publicKey,omitempty"`
	Chain     *chainJSON     `json:"x509CertificateChain,omitempty"`
	Log       []struct{}     `json:"tlogEntries"`
}

type publicKeyJSON struct {
	Hint string `json:"hint"`
}

type chainJSON struct {
	Certificates []certificateJSON `json:"certificates"`
}

type certificateJSON struct {
	DER []byte `json:"rawBytes"`
}

type envelopeJSON struct {
	Payload     []byte          `json:"payload"`
	PayloadType string          `json:"payloadType"`
	Signatures  []signatureJSON `json:"signatures"`
}

type signatureJSON struct {
	Sig   []byte `json:"sig"`
	KeyID string `json:"keyid"`
}

// Marshal writes a bundle that was signed with a key or a certificate.
func (b *Bundle) Marshal() ([]byte, error) {
	out := bundleJSON{MediaType: mediaType, Envelope: envelopeJSON{b.Payload, payloadType, []signatureJSON{{Sig: b.Signature}}}}
	out.Material.Log = []struct{}{}
	switch b.Method {
	case Key:
		out.Material.PublicKey = &publicKeyJSON{b.Hint}
	case Certificate:
		out.Material.Chain = &chainJSON{}
		for _, der := range b.Chain {
			out.Material.Chain.Certificates = append(out.Material.Chain.Certificates, certificateJSON{der})
		}
	default:
		return nil, fmt.Errorf("method %q is not written", b.Method)
	}
	data, err := strictjson.Marshal(out)
	return append(data, '\n'), err
}

// Verified is a payload whose signature was verified.
type Verified struct {
	Payload []byte
	By      string   // who signed, as far as the method can tell
	Notes   []string // relaxations and older forms
	Digest  integrity.Digest
}
