package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/rules"
)

func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  kerasvet version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			known, err := loaders.Embedded()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Stdout, "%s\nadvisories as of %s\n", versionLine(), known.Date.Format(time.DateOnly))
			return err
		},
	}
}

func versionLine() string {
	return fmt.Sprintf("kerasvet %s (%s, %s/%s), %d rules", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, len(rules.All()))
}

// version is that of the module, as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "0.1.0-dev"
}
