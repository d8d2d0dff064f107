package rules

import (
	"path"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// UnsafeSerialization finds files whose content is a pickle where another format
// would do. A pickle that does worse is reported as that.
var UnsafeSerialization = &Rule{
	ID:       "unsafe-serialization",
	Title:    "Model or weights kept as a pickle",
	Severity: Medium,
	Since:    "0.1.0",
	CWE:      []int{502},
	Check: func(p *Pass) {
		for _, holder := range p.holders() {
			if holder.worst() >= pickleDanger || holder.at.Kind == formats.KindMember && !holder.array && !torchPickle(holder.at) {
				continue // reported as what it does, or pickle-member's
			}
			p.Reportf(holder.at, holder.format, "%s is %s: whoever can replace it can run code where it is read. %s", sentence(holderPhrase(holder.at)), holder.what(), holder.advice())
		}
	},
}

// pickleHolder is a file, member, dataset or attribute with pickles in it.
type pickleHolder struct {
	at      *formats.Node
	pickles []*pickled
	array   bool // it is a NumPy array
	format  string
}

// holders returns what holds pickles, with those that lie in other pickles, in file
// order.
func (p *Pass) holders() []*pickleHolder {
	var list []*pickleHolder
	byNode := map[*formats.Node]*pickleHolder{}
	for _, k := range p.pickles() {
		outer := k.node // the pickle that holds it, if one does
		for at := k.node.Parent; at != nil; at = at.Parent {
			if at.Kind == formats.KindPickle {
				outer = at
			}
		}
		at := outer.Parent
		h := byNode[at]
		if h == nil {
			h = &pickleHolder{at: at, array: array(outer) != nil, format: serializer(outer)}
			byNode[at] = h
			list = append(list, h)
		}
		if h.format == "pickle" { // torch.save wrote several, of which the first ones name nothing
			h.format = serializer(outer)
		}
		h.pickles = append(h.pickles, k)
	}
	return list
}

func (h *pickleHolder) worst() pickleGrade {
	worst := pickleSafe
	for _, k := range h.pickles {
		worst = max(worst, k.worst())
	}
	return worst
}

// array returns the NumPy array of objects that a pickle is the content of; nil
// where it is none.
func array(pickle *formats.Node) *formats.Node {
	if c := pickle.Parent.Content(); c != nil && c.Pickled {
		return pickle.Parent
	}
	return nil
}

// torchPickle reports whether a member is the pickle of an archive of torch.save.
func torchPickle(n *formats.Node) bool {
	return n.Kind == formats.KindMember && (n.Name == "data.pkl" || len(n.Name) > 9 && n.Name[len(n.Name)-9:] == "/data.pkl")
}

// torchScriptPickle reports whether a member is one of the pickles that TorchScript keeps
// beside data.pkl: constants, inputs of a trace, and where lines of its source come from.
func torchScriptPickle(n *formats.Node) bool {
	root, base := path.Split(n.Name)
	if path.Ext(base) == ".debug_pkl" {
		root, _, _ = strings.Cut(root, "code/")
	} else if base != "constants.pkl" && base != "traced_inputs.pkl" {
		return false
	}
	return n.Parent.Get(root+"data.pkl") != nil
}

// serializer names what wrote a pickle, by what it imports.
func serializer(n *formats.Node) string {
	for _, c := range n.Children {
		if c.Kind != formats.KindGlobal {
			continue
		}
		switch top := topModule(c.Text); top {
		case "joblib", "dill", "cloudpickle":
			return top
		case "torch":
			return "torch"
		}
	}
	return "pickle"
}

func (h *pickleHolder) what() string {
	switch {
	case h.array:
		return "a NumPy array of Python objects, which is a pickle"
	case h.format == "pickle":
		return "a pickle"
	}
	return "a pickle of " + h.format
}

// advice says how to convert what a holder holds.
func (h *pickleHolder) advice() string {
	switch {
	case h.array:
		return "Save plain arrays: numpy.savez refuses objects with allow_pickle=False, and Keras keeps weights in .weights.h5."
	case h.format == "torch":
		return "Save the weights with safetensors, or the model with Keras as .keras."
	}
	return "Save a Keras model with model.save(\"model.keras\"), and other estimators in a format that holds data only, such as skops or ONNX."
}

func holderPhrase(n *formats.Node) string {
	switch n.Kind {
	case formats.KindMember:
		return "member " + quote(n.Name)
	case formats.KindAttribute:
		return "attribute " + quote(n.Name)
	case formats.KindDataset:
		return "dataset " + quote(n.Name)
	}
	return "the file"
}
