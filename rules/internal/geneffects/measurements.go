package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// table is a file of tab-separated values with a line of names.
type tsv struct {
	names []string
	rows  []map[string]string
}

func readTSV(name string) (*tsv, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	t := &tsv{}
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if t.names == nil {
			t.names = fields
			continue
		}
		row := map[string]string{}
		for i, n := range t.names {
			if i < len(fields) {
				row[n] = fields[i]
			}
		}
		t.rows = append(t.rows, row)
	}
	return t, lines.Err()
}

// column is one loader of effects.tsv.
type column struct{ name, family, version string }

// familyOf maps the names of packages in the measurements to those that users type.
var familyOf = map[string]string{"tf.keras": "tf.keras", "tf_keras": "tf-keras", "keras": "keras"}

func (t *tsv) columns() []column {
	var cs []column
	for _, n := range t.names {
		if i := strings.LastIndexByte(n, '-'); i > 0 && familyOf[n[:i]] != "" {
			cs = append(cs, column{n, familyOf[n[:i]], n[i+1:]})
		}
	}
	return cs
}

// refusals returns, by construct, mode and column, the letter of the defence that
// the record names.
func refusals(record *tsv) map[string]byte {
	found := map[string]byte{}
	for _, r := range record.rows {
		if r["outcome"] != "blocked" {
			continue
		}
		key := refusal(r["construct"], r["mode"], r["loader"]+"-"+r["version"])
		for _, d := range defences {
			if d.errors.MatchString(r["detail"]) {
				// The row that stands in effects.tsv is that of TensorFlow on Python 3.11, if there is one.
				if found[key] == 0 || r["backend"] == "tensorflow" && r["python"] == "3.11" {
					found[key] = d.letter
				}
				break
			}
		}
	}
	return found
}

func refusal(construct, mode, column string) string {
	return construct + "\x00" + mode + "\x00" + column
}

// keyList is keys.txt: the keys of what is found in the file of each construct, by
// construct and column.
type keyList map[string]map[string][]string

// readKeys reads keys.txt: a line with a construct and the builds that it is about,
// then a line for each finding with a rule and a key, after a tab. A build is a
// column, or a family for all its columns.
func readKeys(name string, columns []column) (keyList, error) {
	text, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	list := keyList{}
	var construct string
	var builds []string
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '\t':
			for _, b := range builds {
				list[construct][b] = append(list[construct][b], line[1:])
			}
		default:
			fields := strings.Fields(line)
			construct, builds = fields[0], nil
			for _, b := range fields[1:] {
				for _, c := range columns {
					if c.name == b || strings.HasPrefix(c.name, b+"-") {
						builds = append(builds, c.name)
					}
				}
			}
			if len(builds) == 0 {
				return nil, fmt.Errorf("%s:%d: no loader is meant", name, n+1)
			}
			if list[construct] == nil {
				list[construct] = map[string][]string{}
			}
			for _, b := range builds {
				list[construct][b] = []string{}
			}
		}
	}
	return list, nil
}
