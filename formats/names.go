package formats

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats/internal/pyname"
)

//go:generate sh -c "go run ./internal/gennames ../../shared/models/names.tsv > names.txt"

//go:embed names.txt
var namesText string

// name is one object of Keras: a line of names.txt.
type name struct {
	canonical string
	kind      string
	class     bool
}

type nameTable struct {
	spelled map[string]*name // by folded dotted path or bare name
	written map[string]bool  // functions that Keras writes as builtins but looks up in no table
}

var names = sync.OnceValue(func() *nameTable {
	t, err := parseNames(namesText)
	if err != nil {
		panic(err) // embedded text; TestNames reads it
	}
	return t
})

// parseNames reads names.txt. It refuses unknown words and a spelling that two
// objects claim.
func parseNames(text string) (*nameTable, error) {
	const lines, spellings = 2_000, 9_000 // room for the table of today
	t := &nameTable{spelled: make(map[string]*name, spellings), written: map[string]bool{}}
	slab := make([]name, 0, lines)
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		canonical, rest, _ := strings.Cut(line, " ")
		kind, rest, _ := strings.Cut(rest, " ")
		typ, rest, _ := strings.Cut(rest, " ")
		if typ != "class" && typ != "function" {
			return nil, fmt.Errorf("names.txt:%d: %q is neither class nor function", n, typ)
		}
		slab = append(slab, name{canonical, kind, typ == "class"})
		obj := &slab[len(slab)-1]
		if err := t.add(canonical, obj, n); err != nil {
			return nil, err
		}
		for rest != "" {
			var s string
			s, rest, _ = strings.Cut(rest, " ")
			if s[0] == '=' {
				t.written[s[1:]] = true
				continue
			}
			if err := t.add(s, obj, n); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *nameTable) add(spelling string, obj *name, line int) error {
	if old := t.spelled[spelling]; old != nil {
		return fmt.Errorf("names.txt:%d: %s is already a spelling of %s", line, spelling, old.canonical)
	}
	t.spelled[spelling] = obj
	return nil
}

// lookup finds the object of Keras that a dotted path or a bare name means, nil
// if there is none.
func (t *nameTable) lookup(path string) *name {
	if n := t.spelled[path]; n != nil {
		return n
	}
	if folded := pyname.Fold(path); folded != path {
		return t.spelled[folded]
	}
	return nil
}

// Lookup finds the object of Keras that a dotted path or a bare name means, and
// says whether it is a class; ok is false if Keras has none.
func Lookup(path string) (canonical string, class, ok bool) {
	n := names().lookup(path)
	if n == nil {
		return "", false, false
	}
	return n.canonical, n.class, true
}
