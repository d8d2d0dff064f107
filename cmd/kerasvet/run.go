package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// modelVariable tells the program that is run where the copy of the model is.
const modelVariable = "KERASVET_MODEL"

func (c *command) runModel() *cobra.Command {
	var f stageFlags
	cmd := &cobra.Command{
		Use:   "run [flags] MODEL -- COMMAND [ARG...]",
		Short: "Run a program on a copy of a model that was verified and scanned",
		Long: `Do what kerasvet stage does and run a program with the path of the copy, in the
variable ` + modelVariable + ` and in place of {} in its arguments. The copy is
deleted when the program has ended. The exit code is that of the program; if the
model does not pass, nothing is run and the exit code is that of scan and verify.`,
		Example: `  kerasvet run --hashes /srv/hashes model.keras -- python serve.py {}`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() != 1 || len(args) < 2 {
				return errors.New("want one model, --, and a command: kerasvet run MODEL -- COMMAND [ARG...]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.vetted(cmd.Context(), &f, args[0])
			if err != nil {
				return err
			}
			return errors.Join(c.start(s.Path, args[1:]), s.Remove())
		},
	}
	to := pflag.NewFlagSet("copy", pflag.ContinueOnError)
	to.StringVar(&f.to, "to", "", "`DIR` for the copy (default that of temporary files)")
	f.group(cmd, to)
	return cmd
}

// start runs a program and waits for it. A signal to end goes to the program, so that
// the copy is deleted after it.
func (c *command) start(model string, args []string) error {
	args = slices.Clone(args)
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "{}", model)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Env = append(os.Environ(), modelVariable+"="+model)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer close(signals)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot run %s: %w", args[0], bare(err))
	}
	go func() {
		for s := range signals {
			if s == os.Interrupt && c.attended() {
				continue // a terminal tells every program itself
			}
			_ = cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		if code := failed.ExitCode(); code > 0 {
			return exitError(code)
		}
		return exitError(exitInterrupted) // it was ended by a signal
	}
	return err
}

// attended reports whether somebody sits at the terminal that input comes from.
func (c *command) attended() bool {
	f, ok := c.Stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
