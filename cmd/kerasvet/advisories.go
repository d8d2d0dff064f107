package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/formats"
)

// advisories lists what is known of the versions that the user has.
func (c *command) advisories() *cobra.Command {
	var t targetFlags
	cmd := &cobra.Command{
		Use:   "advisories",
		Short: "List the advisories that apply to your versions",
		Long: `List the advisories that apply to the versions given: what they allow, which
version fixes them, and which rules find what they are about. Without a version
all advisories are listed. The exit code is 1 if any applies or may, and 3 if
something in a lock file was not read.`,
		Example: `  kerasvet advisories --keras 3.9.2
  kerasvet advisories --lock requirements.txt`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.runAdvisories(t) },
	}
	groupFlags(cmd, flagGroup{"Versions", t.flags("versions")})
	return cmd
}

func (c *command) runAdvisories(t targetFlags) error {
	in, err := t.read("")
	if err != nil {
		return err
	}
	known, err := t.database()
	if err != nil {
		return err
	}
	c.sayAge(known)
	var b strings.Builder
	if !in.asked() {
		for _, a := range known.Advisories {
			advisoryText(&b, a.Package, a)
		}
		fmt.Fprintf(&b, "%d advisories, as of %s\n", len(known.Advisories), known.Date.Format(time.DateOnly))
		_, err := c.Stdout.Write([]byte(b.String()))
		return err
	}
	matches := loaders.Applies(in.pins, known.Advisories)
	for _, m := range matches {
		subject := fmt.Sprintf("%s %s (%s)", m.Pin.Package, m.Pin.Versions, m.State)
		if m.Pin.File != "" {
			subject += fmt.Sprintf(" %s:%d:%d", m.Pin.File, m.Pin.Line, m.Pin.Column)
		}
		advisoryText(&b, subject, m.Advisory)
	}
	for _, p := range in.pins {
		if p.Doubt != "" {
			fmt.Fprintf(&b, "note: %s\n", formats.Printable(p.Doubt))
		}
	}
	for _, u := range in.unread {
		fmt.Fprintf(&b, "NOT READ: %s:%d: %s: %s\n", u.File, u.Line, formats.Printable(u.Text), formats.Printable(u.Why))
	}
	fmt.Fprintf(&b, "%d advisories apply or may, as of %s\n", len(matches), known.Date.Format(time.DateOnly))
	if _, err := c.Stdout.Write([]byte(b.String())); err != nil {
		return err
	}
	switch {
	case len(matches) > 0:
		return exitError(exitFindings)
	case len(in.unread) > 0:
		return exitError(exitIncomplete)
	}
	return nil
}

func advisoryText(b *strings.Builder, subject string, a loaders.Advisory) {
	fmt.Fprintf(b, "%s: %s\n  %s\n  fixed: %s\n", a.ID, formats.Printable(subject), formats.Printable(a.What), formats.Printable(a.Fixed()))
	if len(a.Aliases) > 0 {
		fmt.Fprintf(b, "  also: %s\n", formats.Printable(strings.Join(a.Aliases, ", ")))
	}
	if len(a.Rules) > 0 {
		fmt.Fprintf(b, "  rules: %s\n", strings.Join(a.Rules, ", "))
	}
	if a.Disputed != "" {
		fmt.Fprintf(b, "  disputed by: %s\n", formats.Printable(a.Disputed))
	}
	b.WriteByte('\n')
}
