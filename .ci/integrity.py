"""Round trips with the reference implementation of OpenSSF Model Signing.

    python3 .ci/integrity.py KERASVET              run the cases
    python3 .ci/integrity.py --golden DIR          write the golden signatures of the tests

Needs pip, openssl and a Python from 3.10 on: model-signing is installed into a
virtual environment of its own. Where it cannot be, that is said, and nothing fails.
MODEL_SIGNING_PYTHON is a Python that has it already; MODEL_SIGNING_OLD one that has
0.2.0, for the golden signature of that version.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

REFERENCE = ["model-signing==1.1.1", "pyOpenSSL"]  # 1.1.1 needs pyOpenSSL and does not say so
CURVES = {"p256": "prime256v1", "p384": "secp384r1", "p521": "secp521r1"}


def reference(tmp):
    """The Python that has the reference, None if there is none."""
    if python := os.environ.get("MODEL_SIGNING_PYTHON"):
        return python
    venv = tmp / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
        subprocess.run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *REFERENCE], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(venv / "bin/python")


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_keys(d):
    """Keys on three curves and one that is refused, each plain and encrypted, and a chain."""
    d.mkdir(parents=True, exist_ok=True)
    for name, curve in {**CURVES, "p224": "secp224r1"}.items():
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", d / f"{name}.pem")
        openssl("pkey", "-in", d / f"{name}.pem", "-pubout", "-out", d / f"{name}.pub")
    openssl("pkcs8", "-topk8", "-in", d / "p256.pem", "-out", d / "p256-encrypted.pem", "-passout", "pass:correct horse", "-v2", "aes-256-cbc")
    openssl("ec", "-in", d / "p256.pem", "-out", d / "p256-sec1.pem")
    openssl("genpkey", "-algorithm", "ED25519", "-out", d / "ed25519.pem")
    openssl("pkey", "-in", d / "ed25519.pem", "-pubout", "-out", d / "ed25519.pub")
    make_chain(d)


def make_chain(d):
    days = ["-days", "27000"]
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", d / "root.key", "-out", d / "root.pem",
            "-subj", "/CN=test root", *days, "-addext", "keyUsage=critical,keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE")
    for name, issuer, ext in [
        ("intermediate", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"),
        ("leaf", "intermediate", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=email:release@example.com\n"),
    ]:
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-nodes", "-keyout", d / f"{name}.key", "-out", d / f"{name}.csr", "-subj", f"/CN=test {name}")
        (d / "ext").write_text(ext)
        openssl("x509", "-req", "-in", d / f"{name}.csr", "-CA", d / f"{issuer}.pem", "-CAkey", d / f"{issuer}.key", "-CAcreateserial", "-out", d / f"{name}.pem", "-extfile", d / "ext", *days)
    for leftover in ["ext", "intermediate.csr", "leaf.csr", "root.srl", "intermediate.srl"]:
        (d / leftover).unlink(missing_ok=True)


def make_model(d):
    """A directory whose order by code points is not that by components, and a single file."""
    (d / "model/a").mkdir(parents=True)
    (d / "model/a/b").write_bytes(b"in a directory\n")
    (d / "model/a.b").write_bytes(b"beside it\n")
    (d / "model/config.json").write_bytes(b"{}\n")
    (d / "model/weights.bin").write_bytes(bytes(range(256)) * 10)
    (d / "model/empty").write_bytes(b"")
    (d / "model/\u00fcber \u6a21\u578b.txt").write_bytes(b"unicode\n")
    (d / "model/.hidden").mkdir()
    (d / "model/.hidden/file").write_bytes(b"hidden\n")
    (d / "m.keras").write_bytes(b"PK\x05\x06" + bytes(18))


# ---- everything below runs in the Python that has the reference -------------------


class Reference:
    def __init__(self):
        import model_signing

        self.signing, self.verifying, self.hashing = model_signing.signing, model_signing.verifying, model_signing.hashing

    def hash_config(self, ignored=(), links=False):
        return self.hashing.Config().set_ignored_paths(paths=list(ignored), ignore_git_paths=True).set_allow_symlinks(links)

    def sign(self, model, sig, key=None, cert=None, chain=(), config=None, ignored=(), links=False):
        c = self.signing.Config().set_hashing_config(config or self.hash_config([*ignored, sig], links))
        if cert:
            c = c.use_certificate_signer(private_key=key, signing_certificate=cert, certificate_chain=list(chain))
        else:
            c = c.use_elliptic_key_signer(private_key=key)
        c.sign(model, sig)

    def verify(self, model, sig, key=None, chain=(), ignored=(), links=False):
        c = self.verifying.Config().set_hashing_config(self.hash_config([*ignored, sig], links))
        c = c.use_certificate_verifier(certificate_chain=list(chain)) if chain else c.use_elliptic_key_verifier(public_key=key)
        try:
            c.verify(pathlib.Path(model), pathlib.Path(sig))
            return True
        except Exception:  # noqa: BLE001 the reference raises many kinds
            return False


class Cases:
    def __init__(self, kerasvet, tmp):
        self.kerasvet, self.tmp, self.ref = kerasvet, tmp, Reference()
        self.keys = tmp / "keys"
        make_keys(self.keys)
        self.passed, self.bad = 0, []

    def check(self, name, got, want):
        if got == want:
            self.passed += 1
        else:
            self.bad.append(f"{name}: got {got}, want {want}")

    def ours(self, *args):
        return subprocess.run([self.kerasvet, *map(str, args)], capture_output=True).returncode

    def model(self):
        d = pathlib.Path(tempfile.mkdtemp(dir=self.tmp))
        make_model(d)
        return d

    def run(self):
        for curve in CURVES:
            self.round_trips(curve)
        self.changes()
        self.chains()
        self.links()
        self.keys_of_all_forms()
        self.sha256sum()
        self.golden()

    def golden(self):
        """The reference verifies the signatures of ours that the tests hold us to."""
        data = pathlib.Path("integrity/testdata").absolute()
        for curve in CURVES:
            self.check(f"golden {curve}", self.ref.verify(data / "python/model", data / f"ours/{curve}.sig", data / f"keys/{curve}.pub"), True)
        self.check("golden file", self.ref.verify(data / "python/m.keras", data / "ours/file-python.sig", data / "keys/p256.pub"), True)
        self.check("golden file of the specification", self.ref.verify(data / "python/m.keras", data / "ours/file-spec.sig", data / "keys/p256.pub"), False)
        self.check("golden certificate", self.ref.verify(data / "python/model", data / "ours/certificate.sig", chain=[data / "keys/root.pem"]), True)

    def round_trips(self, curve):
        key, pub = self.keys / f"{curve}.pem", self.keys / f"{curve}.pub"
        d = self.model()
        for what, model, extra in [("directory", d / "model", []), ("file", d / "m.keras", ["--compat", "python"])]:
            ours, theirs = d / f"{what}.ours", d / f"{what}.theirs"
            self.check(f"{curve} {what} we sign", self.ours("sign", "key", "--private_key", key, "--signature", ours, *extra, model), 0)
            self.check(f"{curve} {what} we sign, they verify", self.ref.verify(model, ours, pub), True)
            self.check(f"{curve} {what} we sign, we verify", self.ours("verify", "key", "--public-key", pub, "--signature", ours, model), 0)
            self.ref.sign(model, theirs, key)
            self.check(f"{curve} {what} they sign, we verify", self.ours("verify", "key", "--public_key", pub, "--signature", theirs, model), 0)
            self.check(f"{curve} {what} they sign, auto", self.ours("verify", "auto", "--public_key", pub, "--signature", theirs, model), 0)
            wrong = self.keys / ("p384.pub" if curve == "p256" else "p256.pub")
            self.check(f"{curve} {what} wrong key, they", self.ref.verify(model, ours, wrong), False)
            self.check(f"{curve} {what} wrong key, we", self.ours("verify", "key", "--public-key", wrong, "--signature", theirs, model), 1)
        # The name of the specification: the reference takes it in a directory only.
        spec = d / "spec.sig"
        self.check(f"{curve} spec form", self.ours("sign", "key", "--private-key", key, "--signature", spec, d / "m.keras"), 0)
        alone = d / "alone"
        alone.mkdir()
        shutil.copy(d / "m.keras", alone)
        self.check(f"{curve} spec form, they, directory", self.ref.verify(alone, spec, pub), True)
        self.check(f"{curve} spec form, we", self.ours("verify", "key", "--public-key", pub, "--signature", spec, d / "m.keras"), 0)

    def changes(self):
        """What is changed after signing, by either, is refused by both."""
        key, pub = self.keys / "p256.pem", self.keys / "p256.pub"

        def tamper(m):
            (m / "weights.bin").write_bytes(b"other")

        def extra(m):
            (m / "evil.keras").write_bytes(b"x")

        def extra_hidden(m):
            (m / ".hidden/evil").write_bytes(b"x")

        def missing(m):
            (m / "a/b").unlink()

        def renamed(m):
            (m / "config.json").rename(m / "Config.json")

        def link(m):
            (m / "config.json").unlink()
            (m / "config.json").symlink_to("a.b")

        for change in (tamper, extra, extra_hidden, missing, renamed, link):
            for signer in ("ours", "theirs"):
                d = self.model()
                sig = d / "model.sig"
                if signer == "ours":
                    self.ours("sign", "key", "--private-key", key, "--signature", sig, d / "model")
                else:
                    self.ref.sign(d / "model", sig, key)
                change(d / "model")
                self.check(f"{change.__name__}, signed by {signer}, they", self.ref.verify(d / "model", sig, pub), False)
                self.check(f"{change.__name__}, signed by {signer}, we", self.ours("verify", "key", "--public-key", pub, "--signature", sig, d / "model"), 1)
        # The signature in the model itself, and a path that is left out.
        d = self.model()
        sig = d / "model/model.sig"
        (d / "model/notes").write_bytes(b"x")
        self.check("ignored, we sign", self.ours("sign", "key", "--private-key", key, "--signature", sig, "--ignore-paths", "notes", d / "model"), 0)
        self.check("ignored, they verify", self.ref.verify(d / "model", sig, pub, ignored=[d / "model/notes"]), True)
        self.check("ignored, we verify", self.ours("verify", "key", "--public-key", pub, "--signature", sig, d / "model"), 0)
        sig.unlink()
        self.ref.sign(d / "model", sig, key, ignored=[d / "model/notes"])
        self.check("ignored, they sign", self.ours("verify", "key", "--public-key", pub, "--signature", sig, d / "model"), 0)

    def chains(self):
        k = self.keys
        d = self.model()
        ours, theirs = d / "ours", d / "theirs"
        args = ["--private-key", k / "leaf.key", "--signing_certificate", k / "leaf.pem", "--certificate_chain", k / "intermediate.pem"]
        self.check("chain, we sign", self.ours("sign", "certificate", *args, "--signature", ours, d / "model"), 0)
        self.check("chain, they verify", self.ref.verify(d / "model", ours, chain=[k / "root.pem"]), True)
        self.ref.sign(d / "model", theirs, k / "leaf.key", cert=k / "leaf.pem", chain=[k / "intermediate.pem"])
        verify = ["verify", "certificate", "--certificate_chain", k / "root.pem", "--signature"]
        self.check("chain, they sign", self.ours(*verify, theirs, "--identity", "release@example.com", d / "model"), 0)
        self.check("chain, another identity", self.ours(*verify, theirs, "--identity", "somebody@example.com", d / "model"), 1)
        self.check("chain, no identity", self.ours(*verify, theirs, d / "model"), 2)
        (d / "model/config.json").write_bytes(b"{ }")
        self.check("chain, changed, they", self.ref.verify(d / "model", ours, chain=[k / "root.pem"]), False)
        self.check("chain, changed, we", self.ours(*verify, ours, "--identity", "release@example.com", d / "model"), 1)

    def links(self):
        key, pub = self.keys / "p256.pem", self.keys / "p256.pub"
        d = self.model()
        (d / "model/link").symlink_to("a.b")
        sig = d / "sig"
        self.check("link, we do not sign", self.ours("sign", "key", "--private-key", key, "--signature", sig, d / "model"), 3)
        self.check("link, allowed", self.ours("sign", "key", "--private-key", key, "--signature", sig, "--allow_symlinks", d / "model"), 0)
        self.check("link, they verify", self.ref.verify(d / "model", sig, pub, links=True), True)
        self.check("link, not allowed to verify", self.ours("verify", "key", "--public-key", pub, "--signature", sig, d / "model"), 1)
        self.check("link, allowed to verify", self.ours("verify", "key", "--public-key", pub, "--signature", sig, "--allow-symlinks", d / "model"), 0)
        (d / "outside").write_bytes(b"x")
        (d / "model/link").unlink()
        (d / "model/link").symlink_to("../outside")
        self.ref.sign(d / "model", d / "out.sig", key, links=True)
        self.check("link out of the model", self.ours("verify", "key", "--public-key", pub, "--signature", d / "out.sig", "--allow-symlinks", d / "model"), 1)

    def keys_of_all_forms(self):
        d = self.model()
        sig, pub = d / "sig", self.keys / "p256.pub"
        (d / "password").write_text("correct horse\n")
        (d / "wrong").write_text("battery staple\n")
        enc = self.keys / "p256-encrypted.pem"
        sign = ["sign", "key", "--signature", sig]
        self.check("encrypted key", self.ours(*sign, "--private-key", enc, "--password-file", d / "password", d / "model"), 0)
        self.check("encrypted key, they verify", self.ref.verify(d / "model", sig, pub), True)
        self.check("encrypted key, wrong password", self.ours(*sign, "--private-key", enc, "--password-file", d / "wrong", d / "model"), 2)
        self.check("encrypted key, no password", self.ours(*sign, "--private-key", enc, d / "model"), 2)
        self.check("SEC 1 key", self.ours(*sign, "--private-key", self.keys / "p256-sec1.pem", d / "model"), 0)
        self.check("Ed25519 key", self.ours(*sign, "--private-key", self.keys / "ed25519.pem", d / "model"), 2)
        self.check("P-224 key", self.ours(*sign, "--private-key", self.keys / "p224.pem", d / "model"), 2)
        command = f"openssl dgst -sha256 -sign {self.keys / 'p256.pem'}"
        self.check("signer program", self.ours(*sign, "--signer-exec", command, "--public-key", pub, d / "model"), 0)
        self.check("signer program, they verify", self.ref.verify(d / "model", sig, pub), True)
        self.check("signer program, another key", self.ours(*sign, "--signer-exec", command, "--public-key", self.keys / "p384.pub", d / "model"), 3)

    def sha256sum(self):
        """coreutils reads our lists, and we read its lists."""
        if not shutil.which("sha256sum"):
            print("skipped: no sha256sum")
            return
        d = self.model()
        (d / "model/line\nbreak").write_bytes(b"x")
        for style in ("text", "binary", "bsd"):
            out = subprocess.run([self.kerasvet, "hash", "--style", style, "model"], cwd=d, capture_output=True, check=True).stdout
            (d / "list").write_bytes(out)
            self.check(f"sha256sum -c {style}", subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "list"], cwd=d, capture_output=True).returncode, 0)
        names = [p.relative_to(d) for p in sorted((d / "model").rglob("*")) if p.is_file()]
        (d / "apart").mkdir()
        for flag in ("--text", "--binary", "--tag"):
            flags = [flag] if flag != "--tag" else ["--tag"]
            out = subprocess.run(["sha256sum", *flags, *names], cwd=d, capture_output=True, check=True).stdout
            (d / "apart/list").write_bytes(out)
            got = subprocess.run([self.kerasvet, "hash", "--check", "apart/list", "model"], cwd=d, capture_output=True).returncode
            self.check(f"we check a list of sha256sum {flag}", got, 0)


def golden(d):
    """Signatures of the reference with keys that are in the tree for this."""
    ref = Reference()
    keys = d / "keys"
    if not keys.exists():
        make_keys(keys)
    shutil.rmtree(d / "python", ignore_errors=True)
    out = d / "python"
    make_model(out)
    os.chdir(out)
    here = pathlib.Path(".")
    for curve in CURVES:
        ref.sign(here / "model", here / f"{curve}.sig", keys / f"{curve}.pem")
    ref.sign(here / "m.keras", here / "file.sig", keys / "p256.pem")
    ref.sign(here / "model", here / "certificate.sig", keys / "leaf.key", cert=keys / "leaf.pem", chain=[keys / "intermediate.pem"])
    ref.sign(here / "model", here / "ignored.sig", keys / "p256.pem", ignored=["a.b"])
    shards = ref.hashing.Config().use_shard_serialization(shard_size=1000)
    ref.sign(here / "model", here / "shards.sig", keys / "p256.pem", config=shards)
    blake = ref.hashing.Config().use_file_serialization(hashing_algorithm="blake2")
    ref.sign(here / "model", here / "blake2.sig", keys / "p256.pem", config=blake)
    legacy(here / "legacy.sig", keys / "p384.pem", [here / "model/a.b", here / "model/config.json"])
    for f in sorted(out.glob("*.sig")):
        print(f.name, hashlib.sha256(f.read_bytes()).hexdigest())


def legacy(sig, key, files):
    """What model-signing 0.2.0 wrote: files as subjects, and Python's repr of the payload
    in what is signed, with SHA-256 whatever the curve is."""
    import base64
    import json

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    subjects = [{"name": f.name, "digest": {"sha256": hashlib.sha256(f.read_bytes()).hexdigest()}, "annotations": {"actual_hash_algorithm": "file-sha256"}} for f in files]
    payload = json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": subjects, "predicateType": "https://model_signing/Digests/v0.1",
                          "predicate": {"unused": "it's \\ \u00fc"}}, indent=2, ensure_ascii=False).encode()
    kind = "application/vnd.in-toto+json"
    signed = f"DSSEV1 {len(kind)} {kind} {len(payload)} {payload}".encode()
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sig.write_text(json.dumps({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                               "verificationMaterial": {"publicKey": {"rawBytes": base64.b64encode(public).decode(), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}},
                               "dsseEnvelope": {"payload": base64.b64encode(payload).decode(), "payloadType": kind,
                                                "signatures": [{"sig": base64.b64encode(private.sign(signed, ec.ECDSA(hashes.SHA256()))).decode(), "keyid": None}]}}))


def main():
    if sys.argv[1] == "--inside":
        tmp = pathlib.Path(sys.argv[3])
        if sys.argv[2] == "--golden":
            golden(tmp)
            return 0
        c = Cases(sys.argv[2], tmp)
        c.run()
        for line in c.bad:
            print(line)
        print(f"{c.passed} of {c.passed + len(c.bad)} cases with the reference implementation pass")
        return 1 if c.bad else 0
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(name)
        python = reference(tmp)
        if python is None:
            print("skipped: model-signing cannot be installed; the golden signatures in the tests are what is checked")
            return 0
        if sys.argv[1] == "--golden":
            return subprocess.run([python, __file__, "--inside", "--golden", os.path.abspath(sys.argv[2])]).returncode
        return subprocess.run([python, __file__, "--inside", os.path.abspath(sys.argv[1]), name]).returncode


if __name__ == "__main__":
    sys.exit(main())
