// Geneffects makes what kerasvet knows of loaders.
//
//	geneffects [ORACLE_DIR]   prints rules/effects.txt and docs/loaders.md, in the root of the module
//	geneffects -scan          reads names of files and prints findings, their keys and their effects as JSON lines
//
// keys.txt lists, for each construct that was measured, the keys of what kerasvet
// finds in its file; .ci/effects.py makes it with -scan. Together with the
// measurements it gives the table. Two constructs with the same key and different
// measurements are an error: the key then needs one more word.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "geneffects:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "-scan" {
		return scan(os.Stdin, os.Stdout)
	}
	oracle := "../shared/oracle"
	if len(args) == 1 {
		oracle = args[0]
	}
	table, page, err := Generate(oracle, "rules/internal/geneffects/keys.txt")
	if err != nil {
		return err
	}
	if err := os.WriteFile("rules/effects.txt", []byte(table), 0o644); err != nil {
		return err
	}
	return os.WriteFile("docs/loaders.md", []byte(page), 0o644)
}

// scanned is one file that was scanned.
type scanned struct {
	Name     string    `json:"name"`
	Complete bool      `json:"complete"`
	Findings []finding `json:"findings"`
}

type finding struct {
	Rule    string              `json:"rule"`
	Form    bool                `json:"form"`
	Key     string              `json:"key"`
	Effects []rules.EffectRange `json:"effects"`
	Summary string              `json:"summary"`
}

// scan runs every rule over the files whose names it reads.
func scan(in io.Reader, out io.Writer) error {
	names := bufio.NewScanner(in)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for names.Scan() {
		s, err := scanFile(names.Text())
		if err != nil {
			return err
		}
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	return names.Err()
}

func scanFile(name string) (*scanned, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	a := formats.Open(context.Background(), name, f, info.Size(), formats.Limits{})
	s := &scanned{Name: name, Complete: a.Complete(), Findings: []finding{}}
	effects := rules.NewEffects(a)
	rules.NewChecker(rules.All()).Check(a, func(f rules.Finding) {
		row := effects.Of(&f)
		s.Findings = append(s.Findings, finding{f.Rule.ID, rules.Form(f.Rule), effects.Key(&f), row.Ranges(), row.Summary()})
	}, func(r *rules.Rule, v any) { err = fmt.Errorf("rule %s failed: %v", r.ID, v) })
	return s, err
}
