package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kerasvet/kerasvet/rules"
)

func (c *command) rules() *cobra.Command {
	return &cobra.Command{
		Use:     "rules",
		Short:   "List the rules",
		Example: "  kerasvet rules",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
			for _, r := range rules.All() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
			}
			return w.Flush()
		},
	}
}

func (c *command) explain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain RULE",
		Short:   "Print a rule's page",
		Example: "  kerasvet explain lambda-bytecode",
		Args:    oneRule,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeRules(cmd, args, word)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r := rules.ByID(args[0])
			if r == nil {
				return unknownRule(args[0])
			}
			doc, err := r.Doc()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Stdout, "# %s (%s)\n\n%s.\n\n%s", r.ID, r.Severity, r.Title, doc)
			return err
		},
	}
}

func oneRule(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the id of one rule, not %d: kerasvet rules lists them", len(args))
	}
	return nil
}

// completeRules offers the rules for an argument or a flag.
func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID+"\t"+r.Title)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
