// Genrules writes RULES.md (a table of the rules, then for each its metadata, its
// page, and its smallest case with what kerasvet prints about it) and
// docs/coverage.md. It runs in the root of the module.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/reporters"
	"github.com/kerasvet/kerasvet/rules"
)

func main() {
	for file, print := range map[string]func(io.Writer, string) error{"RULES.md": Generate, "docs/coverage.md": Coverage} {
		var b bytes.Buffer
		err := print(&b, "testdata/rules")
		if err == nil {
			err = os.WriteFile(file, b.Bytes(), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "genrules:", err)
			os.Exit(1)
		}
	}
}

// Generate prints the page; cases is the directory of the rules' cases.
func Generate(w io.Writer, cases string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Rules\n\nPrinted from the rules and from real runs by `go generate ./rules`; not edited by hand.\n\n| rule | severity | what |\n|---|---|---|\n")
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Severity, r.Title)
	}
	for _, r := range rules.All() {
		if err := section(&b, r, cases); err != nil {
			return err
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func section(b *bytes.Buffer, r *rules.Rule, cases string) error {
	doc, err := r.Doc()
	if err != nil {
		return err
	}
	var cwes []string
	for _, c := range r.CWE {
		cwes = append(cwes, fmt.Sprintf("CWE-%d", c))
	}
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\nSeverity: %s. Since: %s. Weakness: %s.\n\n", r.ID, r.Title, r.Severity, r.Since, strings.Join(cwes, ", "))
	b.WriteString(strings.ReplaceAll(strings.TrimSpace(doc), "## ", "### "))
	effectTable(b, r)
	source, output, err := example(r, cases)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n\n### Example\n\n```\n%s\n```\n\n```\n%s\n```\n", strings.TrimSpace(source), strings.TrimSpace(output))
	return nil
}

// maxMeasured is how many constructs a rule's table lists; docs/loaders.md has all.
const maxMeasured = 12

// effectTable writes on which loaders the constructs of a rule fire.
func effectTable(b *bytes.Buffer, r *rules.Rule) {
	list := rules.EffectsOf(r)
	if len(list) == 0 {
		return
	}
	b.WriteString("\n\n### On which loaders\n\n| construct | measured |\n|---|---|\n")
	for i, m := range list {
		if i == maxMeasured {
			fmt.Fprintf(b, "\n%d more are in [docs/loaders.md](docs/loaders.md).", len(list)-maxMeasured)
			break
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", m.Construct, m.Row.Summary())
	}
}

// example returns the smallest case of a rule without its want section, and what
// the text reporter prints about it in the case's first container.
func example(r *rules.Rule, cases string) (source, output string, err error) {
	files, err := filepath.Glob(filepath.Join(cases, r.ID, "bad-*.txtar"))
	if err != nil || len(files) == 0 {
		return "", "", fmt.Errorf("rule %s has no bad case (%v)", r.ID, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", "", err
		}
		text, _, _ := strings.Cut(string(data), "-- want --\n")
		if source == "" || len(text) < len(source) {
			source = text
		}
	}
	c, err := formatstest.Parse(r.ID, []byte(source))
	if err != nil {
		return "", "", err
	}
	built, err := c.Build(c.Containers[0])
	if err != nil {
		return "", "", err
	}
	report, err := analyze(c, built)
	if err != nil {
		return "", "", err
	}
	var out strings.Builder
	if err := reporters.Text(reporters.Style{Unicode: true})(&out, report); err != nil {
		return "", "", err
	}
	if !strings.Contains(out.String(), "["+r.ID+"]") {
		return "", "", fmt.Errorf("rule %s does not fire on its own example", r.ID)
	}
	return source, out.String(), nil
}

// analyze gives the report on what a case was built as.
func analyze(c *formatstest.Case, built *formatstest.Built) (*analyzer.Report, error) {
	switch c.Containers[0] {
	case "dir":
		return scan(c, built)
	case "lock":
		lock, err := loaders.ParseLock(built.Name, built.Data)
		if err != nil {
			return nil, err
		}
		known, err := loaders.Embedded()
		return &analyzer.Report{Rules: rules.All(), Results: analyzer.Advise(lock.Pins, lock.Unread, known.Advisories, nil, analyzer.Options{})}, err
	}
	in := analyzer.Input{Name: built.Name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
		return bytes.NewReader(built.Data), int64(len(built.Data)), nil
	}}
	return analyzer.AnalyzeAll(context.Background(), []analyzer.Input{in}, analyzer.Options{}, nil), nil
}

// scan gives the report on a directory, or on the part of it that a case names.
func scan(c *formatstest.Case, built *formatstest.Built) (*analyzer.Report, error) {
	dir, err := os.MkdirTemp("", "genrules-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	root, err := built.Write(dir)
	if err != nil {
		return nil, err
	}
	inputs, err := analyzer.Discover([]string{filepath.Join(root, c.Scan)})
	for i := range inputs {
		inputs[i].Name = strings.TrimPrefix(inputs[i].Name, filepath.ToSlash(dir)+"/")
	}
	return analyzer.AnalyzeAll(context.Background(), inputs, analyzer.Options{}, nil), err
}
