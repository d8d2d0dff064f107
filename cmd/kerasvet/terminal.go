package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kerasvet/kerasvet/reporters"
)

// style decides how text on standard output may look.
func (c *command) style(color string) reporters.Style {
	return reporters.Style{
		Unicode: c.utf8(),
		Color:   color == "always" || color == "auto" && c.colorByDefault(),
	}
}

// colorByDefault follows NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and CLICOLOR, in
// this order, then asks whether standard output is a terminal.
func (c *command) colorByDefault() bool {
	if v, _ := c.Env("NO_COLOR"); v != "" {
		return false
	}
	for _, name := range []string{"FORCE_COLOR", "CLICOLOR_FORCE"} {
		if c.on(name) {
			return true
		}
	}
	if v, _ := c.Env("CLICOLOR"); v == "0" {
		return false
	}
	return c.terminal(c.Stdout)
}

// on reports whether a variable is set to anything but no.
func (c *command) on(name string) bool {
	v, _ := c.Env(name)
	return v != "" && v != "0" && !strings.EqualFold(v, "false")
}

// terminal reports whether w is a terminal that understands control sequences.
func (c *command) terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && !c.dumb() && term.IsTerminal(int(f.Fd()))
}

func (c *command) dumb() bool {
	v, _ := c.Env("TERM")
	return v == "dumb"
}

// utf8 reports whether the locale's encoding is UTF-8.
func (c *command) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v, _ := c.Env(name); v != "" {
			return strings.Contains(strings.ToLower(strings.ReplaceAll(v, "-", "")), "utf8")
		}
	}
	return false
}
