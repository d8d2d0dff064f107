package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/rules"
)

// SafeMode is how the user calls load_model. The zero SafeMode is not known.
type SafeMode uint8

const (
	SafeModeUnknown SafeMode = iota // either way
	SafeModeOn                      // with the default
	SafeModeOff                     // with safe_mode=False, or after enable_unsafe_deserialization()
)

// Target is who loads the models, as the user says: nothing in a model is asked.
// The zero Target is everybody, so that every finding counts.
type Target struct {
	Loaders  []loaders.Loader
	SafeMode SafeMode
	Python   loaders.Versions // of Python
	// Strict says that a finding counts also where it cannot fire on Loaders.
	Strict bool
}

// families are the names of the measured loaders, by those of package loaders.
var families = map[loaders.Family]string{loaders.Keras2: "tf.keras", loaders.TFKeras: "tf-keras", loaders.Keras3: "keras"}

// ofConfiguration are the modes in which no file is loaded: the user would have to
// take the configuration out of it.
var ofConfiguration = []rules.Mode{"model-from-json", "deserialize", "from-config", "layer-from-config", "layers-deserialize", "layers-deserialize-legacy", "clone-model"}

// allows reports whether the user may load a file in a mode: all are possible but
// those that the safe mode rules out.
func (m SafeMode) allows(mode rules.Mode) bool {
	if slices.Contains(ofConfiguration, mode) {
		return false
	}
	unsafe := mode == rules.ModeUnsafe || mode == rules.ModeGlobalUnsafe || strings.HasSuffix(string(mode), "-unsafe")
	switch m {
	case SafeModeOn:
		return !unsafe
	case SafeModeOff:
		return mode != rules.ModeDefault
	}
	return true
}

// asked are the modes of load_model itself that the safe mode allows.
func (m SafeMode) asked() (modes []rules.Mode) {
	for _, mode := range []rules.Mode{rules.ModeDefault, rules.ModeUnsafe} {
		if m.allows(mode) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// cannotFire says why a construct does nothing on any loader of the target, empty
// if it may. What is not known counts as firing.
func (t *Target) cannotFire(row *rules.EffectRow) string {
	if row == nil || len(t.Loaders) == 0 {
		return ""
	}
	var reasons []string
	for _, l := range t.Loaders {
		versions, complete := l.Releases()
		if !complete || len(versions) == 0 {
			return ""
		}
		for _, v := range versions {
			loader, err := rules.ParseLoader(families[l.Family] + " " + v)
			if err != nil {
				return "" // a pre-release, or a version that was made up
			}
			why, safe := t.safeOn(row, loader)
			if !safe {
				return ""
			}
			if !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
		}
	}
	return fmt.Sprintf("It cannot fire on %s: %s.", t.names(), strings.Join(reasons, "; "))
}

// tooOld says why a construct means nothing on the Python of the target, empty if
// it may; since is the first release line on which it does.
func (t *Target) tooOld(since string) string {
	if since == "" || !t.Python.Known {
		return ""
	}
	first, err := loaders.ParsePython(">=" + since)
	if err != nil {
		return ""
	}
	if some, _ := t.Python.MayMeet(first.Versions.Set); some {
		return ""
	}
	return fmt.Sprintf("It cannot fire on Python %s: only Python %s and later read the archive so.", strings.TrimPrefix(t.Python.String(), "=="), since)
}

// safeOn reports whether a construct does nothing on one loader, and why: it was
// measured, or follows from what was, to do nothing when load_model is called, and
// it was not seen to do something in any other way that the target allows.
func (t *Target) safeOn(row *rules.EffectRow, loader rules.Loader) (why string, safe bool) {
	for _, mode := range t.SafeMode.asked() {
		o := row.On(loader, mode)
		if !o.Effect.Safe() {
			return "", false
		}
		why = cmp.Or(o.Why, "it is loaded, and nothing happens")
	}
	for _, mode := range row.Modes() {
		if o := row.On(loader, mode); t.SafeMode.allows(mode) && o.Effect.Fires() {
			return "", false
		}
	}
	return why, true
}

// names lists the loaders of the target.
func (t *Target) names() string {
	var names []string
	for _, l := range t.Loaders {
		name := families[l.Family] + " " + strings.TrimPrefix(l.Versions.String(), "==")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
