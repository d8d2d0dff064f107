package main

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"

	"github.com/kerasvet/kerasvet/formats"
)

// inspected is what one input holds. Every string from the input is printable.
type inspected struct {
	Name         string              `json:"name"`
	Format       string              `json:"format"`
	Size         int64               `json:"size"`
	Complete     bool                `json:"complete"`
	Claims       []inspectedClaim    `json:"claims"`
	Members      []inspectedMember   `json:"members"`
	Layers       []inspectedLayer    `json:"layers"`
	Classes      []inspectedName     `json:"classes"`
	Functions    []inspectedName     `json:"functions"`
	Custom       []inspectedName     `json:"custom"`
	Vocabularies []inspectedValue    `json:"vocabularies"`
	Code         []inspectedCode     `json:"code"`
	Pickles      []inspectedPickle   `json:"pickles"`
	Groups       []inspectedGroup    `json:"groups"`
	Datasets     []inspectedDataset  `json:"datasets"`
	Variables    []inspectedVariable `json:"variables"`
	Links        []inspectedLink     `json:"links"`
	Problems     []inspectedProblem  `json:"problems"`
}

// inspectedClaim is what a model says of itself, which nothing vouches for.
type inspectedClaim struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Address string `json:"address"`
}

type inspectedMember struct {
	Name       string `json:"name"`
	Address    string `json:"address"`
	Size       int64  `json:"size"`
	Compressed int64  `json:"compressed"`
	Format     string `json:"format"`
	Directory  bool   `json:"directory"`
	Encrypted  bool   `json:"encrypted"`
	Target     string `json:"target"`
}

type inspectedLayer struct {
	Class   string `json:"class"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

// inspectedName is a Python name and how often it stands in the model.
type inspectedName struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// inspectedValue is a vocabulary: a path, or a list of words.
type inspectedValue struct {
	Path    string `json:"path"`
	Words   int    `json:"words"`
	Address string `json:"address"`
}

type inspectedGroup struct {
	Address  string `json:"address"`
	Groups   int    `json:"groups"`
	Datasets int    `json:"datasets"`
}

type inspectedDataset struct {
	Address string   `json:"address"`
	Type    string   `json:"type"`
	Item    int64    `json:"itemSize"`
	Shape   []uint64 `json:"shape"`
	Layout  string   `json:"layout"`
	Stored  int64    `json:"stored"`
	Filters []int    `json:"filters"`
}

type inspectedLink struct {
	Address string `json:"address"`
	File    string `json:"file"`
	Path    string `json:"path"`
}

type inspectedProblem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Address string `json:"address"`
}

// Characters shown of an address and of a problem.
const (
	maxInspectAddress = 1000
	maxInspectMessage = 400
)

func inspectAddress(n *formats.Node) string {
	return formats.PrintableText(n.Location().String(), maxInspectAddress)
}

// inspectArtifact lists what an artifact holds. Lists are never null in JSON.
func inspectArtifact(a *formats.Artifact) inspected {
	m := inspected{
		Name: formats.PrintableText(a.Root.Name, maxInspectAddress), Format: string(a.Format), Size: a.Root.Span.End, Complete: a.Complete(),
		Claims: []inspectedClaim{}, Members: []inspectedMember{}, Layers: []inspectedLayer{}, Vocabularies: []inspectedValue{},
		Code: []inspectedCode{}, Pickles: []inspectedPickle{}, Groups: []inspectedGroup{}, Datasets: []inspectedDataset{}, Variables: []inspectedVariable{}, Links: []inspectedLink{}, Problems: []inspectedProblem{},
	}
	for n := range a.Root.All() {
		m.node(n)
		m.code(n)
	}
	m.objects(a.Root)
	for _, p := range a.Problems {
		m.Problems = append(m.Problems, inspectedProblem{p.Code.String(), formats.PrintableText(p.Err.Error(), maxInspectMessage), inspectAddress(p.At)})
	}
	return m
}

// claimKeys are where Keras writes which version saved a model, and when.
var claimKeys = []string{"keras_version", "backend", "date_saved"}

func (m *inspected) node(n *formats.Node) {
	switch n.Kind {
	case formats.KindMember:
		f := n.Member()
		m.Members = append(m.Members, inspectedMember{formats.Printable(n.Name), inspectAddress(n), f.Size, f.Compressed, string(f.Content.Format),
			f.Mode&fs.ModeDir != 0, f.Encrypted, formats.Printable(f.Target)})
	case formats.KindGroup:
		g := inspectedGroup{Address: inspectAddress(n)}
		for _, c := range n.Children {
			switch c.Kind {
			case formats.KindGroup:
				g.Groups++
			case formats.KindDataset:
				g.Datasets++
			}
		}
		m.Groups = append(m.Groups, g)
	case formats.KindDataset:
		d := n.Dataset()
		m.Datasets = append(m.Datasets, inspectedDataset{inspectAddress(n), d.Type, d.ItemSize, append([]uint64{}, d.Shape...), d.Layout, d.Stored, append([]int{}, d.Filters...)})
	case formats.KindVariable:
		m.variable(n)
	case formats.KindLink:
		l := n.Link()
		m.Links = append(m.Links, inspectedLink{inspectAddress(n), formats.Printable(l.File), formats.Printable(l.Path)})
	case formats.KindAttribute, formats.KindString:
		if slices.Contains(claimKeys, n.Name) && (n.Kind == formats.KindAttribute || !n.Parent.Parent.Kind.JSON()) {
			m.Claims = append(m.Claims, inspectedClaim{n.Name, formats.Printable(n.Text), inspectAddress(n)})
		}
	}
}

// objects lists what a loader would deserialize.
func (m *inspected) objects(root *formats.Node) {
	classes, functions, custom := map[string]int{}, map[string]int{}, map[string]int{}
	for o := range formats.Objects(root) {
		symbol, origin := o.Resolve()
		symbol = formats.Printable(symbol)
		switch {
		case symbol == "":
		case origin != formats.OriginKeras:
			custom[symbol]++
		case o.Function():
			functions[symbol]++
		default:
			classes[symbol]++
		}
		if isLayer(o.Node) {
			name, ok := o.Config.GetString("name")
			if !ok {
				name, _ = o.Node.GetString("name")
			}
			m.Layers = append(m.Layers, inspectedLayer{formats.Printable(o.Class), formats.Printable(name), inspectAddress(o.Node)})
		}
		if v := o.Config.Get("vocabulary"); v != nil && (v.Kind == formats.KindString || v.Kind == formats.KindArray) {
			m.Vocabularies = append(m.Vocabularies, inspectedValue{formats.Printable(v.Text), len(v.Children), inspectAddress(v)})
		}
	}
	m.Classes, m.Functions, m.Custom = counted(classes), counted(functions), counted(custom)
}

// isLayer reports whether an object stands where a model has its layers, or a
// wrapper the layer that it wraps.
func isLayer(n *formats.Node) bool {
	if n.Kind != formats.KindObject || n.Parent == nil {
		return false
	}
	if n.Parent.Kind == formats.KindArray {
		return n.Parent.Name == "layers" || n.Parent.Name == "config" // of Keras 1
	}
	return n.Name == "layer" || n.Name == "forward_layer" || n.Name == "backward_layer"
}

// counted sorts names by how often they stand there, then by name.
func counted(counts map[string]int) []inspectedName {
	names := []inspectedName{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		names = append(names, inspectedName{name, counts[name]})
	}
	slices.SortStableFunc(names, func(a, b inspectedName) int { return cmp.Compare(b.Count, a.Count) })
	return names
}
