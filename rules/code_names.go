package rules

import (
	"fmt"
	"strings"
)

// codeTable is what symbols.txt says of names inside code objects.
type codeTable struct {
	alias      map[string]string
	pivots     map[string]bool
	hiding     map[string]bool
	pure       map[string]bool // names, and "a." for all names one level below a
	impure     patterns        // what the patterns of pure cover, but should not
	suspicious patterns
	dangerous  patterns
	methods    map[string]string // why, by the name of the method
	suspects   map[string]bool   // last components of all that can make code dangerous
}

func newCodeTable() codeTable {
	return codeTable{alias: map[string]string{}, pivots: map[string]bool{}, hiding: map[string]bool{}, pure: map[string]bool{}, methods: map[string]string{}, suspects: map[string]bool{}}
}

// add reads one line, without the "code-" that it begins with.
func (t *codeTable) add(word string, args []string) error {
	least := map[string]int{"alias": 2, "pivot": 1, "pure": 1, "hiding": 2, "suspicious": 2, "dangerous": 2, "method": 2}
	if n, ok := least[word]; !ok {
		return fmt.Errorf("unknown word %q", "code-"+word)
	} else if len(args) < n {
		return fmt.Errorf("code-%s: want %d words or more", word, n)
	}
	if word == "hiding" || word == "dangerous" || word == "suspicious" || word == "method" {
		for _, a := range args[1:] {
			_, last, _ := cutLast(strings.TrimSuffix(a, ".*"))
			t.suspects[last] = true
		}
	}
	switch word {
	case "alias":
		if t.alias[args[0]] != "" {
			return fmt.Errorf("%s stands twice", args[0])
		}
		t.alias[args[0]] = args[1]
	case "pivot":
		return addNames(t.pivots, args)
	case "hiding":
		return addNames(t.hiding, args[1:])
	case "pure":
		if args[0] == "not" {
			return t.impure.add("not", args[1:])
		}
		for i, a := range args {
			args[i] = strings.TrimSuffix(a, "*")
		}
		return addNames(t.pure, args)
	case "method":
		for _, n := range args[1:] {
			t.methods[n] = args[0]
		}
	case "suspicious":
		return t.suspicious.add(args[0], args[1:])
	case "dangerous":
		return t.dangerous.add(args[0], args[1:])
	}
	return nil
}

func addNames(set map[string]bool, names []string) error {
	for _, n := range names {
		if set[n] {
			return fmt.Errorf("%s stands twice", n)
		}
		set[n] = true
	}
	return nil
}

// patterns are names with the reason why they are listed. NAME and NAME.* cover
// NAME and all below it, PREFIX* everything that begins so.
type patterns struct {
	names    map[string]string
	prefixes []prefix
}

// prefix is the beginning of names, and the beginning of their last component.
type prefix struct{ text, last, why string }

func (p *patterns) add(why string, names []string) error {
	if p.names == nil {
		p.names = map[string]string{}
	}
	for _, n := range names {
		n = strings.TrimSuffix(n, ".*")
		if text, ok := strings.CutSuffix(n, "*"); ok {
			_, last, _ := cutLast(text)
			p.prefixes = append(p.prefixes, prefix{text, last, why})
			continue
		}
		if p.names[n] != "" {
			return fmt.Errorf("%s stands twice", n)
		}
		p.names[n] = why
	}
	return nil
}

// why returns the reason why a path is listed, empty if it is not.
func (p *patterns) why(path string) string {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if why := p.names[path[:end]]; why != "" {
			return why
		}
	}
	for _, x := range p.prefixes {
		if strings.HasPrefix(path, x.text) {
			return x.why
		}
	}
	return ""
}

// canonical folds the spellings of a path: the longest alias first, until none
// applies.
func (t *codeTable) canonical(path string) string {
	for range 8 {
		end := len(path)
		for end > 0 && t.alias[path[:end]] == "" {
			end = strings.LastIndexByte(path[:end], '.')
		}
		if end <= 0 {
			break
		}
		path = t.alias[path[:end]] + path[end:]
	}
	return strings.TrimPrefix(path, "builtins.")
}

// computes reports whether calling a path only computes.
func (t *codeTable) computes(path string) bool {
	return (t.pure[path] || t.pure[path[:strings.LastIndexByte(path, '.')+1]]) && t.impure.why(path) == ""
}

// suspect reports whether a name or text can be part of what makes code dangerous:
// without any such it can only compute, import and call what is not known.
func (t *codeTable) suspect(text string) bool {
	if strings.IndexByte(text, '{') >= 0 || strings.IndexByte(text, '%') >= 0 { // a format can hold any name
		return true
	}
	for part, rest, more := strings.Cut(text, "."); ; part, rest, more = strings.Cut(rest, ".") {
		if t.suspects[part] || part == "getattr" || part == "__class__" {
			return true
		}
		for _, p := range t.dangerous.prefixes {
			if strings.HasPrefix(part, p.last) {
				return true
			}
		}
		if !more {
			return false
		}
	}
}
