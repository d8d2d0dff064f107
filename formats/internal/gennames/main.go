// Gennames prints formats/names.txt from the census of names that every
// measured Keras version exports, writes or looks up (names.tsv of the shared
// model data; its README says how it was measured).
//
//	go run ./formats/internal/gennames ../shared/models/names.tsv > formats/names.txt
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pyname"
)

const header = `# Every spelling of every name that Keras exports, writes or looks up.
# Printed by formats/internal/gennames from a census of Keras 2.2.4 to 3.15.1 and
# tf_keras 2.15.1 to 2.21.0; edit the generator, not this file.
#
#   CANONICAL KIND class|function SPELLING...
#
# A spelling with a dot is a Python path, folded: the packages tensorflow.keras,
# tf_keras, keras.src and keras.api all read keras. A spelling without a dot is a
# bare name that a loader looks up in its own tables. "=" before a bare name says
# that Keras writes this function as builtins, but looks it up in no table.
`

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gennames names.tsv")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err == nil {
		defer f.Close()
		err = Generate(f, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gennames:", err)
		os.Exit(1)
	}
}

// row is one line of the census.
type row struct {
	name, kind, typ, alias   string
	forms, exports, modules  []string
	tables                   string
	keras3, builtin, written bool // measured in Keras 3; written as a builtins function; written as a bare name
}

type entry struct {
	canonical, kind, typ string
	spellings            []string
}

// Generate reads the census and prints the table.
func Generate(r io.Reader, w io.Writer) error {
	rows, err := read(r)
	if err != nil {
		return err
	}
	entries := entries(rows)
	out := bufio.NewWriter(w)
	fmt.Fprint(out, header)
	for _, e := range entries {
		fmt.Fprintf(out, "%s %s %s", e.canonical, strings.ReplaceAll(e.kind, " ", "-"), e.typ)
		for _, s := range e.spellings {
			fmt.Fprint(out, " ", s)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

func read(r io.Reader) ([]row, error) {
	var rows []row
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		f := strings.Split(in.Text(), "\t")
		if len(f) != 9 {
			return nil, fmt.Errorf("line %d: %d columns, want 9", n, len(f))
		}
		if n == 1 {
			continue
		}
		rw := row{name: f[0], kind: f[1], typ: f[2], alias: f[3], forms: strings.Fields(f[4]), exports: strings.Fields(f[5]),
			modules: strings.Fields(f[6]), tables: f[7], keras3: strings.Contains(f[8], "K3:")}
		for _, form := range rw.forms {
			rw.builtin = rw.builtin || strings.HasPrefix(form, "builtins|function=")
			rw.written = rw.written || strings.HasPrefix(form, "|")
		}
		rows = append(rows, rw)
	}
	return rows, in.Err()
}

// entries gives each object of Keras one canonical name and collects its
// spellings; a spelling that several objects claim goes to the first by rank.
func entries(rows []row) []entry {
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	byName := map[string]*entry{} // canonical -> entry
	target := map[string]*entry{} // kind + name -> entry, for aliases
	taken := map[string]bool{}
	var order []*entry
	for _, aliases := range []bool{false, true} {
		for _, rw := range rows {
			if (rw.alias != "") != aliases {
				continue
			}
			e := target[rw.kind+" "+rw.alias]
			if e == nil {
				c := canonical(rw)
				if e = byName[c]; e == nil {
					e = &entry{canonical: c, kind: rw.kind, typ: rw.typ}
					byName[c] = e
					order = append(order, e)
				}
			}
			if target[rw.kind+" "+rw.name] == nil {
				target[rw.kind+" "+rw.name] = e
			}
			for _, s := range spellings(rw) {
				if s != e.canonical && !taken[s] && byName[s] == nil {
					taken[s] = true
					e.spellings = append(e.spellings, s)
				}
			}
		}
	}
	var out []entry
	for _, e := range order {
		// A path claimed as a spelling before its owner was met stays the owner's.
		e.spellings = slices.DeleteFunc(e.spellings, func(s string) bool { return byName[s] != nil })
		slices.Sort(e.spellings)
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b entry) int { return cmp.Compare(a.canonical, b.canonical) })
	return out
}

// rank orders rows that compete for a bare name: what the loaders' layer table
// answers comes first, then the other tables, then what only modules hold.
func rank(r row) int {
	kinds := []string{"layer", "model", "activation", "loss", "metric", "initializer", "optimizer", "regularizer", "constraint", "schedule", "dtype policy", "quantizer", "cell", "operation", "function", "other", "marker"}
	n := slices.Index(kinds, r.kind) * 2
	if r.typ == "function" && r.kind == "layer" {
		n += len(kinds) * 2 // a layer function (deserialize, add) yields to the class or loss of that name
	}
	if r.tables == "" {
		n += len(kinds) * 4
	}
	if !r.keras3 {
		n++
	}
	return n
}

var homes = map[string]string{"layer": "layers", "cell": "layers", "activation": "activations", "loss": "losses", "metric": "metrics",
	"initializer": "initializers", "optimizer": "optimizers", "regularizer": "regularizers", "constraint": "constraints",
	"schedule": "optimizers.schedules", "dtype policy": "dtype_policies", "operation": "ops", "quantizer": "quantizers", "function": "utils"}

// canonical is the public path when there is one: the one in the kind's own
// package, else the shortest; for an object that is not exported, where its code
// lives today.
func canonical(r row) string {
	if r.kind == "marker" {
		return r.name
	}
	var paths []string
	for _, p := range r.exports {
		paths = append(paths, pyname.Fold(p))
	}
	if len(paths) == 0 {
		for _, m := range r.modules {
			paths = append(paths, pyname.Fold(m)+"."+last(r.name))
		}
	}
	if len(paths) == 0 {
		return r.name
	}
	home := "keras." + homes[r.kind] + "." + last(r.name)
	return slices.MinFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(score(a, home), score(b, home)), cmp.Compare(strings.Count(a, "."), strings.Count(b, ".")), cmp.Compare(a, b))
	})
}

func score(path, home string) int {
	switch {
	case path == home:
		return 0
	case strings.Contains(path, "__internal__"), strings.Contains(path, "legacy"), strings.Contains(path, "experimental"), strings.Contains(path, "dtensor"):
		return 2
	}
	return 1
}

// last drops the package of a registered name.
func last(name string) string { return name[strings.LastIndexByte(name, '>')+1:] }

func spellings(r row) []string {
	var out []string
	for _, p := range r.exports {
		out = append(out, pyname.Fold(p))
	}
	for _, m := range r.modules {
		if r.kind != "marker" {
			out = append(out, pyname.Fold(m)+"."+last(r.name))
		}
	}
	for _, f := range r.forms {
		p := strings.Split(f, "|")
		switch {
		case p[0] == "builtins":
		case p[0] != "":
			out = append(out, pyname.Fold(p[0])+"."+p[1])
		case r.typ == "class": // a bare function name is written, but only the tables resolve it
			out = append(out, p[1])
		}
	}
	switch {
	case r.tables != "" || r.kind == "marker":
		out = append(out, r.name)
	case r.builtin || r.typ == "function" && r.written:
		out = append(out, "="+r.name)
	}
	return out
}
