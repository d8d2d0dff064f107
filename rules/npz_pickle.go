package rules

import (
	"fmt"
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// NpzPickle finds NumPy arrays of Python objects whose pickle does more than hold
// data. Reading one unpickles it, and a pickle runs what it names. Others are
// unsafe-serialization.
var NpzPickle = &Rule{
	ID:       "npz-pickle",
	Title:    "Pickle in NumPy weights",
	Severity: Critical,
	Since:    "0.1.0",
	CWE:      []int{502},
	Check: func(p *Pass) {
		for _, h := range p.holders() {
			if h.array {
				h.report(p)
			}
		}
	},
}

// report reports an array that does more than hold data. One that could not be
// read to its end may.
func (h *pickleHolder) report(p *Pass) {
	var does []string
	for _, k := range h.pickles {
		if array(k.node) == nil {
			continue // in another pickle
		}
		for _, n := range k.names {
			does = append(does, n.does())
		}
		for _, o := range k.opaque {
			does = append(does, o.what)
		}
		if f := k.node.Pickle(); f.Fault != nil || !f.Stopped {
			does = append(does, "cannot be read to its end")
		}
	}
	if len(does) == 0 {
		return
	}
	const most = 5
	if len(does) > most {
		does = append(does[:most:most], fmt.Sprintf("%d more", len(does)-most))
	}
	p.Reportf(h.at, h.at.Name+" "+strings.Join(does, " "), "%s is unpickled when it is read; its pickle %s. %s", sentence(npzPhrase(h.at)), strings.Join(does, ", "), npzReader(h.at))
}

// npzPhrase names the array and the archive that it is in.
func npzPhrase(n *formats.Node) string {
	if n.Parent != nil && n.Parent.Kind == formats.KindMember {
		return fmt.Sprintf("array %s in %s", quote(n.Name), quote(n.Parent.Name))
	}
	return quote(n.Name)
}

// npzReader says which loader reads NumPy weights, and whether it does in this file.
func npzReader(n *formats.Node) string {
	const name = "model.weights.npz"
	for at := n; at != nil; at = at.Parent {
		switch {
		case at.Kind == formats.KindFile && path.Base(at.Name) == name:
			return "Keras 3.5 to 3.8 does so when it loads the directory, unless model.weights.h5 is there."
		case at.Name != name:
		case at.Parent.Get("model.weights.h5") != nil:
			return "Keras up to 3.8 reads " + name + ", but only where model.weights.h5 is absent; here it is present."
		default:
			return "Keras up to 3.8 and tf-keras up to 2.19 do so on load_model, whatever safe_mode is."
		}
	}
	return "Whatever reads it with allow_pickle=True does so."
}
