package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/reporters"
)

// outputFile is one value of --output.
type outputFile struct {
	format string // empty: that of --format
	file   string
}

// outputList is the value of --output.
type outputList []outputFile

func (l *outputList) Set(s string) error {
	format, file, ok := strings.Cut(s, "=")
	if !ok {
		format, file = "", s
	} else if _, err := reporters.ByName(format); err != nil {
		return fmt.Errorf("%w%s", err, didYouMean(format, reporters.Names()))
	}
	switch {
	case file == "":
		return fmt.Errorf("%q names no file: want FILE or FORMAT=FILE", s)
	case file == "-":
		return fmt.Errorf("%q is standard output, whose format is that of --format", file)
	}
	for _, o := range *l {
		if filepath.Clean(o.file) == filepath.Clean(file) {
			return fmt.Errorf("%q is given twice", file)
		}
	}
	*l = append(*l, outputFile{format, file})
	return nil
}

func (l *outputList) String() string { return "" }
func (l *outputList) Type() string   { return "[FORMAT=]FILE" }

// outputs is where the reports of a run go.
type outputs struct {
	files  []fileReport
	stdout reporters.Func // nil if nothing is printed
	stream io.Writer      // standard output
	prose  bool           // standard output is for people
}

type fileReport struct {
	file   string
	report reporters.Func
}

// plan settles where reports go before anything is scanned.
func (c *command) plan(f scanFlags) (*outputs, error) {
	stdout, err := reporters.ByName(f.format)
	if err != nil {
		return nil, err
	}
	if f.format == "text" {
		stdout = reporters.Text(c.style(f.color))
	}
	outs := &outputs{stdout: stdout, stream: c.Stdout, prose: f.format == "text" || f.format == "concise"}
	if f.newBase != "" {
		if err := writable(f.newBase); err != nil {
			return nil, writeError(f.newBase, err)
		}
		outs.files = append(outs.files, fileReport{f.newBase, reporters.JSON})
	}
	for _, o := range f.outputs {
		if o.format == "" {
			o.format = f.format
			outs.stdout = nil
		}
		report, err := reporters.ByName(o.format)
		if err != nil {
			return nil, err
		}
		if err := writable(o.file); err != nil {
			return nil, writeError(o.file, err)
		}
		outs.files = append(outs.files, fileReport{o.file, report})
	}
	return outs, nil
}

// writable finds what would keep a report from being written, as far as can be
// seen without writing.
func writable(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return errors.New("it is a directory")
	}
	dir, err := os.Stat(filepath.Dir(file))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("its directory does not exist")
	case err != nil:
		return err
	case !dir.IsDir():
		return errors.New("its directory is a file")
	}
	return nil
}

// write writes every report. Files come first: standard output may be a pipe that
// breaks and ends the program. quiet leaves out text for people.
func (o *outputs) write(r *analyzer.Report, quiet bool) error {
	var errs []error
	for _, f := range o.files {
		if err := writeFile(f.file, func(w io.Writer) error { return f.report(w, r) }); err != nil {
			errs = append(errs, writeError(f.file, err))
		}
	}
	if o.stdout != nil && !(quiet && o.prose) {
		if err := o.stdout(o.stream, r); err != nil {
			errs = append(errs, fmt.Errorf("cannot write report to standard output: %w", bare(err)))
		}
	}
	return errors.Join(errs...)
}
