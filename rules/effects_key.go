package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// A key is what decides, of a finding and its surroundings, what loaders do with
// it: words of the form NAME=VALUE in a fixed order. Findings of one rule with the
// same key are the same construct to every loader that was measured.
//
//	in      the container as loaders open it, and whether they come to the document
//	via     the way through other objects, where it is not that of plain layers
//	at      the place, by the object that holds it and its argument
//	form    how the thing itself is written
//	spelled whether the entry and the top object name their modules
//	more    what else decides
//	symbol  the Python name as written
//
// A key that cannot be told is empty: nothing is known of such a finding.

// isKeyValue reports whether a value may stand in a key. Names in a model that are
// made of anything else have no row in the table.
func isKeyValue(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("_.,:<>/-", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// deepest is how far below the root of a document places are looked at. No
// measured construct is near it.
const deepest = 64

// keyer computes keys for the findings of one artifact.
type keyer struct {
	artifact *formats.Artifact
	hosts    map[*formats.Node]string // of documents: see host
	opened   map[opening]*formats.Node
	switches map[*formats.Node]*formats.Node // what switches safe mode off, and the graph that it stands in
}

// opening is a name that is asked for in an archive.
type opening struct {
	archive *formats.Node
	name    string
}

// key returns the key of a finding.
func (k *keyer) key(f *Finding) string {
	var words []string
	ok := true
	add := func(name, value string) {
		if value == "" {
			return
		}
		ok = ok && isKeyValue(value)
		words = append(words, name+"="+value)
	}
	value := valueOf(f.At)
	switch {
	case f.At == nil:
		return ""
	case value != nil:
		p, placed := placeOf(value)
		if !placed {
			return ""
		}
		if forms[f.Rule.ID] {
			add("in", k.document(p))
			if f.Rule == TensorFreeCall {
				add("symbol", f.Evidence)
			}
			break
		}
		add("in", k.document(p))
		add("via", p.via())
		add("at", p.at())
		add("form", p.form())
		add("spelled", p.spelled())
		add("more", strings.Join(k.more(f, p), ","))
		add("symbol", p.symbol(f))
	default:
		in, at, more := k.contained(f)
		if forms[f.Rule.ID] && !k.artifact.Complete() {
			in += ":broken"
		}
		add("in", in)
		add("at", at)
		add("more", more)
		if f.At.Kind == formats.KindOperation {
			add("symbol", f.At.Text)
		}
	}
	if !ok {
		return ""
	}
	return strings.Join(words, " ")
}

// valueOf returns the value of a document that a node is or is part of: what was
// decoded from a string stands for the function that it is the code of. It is nil
// outside of documents.
func valueOf(n *formats.Node) *formats.Node {
	at := n
	for at != nil && !at.Kind.JSON() {
		at = at.Parent
	}
	if at == nil || at == n || at.Parent == nil {
		return at
	}
	if at.Parent.Kind == formats.KindArray { // [code, defaults, closure]
		at = at.Parent
	}
	if tuple := at.Parent; at.Name == "items" && tuple != nil { // as SavedModels have the list
		if class, _ := tuple.GetString("class_name"); class == "__tuple__" {
			return tuple
		}
	}
	if config := at.Parent; config != nil && config.Name == "config" && config.Parent != nil {
		if class, _ := config.Parent.GetString("class_name"); class == "__lambda__" {
			return config.Parent
		}
	}
	return at
}

// document says how loaders come to the document of a place.
func (k *keyer) document(p *place) string {
	root := p.node.Document()
	if root == nil || root.Parent == nil {
		return ""
	}
	if k.hosts == nil {
		k.hosts = map[*formats.Node]string{}
	}
	in, ok := k.hosts[root.Parent]
	if !ok {
		in = k.host(root, root.Parent)
		k.hosts[root.Parent] = in
	}
	if p.shadowed {
		in += ":shadowed"
	}
	return in
}

// host classifies what holds a document: a member, an attribute or the file.
func (k *keyer) host(root, host *formats.Node) string {
	in := ""
	switch host.Kind {
	case formats.KindMember:
		in = k.member(host)
	case formats.KindAttribute:
		in = attributeHost(host)
	case formats.KindTracked:
		in = string(formats.FormatSavedModel)
	case formats.KindFile:
		in = k.fileHost(root, host)
	}
	switch {
	case k.broken(host, root):
		return in + ":broken"
	case longNumber(root):
		return in + ":long-number"
	}
	return in
}

// fileHost classifies a file that is a document.
func (k *keyer) fileHost(root, file *formats.Node) string {
	switch {
	case strings.HasSuffix(file.Name, ".weights.json"):
		return "shard-map"
	case path.Base(file.Name) == "_METADATA":
		return "orbax"
	case root.Encoding() != "utf-8":
		return string(k.artifact.Format) + ":encoded"
	}
	return string(k.artifact.Format)
}

// broken reports whether something in the document could not be read: a loader
// then fails, or reads what cannot be foretold.
func (k *keyer) broken(host, root *formats.Node) bool {
	for _, p := range k.artifact.Problems {
		if p.Code == formats.Ambiguous {
			continue
		}
		// What a string holds is another matter than the document.
		if p.At == host || p.At == root || (p.At.Kind == formats.KindObject || p.At.Kind == formats.KindArray) && p.At.Document() == root {
			return true
		}
	}
	return false
}

// longestNumber is how many digits Python turns into an integer by default, from
// 3.8.14, 3.10.7 and 3.11 on (sys.int_info.default_max_str_digits).
const longestNumber = 4300

func longNumber(root *formats.Node) bool {
	for n := range root.All() {
		if n.Kind == formats.KindNumber && len(n.Text) > longestNumber && !strings.ContainsAny(n.Text, ".eE") {
			return true
		}
	}
	return false
}

// zipMethods are the compression methods that CPython's zipfile reads up to 3.13.
var zipMethods = []uint16{0, 8, 12, 14}

// member says whether Keras opens a member as the configuration.
func (k *keyer) member(m *formats.Node) string {
	archive := m.Parent
	switch {
	case archive == nil:
		return "nested"
	case archive.Kind == formats.KindBytes && m == k.openedMember(archive, "config.json"):
		return string(formats.FormatPickle)
	case archive.Kind != formats.KindFile:
		return "nested"
	}
	in := "keras"
	if path.Ext(archive.Name) != ".keras" {
		in = "zip"
	}
	opened := k.openedMember(archive, "config.json")
	switch {
	case m == opened && !slices.Contains(zipMethods, m.Member().Method):
		return in + ":unread-method"
	case m == opened:
		return in
	case opened == nil:
		return in + ":no-config"
	}
	return in + ":beside"
}

// openedMember returns the member that zipfile of CPython up to 3.11 opens by a
// name: the last of it. Where an extra field gives an entry a second name, which
// later versions take, the tree has a second member over the same bytes.
func (k *keyer) openedMember(archive *formats.Node, name string) *formats.Node {
	key := opening{archive, name}
	if m, ok := k.opened[key]; ok {
		return m
	}
	if k.opened == nil {
		k.opened = map[opening]*formats.Node{}
	}
	k.opened[key] = lastOf(archive, name)
	return k.opened[key]
}

func lastOf(archive *formats.Node, name string) *formats.Node {
	for i := len(archive.Children) - 1; i >= 0; i-- {
		m := archive.Children[i]
		if m.Kind != formats.KindMember || m.Name != name {
			continue
		}
		if i > 0 && archive.Children[i-1].Kind == formats.KindMember && archive.Children[i-1].Span == m.Span && m.Span.End > m.Span.Start {
			continue
		}
		return m
	}
	return nil
}

// attributeHost says whether loaders read the document in an attribute of HDF5, or
// in a string of Orbax.
func attributeHost(a *formats.Node) string {
	group := a.Parent
	if group != nil && group.Kind == formats.KindFile {
		if path.Base(path.Dir(group.Name)) != "model_config" || a.Name != "config" {
			return "orbax:elsewhere"
		}
		return "orbax"
	}
	if group == nil || group.Name != "/" || group.Parent == nil || a.Name != "model_config" && a.Name != "training_config" {
		return "h5:elsewhere"
	}
	if group.Parent.Kind != formats.KindFile {
		return "nested"
	}
	in := hdf5Name(group.Parent.Name)
	if f := a.Attribute(); f != nil && f.Array {
		in += arrayWord
	}
	return in
}

// text reports whether a finding is in a document that is a text of variable
// length in an attribute of HDF5. It is no word of the key: where loaders do not
// read such a text they read nothing that is in it.
func (k *keyer) text(f *Finding) bool {
	value := valueOf(f.At)
	if value == nil {
		return false
	}
	root := value.Document()
	if root == nil || root.Parent == nil {
		return false
	}
	a := root.Parent.Attribute()
	return a != nil && a.Text
}

// arrayWord is added where an attribute holds a document as an element of an array,
// which Keras does not write.
const arrayWord = ":array"

// hdf5Name says whether loaders take a file of that name for HDF5: Keras 3 goes by
// the name alone.
func hdf5Name(name string) string {
	switch path.Ext(name) {
	case ".h5", ".hdf5":
		return "h5"
	}
	return "hdf5"
}
