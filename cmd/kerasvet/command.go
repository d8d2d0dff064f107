package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes, the same for every output format.
const (
	exitOK         = 0 // ran, and nothing at or above --fail-on was found
	exitFindings   = 1 // findings at or above --fail-on; wins over exitIncomplete
	exitUsage      = 2 // usage error, nothing was scanned; or a report could not be written
	exitIncomplete = 3 // some input could not be analysed completely
	exitNoModels   = 4 // no model files were found

	exitInterrupted = 130 // SIGINT or SIGTERM; no report was written
)

// command is one run of the program.
type command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            func(string) (string, bool)
}

// exitError carries an exit code out of a subcommand that has said all it had to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run executes the program with the arguments after its name and returns the exit code.
func (c *command) run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return c.runContext(ctx, args)
}

// runContext is run without the signals.
func (c *command) runContext(ctx context.Context, args []string) int {
	root := c.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(c.Stderr, "kerasvet: %v\n", err)
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	return exitUsage
}

func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kerasvet",
		Short: "Vet Keras model files without loading them",
		Long: `Kerasvet reads .keras, HDF5, SavedModel, pickle and other model files without
executing anything and says what loading them would do, and on which versions of
Keras. What it could not read is never called clean.

Every flag has an environment form: --fail-on is KERASVET_FAIL_ON.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage error,
3 something could not be analysed, 4 no model files found, 130 interrupted.`,
		Example:                    "  kerasvet scan models/\n  kerasvet scan -f sarif -o results.sarif model.keras",
		Args:                       noSuchCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE:          func(cmd *cobra.Command, _ []string) error { return c.environment(cmd.Flags()) },
		SilenceUsage:               true,
		SilenceErrors:              true,
		DisableFlagsInUseLine:      true,
		SuggestionsMinimumDistance: 2,
		Version:                    versionLine(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	root.AddCommand(c.scan(), c.inspect(), c.rules(), c.explain(), c.advisories(), c.config(), c.man(), c.version())
	root.AddCommand(c.integrity()...)
	addExamples(root)
	return root
}

// noSuchCommand refuses a first word that is no command and says what may have been meant.
func noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see kerasvet --help"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	} else if _, err := os.Stat(args[0]); err == nil {
		hint = "did you mean kerasvet scan " + args[0] + "?"
	}
	return fmt.Errorf("unknown command %q: %s", args[0], hint)
}

// flagError says what may have been meant by a flag that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w: did you mean --%s?", err, near)
	}
	return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
}

// environment sets flags that the command line left alone from KERASVET_...
// variables. An empty variable counts as not set.
func (c *command) environment(flags *pflag.FlagSet) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Annotations[cobra.FlagSetByCobraAnnotation] != nil || err != nil {
			return
		}
		name := "KERASVET_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		v, _ := c.Env(name)
		if v == "" {
			return
		}
		if setErr := flags.Set(f.Name, v); setErr != nil {
			var invalid *pflag.InvalidValueError
			if errors.As(setErr, &invalid) {
				setErr = invalid.Unwrap()
			}
			err = fmt.Errorf("%s: %w", name, setErr)
		}
	})
	return err
}
