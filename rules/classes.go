package rules

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// built returns the objects that are built from a configuration and whose class is
// one of those asked for, in the order of the file. Functions are not among them:
// they hand a class over without one.
func (p *Pass) built(asked func(*meaning) bool) []reference {
	p.resolve()
	wanted := map[*meaning]bool{}
	for _, m := range p.index.meanings {
		if asked(m) {
			wanted[m] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	var found []reference
	for _, r := range p.references() {
		if r.itself() && wanted[r.meaning] && r.configured() {
			found = append(found, r)
		}
	}
	return found
}

// configured reports whether the reference is an object that is built from a
// configuration.
func (r *reference) configured() bool {
	o := r.object
	return r.itself() && !o.Function() && o.Config != nil && o.Config.Kind == formats.KindObject
}

// is reports whether some loader may take what is spelled like that for a class of
// which known is true by its bare name: that of the class as written, of the one
// that Keras resolves, or of the one that was registered.
func (m *meaning) is(known func(name string) bool) bool {
	return known(m.names[0]) || m.names[1] != m.names[0] && known(m.names[1]) || m.names[2] != "" && m.names[2] != m.names[0] && known(m.names[2])
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
