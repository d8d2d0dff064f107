package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// more is what else decides about a finding in a document.
func (k *keyer) more(f *Finding, p *place) []string {
	var more []string
	if p.holder() == "Lambda" && p.slot == "config/function" && staticShape(p.owner) {
		more = append(more, "static-shape")
	}
	if p.operation() {
		if n := p.owner.Get(inbound); n == nil || !slices.ContainsFunc(n.Children, symbolic) {
			more = append(more, "constant-call")
		} else {
			more = append(more, "live-call")
		}
	}
	if p.slot == "config/output_shape" && p.holder() == "Lambda" && namesFunction(p.owner) {
		more = append(more, "function-by-name")
	}
	if class, _ := p.owner.GetString("class_name"); strings.Contains(class, ".") {
		more = append(more, "dotted-class")
	}
	if strings.HasPrefix(p.symbol(f), "keras.datasets.") && operandIsPath(p) {
		more = append(more, "absolute-path-operand")
	}
	switch f.Rule.ID {
	case OversizedBuild.ID:
		more = append(more, strings.Join(argumentNames(f.Evidence), "*"))
	case ExternalVocabulary.ID, RelativeVocabulary.ID, ExternalSavedModel.ID, RelativeSavedModel.ID:
		if strings.Contains(f.At.Text, "://") {
			more = append(more, "url")
		}
	case ShardMapPath.ID:
		more = append(more, shardName(f.At.Text))
	case PathInName.ID:
		if f.At.Text == ".." {
			more = append(more, "dotdot")
		}
	}
	if s := k.unsafeSwitch(p); s != "" {
		more = append(more, s)
	}
	for i := range more {
		more[i] = strings.ReplaceAll(more[i], "*", "-by-")
	}
	return more
}

// shardName says how the name of a shard leads away.
func shardName(name string) string {
	switch {
	case strings.Contains(name, "://"), strings.Contains(name, `\`):
		return "other"
	case strings.HasPrefix(name, "/"):
		return "absolute"
	case strings.Contains(name, "/"):
		return "relative"
	}
	return "name-only"
}

// argumentNames returns the names of the arguments in the evidence of oversized-build.
func argumentNames(evidence string) []string {
	var names []string
	for _, part := range strings.Split(evidence, ", ") {
		part = strings.TrimRight(part[:strings.LastIndexByte(part, ' ')+1], " ")
		if part = strings.TrimSuffix(part, " above"); part != "" {
			names = append(names, strings.ReplaceAll(part, " ", "-"))
		}
	}
	return names
}

// staticShape reports whether a Lambda layer states its output shape, so that the
// function need not run while the model is built.
func staticShape(lambda *formats.Node) bool {
	config := lambda.Get("config")
	shape := config.Get("output_shape")
	if shape == nil || shape.Kind != formats.KindArray || len(shape.Children) == 0 {
		return false
	}
	typ, _ := config.GetString("output_shape_type")
	return typ != "lambda"
}

// namesFunction reports whether the function of a Lambda layer is a reference, not
// bytecode.
func namesFunction(lambda *formats.Node) bool {
	f := lambda.Get("config").Get("function")
	return f != nil && f.Kind == formats.KindObject
}

// operandIsPath reports whether the function that a Switch calls is given an
// absolute path first: some functions of Keras refuse that.
func operandIsPath(p *place) bool {
	if p.holder() != "Switch" || p.slot != "inbound_nodes/0/args/1/0" && p.slot != "inbound_nodes/0/args/1" {
		return false
	}
	operand := element(element(p.owner.Get(inbound), 0).Get("args"), 2)
	return operand != nil && operand.Kind == formats.KindString && strings.HasPrefix(operand.Text, "/")
}

// unsafeSwitches switch safe mode off for what is loaded after them.
var unsafeSwitches = []string{"keras.config.enable_unsafe_deserialization", "keras.backend.common.global_state.set_global_attribute"}

// mostSwitches is how many of them are told apart by their graphs.
const mostSwitches = 1000

// unsafeSwitch says whether a function that switches safe mode off is named
// elsewhere, and whether in the graph that the place belongs to.
func (k *keyer) unsafeSwitch(p *place) string {
	if k.switches == nil {
		k.switches = map[*formats.Node]*formats.Node{}
		for o := range formats.Objects(k.artifact.Root) {
			if symbol := o.Symbol(); slices.Contains(unsafeSwitches, symbol) || strings.HasSuffix(symbol, ".enable_unsafe_deserialization") {
				if k.switches[o.Node] = graphOf(o.Node); len(k.switches) == mostSwitches {
					break
				}
			}
		}
	}
	if _, itself := k.switches[p.node]; itself || len(k.switches) == 0 {
		return ""
	}
	graph := graphOf(p.node)
	for _, g := range k.switches {
		if g == graph {
			return unsafeSwitchWord + "-in-graph"
		}
	}
	return unsafeSwitchWord + "-elsewhere"
}

// graphOf returns the list of layers in which a node stands, nil if there is none.
func graphOf(n *formats.Node) *formats.Node {
	for ; n != nil && n.Kind.JSON(); n = n.Parent {
		if n.Kind == formats.KindArray && n.Name == "layers" {
			return n
		}
	}
	return nil
}

// unsafeSwitchWord begins the word that says that the file switches safe mode off.
const unsafeSwitchWord = "unsafe-switch"
