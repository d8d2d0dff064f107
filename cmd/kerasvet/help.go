package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroup is a part of a command's flags under a heading of its own.
type flagGroup struct {
	heading string
	flags   *pflag.FlagSet
}

// groupFlags gives a command flags that its help shows in groups, in the order in
// which they were defined.
func groupFlags(cmd *cobra.Command, groups ...flagGroup) {
	for _, g := range groups {
		g.flags.SortFlags = false
		cmd.Flags().AddFlagSet(g.flags)
	}
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		w := cmd.OutOrStdout()
		fmt.Fprintf(w, "Usage:\n  %s\n\nExamples:\n%s\n", cmd.UseLine(), cmd.Example)
		for _, g := range groups {
			fmt.Fprintf(w, "\n%s:\n%s", g.heading, g.flags.FlagUsages())
		}
		return nil
	})
}

// addExamples completes the help of the commands that cobra defines.
func addExamples(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	examples := map[string]string{
		"help":       "  kerasvet help scan",
		"completion": "  kerasvet completion bash > ~/.local/share/bash-completion/completions/kerasvet",
		"bash":       "  kerasvet completion bash > ~/.local/share/bash-completion/completions/kerasvet",
		"zsh":        `  kerasvet completion zsh > "${fpath[1]}/_kerasvet"`,
		"fish":       "  kerasvet completion fish > ~/.config/fish/completions/kerasvet.fish",
		"powershell": "  kerasvet completion powershell | Out-String | Invoke-Expression",
	}
	for _, cmd := range root.Commands() {
		for _, c := range append(cmd.Commands(), cmd) {
			if e, ok := examples[c.Name()]; ok && c.Example == "" {
				c.Example = e
			}
		}
	}
}
