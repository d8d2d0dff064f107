package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// man writes manual pages, for those who package the program. The pages say what the
// help says; cobra's own generator brings a Markdown parser for that.
func (c *command) man() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write manual pages",
		Example: "  kerasvet man /usr/local/share/man/man1",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE:    func(cmd *cobra.Command, args []string) error { return writeManual(cmd.Root(), args[0]) },
	}
}

// writeManual writes a page for each command that help shows into a directory.
func writeManual(root *cobra.Command, dir string) error {
	for _, cmd := range documented(root) {
		name := filepath.Join(dir, manualName(cmd)+".1")
		if err := os.WriteFile(name, []byte(manualPage(cmd)), 0o644); err != nil {
			return fmt.Errorf("%s: %w", name, bare(err))
		}
	}
	return nil
}

// documented returns a command and what is below it, without what is hidden.
func documented(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			list = append(list, documented(sub)...)
		}
	}
	return list
}

func manualName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manualPage is the page of one command, in the macros of man(7).
func manualPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s \"User Commands\"\n", roffQuote(strings.ToUpper(manualName(cmd))), roffQuote("kerasvet "+version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roffText(manualName(cmd)), roffText(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roffText(synopsis(cmd)))
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	b.WriteString(".SH DESCRIPTION\n")
	for i, paragraph := range strings.Split(about, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		b.WriteString(roffText(strings.Join(strings.Fields(paragraph), " ")) + "\n")
	}
	manualFlags(&b, "OPTIONS", cmd.NonInheritedFlags())
	manualFlags(&b, "OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	if cmd.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roffText(cmd.Example))
	}
	manualRelated(&b, cmd)
	return b.String()
}

// synopsis is the line of usage, with the commands that may follow.
func synopsis(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	if cmd.HasAvailableSubCommands() {
		line += " COMMAND"
	}
	line += " [OPTION...]"
	if _, arguments, ok := strings.Cut(cmd.Use, " "); ok {
		line += " " + arguments
	}
	return line
}

func manualFlags(b *strings.Builder, heading string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", heading)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		text := strings.Join(strings.Fields(usage), " ")
		if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" {
			text += " (default " + d + ")"
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", strings.TrimSpace(roffText(name)+" "+roffText(value)), roffText(text))
	})
}

// manualRelated lists the pages above and below.
func manualRelated(b *strings.Builder, cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, manualName(cmd.Parent()))
	}
	for _, sub := range documented(cmd)[1:] {
		if sub.Parent() == cmd {
			pages = append(pages, manualName(sub))
		}
	}
	if len(pages) == 0 {
		return
	}
	slices.Sort(pages)
	for i, p := range pages {
		pages[i] = ".BR " + roffText(p) + " (1)"
	}
	fmt.Fprintf(b, ".SH SEE ALSO\n%s\n", strings.Join(pages, ",\n"))
}

// roff escapes what roff would obey; a hyphen stays one that can be copied.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`)

// roffText escapes lines of text. A line that begins like a request is none.
func roffText(s string) string {
	lines := strings.Split(roff.Replace(s), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

func roffQuote(s string) string { return `"` + strings.ReplaceAll(roffText(s), `"`, `\(dq`) + `"` }
