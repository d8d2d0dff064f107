package modelsigning

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/integrity"
)

// write makes a model of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// resource is a file as a statement lists it.
type resource struct{ Name, Content string }

// signed makes a valid signature of a statement about resources, whatever they are
// called; change may make the statement worse.
func signed(t *testing.T, resources []resource, change func(map[string]any)) *Bundle {
	t.Helper()
	m := &Manifest{Name: "model"}
	for _, r := range resources {
		d, _, err := integrity.Sum(context.Background(), strings.NewReader(r.Content), nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Resources = append(m.Resources, Resource{Name: r.Name, Digest: d})
	}
	m.Root = rootDigest(m.Resources)
	payload, err := m.payload()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		payload = edit(t, payload, change)
	}
	b, err := Sign(context.Background(), payload, KeySigner{privateKey(t, "p256")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// verifyModel is the whole verification with a key.
func verifyModel(t *testing.T, b *Bundle, model string, c Comparison, links integrity.Links) (*Result, error) {
	t.Helper()
	v, err := b.VerifyKey(publicKey(t, "p256"))
	if err != nil {
		return nil, err
	}
	m, err := v.Manifest()
	if err != nil {
		return nil, err
	}
	return m.Compare(context.Background(), tree(t, model, links), c)
}

func wantRefused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that contains %q", err, want)
	}
}

func predicate(s map[string]any) map[string]any { return s["predicate"].(map[string]any) }

func serialization(s map[string]any) map[string]any {
	return predicate(s)["serialization"].(map[string]any)
}

// Trap 1: a model that is one file is named after itself, or ".".
func TestTrapSingleFile(t *testing.T) {
	dir := write(t, map[string]string{"m.keras": "x"})
	for _, name := range []string{"m.keras", "."} {
		r, err := verifyModel(t, signed(t, []resource{{name, "x"}}, nil), filepath.Join(dir, "m.keras"), Comparison{}, integrity.Links{})
		if err != nil || r.Failed() {
			t.Errorf("%q: %+v, %v", name, r, err)
		}
	}
	_, err := verifyModel(t, signed(t, []resource{{".", "x"}}, nil), dir, Comparison{}, integrity.Links{})
	wantRefused(t, err, "the signature is for one file: give the path of the file")
	_, err = verifyModel(t, signed(t, []resource{{"m.keras", "x"}, {"n", "y"}}, nil), filepath.Join(dir, "m.keras"), Comparison{}, integrity.Links{})
	wantRefused(t, err, "the signature is for 2 files: give the directory")
	_, err = verifyModel(t, signed(t, []resource{{".", "x"}, {"m.keras", "x"}}, nil), filepath.Join(dir, "m.keras"), Comparison{}, integrity.Links{})
	wantRefused(t, err, `"." is listed among other files`)
}

// Trap 2: verifiers hash in the order of the list, writers sort by code points.
func TestTrapOrder(t *testing.T) {
	dir := write(t, map[string]string{"a/b": "1", "a.b": "2"})
	byComponents := []resource{{"a/b", "1"}, {"a.b", "2"}}
	r, err := verifyModel(t, signed(t, byComponents, nil), dir, Comparison{}, integrity.Links{})
	if err != nil || r.Failed() {
		t.Errorf("sorted by components: %+v, %v", r, err)
	}
	m, err := parseStatement(statement(t, dir, Spec))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.b", "a/b"}, m.files()); diff != "" {
		t.Errorf("written order (-want +got):\n%s", diff)
	}
	_, err = verifyModel(t, signed(t, byComponents, func(s map[string]any) {
		list := predicate(s)["resources"].([]any)
		list[0], list[1] = list[1], list[0]
	}), dir, Comparison{}, integrity.Links{})
	wantRefused(t, err, "but the files listed make")
}

// Trap 3: shard_size arrives as 1000.0, and shards are verified, but not written.
func TestTrapShards(t *testing.T) {
	dir := write(t, map[string]string{"w": "0123456789", "empty": ""})
	shards := []resource{{"w:0:4", "0123"}, {"w:4:8", "4567"}, {"w:8:10", "89"}}
	sharded := func(size any) func(map[string]any) {
		return func(s map[string]any) {
			serialization(s)["method"], serialization(s)["shard_size"] = "shards", size
		}
	}
	tests := []struct {
		name      string
		resources []resource
		change    func(map[string]any)
		want      string // of the error, or the outcome of w
	}{
		{"whole number", shards, sharded(4), "ok"},
		{"number with a fraction of zero", shards, sharded(json.RawMessage("4.0")), "ok"},
		{"number with a fraction", shards, sharded(4.5), "shard_size 4.5: want a number of bytes above 0"},
		{"number with an exponent", shards, sharded(json.RawMessage("4e999999999")), "shard_size 4e999999999"},
		{"zero", shards, sharded(0), "shard_size 0"},
		{"text", shards, sharded("4"), "shard_size 4"},
		{"no size", shards, func(s map[string]any) { serialization(s)["method"] = "shards" }, "shard_size <nil>"},
		{"size without shards", []resource{{"w", "0123456789"}}, func(s map[string]any) { serialization(s)["shard_size"] = 4 }, "shard_size together with the method files"},
		{"the end is missing", shards[:2], sharded(4), "changed"},
		{"the middle is missing", []resource{shards[0], shards[2]}, sharded(4), "the shard before byte 8 is missing"},
		{"the beginning is missing", shards[1:], sharded(4), "the shard before byte 4 is missing"},
		{"a gap", []resource{{"w:0:3", "012"}, shards[1], shards[2]}, sharded(4), "changed"},
		{"longer than a shard", []resource{{"w:0:10", "0123456789"}}, sharded(4), `"w:0:10" is no shard of 4 bytes`},
		{"twice", append(shards[:3:3], shards[2]), sharded(4), `"w" is listed twice`},
		{"no range", []resource{{"w", "0123456789"}}, sharded(4), `"w": want path:start:end`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := verifyModel(t, signed(t, tt.resources, tt.change), dir, Comparison{}, integrity.Links{})
			if err != nil {
				wantRefused(t, err, tt.want)
				return
			}
			got := map[string]string{}
			for _, f := range r.Files {
				got[f.Name] = string(f.Outcome)
			}
			if diff := cmp.Diff(map[string]string{"w": tt.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Trap 3, the rest: a colon in a name belongs to the name.
func TestTrapShardOfNameWithColons(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file can be called that here")
	}
	dir := write(t, map[string]string{"a:1:2": "0123"})
	r, err := verifyModel(t, signed(t, []resource{{"a:1:2:0:4", "0123"}}, func(s map[string]any) {
		serialization(s)["method"], serialization(s)["shard_size"] = "shards", 4
	}), dir, Comparison{}, integrity.Links{})
	if err != nil || r.Failed() {
		t.Errorf("%+v, %v", r, err)
	}
}

// Trap 4: other hashes are refused, and sha256 is what is written.
func TestTrapHashes(t *testing.T) {
	dir := write(t, map[string]string{"w": "x"})
	for kind, want := range map[string]string{
		"blake2b": `hash_type "blake2b": only sha256 is verified; ask the signer to sign with it`,
		"blake2":  `hash_type "blake2": only sha256`, "blake3": `hash_type "blake3": only sha256`,
		"md5": `hash_type "md5": only sha256`, "SHA256": `hash_type "SHA256": only sha256`,
	} {
		_, err := verifyModel(t, signed(t, []resource{{"w", "x"}}, func(s map[string]any) { serialization(s)["hash_type"] = kind }), dir, Comparison{}, integrity.Links{})
		wantRefused(t, err, want)
	}
	_, err := verifyModel(t, signed(t, []resource{{"w", "x"}}, func(s map[string]any) {
		predicate(s)["resources"].([]any)[0].(map[string]any)["algorithm"] = "md5"
	}), dir, Comparison{}, integrity.Links{})
	wantRefused(t, err, `algorithm "md5": only sha256`)
}

// Trap 5: names are judged before anything is opened.
func TestTrapNames(t *testing.T) {
	dir := write(t, map[string]string{"model/w": "x", "secret.txt": "s"})
	tests := []struct{ name, want string }{
		{"../secret.txt", "leaves the directory"},
		{"a/../../secret.txt", "leaves the directory"},
		{"..", "leaves the directory"},
		{"/etc/passwd", "is absolute"},
		{"./w", `is not clean: want "w"`},
		{"a//w", `is not clean: want "a/w"`},
		{"a/./w", `is not clean: want "a/w"`},
		{"w/", `is not clean: want "w"`},
		{"", "a name is empty"},
		{`..\secret.txt`, "contains a backslash"},
		{"w\x00.keras", "contains NUL"},
	}
	for _, tt := range tests {
		for _, c := range []Comparison{{}, {Unsigned: true}} {
			r, err := verifyModel(t, signed(t, []resource{{"w", "x"}, {tt.name, "s"}}, nil), filepath.Join(dir, "model"), c, integrity.Links{})
			if r != nil {
				t.Errorf("%q: was opened: %+v", tt.name, r)
			}
			wantRefused(t, err, tt.want)
		}
	}
	_, err := verifyModel(t, signed(t, []resource{{"w", "x"}, {"w", "x"}}, nil), filepath.Join(dir, "model"), Comparison{}, integrity.Links{})
	wantRefused(t, err, `"w" is listed twice`)
}

// Trap 6: what the signer leaves out is listed, and fails if something loads it.
func TestTrapExclusions(t *testing.T) {
	dir := write(t, map[string]string{
		"w": "x", "notes.txt": "n", ".github/evil.keras": "e", ".github/workflow.yml": "on: push", "docs/a.txt": "d", "hidden": "\x80\x04pickle",
		".git/config": "c", "sub/.git/x": "y", "script": "#!/bin/sh\n", "conf.yaml": "class_name: Functional\n", "block.txt": strings.Repeat(" ", 512) + "\x89HDF\r\n\x1a\n",
	})
	finding := func(name, kind string) integrity.Finding {
		return integrity.Finding{ID: integrity.UnsignedFile, Severity: integrity.High, Path: filepath.Base(dir) + "/" + name,
			Message: fmt.Sprintf("The signature is valid, but does not cover %q, which is a %s file.", name, kind),
			Help:    "Remove the file, or have the model signed with it; --ignore-paths accepts it by name."}
	}
	by := func(paths ...any) func(map[string]any) {
		return func(s map[string]any) { serialization(s)["ignore_paths"] = paths }
	}
	b := signed(t, []resource{{"w", "x"}}, by("notes.txt", "docs", "hidden", "sub", "script", "conf.yaml", "block.txt", "absent"))
	r, err := verifyModel(t, b, dir, Comparison{}, integrity.Links{})
	if err != nil {
		t.Fatal(err)
	}
	want := &Result{
		Files: []FileResult{{"w", integrity.OK, nil}},
		Uncovered: []Uncovered{
			{".git/config", "git's files are left out by default"}, {".github/evil.keras", "git's files are left out by default"}, {".github/workflow.yml", "git's files are left out by default"},
			{"block.txt", "left out by the signer"}, {"conf.yaml", "left out by the signer"}, {"docs/a.txt", "left out by the signer"}, {"hidden", "left out by the signer"},
			{"notes.txt", "left out by the signer"}, {"script", "left out by the signer"}, {"sub/.git/x", "left out by the signer"},
		},
		Findings: []integrity.Finding{finding(".github/evil.keras", "model"), finding("block.txt", "model"), finding("conf.yaml", "model"), finding("hidden", "pickle"), finding("script", "code")},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// The verifier's own exclusions are no finding.
	own := Comparison{Ignored: []string{".github", "block.txt", "conf.yaml", "hidden", "script"}}
	if r, err = verifyModel(t, b, dir, own, integrity.Links{}); err != nil || r.Failed() {
		t.Errorf("own exclusions: %+v, %v", r, err)
	}
	// Neither is what the signer excludes an excuse for a file that is signed and changed.
	r, err = verifyModel(t, signed(t, []resource{{"w", "other"}}, by("w")), write(t, map[string]string{"w": "x"}), Comparison{}, integrity.Links{})
	if err != nil || !r.Failed() {
		t.Errorf("signed and excluded: %+v, %v", r, err)
	}
	// A path that leaves out everything leaves out nothing; .git counts at the top only.
	for _, everything := range []string{".", "", "/", "..", "*", "./"} {
		r, err = verifyModel(t, signed(t, []resource{{"w", "x"}}, by(everything)), write(t, map[string]string{"w": "x", "n": "", "sub/.git/x": ""}), Comparison{}, integrity.Links{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]FileResult{{"n", integrity.New, nil}, {"sub/.git/x", integrity.New, nil}, {"w", integrity.OK, nil}}, r.Files, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
			t.Errorf("ignore_paths [%q] (-want +got):\n%s", everything, diff)
		}
	}
	// Files that nobody signed pass only if nothing loads them.
	r, err = verifyModel(t, signed(t, []resource{{"w", "x"}}, nil), write(t, map[string]string{"w": "x", "README": "r"}), Comparison{Unsigned: true}, integrity.Links{})
	if err != nil || r.Failed() {
		t.Errorf("unsigned README: %+v, %v", r, err)
	}
	r, err = verifyModel(t, signed(t, []resource{{"w", "x"}}, nil), write(t, map[string]string{"w": "x", "evil.pkl": "r"}), Comparison{Unsigned: true}, integrity.Links{})
	if err != nil || !r.Failed() {
		t.Errorf("unsigned pickle: %+v, %v", r, err)
	}
}

// Trap 9, and what else two readers could read differently.
func TestTrapBundles(t *testing.T) {
	good := signed(t, []resource{{"w", "x"}}, nil)
	envelope := func(top map[string]any) map[string]any { return top["dsseEnvelope"].(map[string]any) }
	material := func(top map[string]any) map[string]any { return top["verificationMaterial"].(map[string]any) }
	tests := []struct {
		name   string
		change func(map[string]any)
		want   string
	}{
		{"a good and a junk signature", func(top map[string]any) {
			envelope(top)["signatures"] = append(envelope(top)["signatures"].([]any), map[string]any{"sig": "AAAA", "keyid": ""})
		}, "2 signatures: want exactly one"},
		{"no signature", func(top map[string]any) { envelope(top)["signatures"] = []any{} }, "0 signatures: want exactly one"},
		{"foreign member", func(top map[string]any) { top["note"] = 1 }, `the bundle has foreign members "note"`},
		{"member in other case", func(top map[string]any) { top["DSSEEnvelope"] = top["dsseEnvelope"] }, `foreign members "DSSEEnvelope"`},
		{"foreign member of the envelope", func(top map[string]any) { envelope(top)["alg"] = "none" }, `dsseEnvelope has foreign members "alg"`},
		{"foreign member of the signature", func(top map[string]any) { envelope(top)["signatures"].([]any)[0].(map[string]any)["cert"] = "x" }, `a signature has foreign members "cert"`},
		{"two kinds of material", func(top map[string]any) { material(top)["certificate"] = map[string]any{"rawBytes": "AAAA"} }, "want one of publicKey, x509CertificateChain and certificate, found 2"},
		{"no material", func(top map[string]any) { top["verificationMaterial"] = map[string]any{} }, "found 0"},
		{"material null", func(top map[string]any) { material(top)["publicKey"] = nil }, "is no object"},
		{"no hint", func(top map[string]any) { material(top)["publicKey"] = map[string]any{} }, `want the string "hint"`},
		{"an empty chain", func(top map[string]any) {
			top["verificationMaterial"] = map[string]any{"x509CertificateChain": map[string]any{"certificates": []any{}}}
		}, "0 certificates"},
		{"a keyless signature without a log entry", func(top map[string]any) {
			top["verificationMaterial"] = map[string]any{"certificate": map[string]any{"rawBytes": "AAAA"}, "tlogEntries": []any{}}
		}, "without an entry of a transparency log"},
		{"another media type", func(top map[string]any) { top["mediaType"] = "application/json" }, `media type "application/json": want`},
		{"another payload type", func(top map[string]any) { envelope(top)["payloadType"] = "text/plain" }, `payload type "text/plain": want`},
		{"no envelope", func(top map[string]any) { delete(top, "dsseEnvelope") }, `want the object "dsseEnvelope"`},
		{"payload is no base64", func(top map[string]any) { envelope(top)["payload"] = "%" }, "payload: illegal base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseBundle(edit(t, good.Raw, tt.change))
			wantRefused(t, err, tt.want)
		})
	}
	for name, data := range map[string]string{
		"a key twice":        strings.Replace(string(good.Raw), `"mediaType"`, `"mediaType":"x","mediaType"`, 1),
		"something follows":  string(good.Raw) + "{}",
		"cut off":            string(good.Raw[:len(good.Raw)/2]),
		"empty":              "",
		"a list":             "[]",
		"nested very deep":   strings.Repeat("[", 100000),
		"not UTF-8":          "{\"\xff\":1}",
		"a number":           "7",
		"an object too deep": strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50),
	} {
		if _, err := ParseBundle([]byte(data)); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

// Statements that are signed and must not be believed.
func TestTrapStatements(t *testing.T) {
	one := []resource{{"w", "x"}}
	tests := []struct {
		name   string
		change func(map[string]any)
		want   string
	}{
		{"unknown predicate", func(s map[string]any) { s["predicateType"] = "https://slsa.dev/provenance/v1" }, "is no model signature: want"},
		{"unknown type", func(s map[string]any) { s["_type"] = "https://in-toto.io/Statement/v0.1" }, "_type"},
		{"two subjects", func(s map[string]any) { s["subject"] = append(s["subject"].([]any), s["subject"].([]any)[0]) }, "2 subjects: want exactly one"},
		{"another root digest", func(s map[string]any) {
			s["subject"].([]any)[0].(map[string]any)["digest"].(map[string]any)["sha256"] = strings.Repeat("0", 64)
		}, "but the files listed make"},
		{"no resources", func(s map[string]any) { predicate(s)["resources"] = []any{} }, "0 resources"},
		{"foreign member of the statement", func(s map[string]any) { s["x"] = 1 }, `the statement has foreign members "x"`},
		{"foreign member of the predicate", func(s map[string]any) { predicate(s)["x"] = 1 }, `predicate has foreign members "x"`},
		{"foreign member of the serialization", func(s map[string]any) { serialization(s)["follow"] = true }, `serialization has foreign members "follow"`},
		{"method", func(s map[string]any) { serialization(s)["method"] = "magic" }, `method "magic"`},
		{"allow_symlinks", func(s map[string]any) { serialization(s)["allow_symlinks"] = "false" }, "want allow_symlinks to be true or false"},
		{"digest in upper case", func(s map[string]any) {
			r := predicate(s)["resources"].([]any)[0].(map[string]any)
			r["digest"] = strings.ToUpper(r["digest"].(string))
		}, "is in upper case"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := verifyModel(t, signed(t, one, tt.change), write(t, map[string]string{"w": "x"}), Comparison{}, integrity.Links{})
			wantRefused(t, err, tt.want)
		})
	}
	// What the specification says to ignore.
	r, err := verifyModel(t, signed(t, one, func(s map[string]any) {
		predicate(s)["resources"].([]any)[0].(map[string]any)["annotations"] = map[string]any{"a": 1}
	}), write(t, map[string]string{"w": "x"}), Comparison{}, integrity.Links{})
	if err != nil || r.Failed() {
		t.Errorf("a resource with annotations: %+v, %v", r, err)
	}
}

// The faulty encoding of 0.2.0 is believed only for statements of 0.2.0.
func TestTrapLegacyEncoding(t *testing.T) {
	b := signed(t, []resource{{"w", "x"}}, nil)
	k := KeySigner{privateKey(t, "p256")}
	faulty := legacyPAE(b.Payload)
	sig, err := k.Sign(context.Background(), faulty)
	if err != nil {
		t.Fatal(err)
	}
	b.Signature = sig
	_, err = b.VerifyKey(publicKey(t, "p256"))
	wantRefused(t, err, "the signature is not good for this key")

	for in, want := range map[string]string{`{"a": 1}`: `b'{"a": 1}'`, "it's": `b"it's"`, `it's "`: `b'it\'s "'`, "\\\n\t\r\x00\xc3\x7f": `b'\\\n\t\r\x00\xc3\x7f'`} {
		if got := pyRepr([]byte(in)); got != want {
			t.Errorf("repr of %q is %s, want %s", in, got, want)
		}
	}
}

// Trap 10: encrypted keys are read, other keys refused with what to do.
func TestTrapKeys(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(testdata, "keys", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	plain := privateKey(t, "p256")
	got, err := ParsePrivateKey(read("p256-encrypted.pem"), []byte("correct horse"))
	if err != nil || !got.Equal(plain) {
		t.Errorf("encrypted key: %v", err)
	}
	if got, err = ParsePrivateKey(read("p256-sec1.pem"), nil); err != nil || !got.Equal(plain) {
		t.Errorf("SEC 1 key: %v", err)
	}
	withParameters := append([]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), read("p256-sec1.pem")...)
	if got, err = ParsePrivateKey(withParameters, nil); err != nil || !got.Equal(plain) {
		t.Errorf("key after its parameters: %v", err)
	}
	oldForm := "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"
	for _, tt := range []struct {
		name     string
		data     []byte
		password string
		want     string
	}{
		{"no password", read("p256-encrypted.pem"), "", "is encrypted: give --password-file"},
		{"wrong password", read("p256-encrypted.pem"), "battery staple", "private key: "},
		{"Ed25519", read("ed25519.pem"), "", "want an ECDSA key on P-256, P-384 or P-521"},
		{"P-224", read("p224.pem"), "", "key on the curve P-224: want P-256, P-384 or P-521"},
		{"a public key", read("p256.pub"), "", `PEM block "PUBLIC KEY": want PRIVATE KEY`},
		{"old encryption", []byte(oldForm), "x", "convert it with openssl pkcs8 -topk8"},
		{"no PEM", []byte("hello"), "", "no private key: want a PEM file"},
	} {
		_, err := ParsePrivateKey(tt.data, []byte(tt.password))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	for name, want := range map[string]string{"ed25519.pub": "key of type ed25519.PublicKey", "p224.pub": "key on the curve P-224", "p256.pem": "no public key: want a PEM file"} {
		_, err := ParsePublicKey(read(name))
		wantRefused(t, err, want)
	}
	_, err = signed(t, []resource{{"w", "x"}}, nil).VerifyKey(publicKey(t, "p384"))
	wantRefused(t, err, "signed with another key: the signature names")
}

// Trap 11: links are refused, and followed only inside the model or its cache.
func TestTrapLinks(t *testing.T) {
	dir := write(t, map[string]string{
		"model/real": "x", "secret": "s",
		"models--org--name/blobs/0": "x", "models--org--name/snapshots/rev/config": "c", "models--org--other/blobs/1": "s",
	})
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	link("real", "model/link")
	link("../../blobs/0", "models--org--name/snapshots/rev/w")
	snapshot := filepath.Join(dir, "models--org--name/snapshots/rev")
	inside := signed(t, []resource{{"link", "x"}, {"real", "x"}}, nil)
	cached := signed(t, []resource{{"config", "c"}, {"w", "x"}}, nil)
	follow := integrity.Links{Follow: true}
	for _, tt := range []struct {
		name  string
		b     *Bundle
		model string
		links integrity.Links
		fails bool
	}{
		{"link, not followed", inside, filepath.Join(dir, "model"), integrity.Links{}, true},
		{"link, followed", inside, filepath.Join(dir, "model"), follow, false},
		{"snapshot, not followed", cached, snapshot, integrity.Links{}, true},
		{"snapshot, followed inside its cache", cached, snapshot, follow, false},
		{"snapshot, followed inside a directory", cached, snapshot, integrity.Links{Within: dir}, false},
	} {
		r, err := verifyModel(t, tt.b, tt.model, Comparison{}, tt.links)
		if err != nil || r.Failed() != tt.fails {
			t.Errorf("%s: failed is not %v: %+v, %v", tt.name, tt.fails, r, err)
		}
	}
	link("../secret", "model/out")
	link("../../../models--org--other/blobs/1", "models--org--name/snapshots/rev/out")
	for _, tt := range []struct {
		name, model string
		b           *Bundle
	}{
		{"out of the model", filepath.Join(dir, "model"), signed(t, []resource{{"link", "x"}, {"out", "s"}, {"real", "x"}}, nil)},
		{"out of the cache", snapshot, signed(t, []resource{{"config", "c"}, {"out", "s"}, {"w", "x"}}, nil)},
	} {
		r, err := verifyModel(t, tt.b, tt.model, Comparison{}, follow)
		if err != nil || !r.Failed() {
			t.Errorf("%s: passed: %+v, %v", tt.name, r, err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "model"), filepath.Join(dir, "model/dir")); err == nil {
		r, err := verifyModel(t, inside, filepath.Join(dir, "model"), Comparison{Ignored: []string{"out"}}, follow)
		if err != nil || !r.Failed() {
			t.Errorf("link to a directory: passed: %+v, %v", r, err)
		}
	}
}

// An empty model is not signed.
func TestTrapEmptyModel(t *testing.T) {
	tr := tree(t, write(t, map[string]string{".gitignore": "x"}), integrity.Links{})
	sums, ignored, _, err := Collect(context.Background(), tr, Comparison{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewManifest(tr.Name, sums, tr.Single, Spec, ignored, false)
	wantRefused(t, err, "an empty model cannot be signed")
}

// A program that signs is believed only if its signature is good.
func TestTrapSignerPrograms(t *testing.T) {
	key := publicKey(t, "p256")
	for _, tt := range []struct {
		name string
		sign func([]byte) ([]byte, error)
		want string
	}{
		{"junk", func([]byte) ([]byte, error) { return []byte("junk"), nil }, "is not good for the public key"},
		{"another key", func(data []byte) ([]byte, error) {
			return KeySigner{privateKey(t, "p384")}.Sign(context.Background(), data)
		}, "is not good for the public key"},
		{"signs something else", func([]byte) ([]byte, error) {
			return KeySigner{privateKey(t, "p256")}.Sign(context.Background(), []byte("other"))
		}, "is not good for the public key"},
		{"fails", func([]byte) ([]byte, error) { return nil, os.ErrPermission }, "permission denied"},
	} {
		_, err := Sign(context.Background(), []byte("{}"), fakeSigner{key, tt.sign}, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// FuzzBundle reads anything without a panic, and what is read is written alike.
func FuzzBundle(f *testing.F) {
	for _, name := range []string{"python/p256.sig", "python/certificate.sig", "python/shards.sig", "python/legacy.sig", "ours/file-spec.sig"} {
		data, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		var top struct {
			Envelope struct{ Payload string } `json:"dsseEnvelope"`
		}
		if json.Unmarshal(data, &top) == nil {
			payload, _ := base64.StdEncoding.DecodeString(top.Envelope.Payload)
			f.Add(payload)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := parseStatement(data); err == nil {
			for _, name := range m.files() {
				if name != "." && integrity.CheckName(name) != nil {
					t.Errorf("name %q got through", name)
				}
			}
		}
		b, err := ParseBundle(data)
		if err != nil || b.Method == Keyless || b.Hint == "" && b.Method == Key {
			return
		}
		out, err := b.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseBundle(out)
		if err != nil || !bytes.Equal(again.Payload, b.Payload) || !bytes.Equal(again.Signature, b.Signature) {
			t.Errorf("reads differently: %v", err)
		}
	})
}
