package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tidwall/gjson"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
)

// inspectFlags are the flags of kerasvet inspect as they were given.
type inspectFlags struct {
	format    string
	query     string
	timeout   time.Duration
	stdinName string
	limits    formats.Limits
}

// inspectFormats are the values of --format.
var inspectFormats = []string{"text", "json"}

func (c *command) inspect() *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect PATH...",
		Short: "Show what is inside models",
		Long: `Show what files, directories, or "-" for standard input hold: members, layers,
functions, custom objects, vocabularies, weights. That is no verdict: scan gives one.`,
		Example: `  kerasvet inspect testdata/samples
  kerasvet inspect --query 'models.0.layers.#.class' model.keras`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runInspect(cmd.Context(), f, args)
		},
	}
	groupFlags(cmd,
		flagGroup{"Inspecting", f.inspecting()},
		flagGroup{"Limits: what exceeds one is reported as not read, with exit code 3", limitFlags(&f.limits)})
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(inspectFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *inspectFlags) inspecting() *pflag.FlagSet {
	fl := pflag.NewFlagSet("inspecting", pflag.ContinueOnError)
	f.format = "text"
	fl.VarP(choice{&f.format, "FORMAT", inspectFormats}, "format", "f", "text or json")
	fl.StringVar(&f.query, "query", "", "print only what a gjson `PATH` finds in the JSON form")
	fl.StringVar(&f.stdinName, "stdin-name", "stdin", "`NAME` of standard input")
	f.timeout = analyzer.DefaultTimeout
	fl.Var((*duration)(&f.timeout), "timeout", "for one input")
	return fl
}

// inspection is the JSON form of what kerasvet inspect writes.
type inspection struct {
	Models []inspected `json:"models"`
}

// runInspect reads the inputs one by one, in their order, and writes all of them.
func (c *command) runInspect(ctx context.Context, f inspectFlags, args []string) error {
	if len(args) == 0 {
		return errors.New("want a file, a directory or -: see kerasvet inspect --help")
	}
	inputs, err := c.inputs(scanFlags{stdinName: f.stdinName}, args)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(softMemory)
	found := inspection{Models: []inspected{}}
	for _, in := range inputs {
		if m, ok := f.open(ctx, in); ok {
			found.Models = append(found.Models, m)
		}
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err := c.writeInspection(f, found); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(found.Models, func(m inspected) bool { return !m.Complete }):
		return exitError(exitIncomplete)
	case len(found.Models) == 0:
		return exitError(exitNoModels)
	}
	return nil
}

// open reads one input; ok is false for one that holds no model.
func (f *inspectFlags) open(ctx context.Context, in analyzer.Input) (m inspected, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	content, size, err := in.Open(ctx)
	if err != nil {
		root := &formats.Node{Kind: formats.KindFile, Name: in.Name}
		return inspectArtifact(&formats.Artifact{Root: root, Problems: []formats.Problem{{At: root, Code: formats.Unreadable, Err: err}}}), true
	}
	if closer, ok := content.(io.Closer); ok {
		defer closer.Close()
	}
	a := formats.Open(ctx, in.Name, content, size, f.limits)
	return inspectArtifact(a), a.Model || in.Explicit && !a.Complete()
}

func (c *command) writeInspection(f inspectFlags, found inspection) error {
	if f.format == "text" && f.query == "" {
		return inspectError(inspectText(c.Stdout, found))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(found); err != nil {
		return err
	}
	if f.query == "" {
		_, err := c.Stdout.Write(b.Bytes())
		return inspectError(err)
	}
	result := gjson.GetBytes(b.Bytes(), f.query)
	if !result.Exists() {
		return fmt.Errorf("--query %q finds nothing: see kerasvet inspect -f json", f.query)
	}
	// A string is written bare, the rest as JSON.
	_, err := fmt.Fprintln(c.Stdout, result.String())
	return inspectError(err)
}

func inspectError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot write to standard output: %w", bare(err))
}
