package rules

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed symbols.txt
var symbolsText string

// verdict is what symbols.txt says of a name. The zero verdict is unlisted,
// which is not safe. Later ones are worse.
type verdict uint8

const (
	unlisted verdict = iota
	safe
	state     // a function that changes settings of the whole process
	stdlib    // a module of Python's standard library
	gadget    // a function of Keras that no model needs and that acts outside the model
	dangerous // calling it acts outside the model
)

// knowledge is one line of symbols.txt.
type knowledge struct {
	verdict verdict
	what    string // what calling the name does; empty for safe and stdlib
}

type symbolTable struct {
	exact  map[string]*knowledge
	prefix map[string]*knowledge // "os." for the pattern os.*
	code   codeTable
	graph  operationTable
	pickle pickleTable
}

var symbols = sync.OnceValue(func() *symbolTable {
	t, err := parseSymbols(symbolsText)
	if err != nil {
		panic(err) // embedded text; TestSymbols reads it
	}
	return t
})

// parseSymbols reads symbols.txt. It refuses unknown verdicts, a pattern that
// stands twice, and a dangerous name that does not say what it does.
func parseSymbols(text string) (*symbolTable, error) {
	t := &symbolTable{exact: map[string]*knowledge{}, prefix: map[string]*knowledge{}, code: newCodeTable(), pickle: newPickleTable(), graph: newOperationTable()}
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if graph, ok := strings.CutPrefix(word, "tf-"); ok {
			if err := t.graph.add(graph, strings.Fields(rest)); err != nil {
				return nil, fmt.Errorf("symbols.txt:%d: %w", n, err)
			}
			continue
		}
		if code, ok := strings.CutPrefix(word, "code-"); ok {
			if err := t.code.add(code, strings.Fields(rest)); err != nil {
				return nil, fmt.Errorf("symbols.txt:%d: %w", n, err)
			}
			continue
		}
		if pickle, ok := strings.CutPrefix(word, "pickle-"); ok {
			if err := t.pickle.add(pickle, strings.Fields(rest)); err != nil {
				return nil, fmt.Errorf("symbols.txt:%d: %w", n, err)
			}
			continue
		}
		pattern, what, _ := strings.Cut(strings.TrimSpace(rest), " ")
		k := &knowledge{what: strings.TrimSpace(what)}
		switch word {
		case "dangerous":
			k.verdict = dangerous
		case "gadget":
			k.verdict = gadget
		case "state":
			k.verdict = state
		case "safe":
			k.verdict = safe
		case "stdlib":
			k.verdict = stdlib
			pattern += ".*"
		default:
			return nil, fmt.Errorf("symbols.txt:%d: unknown word %q", n, word)
		}
		if (k.what == "") != (k.verdict == safe || k.verdict == stdlib) {
			return nil, fmt.Errorf("symbols.txt:%d: %s: what it does stands with dangerous, gadget and state, and only there", n, pattern)
		}
		table, key := t.exact, pattern
		if p, ok := strings.CutSuffix(pattern, "*"); ok {
			table, key = t.prefix, p
		}
		if old, ok := table[key]; ok && !(old.verdict == dangerous && k.verdict == stdlib) {
			return nil, fmt.Errorf("symbols.txt:%d: %s stands twice", n, pattern)
		} else if !ok {
			table[key] = k
		}
	}
	return t, nil
}

// versions are the trees in which TensorFlow repeats its names.
var versions = []string{"tensorflow.compat.v1.", "tensorflow.compat.v2."}

// lookup returns what is known of a dotted name: its own line, else that of the
// longest pattern that covers it. A name of tf.compat is looked up as the one
// that it repeats.
func (t *symbolTable) lookup(name string) *knowledge {
	for _, v := range versions {
		if rest, ok := strings.CutPrefix(name, v); ok {
			return t.lookup("tensorflow." + rest)
		}
	}
	if k, ok := t.exact[name]; ok {
		return k
	}
	for end := len(name); end > 0; {
		dot := strings.LastIndexByte(name[:end], '.')
		if dot < 0 {
			break
		}
		if k, ok := t.prefix[name[:dot+1]]; ok {
			return k
		}
		end = dot
	}
	return &knowledge{}
}
