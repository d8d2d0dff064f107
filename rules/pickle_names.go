package rules

import (
	"fmt"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// pickleTable is what symbols.txt says of names in pickles.
type pickleTable struct {
	safe   map[string]bool // may be called with any arguments; "a." for all names one level below a
	known  patterns        // may be named, and made an instance of
	unsafe patterns        // what the patterns of known cover, but should not
	danger patterns        // does what its reason says
	opener patterns        // of known: open or import what their constructor is given
	alias  map[string]string
	loader map[string]bool // load what the pickle holds, which is read here as well
	// foreign are names that modules of known packages have, but that are those of
	// other modules, or come from them.
	foreign map[string]bool
}

func newPickleTable() pickleTable {
	return pickleTable{safe: map[string]bool{}, alias: map[string]string{}, loader: map[string]bool{}, foreign: map[string]bool{}}
}

// add reads one line, without the "pickle-" that it begins with.
func (t *pickleTable) add(word string, args []string) error {
	if len(args) == 0 || word == "alias" && len(args) != 2 {
		return fmt.Errorf("pickle-%s: too few or too many names", word)
	}
	switch word {
	case "safe":
		for i, a := range args {
			args[i] = strings.TrimSuffix(a, "*")
		}
		return addNames(t.safe, args)
	case "known":
		if args[0] == "not" {
			return t.unsafe.add("not", args[1:])
		}
		return t.known.add("known", args)
	case "dangerous":
		if len(args) < 2 {
			return fmt.Errorf("pickle-dangerous: want a name and what it does")
		}
		return t.danger.add(strings.Join(args[1:], " "), args[:1])
	case "loader":
		return addNames(t.loader, args)
	case "opener":
		return t.opener.add("opener", args)
	case "foreign":
		return addNames(t.foreign, args)
	case "alias":
		if t.alias[args[0]] != "" {
			return fmt.Errorf("%s stands twice", args[0])
		}
		t.alias[args[0]] = args[1]
		return nil
	}
	return fmt.Errorf("unknown word %q", "pickle-"+word)
}

// pickleGrade says what it means that a pickle names something. Later ones are worse.
type pickleGrade uint8

const (
	pickleSafe     pickleGrade = iota
	pickleKnown                // a class or function of a package that is vouched for
	pickleUnlisted             // code of which nothing is known
	pickleDanger               // acts outside the object
)

// pickleName is what is known of one name.
type pickleName struct {
	grade pickleGrade
	what  string // what a dangerous name does
}

// canonical writes a path under the package that others carry a copy of.
func (t *pickleTable) canonical(path string) string {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if full := t.alias[path[:end]]; full != "" {
			return full + path[end:]
		}
	}
	return path
}

// judgePickled returns what symbols.txt says of a path that a pickle imports or
// looks up.
func judgePickled(path string) pickleName {
	t := symbols()
	path = t.pickle.canonical(path)
	if t.pickle.safe[path] || t.pickle.loads(path) {
		return pickleName{grade: pickleSafe}
	}
	if module, ok := strings.CutSuffix(path, ".__dict__"); ok { // dill names the globals of a function so
		if known := judgePickled(module); known.grade == pickleKnown {
			return known
		}
	}
	if what := walks(path); what != "" {
		return pickleName{pickleDanger, what}
	}
	if t.pickle.calls(path) {
		return pickleName{grade: pickleSafe}
	}
	for _, symbol := range spellings(path) {
		if what := t.pickle.danger.why(symbol); what != "" {
			return pickleName{pickleDanger, what}
		}
		if k := t.lookup(symbol); k.verdict == dangerous || k.verdict == gadget || k.verdict == state {
			return pickleName{pickleDanger, k.what}
		}
	}
	if k, ok := t.prefix[path+"."]; ok && k.verdict == dangerous { // the module itself
		return pickleName{pickleDanger, k.what}
	}
	if why := t.code.dangerous.why(lastName(path)); why != "" && why == bareNames {
		return pickleName{pickleDanger, "does what its name says"}
	}
	if t.pickle.known.why(path) != "" && t.pickle.unsafe.why(path) == "" && wellKnown(path) && !t.pickle.leads(path) {
		return pickleName{grade: pickleKnown}
	}
	return pickleName{grade: pickleUnlisted}
}

// torchScript is the module that the types of a TorchScript archive are in, which Python
// does not have: only torch.jit.load knows it, and looks them up in the archive.
const torchScript = "__torch__"

// leads reports whether a path leads through a package to what another one made:
// pickle writes the names of things where they are defined.
func (t *pickleTable) leads(path string) bool {
	top, rest, _ := strings.Cut(path, ".")
	if top == "numpy" || top == torchScript {
		return false // its names are listed one by one, or are the archive's own
	}
	for part := range strings.SplitSeq(rest, ".") {
		if t.foreign[part] {
			return true
		}
	}
	return false
}

// bareNames is the word under which symbols.txt lists names that are dangerous
// wherever they come from.
const bareNames = "bare-names"

// calls reports whether a path is one of those that may all be called with any arguments.
func (t *pickleTable) calls(path string) bool {
	return t.safe[path[:strings.LastIndexByte(path, '.')+1]]
}

// loads reports whether a path is that of a function that loads an archive which
// lies in the pickle.
func (t *pickleTable) loads(path string) bool {
	if t.loader[path] {
		return true
	}
	class, method, ok := cutLast(path) // the class method of any model or layer of Keras
	return ok && t.loader["*."+method] && topModule(class) == "keras" && looksLikeClass(class)
}

// walks says what a path does that leads through an object to something else.
func walks(path string) string {
	t := symbols()
	for rest, first := path, true; ; first = false {
		part, after, more := strings.Cut(rest, ".")
		if t.code.hiding[part] || part == "__class__" {
			return "walks from an object to everything else"
		}
		if !first && t.code.pivots[part] {
			if k := t.lookup(rest); k.verdict == dangerous {
				return k.what
			}
		}
		if !more {
			return ""
		}
		rest = after
	}
}

// spellings are the names under which symbols.txt may list a path: as it is, and
// as Keras exports it.
func spellings(path string) []string {
	if canonical, _, ok := formats.Lookup(path); ok && canonical != path {
		return []string{path, canonical}
	}
	return []string{path}
}

// wellKnown reports whether a path names a class or function directly in a module:
// what is reached through an object is not vouched for with its package.
func wellKnown(path string) bool {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if !identifier(part) || i < len(parts)-2 && looksLikeClass(part) {
			return false
		}
	}
	return true
}

// identifier reports whether a name is one of ASCII letters, digits and underscores.
func identifier(s string) bool {
	for i, r := range s {
		if r != '_' && (r|0x20 < 'a' || r|0x20 > 'z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// maxParts is how many components a name has that is looked up. No honest one has
// half as many.
const maxParts = 24

// importable reports whether a path is one that a module can have.
func importable(path string) bool {
	if strings.Count(path, ".") >= maxParts {
		return false
	}
	for part := range strings.SplitSeq(strings.NewReplacer("()", "", "[]", "").Replace(path), ".") {
		if !identifier(part) {
			return false
		}
	}
	return true
}
