package integrity

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func gitBlob(content string) string {
	d := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(d[:])
}

// TestContradictions holds content against the names that caches and Git LFS give it.
func TestContradictions(t *testing.T) {
	large, small := sum("large").String(), gitBlob("small")
	const blobs = "models--org--name/blobs/"
	lfs := func(content string) string {
		d := sum(content).String()
		return "repo/.git/lfs/objects/" + d[:2] + "/" + d[2:4] + "/" + d
	}
	dir := write(t, map[string]string{
		blobs + large:              "large",
		blobs + small:              "small",
		blobs + sum("x").String():  "not x",
		blobs + gitBlob("y"):       "not y",
		blobs + "download.part":    "p",
		lfs("object"):              "object",
		lfs("z"):                   "not z",
		"repo/model.h5":            lfsVersion + "oid sha256:" + large + "\nsize 5\n",
		"local/m.keras":            "large",
		"local/evil.keras":         "evil",
		"local/config.json":        "small",
		"local/no.txt":             "n",
		"elsewhere/blobs/" + large: "no cache",
	})
	for name, etag := range map[string]string{"m.keras": large, "evil.keras": large, "config.json": small} {
		p := filepath.Join(dir, "local/.cache/huggingface/download", name+".metadata")
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("0123\n"+etag+"\n1700000000.0\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	found := func(sub string, links Links) map[string]string {
		tr := open(t, filepath.Join(dir, sub), links)
		files, _, err := tr.Files()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range tr.Contradictions(context.Background(), tr.Sums(context.Background(), files, 0, nil)) {
			got[f.Path] = f.ID
		}
		return got
	}
	want := map[string]string{blobs + sum("x").String(): CacheMismatch, blobs + gitBlob("y"): CacheMismatch, lfs("z"): LFSMismatch, "repo/model.h5": LFSMismatch}
	if diff := cmp.Diff(want, found(".", Links{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"evil.keras": CacheMismatch}, found("local", Links{})); diff != "" {
		t.Errorf("downloaded (-want +got):\n%s", diff)
	}

	// A snapshot leads to the blobs.
	snapshot := filepath.Join(dir, "models--org--name/snapshots/rev")
	if err := os.MkdirAll(snapshot, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, blob := range map[string]string{"good.h5": large, "bad.h5": sum("x").String()} {
		if err := os.Symlink("../../blobs/"+blob, filepath.Join(snapshot, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	if diff := cmp.Diff(map[string]string{"bad.h5": CacheMismatch}, found("models--org--name/snapshots/rev", Links{Follow: true})); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

// TestLoadable knows files by their names and by their content.
func TestLoadable(t *testing.T) {
	files := map[string]string{
		"m.KERAS": "", "w.npz": "", "x.pkl": "", "setup.py": "", "lib.so": "", "config.json": "{}",
		"zip": "PK\x03\x04", "hdf5": "\x89HDF\r\n\x1a\n", "pickle": "\x80\x05.", "elf": "\x7fELF", "script": "#!/bin/sh",
		"README.md": "# hello", "data.csv": "1,2", "empty": "", ".git/hooks/a.sample": "#!/bin/sh", ".git/hooks/post-checkout": "#!/bin/sh",
	}
	want := map[string]string{
		"m.KERAS": "model", "w.npz": "weights", "x.pkl": "pickle", "setup.py": "code", "lib.so": "code", "config.json": "model",
		"zip": "model", "hdf5": "model", "pickle": "pickle", "elf": "code", "script": "code",
		"README.md": "", "data.csv": "", "empty": "", ".git/hooks/a.sample": "", ".git/hooks/post-checkout": "code",
	}
	tr := open(t, write(t, files), Links{})
	got := map[string]string{}
	for name := range files {
		got[name] = tr.Loadable(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
