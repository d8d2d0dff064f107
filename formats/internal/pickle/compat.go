package pickle

import (
	_ "embed"
	"strings"
	"sync"
)

//go:generate sh -c "python3 testdata/compat.py > compat.txt"

//go:embed compat.txt
var compatText string

var compat = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(compatText) {
		if old, new, ok := strings.Cut(strings.TrimSpace(line), " "); ok && old != "#" {
			names[old] = new
		}
	}
	return names
})

// modern returns the name that Python 3 takes for a name of Python 2
// (find_class in Lib/pickle.py, with fix_imports).
func modern(module, name string) (string, string) {
	if full := compat()[module+"."+name]; full != "" {
		i := strings.LastIndexByte(full, '.')
		return full[:i], full[i+1:]
	}
	if m := compat()[module]; m != "" {
		return m, name
	}
	return module, name
}
