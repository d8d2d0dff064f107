package stage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/integrity"
)

const good, evil = `{"class_name": "Sequential", "config": {"name": "s", "layers": []}}`, `{"class_name": "__lambda__", "module": "os", "config": {}}`

// write makes files below a fresh directory.
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

// private directories: that of tests may lie below one in which others can write.
func destination(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := private(dir); err != nil {
		t.Skipf("the directory for temporary files is open to others: %v", err)
	}
	return dir
}

func digest(t *testing.T, content string) integrity.Digest {
	t.Helper()
	d, _, err := integrity.Sum(context.Background(), strings.NewReader(content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// handOver is what stage and run do: copy, verify, scan, hand over. It returns what a
// loader would read.
func handOver(t *testing.T, model, to string, want []integrity.Entry) (string, error) {
	t.Helper()
	ctx := context.Background()
	s, err := Copy(ctx, model, Options{To: to})
	if err != nil {
		return "", err
	}
	defer func() {
		if err := s.Remove(); err != nil {
			t.Error(err)
		}
	}()
	hook("verifying")
	for _, r := range integrity.CheckSums(want, "m.json", true, s.Sums) {
		if r.Outcome != integrity.OK {
			return "", fmt.Errorf("%s: %s", r.Name, r.Outcome)
		}
	}
	report, err := s.Scan(ctx, "m.json", analyzer.Options{})
	if err != nil {
		return "", err
	}
	if len(report.Results) != 1 || report.Results[0].Verdict() != analyzer.Clean {
		return "", fmt.Errorf("scan: %+v", report.Results)
	}
	if err := s.Recheck(ctx, 1); err != nil {
		return "", err
	}
	data, err := os.ReadFile(s.Path)
	return string(data), err
}

var steps = []string{"listing", "opening m.json", "copying m.json", "verifying", "scanning", "handing over"}

// TestModelIsSwapped puts another file in the place of the model, in each way and
// before each step. What is handed over is what was verified, or nothing is.
func TestModelIsSwapped(t *testing.T) {
	swaps := map[string]func(model string) error{
		"renamed over": func(model string) error {
			if err := os.WriteFile(model+".new", []byte(evil), 0o666); err != nil {
				return err
			}
			return os.Rename(model+".new", model)
		},
		"written over": func(model string) error { return os.WriteFile(model, []byte(evil), 0o666) },
		"linked": func(model string) error {
			if err := os.WriteFile(model+".other", []byte(evil), 0o666); err != nil {
				return err
			}
			if err := os.Remove(model); err != nil {
				return err
			}
			return os.Symlink(model+".other", model)
		},
		"deleted": os.Remove,
		"appended to": func(model string) error {
			f, err := os.OpenFile(model, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString(evil)
			return errors.Join(err, f.Close())
		},
	}
	for how, swap := range swaps {
		for _, at := range steps {
			t.Run(how+" before "+at, func(t *testing.T) {
				model := filepath.Join(write(t, map[string]string{"m.json": good}), "m.json")
				to := destination(t)
				done := 0
				setHook(t, func(step string) {
					if step == at {
						done++
						if err := swap(model); err != nil {
							t.Fatal(err)
						}
					}
				})
				got, err := handOver(t, model, to, []integrity.Entry{{Name: "m.json", Digest: digest(t, good)}})
				if done != 1 {
					t.Errorf("the step came %d times", done)
				}
				if err == nil && got != good {
					t.Errorf("handed over: %s", got)
				}
				if late := at == "verifying" || at == "scanning" || at == "handing over"; late && err != nil {
					t.Errorf("the model is read again after it was copied: %v", err)
				}
				if left, _ := os.ReadDir(to); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

// TestCopyIsSwapped changes the copy itself, which only the same user can.
func TestCopyIsSwapped(t *testing.T) {
	swaps := map[string]func(dir string) error{
		"written over": func(dir string) error {
			p := filepath.Join(dir, "m.json")
			return errors.Join(os.Chmod(p, 0o600), os.WriteFile(p, []byte(evil), 0o600))
		},
		"renamed over": func(dir string) error {
			p := filepath.Join(dir, "m.json")
			return errors.Join(os.WriteFile(p+".new", []byte(evil), 0o600), os.Rename(p+".new", p))
		},
		"directory renamed": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".old"), os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "m.json"), []byte(good), 0o600))
		},
		"directory opened": func(dir string) error { return os.Chmod(dir, 0o777) },
	}
	for how, swap := range swaps {
		for _, at := range []string{"verifying", "scanning", "handing over"} {
			t.Run(how+" before "+at, func(t *testing.T) {
				model := filepath.Join(write(t, map[string]string{"m.json": good}), "m.json")
				to := destination(t)
				setHook(t, func(step string) {
					if step == at {
						dirs, _ := filepath.Glob(filepath.Join(to, "kerasvet-*"))
						if err := swap(dirs[0]); err != nil {
							t.Fatal(err)
						}
					}
				})
				if got, err := handOver(t, model, to, []integrity.Entry{{Name: "m.json", Digest: digest(t, good)}}); err == nil {
					t.Errorf("handed over: %s", got)
				}
			})
		}
	}
}

func setHook(t *testing.T, f func(string)) {
	t.Helper()
	hook = f
	t.Cleanup(func() { hook = func(string) {} })
}

// TestCopy keeps names, takes everything but version control, and lets nobody else
// in.
func TestCopy(t *testing.T) {
	dir := write(t, map[string]string{"model/config.json": good, "model/a/w.h5": "w", "model/.git/config": "g", "model/sub/.git/config": "g", "model/.github/x": "x"})
	s, err := Copy(context.Background(), filepath.Join(dir, "model"), Options{To: destination(t)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err = filepath.WalkDir(s.Dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(s.Dir, p)
		got[filepath.ToSlash(rel)] = info.Mode().String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		want := map[string]string{
			".": "drwx------", "model": "drwx------", "model/a": "drwx------", "model/a/w.h5": "-r--------", "model/config.json": "-r--------",
			"model/.github": "drwx------", "model/.github/x": "-r--------",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	want := map[string]integrity.Digest{"a/w.h5": digest(t, "w"), "config.json": digest(t, good), ".github/x": digest(t, "x")}
	if diff := cmp.Diff(want, s.Digests()); diff != "" {
		t.Errorf("digests (-want +got):\n%s", diff)
	}
	if err := s.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
}

// TestCopyRefuses says what to do.
func TestCopyRefuses(t *testing.T) {
	dir := write(t, map[string]string{"m.json": good, "empty/.git/x": "x", "model/config.json": good})
	if err := os.Symlink("config.json", filepath.Join(dir, "model/link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.Mkdir(open, 0o777), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	to := destination(t)
	tests := []struct{ model, to, want string }{
		{"model", to, "link: is a symbolic link: replace it by what it points to"},
		{"model/link", to, "is a symbolic link"},
		{"empty", to, "no file to copy"},
		{"absent", to, "no such file"},
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, struct{ model, to, want string }{"m.json", open, "has mode 0777: others can rename what lies in it: choose a directory of your own"})
	}
	for _, tt := range tests {
		s, err := Copy(context.Background(), filepath.Join(dir, tt.model), Options{To: tt.to})
		if err == nil {
			t.Errorf("%s: copied to %s", tt.model, s.Path)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.model, err, tt.want)
		}
	}
	if left, _ := os.ReadDir(to); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
