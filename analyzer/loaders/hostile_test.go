package loaders_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

// TestUnreadableIsAnError: a lock file that cannot be read is an error that says
// where, never an empty list.
func TestUnreadableIsAnError(t *testing.T) {
	tests := []struct{ scenario, name, text, want string }{
		{"a page in place of a list", "requirements.txt", "<!doctype html>", `requirements.txt:1:1: "<!doctype html>" is not a requirement: a package name is expected`},
		{"prose", "requirements.txt", "# ok\nkeras is nice", `requirements.txt:2:1: requirement of keras: "is nice" is not a version specifier (PEP 440)`},
		{"a version that is none", "requirements.txt", "é==1\n", `requirements.txt:1:1: "é==1" is not a requirement: a package name is expected`},
		{"garbage in a pin", "requirements.txt", "h5py\n  keras==3.x", `requirements.txt:2:3: requirement of keras: "==3.x" is not a version specifier (PEP 440)`},
		{"UTF-16", "requirements.txt", "\xff\xfek\x00", "requirements.txt:1:1: not a text in UTF-8"},
		{"another encoding", "requirements.txt", "# coding: utf-7\nkeras", `requirements.txt:1:1: encoding "utf-7": UTF-8 is expected`},
		{"NUL", "requirements.txt", "keras\x00==3", "requirements.txt:1:6: not a text in UTF-8"},
		{"broken TOML", "uv.lock", "version = 1\n[[package]\n", "uv.lock:2:10: expected ']]' to close array table name"},
		{"a key twice", "uv.lock", "version = 1\n[[package]]\nname = \"keras\"\nversion = \"3.15.1\"\nversion = \"3.0.5\"\n", "uv.lock:5:1: key \"version\" stands twice"},
		{"a table twice", "uv.lock", "version = 1\n[a.b]\n[a]\n[a.b]\n", `uv.lock:4:4: table "b" stands twice`},
		{"a table that is a list", "uv.lock", "[[a]]\n[a]\n", `uv.lock:2:2: table "a" stands twice`},
		{"a list that is a value", "uv.lock", "a = []\n[[a]]\n", `uv.lock:2:3: table "a" stands twice`},
		{"an inline table that grows", "uv.lock", "a = {b = 1}\na.c = 2\n", `uv.lock:2:1: key "a" is defined elsewhere`},
		{"a header below an inline table", "uv.lock", "a = {b = 1}\n[a.c]\n", `uv.lock:2:2: key "a" is not a table that a header can add to`},
		{"a key twice in an inline table", "uv.lock", "a = {b = 1, b.c = 2}\n", `uv.lock:1:13: key "b" is defined elsewhere`},
		{"TOML of another kind", "pyproject.toml", "[project]\nname = \"keras\"\n", "pyproject.toml: a lock file of poetry, uv or pdm or a pylock.toml is expected; this is none of them"},
		{"a package without a name", "uv.lock", "version = 1\n[[package]]\nversion = \"1\"\n", "uv.lock:2:3: a package without a name"},
		{"a version that is none, in TOML", "uv.lock", "version = 1\n[[package]]\nname = \"keras\"\nversion = \"latest\"\n", `uv.lock:4:11: version of keras: "latest" is not a version (PEP 440)`},
		{"packages that are no list", "pylock.toml", "lock-version = \"1.0\"\npackages = 1\n", "pylock.toml:2:1: packages: a list of packages is expected"},
		{"JSON that is cut off", "Pipfile.lock", "{\"_meta\": {},\n \"default\": {", "Pipfile.lock:2:13: unexpected end of JSON input"},
		{"broken JSON", "Pipfile.lock", "{\"_meta\": nope}", "Pipfile.lock:1:12: invalid character 'o' in literal null (expecting 'u')"},
		{"JSON with a key twice", "Pipfile.lock", `{"_meta":{},"default":{"keras":{"version":"==3.15.1"},"keras":{"version":"==3.0.5"}}}`, `Pipfile.lock:1:55: key "keras" stands twice`},
		{"JSON of another kind", "Pipfile.lock", `{"default":{}}`, `Pipfile.lock: a Pipfile.lock is expected: there is no "_meta"`},
		{"text behind JSON", "Pipfile.lock", `{"_meta":{}} x`, "Pipfile.lock:1:14: invalid character 'x' after top-level value"},
		{"YAML of another kind", "environment.yml", "name: x\n", `environment.yml: an environment.yml with "dependencies" or a conda-lock.yml with "package" is expected`},
		{"an anchor", "environment.yml", "dependencies:\n  - &a keras\n", `environment.yml:2:5: '&' does not begin a value that is read here`},
		{"an alias in a mapping", "conda-lock.yml", "package:\n- <<: *a\n", `conda-lock.yml:2:7: '*' does not begin a value that is read here`},
		{"a tag", "environment.yml", "dependencies: !!seq\n  - keras\n", `environment.yml:1:15: '!' does not begin a value that is read here`},
		{"a block scalar", "environment.yml", "dependencies:\n  - >-\n    keras\n", `environment.yml:2:5: '>' does not begin a value that is read here`},
		{"a text of several lines", "environment.yml", "dependencies:\n  - keras\n    ==3.0\n", "environment.yml:3:5: indentation that fits no line above, or a text of several lines"},
		{"a second document", "environment.yml", "dependencies:\n  - keras=3.15\n---\ndependencies: []\n", "environment.yml:3:1: one document without directives is expected"},
		{"a tab", "environment.yml", "dependencies:\n\t- keras\n", `environment.yml:2:1: '\t' is not expected in this YAML`},
		{"a line that only YAML 1.1 sees", "environment.yml", "dependencies:\n  - a\u2028  - keras\n", `environment.yml:2:6: '\u2028' is not expected in this YAML`},
		{"YAML with a key twice", "environment.yml", "dependencies: []\n\"dependencies\":\n- keras\n", `environment.yml:2:1: key "dependencies" stands twice`},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			lock, err := loaders.ParseLock(tt.name, []byte(tt.text))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s\n%+v", err, tt.want, lock)
			}
		})
	}
}

func TestEnvironmentsThatAreNone(t *testing.T) {
	for scenario, fsys := range map[string]fstest.MapFS{
		"no packages":          {"venv/bin/python": &fstest.MapFile{}},
		"no metadata":          {"venv/keras-3.12.4.dist-info/RECORD": &fstest.MapFile{}},
		"metadata of nothing":  {"venv/keras-3.12.4.dist-info/METADATA": &fstest.MapFile{Data: []byte("Name: keras\n\nVersion: 3.12.4\n")}},
		"a version that is no": {"venv/keras-3.12.4.dist-info/METADATA": &fstest.MapFile{Data: []byte("Name: keras\nVersion: x\n")}},
	} {
		if lock, err := loaders.ReadLock(fsys, "venv"); err == nil {
			t.Errorf("%s: %+v", scenario, lock)
		}
	}
	if _, err := loaders.ReadLock(fstest.MapFS{}, "requirements.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestTruncation cuts lock files anywhere: what is still read is a part of what the
// whole says, and most cuts are errors. (Line-based formats cannot tell.)
func TestTruncation(t *testing.T) {
	data, err := os.ReadFile("testdata/locks/Pipfile.lock")
	if err != nil {
		t.Fatal(err)
	}
	data = []byte(strings.TrimRight(string(data), "\n"))
	for n := 0; n < len(data); n += 97 {
		if lock, err := loaders.ParseLock("Pipfile.lock", data[:n]); err == nil {
			t.Fatalf("%d of %d bytes are read: %+v", n, len(data), lock)
		}
	}
}

// TestCostIsBounded: none of these may take long, whatever it says.
func TestCostIsBounded(t *testing.T) {
	tests := []struct{ scenario, name, text string }{
		{"deep JSON", "Pipfile.lock", strings.Repeat("[", 1<<20)},
		{"deep TOML", "uv.lock", "a = " + strings.Repeat("[", 1<<20)},
		{"deep YAML", "environment.yml", strings.Repeat("- ", 1<<19)},
		{"deep flow YAML", "environment.yml", "a: " + strings.Repeat("[", 1<<20)},
		{"deep YAML by indentation", "environment.yml", staircase(1000)},
		{"many keys in YAML", "environment.yml", numbered("k%: v\n", 200_000)},
		{"many tables in TOML", "uv.lock", numbered("[t%]\n", 100_000)},
		{"many dotted keys in TOML", "uv.lock", numbered("a%.b = 1\n", 100_000)},
		{"many lines in requirements", "requirements.txt", strings.Repeat("a\n", 1<<20)},
		{"one long continuation", "requirements.txt", strings.Repeat("a\\\n", 1<<18)},
		{"many hashes", "requirements.txt", "keras==3.12.4 " + strings.Repeat("--hash=sha256:aa ", 1<<16)},
		{"many clauses", "requirements.txt", "keras" + strings.Repeat(">1,", 1<<18)},
		{"too many values", "uv.lock", "a = [" + strings.Repeat("1,", 1<<22) + "]"},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			start := time.Now()
			_, err := loaders.ParseLock(tt.name, []byte(tt.text))
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%v for %d bytes: %v", d, len(tt.text), err)
			}
			t.Logf("%d bytes, %v: %.120v", len(tt.text), time.Since(start).Round(time.Millisecond), err)
		})
	}
	if _, err := loaders.ParseLock("requirements.txt", make([]byte, loaders.MaxLockBytes+1)); err == nil {
		t.Error("a file that is too large is read")
	}
}

func staircase(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "k:\n")
	}
	return b.String()
}

func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(line, "%", strings.Repeat("x", i%7)+strconv.Itoa(i), 1))
	}
	return b.String()
}

func TestIncludesAreBounded(t *testing.T) {
	fsys := fstest.MapFS{}
	var all strings.Builder
	for i := range 100 {
		name := "r" + strconv.Itoa(i) + ".txt"
		all.WriteString("-r " + name + "\n")
		fsys[name] = &fstest.MapFile{Data: []byte("-r a.txt\nkeras==3.12.4\n")}
	}
	fsys["a.txt"] = &fstest.MapFile{Data: []byte(all.String())}
	lock, err := loaders.ReadLock(fsys, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(lock.Pins) > 65 || len(lock.Unread) < 35 || len(lock.Pins)+len(lock.Unread) != 100 {
		t.Errorf("%d pins, %d unread", len(lock.Pins), len(lock.Unread))
	}
}

func FuzzParseLock(f *testing.F) {
	for _, name := range []string{"requirements.txt", "uv.lock", "Pipfile.lock", "environment.yml", "x"} {
		cases, _ := filepath.Glob("testdata/cases/*.txtar")
		for _, c := range cases {
			archive, err := txtar.ParseFile(c)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(name, archive.Files[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		lock, err := loaders.ParseLock(name, data)
		if err != nil {
			if len(lock.Pins) > 0 {
				t.Error("pins and an error")
			}
			return
		}
		for _, p := range lock.Pins {
			if p.Start < 0 || p.Start >= p.End || p.End > len(data) || p.Line < 1 || p.Column < 1 || loaders.Of(p.Package) == "" {
				t.Errorf("%+v in %d bytes", p, len(data))
			}
		}
		loaders.Loaders(lock.Pins)
	})
}

func FuzzParseRequirement(f *testing.F) {
	for _, text := range []string{"3.12", "tf_keras==2.19.0", "keras[jax]>=3,<4", "tensorflow==2.15.1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := loaders.ParseRequirement(text)
		if err == nil {
			loaders.Loaders([]loaders.Pin{p})
		}
	})
}
