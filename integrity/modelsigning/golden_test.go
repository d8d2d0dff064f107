package modelsigning

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/integrity"
)

const testdata = "../testdata"

func publicKey(t *testing.T, name string) *ecdsa.PublicKey {
	t.Helper()
	k, err := LoadPublicKey(filepath.Join(testdata, "keys", name+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func privateKey(t *testing.T, name string) *ecdsa.PrivateKey {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata, "keys", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParsePrivateKey(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func tree(t *testing.T, path string, links integrity.Links) *integrity.Tree {
	t.Helper()
	tr, err := integrity.OpenTree(path, links)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// TestGoldenSignatures verifies signatures that the reference implementation and we
// have written, with the keys and models beside them.
func TestGoldenSignatures(t *testing.T) {
	tests := []struct {
		sig, key, model string
		compare         Comparison
		uncovered       []Uncovered
		notes           int
	}{
		{sig: "python/p256.sig", key: "p256", model: "model"},
		{sig: "python/p384.sig", key: "p384", model: "model"},
		{sig: "python/p521.sig", key: "p521", model: "model"},
		{sig: "python/file.sig", key: "p256", model: "m.keras"},
		{sig: "python/certificate.sig", model: "model"},
		{sig: "python/ignored.sig", key: "p256", model: "model", uncovered: []Uncovered{{"a.b", "left out by the signer"}}},
		{sig: "python/shards.sig", key: "p256", model: "model", uncovered: []Uncovered{{"empty", "empty files have no shards"}}},
		{sig: "python/legacy.sig", key: "p384", model: "model", notes: 3, compare: Comparison{Ignored: []string{".hidden", "a", "empty", "weights.bin", "über 模型.txt"}},
			uncovered: []Uncovered{
				{".hidden/file", "left out by --ignore-paths"}, {"a/b", "left out by --ignore-paths"}, {"empty", "left out by --ignore-paths"},
				{"weights.bin", "left out by --ignore-paths"}, {"über 模型.txt", "left out by --ignore-paths"},
			}},
		{sig: "ours/p256.sig", key: "p256", model: "model"},
		{sig: "ours/p384.sig", key: "p384", model: "model"},
		{sig: "ours/p521.sig", key: "p521", model: "model"},
		{sig: "ours/file-spec.sig", key: "p256", model: "m.keras"},
		{sig: "ours/file-python.sig", key: "p256", model: "m.keras"},
		{sig: "ours/certificate.sig", model: "model"},
	}
	for _, tt := range tests {
		t.Run(tt.sig, func(t *testing.T) {
			b, err := ReadBundle(filepath.Join(testdata, tt.sig))
			if err != nil {
				t.Fatal(err)
			}
			v, err := verifyGolden(t, b, tt.key)
			if err != nil {
				t.Fatal(err)
			}
			m, err := v.Manifest()
			if err != nil {
				t.Fatal(err)
			}
			r, err := m.Compare(context.Background(), tree(t, filepath.Join(testdata, "python", tt.model), integrity.Links{}), tt.compare)
			if err != nil {
				t.Fatal(err)
			}
			if r.Failed() || r.Unreadable() {
				t.Errorf("refused: %+v", r)
			}
			if diff := cmp.Diff(tt.uncovered, r.Uncovered); diff != "" {
				t.Errorf("not covered (-want +got):\n%s", diff)
			}
			if n := len(v.Notes) + len(m.Notes); n != tt.notes {
				t.Errorf("%d notes, want %d: %q %q", n, tt.notes, v.Notes, m.Notes)
			}
		})
	}
}

func verifyGolden(t *testing.T, b *Bundle, key string) (*Verified, error) {
	t.Helper()
	if key != "" {
		return b.VerifyKey(publicKey(t, key))
	}
	roots, err := LoadCertificates([]string{filepath.Join(testdata, "keys/root.pem")})
	if err != nil {
		t.Fatal(err)
	}
	return b.VerifyCertificate(CertificatePolicy{Trusted: roots, Identities: []string{"release@example.com"}})
}

// TestStatementsAreStable signs the models of the golden signatures again: what is
// signed must be the same, byte for byte.
func TestStatementsAreStable(t *testing.T) {
	tests := []struct {
		sig, model string
		compat     Compat
	}{
		{"p256", "model", Spec}, {"p384", "model", Spec}, {"p521", "model", Spec},
		{"file-spec", "m.keras", Spec}, {"file-python", "m.keras", Python},
	}
	for _, tt := range tests {
		t.Run(tt.sig, func(t *testing.T) {
			b, err := ReadBundle(filepath.Join(testdata, "ours", tt.sig+".sig"))
			if err != nil {
				t.Fatal(err)
			}
			payload := statement(t, filepath.Join(testdata, "python", tt.model), tt.compat)
			if diff := cmp.Diff(string(b.Payload), string(payload)); diff != "" {
				t.Errorf("statement (-golden +now):\n%s", diff)
			}
			key := tt.sig
			if strings.HasPrefix(key, "file") {
				key = "p256"
			}
			again, err := Sign(context.Background(), payload, KeySigner{privateKey(t, key)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			again.Signature = b.Signature // the only thing that differs
			data, err := again.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(b.Raw), string(data)); diff != "" {
				t.Errorf("bundle (-golden +now):\n%s", diff)
			}
		})
	}
}

// statement is what would be signed of a model.
func statement(t *testing.T, path string, compat Compat) []byte {
	t.Helper()
	tr := tree(t, path, integrity.Links{})
	sums, ignored, _, err := Collect(context.Background(), tr, Comparison{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewManifest(tr.Name, sums, tr.Single, compat, ignored, false)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := m.payload()
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// TestPublishedForms reads what the reference writes and what it does not: keyid and
// tlogEntries may be absent, null or empty.
func TestPublishedForms(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testdata, "python/p256.sig"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(material, sig map[string]any){
		"no tlogEntries": func(m, _ map[string]any) { delete(m, "tlogEntries") },
		"no keyid":       func(_, s map[string]any) { delete(s, "keyid") },
		"keyid null":     func(_, s map[string]any) { s["keyid"] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			b, err := ParseBundle(edit(t, data, func(top map[string]any) {
				sigs := top["dsseEnvelope"].(map[string]any)["signatures"].([]any)
				change(top["verificationMaterial"].(map[string]any), sigs[0].(map[string]any))
			}))
			if err == nil {
				_, err = b.VerifyKey(publicKey(t, "p256"))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// edit changes JSON.
func edit(t *testing.T, data []byte, change func(map[string]any)) []byte {
	t.Helper()
	var top map[string]any
	if err := json.Unmarshal(data, &top); err != nil {
		t.Fatal(err)
	}
	change(top)
	out, err := json.Marshal(top)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
