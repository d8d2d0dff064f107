package rules

import (
	"regexp"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// LambdaSource finds Python source where a Lambda layer has the name of a function.
var LambdaSource = &Rule{
	ID:       "lambda-source",
	Title:    "Python source in a Lambda layer",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{94},
	Check: func(p *Pass) {
		for _, r := range p.built(isLambda) {
			n := r.object.Config
			for _, c := range n.Children {
				typ, _ := n.GetString(c.Name + "_type")
				if c.Kind == formats.KindString && lambdaArguments[c.Name] && typ != "lambda" && !functionName().MatchString(c.Text) {
					p.Reportf(c, c.Text, "%s has the text %s where the name of a function belongs; no measured loader runs source, and Keras never writes it.", layerPhrase(c), quote(formats.Printable(c.Text)))
				}
			}
		}
	},
}

// functionName matches what names a function: a dotted Python name, or a
// registered one ("package>name").
var functionName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\pL_][\pL\pN_]*([.>][\pL_][\pL\pN_]*)*$|^<lambda>$|^$`)
})

// lambdaArguments are the arguments of a Lambda layer that hold functions.
var lambdaArguments = map[string]bool{"function": true, "output_shape": true, "mask": true}

// isLambda knows the Lambda layer by its name, without a package in front.
func isLambda(m *meaning) bool {
	return m.object.Class == "Lambda" || strings.HasSuffix(m.object.Class, ".Lambda")
}
