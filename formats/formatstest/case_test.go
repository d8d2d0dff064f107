package formatstest_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/formatstest"
)

const fullCase = `# A comment.
container: keras h5 json dir
expect: flagged
limits: MemberBytes=1000 Depth=0x10
keras: 3.8.0
dir: symlink assets/link ../secret

-- config.json --
{}
-- model.weights.h5 --
!h5
dataset /d f4 2
-- want --
a finding
another
`

func TestParse(t *testing.T) {
	c, err := formatstest.Parse("case.txtar", []byte(fullCase))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"keras", "h5", "json", "dir"}; !slices.Equal(c.Containers, want) {
		t.Errorf("Containers = %q, want %q", c.Containers, want)
	}
	if c.Expect != formatstest.Flagged || c.Keras != "3.8.0" || c.Want != "a finding\nanother\n" {
		t.Errorf("Expect = %q, Keras = %q, Want = %q", c.Expect, c.Keras, c.Want)
	}
	if want := map[string]int64{"MemberBytes": 1000, "Depth": 16}; !maps.Equal(c.Limits, want) {
		t.Errorf("Limits = %v, want %v", c.Limits, want)
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	for _, container := range []string{"keras", "h5", "json"} {
		first, second := build(t, fullCase, container), build(t, fullCase, container)
		if len(first.Data) == 0 || !bytes.Equal(first.Data, second.Data) {
			t.Errorf("%s: two builds differ, or are empty", container)
		}
	}
}

func TestBuildDirectory(t *testing.T) {
	b := build(t, fullCase, "dir")
	root := write(t, b)
	names := slices.Sorted(maps.Keys(b.Files))
	if want := []string{"config.json", "metadata.json", "model.weights.h5"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	if data, err := os.ReadFile(filepath.Join(root, "config.json")); err != nil || string(data) != "{}\n" {
		t.Errorf("config.json holds %q, %v", data, err)
	}
	if target, err := os.Readlink(filepath.Join(root, "assets", "link")); err != nil || target != "../secret" {
		t.Errorf("link leads to %q, %v", target, err)
	}
}

func TestBuildJSON(t *testing.T) {
	b := build(t, "container: json\nname: config.json\nprefix: \"\\ufeff\"\ntruncate: -1\n-- config.json --\n{}\n", "json")
	if b.Name != "config.json" || string(b.Data) != "\ufeff{}" {
		t.Errorf("built %q with %q", b.Name, b.Data)
	}
}

func TestMistakes(t *testing.T) {
	const config = "-- config.json --\n{}\n"
	weights := func(script string) string { return "container: keras\n-- w.h5 --\n!h5\n" + script + "\n" }
	for _, test := range []struct{ text, want string }{
		{"containers: keras\n" + config, `case.txtar:1: unknown key "containers"`},
		{"container: cab\n" + config, `case.txtar:1: unknown container "cab"`},
		{config, "case.txtar:1: no container: line"},
		{"container: keras\n\nexpect: bad\n" + config, `case.txtar:3: expect is`},
		{"container: keras\nexpect: clean\nexpect: clean\n" + config, "case.txtar:3: second expect: line"},
		{"container: keras\nlimits: Depth\n" + config, "case.txtar:2: expected Name=number"},
		{"container: keras\nzip: raw-name x \"\n" + config, "case.txtar:2: \" is not a Go string"},
		{"container: keras\njust text\n" + config, "case.txtar:2: expected key: value"},
		{"container: keras\nh5: group /a\n" + config, "case.txtar:2: h5: lines need container h5"},
		{"container: keras\nrepeat: confg.json 3 x\n" + config, "case.txtar:2: repeat needs the name of a section"},
		{"container: h5\n" + config + "-- assets/x --\n1\n2\n-- y --\n", `case.txtar:4: section "assets/x" has no place in container h5`},
		{"container: keras\n" + config + config, `case.txtar:4: section "config.json" is here twice`},
		{"container: keras\nzip: explode config.json\n" + config, `case.txtar:2: unknown verb "explode"`},
		{"container: keras\nzip: size config.json 1\n" + config, `case.txtar:2: unknown verb "size"`},
		{"container: keras\nzip: crc other 1\n" + config, `case.txtar:2: there is no member "other"`},
		{"container: keras\nzip: crc config.json\n" + config, "case.txtar:2: crc needs at least 2 words"},
		{"container: keras\nzip: suffix $x\n" + config, `case.txtar:2: there is no section "$x"`},
		{"container: keras\nzip: claim-size config.json 0x100000000\n" + config, "needs the line: zip64 config.json"},
		{"container: keras\nreplace: config.json nothing x\n" + config, "case.txtar:2: section \"config.json\" does not contain"},
		{"container: keras\nencode: config.json utf-7\n" + config, "case.txtar:2: unknown encoding"},
		{"container: keras\nrepeat: config.json 9999999999 x\n" + config, "case.txtar:2: 9999999999 times"},
		{"container: keras\n-- a --\n!gzip\n", "case.txtar:3: unknown directive"},
		{weights("link /a /b"), `case.txtar:4: unknown verb "link"`},
		{weights("group /a\nhard-link /b /c"), "case.txtar:5: /c is not an object"},
		{weights("dataset /a f3 2"), `case.txtar:4: dataset: "f3" is not a type`},
		{weights("dataset /a \"\" 2"), `case.txtar:4: dataset: "" is not a type`},
		{weights("chunked /a f4 2 4000000000 1"), "case.txtar:4: chunked: a shape of more than"},
		{"container: zip\nzip: repeat a%d 70000\n" + config, "need the line: zip64"},
		{"container: dir\ntruncate: 1\n" + config, "case.txtar:2: truncate changes a file"},
		{weights("dataset /a f4 2 1 2 3"), "3 values for 2 elements"},
		{weights("dataset /a f4 100000x1000000"), "use unallocated or claim-shape"},
		{weights("break-checksum /"), "case.txtar:4: only superblock 2 and 3"},
		{weights("attr /@a S70000 scalar"), "more than 65535: use dense"},
		{"container: dir\ndir: symlink ../x y\n" + config, "case.txtar:2: \"../x\" is a section, or outside"},
		{"container: dir\n-- ../x --\n", "would leave the directory"},
	} {
		c, err := formatstest.Parse("case.txtar", []byte(test.text))
		if err == nil {
			_, err = c.Build(c.Containers[0])
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want one with %q", test.text, err, test.want)
		}
		if err != nil && strings.Count(err.Error(), "case.txtar:") > 1 {
			t.Errorf("%v names the file twice", err)
		}
	}
}

// TestExampleOfPackageDoc keeps the example in doc.go working.
func TestExampleOfPackageDoc(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "// A case is one txtar archive:\n//\n")
	example, _, _ := strings.Cut(rest, "//\n// # Header")
	example = strings.ReplaceAll(example, "//\t", "")
	b := build(t, example, "keras")
	if b.Name != "model.keras" || len(b.Data) == 0 {
		t.Errorf("built %q with %d bytes", b.Name, len(b.Data))
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.txtar", "a.txtar"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fullCase), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cases, err := formatstest.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(cases) != 2 || filepath.Base(cases[0].Name) != "a.txtar" {
		t.Errorf("Glob found %d cases, %v", len(cases), err)
	}
	if _, err := formatstest.Glob(filepath.Join(dir, "*.none")); err == nil {
		t.Error("Glob of nothing is no error")
	}
}
