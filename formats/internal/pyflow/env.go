package pyflow

import (
	"slices"
)

// env is a small map from names to values.
type env struct {
	names  []string
	vals   []*set
	loaded []bool
	index  map[string]int
}

// indexFrom is from how many names on a map pays.
const indexFrom = 12

func (e *env) find(name string) int {
	if e.index != nil {
		if i, ok := e.index[name]; ok {
			return i
		}
		return -1
	}
	return slices.Index(e.names, name)
}

func (e *env) get(name string) *set {
	i := e.find(name)
	if i < 0 {
		i = e.insert(name, empty)
	}
	e.loaded[i] = true
	return e.vals[i]
}

func (e *env) insert(name string, v *set) int {
	i := len(e.names)
	e.names, e.vals, e.loaded = append(e.names, name), append(e.vals, v), append(e.loaded, false)
	if e.index != nil {
		e.index[name] = i
	} else if i >= indexFrom {
		e.index = make(map[string]int, 2*i)
		for k, n := range e.names {
			e.index[n] = k
		}
	}
	return i
}

// put stores v and reports whether a value that was used before has changed.
func (e *env) put(z *analysis, name string, v *set) (changed, used bool) {
	i := e.find(name)
	if i < 0 {
		e.insert(name, v)
		return true, false
	}
	u := z.join(e.vals[i], v)
	if u == e.vals[i] {
		return false, false
	}
	e.vals[i] = u
	return true, e.loaded[i]
}
