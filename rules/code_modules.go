package rules

import (
	"slices"
	"strings"
)

// actingModules are modules that no model hands to a function or puts into a
// container: what comes out of there can be called under any name.
var actingModules = oneOf("os", "sys", "builtins", "subprocess", "importlib", "ctypes", "socket", "pickle", "marshal", "shutil")

// handedOn judges modules that are handed on as values, by the calls of what cannot
// be followed: they may be calls of the module's own functions.
func (g *grading) handedOn() {
	for _, e := range slices.Concat(g.flow.Escapes, g.bareModules()) {
		_, last, _ := cutLast(g.table.canonical(e))
		module := g.table.canonical(strings.TrimLeft(last, "_"))
		if !g.table.pivots[module] {
			continue
		}
		for _, c := range g.calls {
			if c == "?" && actingModules(module) {
				g.add(codeDangerous, callsByName, module+" handed on")
			}
			if _, name, ok := cutLast(c); ok && (c[0] == '?' || actingModules(module) && !g.table.computes(c)) {
				if why := g.table.dangerous.why(module + "." + name); why != "" {
					g.add(codeDangerous, why, module+"."+name)
				}
			}
		}
	}
}

// bareModules returns the acting modules that the code names and takes nothing from.
func (g *grading) bareModules() (bare []string) {
	for _, r := range g.flow.Refs {
		from := func(other string) bool { return strings.HasPrefix(other, r+".") }
		if actingModules(g.table.canonical(r)) && !slices.ContainsFunc(g.flow.Refs, from) && !slices.Contains(g.flow.Imports, r) {
			bare = append(bare, r)
		}
	}
	return bare
}
