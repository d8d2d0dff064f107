package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// pages are what a newcomer reads, in this order. Their blocks are
//
//	console   commands after "$ ", and what they print: "..." stands for anything
//	sh        commands that exit with 0, or with 1 for findings or 3 for what was not read
//	yaml      a file, if the first line is a comment with its name
//	go        lines of an example that a test compiles
//
// and others are not looked at. The blocks of a page share a directory, in which
// models/ has the samples.
var pages = []string{"quick-start", "what-it-finds", "ci", "configuration", "reading-a-finding", "threat-model", "library"}

// block is a fenced part of a page.
type block struct {
	line           int
	language, text string
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func blocks(page string) []block {
	var list []block
	for _, m := range fence.FindAllStringSubmatchIndex(page, -1) {
		list = append(list, block{strings.Count(page[:m[0]], "\n") + 1, page[m[2]:m[3]], page[m[4]:m[5]]})
	}
	return list
}

// TestDocs runs the commands of the pages.
func TestDocs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pages speak to a POSIX shell")
	}
	for _, name := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", "..", "docs", name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			dir := docsDirectory(t)
			ran := 0
			for _, b := range blocks(string(data)) {
				where := fmt.Sprintf("docs/%s.md:%d", name, b.line)
				switch b.language {
				case "console":
					console(t, where, dir, b.text)
					ran++
				case "sh":
					shell(t, where, dir, b.text)
					ran++
				case "yaml":
					writeNamed(t, dir, b.text)
				case "go", "":
				default:
					t.Errorf("%s: a block of language %q, which nothing checks", where, b.language)
				}
			}
			if ran == 0 {
				t.Error("no command on the page")
			}
		})
	}
}

// TestReadme holds the output that README shows to what its first command prints.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pages speak to a POSIX shell")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const command = "go run ./cmd/kerasvet scan testdata/samples"
	all := blocks(string(data))
	if !strings.HasPrefix(all[0].text, command+"\n") {
		t.Fatalf("README begins with %q", all[0].text)
	}
	out, code := inShell(t, root, strings.Replace(command, "go run ./cmd/kerasvet", "kerasvet", 1))
	if code != exitFindings || !expected(all[1].text).MatchString(out) {
		t.Errorf("exit code %d, prints\n%s\nbut README says\n%s", code, out, all[1].text)
	}
}

// docsDirectory is a new directory with the samples, and a bin directory with a go that
// installs nothing.
func docsDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	samples, err := filepath.Glob("../../testdata/samples/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"models", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range samples {
		if !slices.Contains([]string{".keras", ".h5", ".json"}, filepath.Ext(s)) {
			continue
		}
		data, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "models", filepath.Base(s)), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	stub := "#!/bin/sh\ncase \"$1 $2\" in 'install github.com/kerasvet/kerasvet/cmd/kerasvet@latest' | 'get github.com/kerasvet/kerasvet@latest') ;; *) exit 64 ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "bin", "go"), []byte(stub), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// inShell runs a script as a reader's shell would, and returns all that it prints.
func inShell(t *testing.T, dir, script string) (string, int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "LC_ALL=C.UTF-8", "NO_COLOR=1",
		"GITHUB_ACTIONS=", "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func shell(t *testing.T, where, dir, commands string) {
	t.Helper()
	for _, c := range strings.Split(strings.TrimSpace(commands), "\n") {
		if out, code := inShell(t, dir, c); !slices.Contains([]int{exitOK, exitFindings, exitIncomplete}, code) {
			t.Errorf("%s: %s: exit code %d\n%s", where, c, code, out)
		}
	}
}

// console runs the commands of a block one after the other, with $? between them, and
// compares what each prints.
func console(t *testing.T, where, dir, text string) {
	t.Helper()
	const mark = "\x1e"
	var commands, wants []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if c, ok := strings.CutPrefix(line, "$ "); ok {
			commands, wants = append(commands, c), append(wants, "")
			continue
		}
		if len(wants) == 0 {
			t.Fatalf("%s: begins with no command", where)
		}
		wants[len(wants)-1] += line + "\n"
	}
	script := ""
	for _, c := range commands {
		script += "(exit ${code:-0})\n" + c + "\ncode=$?\nprintf '\\036'\n"
	}
	out, _ := inShell(t, dir, script)
	got := strings.Split(out, mark)
	for i, c := range commands {
		if i >= len(got) {
			t.Fatalf("%s: the shell did not get to %s\n%s", where, c, out)
		}
		if !expected(wants[i]).MatchString(got[i]) {
			t.Errorf("%s: %s\nprints\n%s\nbut the page says\n%s", where, c, got[i], wants[i])
		}
	}
}

// expected is the pattern of an output. A line of "..." stands for any number of lines.
func expected(want string) *regexp.Regexp {
	pattern := ""
	for _, line := range strings.SplitAfter(want, "\n") {
		if line == "...\n" {
			pattern += `(?:.*\n)*?`
			continue
		}
		pattern += strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`)
	}
	return regexp.MustCompile(`\A` + pattern + `\z`)
}

// writeNamed writes a block that begins with its name, such as "# .kerasvet.yaml".
func writeNamed(t *testing.T, dir, text string) {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	name, ok := strings.CutPrefix(first, "# ")
	if !ok || strings.Contains(name, " ") {
		return
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestDocsGo holds the Go of the pages to the examples: what a page shows stands, word
// for word, in a file that is compiled and run.
func TestDocsGo(t *testing.T) {
	examples := ""
	for _, pattern := range []string{"../../*/example_test.go", "../../*/*/example_test.go", "../../docs/example/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			examples += string(data)
		}
	}
	shown := 0
	for _, name := range pages {
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", name+".md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(string(data)) {
			if b.language != "go" {
				continue
			}
			shown++
			if !strings.Contains(examples, b.text) {
				t.Errorf("docs/%s.md:%d: in no example:\n%s", name, b.line, b.text)
			}
		}
	}
	if shown == 0 {
		t.Error("no page shows Go")
	}
}

// TestDocsLinks follows the links between the pages.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	for _, name := range pages {
		page := filepath.Join("..", "..", "docs", name+".md")
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(data), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("docs/%s.md: a link to %s, which is not there", name, m[1])
			}
		}
	}
}
