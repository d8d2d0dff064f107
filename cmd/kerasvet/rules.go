package main

import (
	"fmt"
	"os"
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
	var finding string
	cmd := &cobra.Command{
		Use:   "explain RULE | explain --finding FINGERPRINT REPORT",
		Short: "Print a rule's page, or one finding of an earlier report in full",
		Long: `Print the page of a rule, or all that a JSON report (scan -f json) knows of one
finding: where it is, the code that it is about, and what to do.`,
		Example: `  kerasvet explain lambda-bytecode
  kerasvet explain --finding 3f9a2c71 report.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if finding != "" {
				return oneReport(args)
			}
			return oneRule(args)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeRules(cmd, args, word)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if finding != "" {
				return c.explainFinding(finding, args[0])
			}
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
	cmd.Flags().StringVar(&finding, "finding", "", "`FINGERPRINT` of a finding, or the beginning of it")
	return cmd
}

// explainFinding prints one finding of a JSON report.
func (c *command) explainFinding(fingerprint, file string) error {
	report, err := os.ReadFile(file)
	if err != nil {
		return bare(err)
	}
	if err := c.style("auto").Explain(c.Stdout, report, fingerprint); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func oneReport(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one report beside --finding, not %d", len(args))
	}
	return nil
}

func oneRule(args []string) error {
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
