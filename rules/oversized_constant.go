package rules

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// OversizedConstant finds arrays in a configuration whose type makes each of
// their elements as large as the author wants.
var OversizedConstant = &Rule{
	ID:       "oversized-constant",
	Title:    "Array constant with an element type of arbitrary size",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{789},
	Check: func(p *Pass) {
		for _, r := range p.built(isArray) {
			n, config := r.object.Node, r.object.Config
			dtype := config.Get("dtype")
			if dtype == nil || dtype.Kind == formats.KindLiteral || !inflates(dtype, config.Get("value")) {
				continue
			}
			what := "a structured type"
			if dtype.Kind == formats.KindString {
				what = "the type " + quote(formats.Printable(dtype.Text))
			}
			p.Reportf(dtype, dtype.Text, "%s has an array constant of %s: each element takes as much memory as the type says when the file is loaded.", layerPhrase(n), what)
		}
	},
}

// isArray knows the arrays that Keras 3 writes into a configuration.
func isArray(m *meaning) bool { return m.object.Class == "__numpy__" || m.object.Class == "__tensor__" }

// inflates reports whether elements of a type are arrays or records, or texts so
// long that the value takes more than bombBytes.
func inflates(dtype, value *formats.Node) bool {
	if dtype.Kind != formats.KindString || strings.ContainsAny(dtype.Text, "(),[]{}: ") {
		return true
	}
	m := textType().FindStringSubmatch(dtype.Text)
	if m == nil {
		return false
	}
	length, _ := strconv.ParseFloat(m[2], 64) // an error leaves zero, or infinity
	bytes := length
	if m[1] == "U" {
		bytes *= 4
	}
	var elements float64
	if value != nil {
		for v := range value.All() {
			if v.Kind != formats.KindArray {
				elements++
			}
		}
	}
	return bytes*max(elements, 1) > bombBytes
}

// textType matches NumPy's types of text, bytes and raw data of a length: "<U12".
var textType = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[<>=|]?(U|S|V|a)([0-9]+)$`)
})
