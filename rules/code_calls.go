package rules

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// method judges a call by the name of the method.
func (g *grading) method(call string) {
	receiver, name, ok := cutLast(call)
	if why := g.table.methods[name]; ok && why != "" && receiver != "<local>()" && !g.table.computes(call) {
		g.add(codeDangerous, why, call)
	}
}

// site judges what one call does with its arguments.
func (g *grading) site(unit int, s *formats.Site) {
	before := len(g.reasons)
	given := withSelf(s)
	for _, t := range s.Targets {
		g.target(g.table.canonical(t), given)
	}
	for i := range g.reasons[before:] {
		g.reasons[before+i].unit, g.reasons[before+i].off = unit, s.Off
	}
}

// withSelf returns a call with the receiver, where CPython passes one, as its first
// argument.
func withSelf(s *formats.Site) *formats.Site {
	if s.Self == nil {
		return s
	}
	given := *s
	given.Args = append([]formats.Argument{*s.Self}, s.Args...)
	return &given
}

// target judges a call of one target by its arguments.
func (g *grading) target(target string, s *formats.Site) {
	g.method(target)
	g.writesFiles(target, s)
	if strings.HasPrefix(target, "keras.") && strings.HasSuffix(target, ".deserialize") {
		if _, known := textArgument(s, 0); !known { // which names anything
			g.add(codeDangerous, "loads-objects", target)
		}
	}
	switch target {
	case "getattr":
		name, known := textArgument(s, 1)
		if !known {
			g.add(codeDangerous, callsByName, "getattr with a computed name")
		} else if g.table.hiding[name] {
			g.add(codeDangerous, walksObjects, name)
		}
	case "setattr", "delattr":
		if len(s.Args) > 0 && s.Args[0].Kind == formats.ArgumentPath && s.Args[0].Text[0] != '?' {
			g.add(codeDangerous, patches, s.Args[0].Text)
		}
	case "?.query", "?.eval": // of pandas, where @ is any Python name
		if text, _ := textArgument(s, 0); strings.Contains(text, "@") {
			g.add(codeDangerous, "runs-code", target)
		}
	case "tf.Session", "tf.compat.v1.Session":
		if server, _ := textArgument(s, 0); server != "" {
			g.add(codeDangerous, "network", target)
		}
	case "numpy.load":
		if unpickles(s) {
			g.add(codeDangerous, "loads-objects", "numpy.load with pickle")
		}
	case "input":
		if g.version == "2.7" { // evaluates what is typed
			g.add(codeDangerous, "runs-code", "input")
		}
	}
}

// writesFiles judges calls that may open, write or rename files.
func (g *grading) writesFiles(target string, s *formats.Site) {
	if a := keyword(s, "save_to_dir"); a != nil && (a.Kind != formats.ArgumentConst || a.Const.Text != "None") {
		g.add(codeDangerous, changesFiles, target)
	}
	switch target {
	case "open", "file", "io.open", "codecs.open", "os.fdopen", "io.FileIO", "gzip.open", "bz2.open", "lzma.open", "gzip.GzipFile", "bz2.BZ2File", "lzma.LZMAFile":
		if mode, known := openMode(s, 1, "r"); !known || strings.ContainsAny(mode, "wax+") {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "os.open":
		if !readOnly(s) {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "?.rename", "?.replace", "pathlib.Path().rename", "pathlib.Path().replace":
		if len(s.Args) == 1 && len(s.Keywords) == 0 && slices.Contains(g.flow.Imports, "pathlib") { // of a text it takes two
			g.add(codeDangerous, changesFiles, target)
		}
	case "?.cache", "?.snapshot": // of a dataset
		if name, known := textArgument(s, 0); known && name != "" {
			g.add(codeDangerous, changesFiles, target)
		}
	case "logging.basicConfig":
		if s.Open || keyword(s, "filename") != nil || keyword(s, "handlers") != nil {
			g.add(codeDangerous, changesFiles, target)
		}
	case "pathlib.Path().open", "pathlib.PosixPath().open", "?.open":
		if mode, known := openMode(s, 0, "r"); known && openForWriting(mode) {
			g.add(codeDangerous, changesFiles, "open for writing")
		}
	case "numpy.memmap":
		if mode, known := openMode(s, 2, "r+"); !known || mode != "r" && mode != "c" && mode != "readonly" && mode != "copyonwrite" {
			g.add(codeDangerous, changesFiles, "numpy.memmap for writing")
		}
	case "tf.print":
		if a := keyword(s, "output_stream"); a != nil && a.Kind != formats.ArgumentPath {
			g.add(codeDangerous, changesFiles, "tf.print to a file")
		}
	}
}

// readOnly reports whether a call of os.open opens a file for reading.
func readOnly(s *formats.Site) bool {
	if len(s.Args) < 2 {
		return false
	}
	flags := s.Args[1]
	return flags.Kind == formats.ArgumentPath && flags.Text == "os.O_RDONLY" || flags.Kind == formats.ArgumentConst && flags.Const.Text == "0"
}

// textArgument returns a positional argument that is a known text.
func textArgument(s *formats.Site, i int) (text string, known bool) {
	if i < len(s.Args) && s.Args[i].Kind == formats.ArgumentText {
		return s.Args[i].Text, true
	}
	return "", false
}

func keyword(s *formats.Site, name string) *formats.Argument {
	for i := range s.Keywords {
		if s.Keywords[i].Name == name {
			return &s.Keywords[i].Arg
		}
	}
	return nil
}

// openMode returns the mode of a call that opens a file: the argument of that
// name or at that place, or the default.
func openMode(s *formats.Site, place int, otherwise string) (mode string, known bool) {
	if s.Open {
		return "", false
	}
	if a := keyword(s, "mode"); a != nil {
		return a.Text, a.Kind == formats.ArgumentText
	}
	if len(s.Args) > place {
		return textArgument(s, place)
	}
	return otherwise, true
}

// openForWriting reports whether a text is a mode of open that writes, and not
// something else.
func openForWriting(mode string) bool {
	return mode != "" && len(mode) <= 3 && strings.Trim(mode, "rwaxbt+") == "" && strings.ContainsAny(mode, "wax+")
}

// unpickles reports whether a call of numpy.load may read pickles.
func unpickles(s *formats.Site) bool {
	if s.Star && len(s.Args) == 0 {
		return true
	}
	a := keyword(s, "allow_pickle")
	if a == nil && len(s.Args) > 2 {
		a = &s.Args[2]
	}
	if a == nil {
		return s.Open
	}
	return a.Kind != formats.ArgumentConst || a.Const.Text != "False" && a.Const.Text != ""
}
