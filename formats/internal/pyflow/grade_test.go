package pyflow_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// names is grades.txt: what names mean for a grade.
type names struct {
	alias          map[string]string
	lists          map[string][]nameList
	hiding, pivots map[string]bool
}

type nameList struct {
	why     string
	yes, no []string
}

func readNames(t testing.TB) *names {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir, "grades.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the list of names is not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	n := &names{alias: map[string]string{}, lists: map[string][]nameList{}, hiding: map[string]bool{}, pivots: map[string]bool{}}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		switch w[0] {
		case "alias":
			n.alias[w[1]] = w[2]
		case "pivot":
			for _, p := range w[1:] {
				n.pivots[p] = true
			}
		case "hiding":
			for _, p := range w[2:] {
				n.hiding[p] = true
			}
		default:
			l := nameList{why: w[1], yes: w[2:]}
			if w[0] == "pure" {
				l.yes = w[1:]
			}
			if i := slices.Index(l.yes, "not"); i >= 0 {
				l.yes, l.no = l.yes[:i], l.yes[i+1:]
			}
			n.lists[w[0]] = append(n.lists[w[0]], l)
		}
	}
	return n
}

// canonical replaces the longest alias at a dot until none applies.
func (n *names) canonical(path string) string {
	for range 8 {
		parts := strings.Split(path, ".")
		i := len(parts)
		for ; i > 0; i-- {
			if full, ok := n.alias[strings.Join(parts[:i], ".")]; ok {
				path = strings.Join(append([]string{full}, parts[i:]...), ".")
				break
			}
		}
		if i == 0 {
			break
		}
	}
	return strings.TrimPrefix(path, "builtins.")
}

func covers(pattern, path string) bool {
	if p, ok := strings.CutSuffix(pattern, ".*"); ok {
		pattern = p
	} else if p, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, p)
	}
	return path == pattern || strings.HasPrefix(path, pattern+".")
}

func (n *names) why(grade, path string) string {
	for _, l := range n.lists[grade] {
		if slices.ContainsFunc(l.yes, func(p string) bool { return covers(p, path) }) &&
			!slices.ContainsFunc(l.no, func(p string) bool { return covers(p, path) }) {
			return l.why
		}
	}
	return ""
}

// pureCall is stricter: NAME alone, or NAME.* exactly one level below.
func (n *names) pureCall(path string) bool {
	parent := ""
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent = path[:i]
	}
	for _, l := range n.lists["pure"] {
		for _, p := range l.yes {
			base, below := strings.CutSuffix(p, ".*")
			if (path == p || below && parent == base) && !slices.ContainsFunc(l.no, func(q string) bool { return covers(q, path) }) {
				return true
			}
		}
	}
	return false
}

var gradeNames = []string{"pure", "unresolved", "suspicious", "dangerous"}

// grading collects reasons; the worst grade counts.
type grading struct {
	*names
	reasons map[int]map[string]bool
}

func (g *grading) add(grade int, why string) {
	if g.reasons[grade] == nil {
		g.reasons[grade] = map[string]bool{}
	}
	g.reasons[grade][why] = true
}

// grade judges by the plain view alone, as the written rules do.
func (n *names) grade(f *pyflow.Facts) (string, []string) {
	g := &grading{names: n, reasons: map[int]map[string]bool{}}
	g.plain(f)
	return g.top()
}

// gradeResolved judges by both views.
func (n *names) gradeResolved(f *pyflow.Facts) (string, []string) {
	g := &grading{names: n, reasons: map[int]map[string]bool{}}
	g.plain(f)
	g.resolved(f)
	return g.top()
}

func (g *grading) top() (string, []string) {
	for grade := 3; grade > 0; grade-- {
		if r := g.reasons[grade]; len(r) > 0 {
			var why []string
			for w := range r {
				why = append(why, w)
			}
			slices.Sort(why)
			return gradeNames[grade], why
		}
	}
	return gradeNames[0], nil
}

func (g *grading) plain(f *pyflow.Facts) {
	calls, paths := map[string]bool{}, map[string]bool{}
	for _, c := range f.Calls {
		calls[g.canonical(c)] = true
		paths[g.canonical(c)] = true
	}
	for _, r := range f.Refs {
		paths[g.canonical(r)] = true
	}
	for _, i := range f.Imports {
		paths[g.canonical(i)] = true
		g.imported(g.canonical(i))
	}
	g.paths(paths)
	unknownCall := false
	for c := range calls {
		unknownCall = unknownCall || c[0] == '?'
		switch {
		case c == "super":
			g.add(1, "calls super")
		case c != "<local>" && !g.pureCall(c) && c != "getattr":
			g.add(1, "calls "+c)
		}
	}
	for _, u := range f.Units {
		for _, s := range u.Sites {
			g.site(s.Targets, s, s.Args)
		}
	}
	for _, w := range f.Writes {
		g.write(w)
	}
	for _, n := range []string{"globals", "locals", "vars"} {
		if unknownCall && g.reasons[2]["introspection "+n] {
			g.add(3, "calls-by-name what a namespace holds")
		}
	}
	for _, s := range f.Formats {
		for h := range g.hiding {
			if strings.Contains(s, "{") && (strings.Contains(s, "."+h) || strings.Contains(s, "["+h)) {
				g.add(3, "walks-objects in a format string")
			}
		}
	}
}

func (g *grading) imported(i string) {
	numeric := []string{"tf", "keras", "numpy", "math", "cmath", "jax", "functools", "itertools", "collections", "operator", "random"}
	root, _, _ := strings.Cut(i, ".")
	if i == "" || i == "os" || i == "sys" || i == "os.path" || g.why("dangerous", i) != "" || g.why("suspicious", i) != "" ||
		slices.Contains(numeric, i) || g.pureCall(i+".x") || root == "tf" || root == "keras" || root == "jax" {
		return
	}
	g.add(2, "import "+i)
}

// paths judges paths and what they are from every pivot module inside them on.
func (g *grading) paths(paths map[string]bool) {
	for p := range paths {
		parts := strings.Split(p, ".")
		for k := 1; k < len(parts); k++ {
			if g.pivots[parts[k]] {
				g.path(g.canonical(strings.Join(parts[k:], ".")))
			}
		}
		g.path(p)
	}
}

func (g *grading) path(p string) {
	if why := g.why("dangerous", p); why != "" {
		g.add(3, why+" "+p)
	} else if why := g.why("suspicious", p); why != "" {
		g.add(2, why+" "+p)
	}
	for part := range strings.SplitSeq(p, ".") {
		if g.hiding[part] {
			g.add(3, "walks-objects "+part)
		} else if part == "__class__" {
			g.add(2, "introspection __class__")
		}
	}
}

func (g *grading) site(targets []string, s pyflow.Site, args []pyflow.Arg) {
	is := func(names ...string) bool {
		return slices.ContainsFunc(targets, func(t string) bool { return slices.Contains(names, g.canonical(t)) })
	}
	known := func(i int) bool { return len(args) > i && args[i].Kind == pyflow.ArgText && !s.Star }
	if is("getattr") && !known(1) {
		g.add(3, "calls-by-name getattr with a computed name")
	}
	if is("getattr") && known(1) && g.hiding[args[1].Text] {
		g.add(3, "walks-objects "+args[1].Text)
	}
	if is("setattr", "delattr") && len(args) > 0 && args[0].Kind == pyflow.ArgPath && args[0].Text[0] != '?' {
		g.add(3, "patches "+args[0].Text)
	}
	if is("open", "io.open", "codecs.open") && !g.reads(s, args) {
		g.add(3, "changes-files open for writing")
	}
	if is("numpy.load") && (s.Star || !g.noPickle(s, args)) {
		g.add(3, "loads-objects numpy.load with pickle")
	}
}

func keyword(s pyflow.Site, name string) (pyflow.Arg, bool) {
	for _, k := range s.Keywords {
		if k.Name == name {
			return k.Arg, true
		}
	}
	return pyflow.Arg{}, false
}

func (g *grading) reads(s pyflow.Site, args []pyflow.Arg) bool {
	mode, given := keyword(s, "mode")
	if !given && len(args) > 1 {
		mode, given = args[1], true
	}
	return !s.Open && (!given || mode.Kind == pyflow.ArgText && !strings.ContainsAny(mode.Text, "wax+"))
}

func (g *grading) noPickle(s pyflow.Site, args []pyflow.Arg) bool {
	arg, given := keyword(s, "allow_pickle")
	if !given && len(args) > 2 {
		arg, given = args[2], true
	}
	return !given || arg.Kind == pyflow.ArgConst && (arg.Const.Kind == pymarshal.KindNone || arg.Const.Text == "False")
}

func (g *grading) write(w string) {
	w = strings.TrimPrefix(w, "del ")
	switch {
	case strings.HasPrefix(w, "global "):
		g.add(1, "writes "+w)
	case strings.HasSuffix(w, "[]") && w[0] == '?':
	case w[0] == '?':
		g.add(1, "writes "+w)
	default:
		g.add(3, "patches "+w)
	}
}

// resolved judges what the resolved view adds. It can only make things worse.
func (g *grading) resolved(f *pyflow.Facts) {
	paths := map[string]bool{}
	for _, list := range [][]string{f.ResolvedRefs, f.ResolvedCalls, f.ResolvedImports, f.Escapes} {
		for _, p := range list {
			p = g.canonical(p)
			paths[p] = true
			paths[strings.TrimSuffix(p, "()")] = true
		}
	}
	for _, a := range f.Attributes {
		paths["?."+a] = true
	}
	g.paths(paths)
	for _, w := range f.ResolvedWrites {
		g.write(w)
	}
	for _, w := range append(slices.Clone(f.Writes), f.ResolvedWrites...) {
		for part := range strings.SplitSeq(strings.TrimSuffix(w, "[]"), ".") {
			if g.hiding[part] {
				g.add(3, "walks-objects "+part)
			}
		}
	}
	for _, e := range f.Escapes {
		if n := g.canonical(e); n == "getattr" || n == "setattr" || n == "vars" {
			g.add(3, "calls-by-name "+n+" handed on")
		}
	}
	for p := range paths {
		g.computed(p)
	}
	for _, u := range f.Units {
		for _, s := range u.Sites {
			args := s.Args
			if s.Self != nil {
				args = append([]pyflow.Arg{*s.Self}, args...)
			}
			g.site(append(slices.Clone(s.Targets), s.Resolved...), s, args)
			g.methods(s, args)
		}
	}
	if f.ComputedFormat {
		g.add(2, "formats with a computed string")
	}
	if len(f.Irregular) > 0 || f.Widened || f.Unsettled {
		g.add(2, "irregular code")
	}
}

// computed judges a path with an attribute whose name is not known.
func (g *grading) computed(p string) {
	base, ok := strings.CutSuffix(p, ".?")
	last := base[strings.LastIndexByte(base, '.')+1:]
	if ok && (g.pivots[last] || base == "builtins") {
		g.add(3, "calls-by-name a computed attribute of "+base)
	}
}

// methods judges methods of things whose origin is known.
func (g *grading) methods(s pyflow.Site, args []pyflow.Arg) {
	writes := []string{"write_text", "write_bytes", "tofile", "dump", "unlink", "rmdir", "mkdir", "rename", "touch", "to_csv", "to_pickle"}
	for _, t := range append(slices.Clone(s.Targets), s.Resolved...) {
		i := strings.LastIndexByte(t, '.')
		if i < 0 || !strings.HasSuffix(t[:i], "()") {
			continue
		}
		if slices.Contains(writes, t[i+1:]) {
			g.add(3, "changes-files "+t)
		}
		if t[i+1:] == "open" && strings.HasPrefix(t, "pathlib.") && !g.reads(s, append([]pyflow.Arg{{}}, args...)) {
			g.add(3, "changes-files "+t)
		}
	}
	for _, k := range s.Keywords {
		if k.Name == "output_stream" && slices.Contains(s.Targets, "tf.print") {
			g.add(3, "changes-files tf.print")
		}
	}
}

// TestGrades wants the grades and reasons that were worked out twice for every
// described function, from the plain view; the resolved view may not make any
// of them worse.
func TestGrades(t *testing.T) {
	n := readNames(t)
	for _, v := range pymarshal.Versions {
		t.Run(v.String(), func(t *testing.T) {
			same := 0
			all := goldens(t, v)
			for _, g := range all {
				f := analyze(t, decode(t, g.Marshal, v), v, pyflow.Env{})
				grade, why := n.grade(f)
				if diff := cmp.Diff(append([]string{g.Grade}, g.Why...), append([]string{grade}, why...)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", g.ID, diff)
					continue
				}
				if worse, why := n.gradeResolved(f); worse != g.Grade {
					t.Errorf("%s is %s, with the resolved view %s: %v", g.ID, g.Grade, worse, why)
					continue
				}
				same++
			}
			t.Logf("%d of %d grades agree", same, len(all))
		})
	}
}
