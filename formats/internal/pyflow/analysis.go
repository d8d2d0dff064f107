package pyflow

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

// analysis is one call of Analyze.
type analysis struct {
	budget   *bounds.Budget
	table    *pyopcode.Table
	v        pymarshal.Version
	env      Env
	facts    *Facts
	frames   []*frame
	of       map[*pymarshal.Code]*frame
	seen     map[*pymarshal.Value]bool // containers that were searched for code
	globals  env                       // what is stored under global names
	heap     map[string]*set           // what is stored as an attribute, by name
	readers  []*frame                  // frames that read heap, globals or boxes
	readsObj bool                      // whether an attribute "obj" is read
	stars    []string                  // modules of star imports
	err      error                     // what the budget said
	spent    int64                     // steps
	ceiling  int64                     // from how many steps on no code object is looked at again
}

// Analyze says what code does. It fails only if the version is not known or the
// budget runs out; code that no compiler writes is analyzed as it would run, and
// Facts.Irregular says so. It spends a step of the budget for each instruction
// that it looks at, and for each value that a jump carries.
func Analyze(code *pymarshal.Code, v pymarshal.Version, environment Env, b *bounds.Budget) (*Facts, error) {
	table := pyopcode.For(v)
	if table == nil {
		return nil, bounds.Unsupportedf(-1, "instructions of Python %s", v)
	}
	z := &analysis{budget: b, table: table, v: v, env: environment, facts: &Facts{}, of: map[*pymarshal.Code]*frame{}}
	root := z.enter(code, nil)
	if environment.Defaults != nil || environment.Closure != nil {
		z.supply(root)
	}
	z.settle()
	if z.err != nil {
		return nil, z.err
	}
	z.gather()
	return z.facts, nil
}

// enter makes the frames of code and of the code objects among its constants.
func (z *analysis) enter(code *pymarshal.Code, parent *frame) *frame {
	f, known := z.of[code]
	if !known {
		f = &frame{z: z, unit: len(z.frames), code: code, dirty: true, ret: empty, yields: empty, sent: empty, bases: empty}
		z.of[code] = f
		z.frames = append(z.frames, f)
		up := -1
		if parent != nil {
			up = parent.unit
		}
		z.facts.Units = append(z.facts.Units, Unit{Code: code, Parent: up})
	}
	if parent != nil && !(known && parent.has(f)) {
		parent.children = append(parent.children, f)
		f.parents = append(f.parents, parent)
	}
	if known || !z.spend(int64(1+len(code.Bytecode)/8+len(code.Consts))) {
		return f
	}
	f.decode()
	z.readsObj = z.readsObj || slices.Contains(code.Names, "obj")
	z.ceiling += ceilingBase + int64(len(f.ins))*ceilingPerInstr
	if len(code.CellVars)+len(code.FreeVars) > 0 {
		f.cells = make(map[string]uint8, len(code.CellVars)+len(code.FreeVars))
		for _, name := range code.CellVars {
			f.cells[name] |= isCell
		}
		for _, name := range code.FreeVars {
			f.cells[name] |= isFree
		}
	}
	for _, name := range f.parameters() {
		f.env.put(z, name, unknown)
	}
	if parent == nil {
		for _, name := range code.FreeVars {
			f.env.put(z, name, unknown)
		}
	}
	for _, c := range code.Consts {
		z.search(c, f)
	}
	return f
}

func (f *frame) has(child *frame) bool {
	f.z.spend(int64(len(f.children) / 16))
	return slices.Contains(f.children, child)
}

// search enters the code objects in a constant, which may contain itself.
func (z *analysis) search(c *pymarshal.Value, f *frame) {
	switch {
	case c == nil:
	case c.Kind == pymarshal.KindCode && c.Code != nil:
		z.enter(c.Code, f)
	case c.Kind == pymarshal.KindText || c.Kind == pymarshal.KindBytes:
		z.format(c.Text)
	case len(c.Items) > 0:
		if z.seen[c] || !z.spend(int64(len(c.Items))) {
			return
		}
		if z.seen == nil {
			z.seen = map[*pymarshal.Value]bool{}
		}
		z.seen[c] = true
		for _, x := range c.Items {
			z.search(x, f)
		}
	}
}

// format keeps s if str.format would walk attributes or items with it.
func (z *analysis) format(s string) {
	if strings.Contains(s, "{") && strings.ContainsAny(s, ".[") {
		z.facts.Formats = append(z.facts.Formats, s)
	}
}

func (z *analysis) spend(n int64) bool {
	z.spent += n
	if z.err == nil {
		if err := z.budget.Step(n); err != nil {
			z.err = err
		}
	}
	return z.err == nil
}

// settle runs frames until nothing changes any more.
func (z *analysis) settle() {
	for again := true; again && z.spend(int64(1+len(z.frames)/16)); {
		again = false
		for i := 0; i < len(z.frames) && z.err == nil; i++ { // frames may be added
			f := z.frames[i]
			if !f.dirty {
				continue
			}
			if f.runs > 0 && z.spent > z.ceiling || f.runs >= runLimit && (len(f.ins) > smallCode || f.runs >= smallCode) {
				z.facts.Unsettled = true
				f.dirty = false
				continue
			}
			f.dirty = false
			f.runs++
			f.pass()
			if f.again {
				f.dirty = true
			}
			again = true
		}
	}
}

// store puts v into something that all frames share.
func (z *analysis) store(e *env, name string, v *set) {
	if changed, _ := e.put(z, name, v); changed {
		z.stir()
	}
}

// stir makes every frame run again that has read what frames share.
func (z *analysis) stir() {
	z.spend(int64(len(z.readers) / 16))
	for _, f := range z.readers {
		f.dirty = true
	}
}

// gather makes the lists of the facts from the last run of each frame.
func (z *analysis) gather() {
	o := z.facts
	for _, f := range z.frames {
		o.Units[f.unit].Sites = f.sites
		for _, s := range f.sites {
			o.Calls = append(o.Calls, s.Targets...)
			o.ResolvedCalls = append(o.ResolvedCalls, s.Resolved...)
		}
		o.Refs = append(o.Refs, f.refs...)
		o.Imports = append(o.Imports, f.imports...)
		o.Writes = append(o.Writes, f.writes...)
		o.ResolvedRefs = append(o.ResolvedRefs, f.rrefs...)
		o.ResolvedCalls = append(o.ResolvedCalls, f.rcalls...)
		o.ResolvedImports = append(o.ResolvedImports, f.rimports...)
		o.ResolvedWrites = append(o.ResolvedWrites, f.rwrites...)
		o.Escapes = append(o.Escapes, f.escapes...)
		o.Formats = append(o.Formats, f.formats...)
		o.Attributes = append(o.Attributes, f.attributes...)
		o.Irregular = append(o.Irregular, f.notes...)
	}
	for _, l := range []*[]string{&o.Calls, &o.Refs, &o.Imports, &o.Writes, &o.ResolvedRefs, &o.ResolvedCalls, &o.ResolvedImports,
		&o.ResolvedWrites, &o.Escapes, &o.Formats, &o.Attributes} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
}
