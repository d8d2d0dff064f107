package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kerasvet/kerasvet/formats"
)

// limitFlags defines one flag for each field of formats.Limits.
func limitFlags(l *formats.Limits) *pflag.FlagSet {
	*l = formats.DefaultLimits
	fl := pflag.NewFlagSet("limits", pflag.ContinueOnError)
	fl.Var((*byteSize)(&l.ReadBytes), "max-read-bytes", "read or decompressed for one input")
	fl.Var((*byteSize)(&l.MemberBytes), "max-member-bytes", "one decompressed archive member")
	fl.Var((*byteSize)(&l.TextBytes), "max-text-bytes", "decoded text held for one input")
	fl.Var((*byteSize)(&l.StructureBytes), "max-structure-bytes", "one structure of a container")
	fl.Var(number[int64]{&l.Nodes, 1}, "max-nodes", "members, groups, JSON values")
	fl.Var(number[int64]{&l.Steps, 1}, "max-steps", "index entries, messages, tokens")
	fl.Var(number[int]{&l.Depth, 1}, "max-depth", "nesting of JSON values or HDF5 groups")
	fl.Var(number[int]{&l.Nesting, 1}, "max-nesting", "containers one in another")
	return fl
}

// byteSize is a number of bytes with an optional unit.
type byteSize int64

var units = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

func (b *byteSize) Set(s string) error {
	number, unit := s, int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(s, u.name); ok {
			number, unit = strings.TrimSpace(n), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size: want a whole number above 0, alone or with KiB, MiB, GiB, KB, MB, GB or B", s)
	}
	*b = byteSize(n * unit)
	return nil
}

func (b *byteSize) String() string {
	for _, u := range []int{2, 1, 0} {
		if n := int64(*b); n > 0 && n%units[u].bytes == 0 {
			return strconv.FormatInt(n/units[u].bytes, 10) + units[u].name
		}
	}
	return strconv.FormatInt(int64(*b), 10)
}

func (b *byteSize) Type() string { return "SIZE" }
