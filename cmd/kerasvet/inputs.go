package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
)

// inputs finds what the arguments stand for and names it relative to the base. A
// file that is reached twice is one input.
func (c *command) inputs(f scanFlags, args []string) ([]analyzer.Input, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var inputs []analyzer.Input
	seen := map[string]int{} // index in inputs
	stdin := false
	for _, arg := range args {
		switch {
		case arg == "":
			return nil, errors.New(`a path is empty: give "." for the working directory`)
		case arg == "-" && stdin:
			return nil, errors.New(`"-" is given twice, but standard input can be read once`)
		case arg == "-":
			stdin = true
			inputs = append(inputs, analyzer.StreamInput(f.stdinName, c.Stdin))
			continue
		}
		found, err := analyzer.Discover([]string{arg})
		if err != nil {
			return nil, err
		}
		for _, in := range found {
			in.Name = relative(f.pathBase, in.Name)
			if !in.Explicit && (len(f.include) > 0 && !f.include.match(in.Name) || f.exclude.match(in.Name)) {
				continue
			}
			if i, ok := seen[in.Name]; ok {
				inputs[i].Explicit = inputs[i].Explicit || in.Explicit
				continue
			}
			seen[in.Name] = len(inputs)
			inputs = append(inputs, in)
		}
	}
	return inputs, nil
}

// relative names a path relative to base, or the working directory, where it lies
// below it; elsewhere the path stays as it was given.
func relative(base, path string) string {
	if base == "" && !filepath.IsAbs(path) {
		return path
	}
	base, err1 := filepath.Abs(base)
	abs, err2 := filepath.Abs(path)
	if err1 != nil || err2 != nil {
		return path
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.ToSlash(rel)
}
