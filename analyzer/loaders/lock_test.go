package loaders_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

//go:generate sh testdata/record.sh

var update = flag.Bool("update", false, "write what the lock files of testdata say into it; review the difference")

// render prints a lock as the wanted texts have it: a line for each pin, with the
// bytes it stands in.
func render(t *testing.T, fsys fs.FS, lock loaders.Lock) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", lock.Format)
	text := func(file string, start, end, line, column int) string {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			t.Fatal(err)
		}
		before := string(data[:start])
		wantLine := strings.Count(before, "\n") + 1
		wantColumn := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
		if line != wantLine || column != wantColumn {
			t.Errorf("%s: byte %d is said to be at %d:%d, it is at %d:%d", file, start, line, column, wantLine, wantColumn)
		}
		return fmt.Sprintf("%s:%d:%d %q", file, line, column, data[start:end])
	}
	for _, p := range lock.Pins {
		fmt.Fprintf(&b, "%s %s at %s", p.Package, p.Versions, text(p.File, p.Start, p.End, p.Line, p.Column))
		if !p.Versions.Exact.IsZero() {
			fmt.Fprintf(&b, " exactly %s", p.Versions.Exact)
		}
		if !p.Versions.Known {
			fmt.Fprintf(&b, " unknown: %s", p.Versions.Why)
		}
		if p.Marker != "" {
			fmt.Fprintf(&b, " if %s", p.Marker)
		}
		if len(p.Hashes) > 0 {
			fmt.Fprintf(&b, " %d hashes, first %.15s", len(p.Hashes), p.Hashes[0])
		}
		if p.Constraint {
			b.WriteString(" constraint")
		}
		if p.Doubt != "" {
			b.WriteString(" doubt")
		}
		b.WriteByte('\n')
	}
	for _, u := range lock.Unread {
		fmt.Fprintf(&b, "unread at %s: %s\n", text(u.File, u.Start, u.End, u.Line, u.Column), u.Why)
	}
	return b.String()
}

// TestCases reads the first file of each case, or the directory that it is in if
// the case's name ends in -dir, and compares with its part "want".
func TestCases(t *testing.T) {
	cases, _ := filepath.Glob("testdata/cases/*.txtar")
	if len(cases) < 10 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys := fstest.MapFS{}
			var want string
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					archive.Files = archive.Files[:i]
					break
				}
				fsys[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			first := archive.Files[0].Name
			if strings.HasSuffix(name, "-dir.txtar") {
				first, _, _ = strings.Cut(first, "/")
			}
			lock, err := loaders.ReadLock(fsys, first)
			if err != nil {
				t.Fatal(err)
			}
			got := render(t, fsys, lock)
			if *update {
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestRecorded reads what real tools wrote.
func TestRecorded(t *testing.T) {
	const wanted = "testdata/recorded.txtar"
	fsys := os.DirFS("testdata/locks")
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	got := &txtar.Archive{Comment: []byte("What the lock files of testdata/locks say.\n")}
	for _, e := range entries {
		lock, err := loaders.ReadLock(fsys, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		got.Files = append(got.Files, txtar.File{Name: e.Name(), Data: []byte(render(t, fsys, lock))})
	}
	if *update {
		if err := os.WriteFile(wanted, txtar.Format(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(got))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
