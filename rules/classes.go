package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// configured is an object with a configuration, and the bare names of the classes
// that some loader may take it for: the one written, the one that Keras resolves,
// and the one under which it was registered.
type configured struct {
	*formats.Object
	names [3]string
}

// configured returns the objects that are built from a configuration. Functions
// are not among them: they hand a class over without one.
func (p *Pass) configured() []configured {
	x := p.index
	if x.configured != nil {
		return x.configured
	}
	x.configured = []configured{}
	for _, r := range p.references() {
		if o := r.object; r.itself() && !o.Function() && o.Config != nil && o.Config.Kind == formats.KindObject {
			x.configured = append(x.configured, configured{o, [3]string{lastName(o.Class), lastName(r.symbol), lastName(o.Registered)}})
		}
	}
	return x.configured
}

// is reports whether some loader may take the object for a class of which known
// is true by its bare name.
func (c *configured) is(known func(name string) bool) bool {
	return known(c.names[0]) || c.names[1] != c.names[0] && known(c.names[1]) || c.names[2] != "" && c.names[2] != c.names[0] && known(c.names[2])
}

// lastName is the last component of a dotted or registered name.
func lastName(symbol string) string {
	return symbol[max(strings.LastIndexByte(symbol, '.'), strings.LastIndexByte(symbol, '>'))+1:]
}

// oneOf returns a function that knows the names given.
func oneOf(names ...string) func(string) bool {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	return func(name string) bool { return known[name] }
}

// stringArgument returns the string argument of a name in a configuration, also
// where it is a tagged bytes object; nil if there is none or it is empty.
func stringArgument(config *formats.Node, key string) *formats.Node {
	n := config.Get(key)
	if class, _ := n.GetString("class_name"); class == "__bytes__" {
		n = n.Get("config").Get("value")
	}
	if n == nil || n.Kind != formats.KindString || n.Text == "" {
		return nil
	}
	return n
}
