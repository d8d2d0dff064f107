package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/rules"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kerasvet": main})
}

// TestScripts runs the pages in testdata/script: one for each promise of the
// command line. They know these commands besides those of testscript:
//
//	exits N COMMAND [ARG...]     run a command that must exit with code N
//	build CASE CONTAINER FILE    build a case of package formatstest; in a case that is
//	                             part of a page, section lines are quoted: >-- name --
//	closed-stdout COMMAND [ARG...]   run a command whose standard output nobody reads;
//	                             standard error must stay empty
//	lines MAX FILE               a file, or stdout, has at most that many lines
//	rule-pages                   explain must print every rule's page
//
// $CASES is the directory of the rules' cases, $SAMPLES that of the samples.
func TestScripts(t *testing.T) {
	cases, err := filepath.Abs("../../testdata/rules")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CASES", cases)
			env.Setenv("SAMPLES", filepath.Join(cases, "..", "samples"))
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or each command of a race build waits a second
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "build": build, "closed-stdout": closedStdout, "lines": lines, "rule-pages": rulePages,
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var failed *exec.ExitError
	code := 0
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func build(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: build CASE CONTAINER FILE")
	}
	text := strings.ReplaceAll("\n"+ts.ReadFile(args[0]), "\n>-- ", "\n-- ")
	c, err := formatstest.Parse(args[0], []byte(text[1:]))
	ts.Check(err)
	built, err := c.Build(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), built.Data, 0o666))
}

func closedStdout(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: closed-stdout COMMAND [ARG...]")
	}
	r, w, err := os.Pipe()
	ts.Check(err)
	ts.Check(r.Close())
	defer w.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), w, &stderr
	if err := cmd.Run(); err == nil {
		ts.Fatalf("succeeded, although nobody read what it wrote")
	}
	if stderr.Len() > 0 {
		ts.Fatalf("standard error is not empty: %s", stderr.String())
	}
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines MAX FILE")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	if n := strings.Count(ts.ReadFile(args[1]), "\n"); n > most {
		ts.Fatalf("%s has %d lines, more than %d", args[1], n, most)
	}
}

func rulePages(ts *testscript.TestScript, neg bool, args []string) {
	list := rules.All()
	if neg || len(args) > 0 || len(list) == 0 {
		ts.Fatalf("usage: rule-pages")
	}
	for _, r := range list {
		ts.Check(ts.Exec("kerasvet", "explain", r.ID))
		page := strings.Split(ts.ReadFile("stdout"), "\n")
		if !strings.HasPrefix(page[0], "# "+r.ID+" ("+r.Severity.String()+")") {
			ts.Fatalf("page of %s begins %q", r.ID, page[0])
		}
		for _, h := range rules.Headings {
			if !slices.Contains(page, "## "+h) {
				ts.Fatalf("page of %s lacks %q", r.ID, h)
			}
		}
	}
}
