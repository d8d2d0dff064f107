//go:build ignore

// Generate writes the hostile samples: the cases of this directory, built by
// formatstest in their first container. Nothing in them runs anything harmful: a
// payload is the string of a command that does nothing.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kerasvet/kerasvet/formats/formatstest"
)

//go:generate go run generate.go

func main() {
	cases, err := formatstest.Glob("cases/*.txtar")
	if err != nil {
		fail(err)
	}
	for _, c := range cases {
		b, err := c.Build(c.Containers[0])
		if err != nil {
			fail(err)
		}
		name := strings.TrimSuffix(filepath.Base(c.Name), ".txtar") + filepath.Ext(b.Name)
		if err := os.WriteFile(name, b.Data, 0o644); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "generate:", err)
	os.Exit(1)
}
