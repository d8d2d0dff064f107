// Package pyopcode decodes the instructions of CPython's bytecode, of 2.7 and of
// every version that has read Keras models since 3.6. The tables are generated
// from what each CPython says about itself.
package pyopcode

//go:generate go run ../genopcodes -from ../../../../shared/pymarshal/opcodes -o tables.go

import "fmt"

// Version is a release line of CPython, such as Version{3, 12}. Instruction
// numbers and the layout of code objects change from one to the next and never
// within one. The zero Version is none.
type Version struct{ Major, Minor uint8 }

// Versions are the release lines whose instructions are known, oldest first. The
// last one was a preview when the tables were made.
var Versions = func() (vs []Version) {
	for i := range tables {
		vs = append(vs, tables[i].Version)
	}
	return vs
}()

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor uint8) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// Before reports whether v is older than major.minor.
func (v Version) Before(major, minor uint8) bool { return !v.AtLeast(major, minor) }
