package rules

import (
	"fmt"
	"slices"
	"strings"
)

// deed is what an operation of a TensorFlow graph does outside of it. The zero
// deed is unknown.
type deed uint8

const (
	deedUnknown deed = iota
	computes         // acts on nothing outside
	through          // acts on what another operation opened, which is judged there
	readsFiles       // a file that an operand names
	writesFiles      // a file that an operand names
	usesNetwork      // a machine that an operand names
	debugSink        // writes tensors to files or connections, for a debugger
	checkpoint       // reads or writes one
	callsPython      // a function that the process has registered
	nativeCode       // code or a graph that is no part of the graph
	endsProcess      // at once
)

var deedNames = map[string]deed{"computes": computes, "through": through, "reads-files": readsFiles, "writes-files": writesFiles, "network": usesNetwork,
	"debug-sink": debugSink, "checkpoint": checkpoint, "python": callsPython, "native-code": nativeCode, "ends-process": endsProcess}

// operationTable is what symbols.txt says of TensorFlow's operations.
type operationTable struct {
	deeds map[string][]operationDeed
	inert []string // texts that name no file; "a*" is all that begins so
}

// operationDeed is one thing that an operation does.
type operationDeed struct {
	deed    deed
	operand string // the input or attribute that it does it to; empty where there is none
}

func newOperationTable() operationTable {
	return operationTable{deeds: map[string][]operationDeed{}}
}

// add reads one line, without the "tf-" that it begins with.
func (t *operationTable) add(word string, args []string) error {
	switch {
	case word == "text-inert" && len(args) > 0:
		t.inert = append(t.inert, args...)
		return nil
	case word != "op":
		return fmt.Errorf("unknown word %q", "tf-"+word)
	case len(args) < 2 || deedNames[args[0]] == deedUnknown:
		return fmt.Errorf("tf-op: want a deed and operations, found %q", strings.Join(args, " "))
	}
	for _, a := range args[1:] {
		name, operand, _ := strings.Cut(strings.TrimSuffix(a, ")"), "(")
		d := operationDeed{deedNames[args[0]], operand}
		if old := t.deeds[name]; slices.Contains(old, d) || len(old) > 0 && (operand == "" || old[0].operand == "") {
			return fmt.Errorf("%s stands twice", a)
		}
		t.deeds[name] = append(t.deeds[name], d)
	}
	return nil
}

// names reports whether a text names something outside of the graph.
func (t *operationTable) names(text string) bool {
	return text != "" && !slices.ContainsFunc(t.inert, func(pattern string) bool {
		prefix, many := strings.CutSuffix(pattern, "*")
		return text == prefix || many && strings.HasPrefix(text, prefix)
	})
}
