package loaders

import (
	"fmt"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// Family is one line of Keras code with its own behaviour. The zero value is not
// known.
type Family uint8

const (
	// FamilyUnknown is any loader.
	FamilyUnknown Family = iota
	// Keras2 is tf.keras of TensorFlow up to 2.15, and the package keras below 3.
	Keras2
	// TFKeras is the package tf-keras, legacy Keras beside TensorFlow 2.15 and later.
	TFKeras
	// Keras3 is the package keras from 3.0 on.
	Keras3
)

// String returns the name that the table of measured effects has: "tf.keras",
// "tf_keras" or "keras".
func (f Family) String() string {
	switch f {
	case Keras2:
		return "tf.keras"
	case TFKeras:
		return "tf_keras"
	case Keras3:
		return "keras"
	}
	return "unknown loader"
}

// Loader is a Keras that may load the user's models.
type Loader struct {
	Family   Family
	Versions Versions // of the family's package; of Keras2 those of keras and TensorFlow alike: 2.15
	Pin      Pin      // what it was concluded from
}

// Loaders returns the loaders that pins make possible, in the order of the pins.
// Nothing is known if there is none.
func Loaders(pins []Pin) []Loader {
	var loaders []Loader
	for _, p := range Implied(pins) {
		switch {
		case Of(p.Package) == "tf-keras":
			loaders = append(loaders, Loader{TFKeras, p.Versions, p})
		case p.Package == "keras-core":
			loaders = append(loaders, Loader{Keras3, unknown(p.Versions.Text, "keras-core became Keras 3 before its first release"), p})
		case Of(p.Package) == "keras":
			for family, part := range byFamily(p.Versions) {
				loaders = append(loaders, Loader{family, part, p})
			}
		}
	}
	return loaders
}

// byFamily yields the parts of the versions of keras below 3 and from 3 on.
func byFamily(v Versions) func(func(Family, Versions) bool) {
	three := mustVersion("3.0.dev0")
	return func(yield func(Family, Versions) bool) {
		for _, side := range []struct {
			family Family
			set    pep440.Set
		}{
			{Keras2, pep440.Between(pep440.Version{}, three)},
			{Keras3, pep440.Between(three, pep440.Version{})},
		} {
			part := v
			if v.Known {
				part.Set = v.Set.Intersect(side.set)
				if part.Set.IsEmpty() {
					continue
				}
			}
			if !yield(side.family, part) {
				return
			}
		}
	}
}

func mustVersion(text string) pep440.Version {
	v, err := pep440.Parse(text)
	if err != nil {
		panic(err) // a constant of this package
	}
	return v
}

// lastOwnKeras is the last minor release of TensorFlow 2 that requires the package
// keras of its own number, or has it inside.
const lastOwnKeras = 15

// Implied returns pins with those of keras added that follow from TensorFlow's.
// TensorFlow up to 2.15 brings keras of the same minor release along. Later ones
// use whatever keras is installed beside them: unless another pin says which, its
// version is unknown.
func Implied(pins []Pin) []Pin {
	var stated bool
	for _, p := range pins {
		stated = stated || Of(p.Package) == "keras" && !p.Constraint
	}
	var all []Pin
	for _, p := range pins {
		all = append(all, p)
		if Of(p.Package) != "tensorflow" || p.Constraint {
			continue
		}
		add := func(v Versions) {
			k := p
			k.Package, k.Versions, k.Via, k.Hashes, k.Doubt = "keras", v, p.Package, nil, ""
			all = append(all, k)
		}
		if own, ok := ownKeras(p.Versions); ok {
			add(own)
		}
		later := pep440.Between(mustVersion(fmt.Sprintf("2.%d.dev0", lastOwnKeras+1)), pep440.Version{})
		if some, _ := p.Versions.MayMeet(later); some && !stated {
			add(unknown("", fmt.Sprintf("%s from 2.%d on uses the keras that is installed beside it", p.Package, lastOwnKeras+1)))
		}
	}
	return all
}

// ownKeras returns the versions of keras that come with TensorFlow of versions v.
func ownKeras(v Versions) (Versions, bool) {
	if !v.Known {
		return Versions{}, false // the pin with an unknown version covers it
	}
	var set pep440.Set
	text := ""
	for minor := range lastOwnKeras + 1 {
		release, err := specified(fmt.Sprintf("==2.%d.*", minor))
		if err != nil {
			panic(err) // a constant of this package
		}
		if some, _ := v.MayMeet(release.Set); some {
			set = set.Union(release.Set)
			text = release.Text
		}
	}
	// TensorFlow 1 has a keras of 2.2 inside.
	if some, _ := v.MayMeet(pep440.Between(pep440.Version{}, mustVersion("2.0.dev0"))); some {
		set = set.Union(pep440.Between(pep440.Version{}, mustVersion("2.3.dev0")))
		text = "<2.3"
	}
	if set.IsEmpty() {
		return Versions{}, false
	}
	if some, all := (Versions{Known: true, Set: set}).MayMeet(mustSpecified(text).Set); some && !all {
		text = "of tensorflow " + v.Text
	}
	return Versions{Text: text, Known: true, Set: set}, true
}

func mustSpecified(text string) Versions {
	v, err := specified(text)
	if err != nil {
		panic(err) // a constant of this package
	}
	return v
}

// Releases returns the versions that the loader may have, newest first, as far as
// they are known: the one that is pinned, or the releases in the set that is.
// complete is false where there may be others: nothing is known, or the set goes
// beyond the newest release that was known when the data were made.
func (l Loader) Releases() (versions []string, complete bool) {
	if !l.Versions.Known {
		return nil, false
	}
	if exact := l.Versions.Exact; !exact.IsZero() {
		return []string{exact.String()}, true
	}
	pkg := "keras"
	if l.Family == TFKeras {
		pkg = "tf-keras"
	}
	var newest pep440.Version
	for _, v := range releases().versions[pkg] {
		if newest.IsZero() || v.Compare(newest) > 0 {
			newest = v
		}
		if l.Versions.Set.Contains(v) {
			versions = append(versions, v.String())
		}
	}
	return versions, l.Versions.Set.SubsetOf(pep440.Through(pep440.Version{}, newest))
}
