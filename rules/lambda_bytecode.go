package rules

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// LambdaBytecode finds serialized Python functions: marshalled code objects that
// a loader turns into functions and calls.
var LambdaBytecode = &Rule{
	ID:       "lambda-bytecode",
	Title:    "Serialized Python bytecode",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{502, 94},
	Refs:     []string{"CVE-2024-3660", "CVE-2025-9905", "CVE-2025-9906", "CVE-2026-12481"},
	Check: func(p *Pass) {
		for _, n := range p.Nodes(formats.KindObject) {
			for _, c := range carriers(n) {
				first, all := digests(formats.Bytecode(c.code.Text))
				p.Reportf(c.at, all, "%s carries Python bytecode in %s (SHA-256 of the code %s).", layerPhrase(c.at), quote(c.key), first)
			}
		}
	},
}

// digests returns the SHA-256 of the first reading of a code in hex, and that of
// all readings.
func digests(readings [][]byte) (first, all string) {
	var sums []string
	for _, r := range readings {
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(r)))
	}
	return sums[0], strings.Join(sums, " ")
}

// carrier is a place that holds a marshalled function.
type carrier struct {
	at   *formats.Node // the value that the loader turns into a function
	code *formats.Node // the string with the code
	key  string
}

// lambdaClass marks a serialized function in the formats of Keras 2.12 and later.
const lambdaClass = "__lambda__"

// carriers returns the serialized functions that stand directly in one JSON object:
//   - {"class_name": "__lambda__", "config": {"code"|"value": ...}} wherever it is,
//   - X beside "X_type": "lambda", as Lambda, the RNN wrappers and the Merge of
//     Keras 1 write it,
//   - a [code, defaults, closure] list in an argument of a Lambda layer.
func carriers(n *formats.Node) []carrier {
	var found []carrier
	if class, _ := n.GetString("class_name"); class == lambdaClass {
		config := n.Get("config")
		for _, key := range []string{"code", "value"} {
			if code := codeString(config.Get(key)); code != nil {
				name := n.Name
				if name == "" {
					name = lambdaClass
				}
				found = append(found, carrier{n, code, name})
			}
		}
		return found
	}
	lambda := isLambdaConfig(n)
	if !lambda && !slices.ContainsFunc(n.Children, isLambdaType) {
		return nil
	}
	for _, c := range n.Children {
		code := codeString(c)
		if code == nil {
			continue
		}
		typ, _ := n.GetString(c.Name + "_type")
		switch {
		case typ == "lambda", lambda && typ == "" && c.Kind == formats.KindArray && lambdaArguments[c.Name]:
			found = append(found, carrier{c, code, c.Name})
		}
	}
	return found
}

// isLambdaType reports whether n says of the value beside it that it is code.
func isLambdaType(n *formats.Node) bool {
	return n.Text == "lambda" && strings.HasSuffix(n.Name, "_type")
}

// lambdaArguments are the arguments of a Lambda layer that hold functions.
var lambdaArguments = map[string]bool{"function": true, "output_shape": true, "mask": true}

// isLambdaConfig reports whether n is the configuration of a Lambda layer.
func isLambdaConfig(n *formats.Node) bool {
	if n.Name != "config" || n.Parent == nil || n.Parent.Kind != formats.KindObject {
		return false
	}
	class, _ := n.Parent.GetString("class_name")
	return class == "Lambda" || strings.HasSuffix(class, ".Lambda")
}

// codeString returns the string that holds the code: the value itself (Keras 1),
// or the first element of [code, defaults, closure].
func codeString(n *formats.Node) *formats.Node {
	if n != nil && n.Kind == formats.KindArray && len(n.Children) > 0 {
		n = n.Children[0]
	}
	if n == nil || n.Kind != formats.KindString {
		return nil
	}
	return n
}
