package pyflow

// supply gives the values of the config to the given code object.
func (z *analysis) supply(root *frame) {
	value := func(g Given) *set {
		switch {
		case g.Path != "":
			return only(&atom{plain: plainUnknown, kind: kindPath, path: clip(g.Path)})
		case g.Code != nil:
			return only(&atom{plain: plainUnknown, kind: kindFunc, fn: z.enter(g.Code, nil)})
		case g.Const != nil:
			return opaque(constant(g.Const))
		}
		return unknown
	}
	c := root.code
	for i, g := range z.env.Defaults {
		if k := c.ArgCount - len(z.env.Defaults) + i; k >= 0 && k < len(c.VarNames) {
			root.receive(c.VarNames[k], value(g))
		}
	}
	for i, g := range z.env.Closure {
		if i < len(c.FreeVars) {
			root.receive(c.FreeVars[i], value(g))
		}
	}
}
