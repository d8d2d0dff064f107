package rules

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// contained returns the parts of the key of a finding that is not in a document.
func (k *keyer) contained(found *Finding) (in, at, more string) {
	n := holderOf(found.At)
	here := *found
	here.At = n
	f := &here
	if group := rootGroup(n); group != nil {
		in = k.store(group)
		return in, weightPlace(n, in), k.hdf5More(f, group)
	}
	switch n.Kind {
	case formats.KindFile:
		more = string(k.artifact.Format)
		if g := n.Get("/"); g != nil && g.Kind == formats.KindGroup && k.artifact.Format != formats.FormatHDF5 {
			more += ",hdf5"
		}
		return fileName(n), "file", more
	case formats.KindMember:
		if npz := arrays(n); npz != nil {
			in = k.npzHost(npz)
			return in, arrayPlace(in, n, npz), k.sizeWord(f)
		}
		if n.Parent.Kind != formats.KindFile {
			return "nested", "", ""
		}
		return fileName(n.Parent), k.memberPlace(n), k.memberMore(f)
	}
	return "", "", ""
}

// holderOf returns the file, the member or the part of an HDF5 file that a node is,
// or that holds the bytes from which it was decoded.
func holderOf(n *formats.Node) *formats.Node {
	for n.Parent != nil {
		switch n.Kind {
		case formats.KindFile, formats.KindMember, formats.KindGroup, formats.KindDataset, formats.KindType, formats.KindLink, formats.KindAttribute,
			formats.KindExternal, formats.KindVirtual:
			return n
		}
		n = n.Parent
	}
	return n
}

// fileName says what loaders take a file for by its name.
func fileName(file *formats.Node) string {
	switch ext := path.Ext(file.Name); ext {
	case ".keras", ".npz", ".json":
		return ext[1:]
	case ".h5", ".hdf5":
		return "h5"
	case ".pb", ".pbtxt":
		return string(formats.FormatSavedModel)
	}
	return "other"
}

// rootGroup returns the root of the HDF5 file that holds n, nil if there is none.
func rootGroup(n *formats.Node) *formats.Node {
	for ; n != nil && n.Kind != formats.KindFile; n = n.Parent {
		if n.Kind == formats.KindMember {
			return nil
		}
		if n.Name == "/" && n.Kind == formats.KindGroup && n.Parent != nil && n.Parent.Kind != formats.KindGroup {
			return n
		}
	}
	return nil
}

// store says which weights an HDF5 file holds: those of a .keras archive, of a
// whole model, of Keras 3 alone, or of Keras 2 alone.
func (k *keyer) store(root *formats.Node) string {
	host := root.Parent
	if host.Kind == formats.KindMember {
		if host.Parent.Kind != formats.KindFile || host != k.openedMember(host.Parent, "model.weights.h5") || path.Ext(host.Parent.Name) != ".keras" {
			return "nested"
		}
		return "keras"
	}
	for _, c := range root.Children {
		if c.Kind == formats.KindAttribute {
			switch c.Name {
			case "model_config":
				return hdf5Name(host.Name)
			case "layer_names":
				return "legacy-weights"
			}
		}
	}
	if strings.HasSuffix(host.Name, ".weights.h5") {
		return "weights"
	}
	return "other-weights"
}

// weightPlace says what a loader finds at the place of an object of HDF5.
func weightPlace(n *formats.Node, in string) string {
	var names []string
	for at := n; at.Parent != nil && at.Name != "/"; at = at.Parent {
		if len(names) == deepest {
			return "deep"
		}
		names = append(names, at.Name)
	}
	slices.Reverse(names)
	if len(names) == 0 {
		return "root"
	}
	if n.Kind == formats.KindAttribute {
		return strings.TrimRight(n.Name, "0123456789")
	}
	switch in {
	case "h5", "hdf5":
		switch {
		case names[0] == "optimizer_weights" && len(names) == 1:
			return "optimizer-group"
		case names[0] == "optimizer_weights":
			return "optimizer-weight"
		case names[0] != "model_weights":
			return outside(n)
		case len(names) == 1:
			return "top-group"
		}
		return legacyPlace(n, names[1:])
	case "legacy-weights":
		return legacyPlace(n, names)
	}
	return modernPlace(n, names)
}

// outside is a place that no loader asks for; another link or name may lead there.
func outside(n *formats.Node) string {
	if n.Parent.Name == "/" {
		return "unused"
	}
	return "outside"
}

// legacyPlace reads the names of layers and weights that the groups list.
func legacyPlace(n *formats.Node, names []string) string {
	listed := func(group *formats.Node, list string) bool {
		for _, a := range group.Children {
			if a.Kind == formats.KindAttribute && strings.TrimRight(a.Name, "0123456789") == list && slices.Contains(a.Strings(), n.Name) {
				return true
			}
		}
		return false
	}
	switch {
	case len(names) == 1 && listed(n.Parent, "layer_names"):
		return "layer-group"
	case len(names) == 1:
		return outside(n)
	case listed(n.Parent, "weight_names"):
		return "weight"
	}
	return "unlisted"
}

// modernPlace reads a path of Keras 3: layers/NAME/vars/NUMBER.
func modernPlace(n *formats.Node, names []string) string {
	last := names[len(names)-1]
	if names[0] != "layers" && names[0] != "_layer_checkpoint_dependencies" {
		if len(names) == 1 {
			return "top:" + last // Keras 3 asks for the name of any attribute of the model
		}
		return "other"
	}
	_, err := strconv.Atoi(last)
	switch {
	case len(names) > 1 && names[len(names)-2] == "vars" && err == nil:
		return "weight"
	case len(names) > 1 && names[len(names)-2] == "vars":
		return "unlisted"
	case last == "vars":
		return "vars-group"
	case len(names) == 2:
		return "layer-group"
	}
	return "other"
}

// hdf5More is what else decides about a finding in HDF5.
func (k *keyer) hdf5More(f *Finding, root *formats.Node) string {
	switch f.Rule.ID {
	case HDF5ExternalLink.ID:
		if l := f.At.Link(); l != nil && descend(root, l.Path) != nil {
			return "own-path"
		}
	case HDF5VirtualDataset.ID:
		if strings.Trim(f.Evidence, ".\x00") == "" {
			return "own-file"
		}
	case HDF5ShapeBomb.ID:
		if len(f.Related) > 0 {
			return "several"
		}
		return k.sizeWord(f)
	}
	return ""
}

// descend finds an object of an HDF5 file by its path.
func descend(root *formats.Node, name string) *formats.Node {
	n := root
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		if n = n.Get(part); n == nil {
			return nil
		}
	}
	return n
}

// Sizes that were measured: what is between them is not known, because loaders
// draw their lines there.
const (
	measuredSmall = 3.6e9  // bytes that a weight declared
	measuredLarge = 1.0e10 // bytes that were refused by those that refuse
	smallMember   = 200e6  // bytes to which a member expanded
	largeMember   = 300e6
	largeRatio    = 1000 // and how much of it they expanded
)

// sizeWord says which measured size that of a finding is like.
func (k *keyer) sizeWord(f *Finding) string {
	size := 0.0
	switch {
	case f.At.Dataset() != nil:
		size = declaredBytes(f.At.Dataset())
		if size > measuredSmall && storedBytes(f.At) > 0 {
			return "partly-stored"
		}
	case f.Rule.ID == ArchiveBomb.ID && k.memberPlace(f.At) != "asset":
		return ""
	case f.Rule.ID == ArchiveBomb.ID:
		switch size = float64(f.At.Member().Size); {
		case size <= smallMember:
			return "to-200MB"
		case size >= largeMember && size >= largeRatio*float64(f.At.Member().Compressed):
			return "from-300MB"
		}
		return "between"
	case f.At.Content() != nil && f.Rule.ID == NpzOversizedArray.ID:
		size = float64(f.At.Content().Array)
	default:
		return ""
	}
	switch {
	case size <= measuredSmall:
		return "to-3.6GB"
	case size >= measuredLarge:
		return "from-10GB"
	}
	return "between"
}

// arrays returns the archive of NumPy arrays that n is or is in, nil if there is none.
func arrays(n *formats.Node) *formats.Node {
	for at := n; at != nil && at.Kind != formats.KindGroup; at = at.Parent {
		if strings.HasSuffix(at.Name, ".npz") {
			return at
		}
	}
	return nil
}

// npzHost says whether loaders read such an archive.
func (k *keyer) npzHost(npz *formats.Node) string {
	switch {
	case npz.Kind == formats.KindFile:
		return "npz"
	case npz.Parent.Kind != formats.KindFile || path.Ext(npz.Parent.Name) != ".keras" || npz.Name != "model.weights.npz":
		return "nested"
	case k.openedMember(npz.Parent, "model.weights.h5") != nil:
		return weightsBeside
	}
	return "keras"
}

// weightsBeside is an archive of arrays in a .keras that has HDF5 weights too.
const weightsBeside = "keras:weights-beside"

// arrayPlace says what a loader asks for under the name of an array.
func arrayPlace(in string, n, npz *formats.Node) string {
	if in == weightsBeside {
		return "any" // the archive is not opened
	}
	if n == npz {
		if c := n.Content(); c != nil && c.Format != "" {
			return string(c.Format)
		}
		return "archive"
	}
	name := strings.TrimSuffix(n.Name, ".npy")
	switch {
	case name == "__root__":
		return "root"
	case strings.HasPrefix(name, "layers/"), strings.HasPrefix(name, "_layer_checkpoint_dependencies/"):
		return "layer"
	case !strings.Contains(name, "/"):
		return "top:" + name // Keras 3 asks for the name of any attribute of the model
	}
	return "other"
}

// memberPlace says what a member of a .keras archive is to loaders.
func (k *keyer) memberPlace(m *formats.Node) string {
	switch {
	case m == k.openedMember(m.Parent, "config.json"):
		return "config"
	case m == k.openedMember(m.Parent, "model.weights.h5"):
		return "weights"
	case strings.HasPrefix(m.Name, "assets/") && path.Base(m.Name) == "vocabulary.txt":
		return "vocabulary"
	case strings.HasSuffix(m.Name, "/"):
		return "directory"
	}
	return "asset"
}

// memberMore is what else decides about a finding at a member.
func (k *keyer) memberMore(f *Finding) string {
	m := f.At
	switch f.Rule.ID {
	case ArchiveBomb.ID:
		return k.sizeWord(f)
	case ArchiveSymlink.ID:
		for _, c := range m.Parent.Children {
			if strings.HasPrefix(c.Name, m.Name+"/") {
				return "member-below"
			}
		}
	case AmbiguousArchive.ID:
		if k.openedMember(m.Parent, "config.json") == nil {
			return "no-config"
		}
	case PickleMember.ID, PickleDangerous.ID, PickleUnlisted.ID, PickleOpaque.ID, UnsafeSerialization.ID:
		if k.openedMember(m.Parent, "model.weights.h5") == nil {
			return "weights-missing"
		}
	case ArchivePath.ID:
		switch {
		case strings.HasPrefix(m.Name, "/"):
			return "absolute"
		case strings.Contains(m.Name, `\`):
			return "backslash"
		case strings.HasPrefix(path.Clean(m.Name), "../"):
			return "leaves"
		}
		return "inner"
	}
	return ""
}
