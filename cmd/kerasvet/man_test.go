package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestManual writes the pages and holds them to the commands and flags that there are.
func TestManual(t *testing.T) {
	root := (&command{Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv}).root()
	dir := t.TempDir()
	if err := writeManual(root, dir); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) != len(documented(root)) {
		t.Fatalf("%d pages for %d commands (%v)", len(pages), len(documented(root)), err)
	}
	for _, cmd := range documented(root) {
		data, err := os.ReadFile(filepath.Join(dir, manualName(cmd)+".1"))
		if err != nil {
			t.Fatal(err)
		}
		page := string(data)
		for _, heading := range []string{".TH ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH EXAMPLES\n"} {
			if !strings.Contains(page, heading) {
				t.Errorf("%s: no %q", cmd.CommandPath(), strings.TrimSpace(heading))
			}
		}
		for _, line := range strings.Split(page, "\n") {
			if request, _, _ := strings.Cut(line, " "); strings.HasPrefix(line, ".") &&
				!strings.Contains(".TH .SH .PP .TP .B .BR .nf .fi", request) {
				t.Errorf("%s: text became the request %q", cmd.CommandPath(), line)
			}
		}
	}
	scan, err := os.ReadFile(filepath.Join(dir, "kerasvet-scan.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".B \\-\\-fail\\-on SEVERITY\n", ".B \\-o, \\-\\-output ", "(default medium)", ".BR kerasvet (1)"} {
		if !strings.Contains(string(scan), want) {
			t.Errorf("the page of scan lacks %q", want)
		}
	}
}
