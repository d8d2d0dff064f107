package zipfile

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// honest reads an archive that an ordinary tool wrote: it must have no disagreement
// and no problem.
func honest(t *testing.T, path string) (opened bool) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	limits := testLimits
	limits.ReadBytes, limits.MemberBytes, limits.TextBytes = 1<<32, 1<<30, 1<<32
	src := bounds.NewSource(f, info.Size(), bounds.New(context.Background(), limits))
	if ok, err := Find(src); !ok || err != nil {
		if err != nil {
			t.Errorf("%s: Find: %v", path, err)
		}
		return false
	}
	a, err := Read(src)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return true
	}
	if len(a.Entries) == 0 {
		t.Errorf("%s: no entries", path)
	}
	for _, d := range a.Disagreements {
		t.Errorf("%s: %s at %d: %s", path, d.Kind, d.Off, d.What)
	}
	if a.Prefix != 0 || len(a.Gaps) != 0 || a.Shift != 0 { // bsdtar pads what it streams
		t.Errorf("%s: prefix %d, gaps %v, shift %d", path, a.Prefix, a.Gaps, a.Shift)
	}
	for _, e := range a.Entries {
		if _, err := e.Open(); err != nil && bounds.As(err).Code != bounds.Unsupported {
			t.Errorf("%s: %q: %v", path, e.Name, err)
		}
		if len(e.Names()) != 1 {
			t.Errorf("%s: %q has several names", path, e.Names())
		}
	}
	return true
}

func TestModels(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..", "shared", "models", "files")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared models are not here")
	}
	read := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".keras") || strings.HasSuffix(path, ".npz") || strings.HasSuffix(path, ".zip")) {
			if honest(t, path) {
				read++
			}
		}
		return err
	})
	if err != nil || read == 0 {
		t.Errorf("%d archives read, %v", read, err)
	}
	t.Logf("%d archives", read)
}

const pythonWrites = `
import io, random, zipfile
class Stream(io.RawIOBase):
    def __init__(self, f): self.f = f
    def writable(self): return True
    def write(self, b): return self.f.write(b)
text = b"config " * 3000
def write(name, stream=False, comment=b"", force=False):
    for method in (0, 8, 12, 14):
        with open("%s-%d.zip" % (name, method), "wb") as f:
            with zipfile.ZipFile(Stream(f) if stream else f, "w", method) as z:
                z.comment = comment
                z.writestr("config.json", text)
                z.writestr("assets/", b"")
                z.writestr("assets/\u00e4\u20ac.txt", text)
                z.writestr("empty", b"")
                with z.open("weights", "w", force_zip64=force) as m:
                    m.write(text)
write("plain")
write("stream", stream=True)
write("comment", comment=b"hello")
write("zip64", force=True)
write("stream64", stream=True, force=True)
source = random.Random(1)
words = [b"%x" % source.getrandbits(64) for _ in range(500)]
text = b"".join(source.choices(words, k=60000)) + bytes(100000) + b"ab" * 50000 + bytes(source.getrandbits(8) for _ in range(300000))
write("large")
`

// Archives of the tools that are installed.
func TestTools(t *testing.T) {
	dir := t.TempDir()
	text := bytes.Repeat([]byte("some text, "), 5000)
	for _, name := range []string{"a.txt", "ünï.txt", "sub/b.bin", "empty"} {
		path := filepath.Join(dir, "in", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := text
		if name == "empty" {
			data = nil
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{
		"python3 -c " + "'" + pythonWrites + "'",
		"zip -qr zip.zip in", "zip -qr0 zip-stored.zip in", "zip -qr - in | cat > zip-stream.zip", "zip -qr -fz- - in | cat > zip-stream32.zip",
		"zip -qrZ bzip2 zip-bzip2.zip in", "zip -qr zip-twice.zip in && zip -qr zip-twice.zip in/a.txt", "echo note | zip -qrz zip-comment.zip in",
		"jar cf jar.zip in", "jar cf0M jar-stored.zip in",
		"7z a 7z.zip in", "7z a -mm=lzma 7z-lzma.zip in", "7z a -mm=bzip2 7z-bzip2.zip in", "7z a -mm=deflate64 7z-deflate64.zip in",
		"7z a -mx0 7z-stored.zip in", "7z a -mm=lzma -mx9 -md=27 7z-lzma-large.zip in",
		"bsdtar -a -cf bsdtar.zip in", "bsdtar --format zip -cf - in | cat > bsdtar-stream.zip",
	} {
		tool, _, _ := strings.Cut(strings.TrimPrefix(command, "echo note | "), " ")
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("%s is not installed", tool)
			continue
		}
		c := exec.Command("sh", "-c", command)
		c.Dir = dir
		c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, out)
		}
	}
	goWrites(t, filepath.Join(dir, "go.zip"), text)
	archives, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		if !honest(t, path) {
			t.Errorf("%s: not found to be an archive", path)
		}
	}
	t.Logf("%d archives", len(archives))
}

func goWrites(t *testing.T, path string, text []byte) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	for i, method := range []uint16{zip.Store, zip.Deflate} {
		m, err := w.CreateHeader(&zip.FileHeader{Name: "ünï" + string(rune('0'+i)), Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
