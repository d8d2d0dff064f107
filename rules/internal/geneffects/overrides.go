package main

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/rules"
)

//go:embed constructs.txt
var constructsText string

// override is one line of constructs.txt.
type override struct {
	word       string
	value      string // the mode or the subject
	constructs *regexp.Regexp
}

var overrides = sync.OnceValue(func() []override {
	var list []override
	for _, line := range strings.Split(constructsText, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		o := override{}
		var rest string
		o.word, rest, _ = strings.Cut(line, " ")
		switch o.word {
		case "mode", "subject":
			o.value, rest, _ = strings.Cut(rest, " ")
		case "control", "text", "written":
		default:
			panic("constructs.txt: unknown word " + o.word) // embedded text
		}
		o.constructs = regexp.MustCompile("^(" + rest + ")$")
		list = append(list, o)
	}
	return list
})

// overridden returns the value that constructs.txt has for a construct; ok is false
// if it has none.
func overridden(word, construct string) (value string, ok bool) {
	for _, o := range overrides() {
		if o.word == word && o.constructs.MatchString(construct) {
			return o.value, true
		}
	}
	return "", false
}

// modeOf returns the mode of a row of the measurements.
func modeOf(construct, container, mode string) rules.Mode {
	if m, ok := overridden("mode", construct); ok {
		return rules.Mode(m)
	}
	if container == "dir" {
		return rules.Mode(strings.TrimSuffix("directory-"+mode, "-default"))
	}
	return rules.Mode(mode)
}

// subjectOf keeps the keys that a construct is about.
func subjectOf(construct string, keys []string) []string {
	word, ok := overridden("subject", construct)
	if !ok {
		return keys
	}
	var kept []string
	for _, k := range keys {
		if slices.Contains(strings.Fields(k), word) {
			kept = append(kept, k)
		}
	}
	return kept
}

// told reports whether a construct adds to the table.
func told(construct string) bool {
	for _, word := range []string{"control", "text"} {
		if _, ok := overridden(word, construct); ok {
			return false
		}
	}
	return true
}

// defences are the errors by which loaders refuse, and what to call them. The
// letter stands in the cells.
var defences = []struct {
	letter byte
	what   string
	errors *regexp.Regexp
}{
	{'s', "safe mode does not deserialize Python bytecode", regexp.MustCompile("Python lambda|Python `lambda`|`lambda` object|Deserializing it is unsafe|Lambda.*disallowed")},
	{'v', "safe mode reads no vocabulary outside of the archive", regexp.MustCompile("vocabulary file")},
	{'t', "safe mode loads no SavedModel", regexp.MustCompile("TFSMLayer")},
	{'m', "safe mode does not unpickle torch modules", regexp.MustCompile(`torch\.load|torch\.nn`)},
	{'o', "torch unpickles weights only", regexp.MustCompile("Weights only load failed")},
	{'d', "functions that are not for modeling are not deserialized", regexp.MustCompile("loading functions are not allowed|not a modeling function|are not allowed during deserialization|non-modeling")},
	{'k', "only exported functions and layers of Keras are deserialized", regexp.MustCompile("KerasSaveable")},
	{'l', "an entry that is no layer is refused", regexp.MustCompile("Unexpected object from deserialization")},
	{'h', "links and foreign storage in HDF5 are refused", regexp.MustCompile("Not allowed: H5 file")},
	{'z', "declared sizes far above what is stored are refused", regexp.MustCompile("declares .* but only|exceeds safety limit|too large to load safely|[Rr]efusing to")},
	{'n', "arrays of objects are not unpickled", regexp.MustCompile("allow_pickle=False")},
	{'f', "paths are refused where a file name belongs", regexp.MustCompile("Paths are no longer accepted")},
	{'w', "paths are refused as names of weights", regexp.MustCompile("Invalid path in H5 file")},
	{'a', "paths are refused as names of assets", regexp.MustCompile("Invalid asset path")},
	{'p', "foreign modules are not imported", regexp.MustCompile(`Could not (locate|deserialize) (class|function) '`)},
	{'r', "a registered name on a built-in class is refused", regexp.MustCompile("`registered_name=.*` was provided")},
}

// signals are what the measurements looked for, in words of effects.txt. Where
// several signals count, the one that says most stands.
var signals = []struct{ signal, what string }{
	{"loaded", "accepted"}, {"connect", "net"}, {"net-attempt", "net"}, {"marker", "code"}, {"", "act"}, {"write", "write"}, {"read", "read"}, {"import", "import"},
	{"state", "state"}, {"content", "content"}, {"alloc", "memory"}, {"slow", "time"}, {"custom", "write"},
}

// whatOf returns the word for a set of signals, as "connect/write/marker".
func whatOf(construct, what string) string {
	if construct == "switch-set-random-seed-keras" {
		return "state"
	}
	parts := strings.Split(what, "/")
	for _, s := range signals {
		for _, p := range parts {
			if p == s.signal && (p != "loaded" || len(parts) == 1) {
				return s.what
			}
		}
	}
	return ""
}
