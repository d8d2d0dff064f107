package pyflow_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

func listing(t testing.TB, code *pymarshal.Code, v pymarshal.Version) []pyflow.Line {
	t.Helper()
	lines, err := pyflow.Listing(code, v, budget())
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestListing(t *testing.T) {
	tests := []struct{ id, version, want string }{
		{"lambda_argument", "3.13", `
<lambda>(x):
    return <function <lambda>>(os)
<lambda>.<locals>.<lambda>(m):
    return m.system('x')`},
		{"lambda_default", "3.12", `
<lambda>(x):
    return <function <lambda>, (os,)>()
<lambda>.<locals>.<lambda>(m):
    return m.system('x')`},
		{"decorator_argument", "3.8", `
f(x):
    deco = <function deco>
    g = deco(os)(<function g>)
    return None
deco(m):
    inner = <function inner, (m,)>
    return inner
inner(g):
    m.system('x')
    return g
g():
    return None`},
		{"import_from_harmless", "3.11", `
f(x):
    from os import system as relu
    return relu('x')`},
		{"pure_getattr", "2.7", `
<lambda>(x):
    return getattr(x, 'shape', None)`},
		{"conditional_module", "3.8", `
<lambda>(x):
         0  LOAD_FAST                x
         2  POP_JUMP_IF_FALSE        to 8
         4  LOAD_GLOBAL              os
         6  JUMP_FORWARD             to 10
         8  LOAD_GLOBAL              tf
        10  LOAD_METHOD              system
        12  LOAD_CONST               'x'
        14  CALL_METHOD              1
        16  RETURN_VALUE`},
		{"pure_lambda_default", "3.11", `
<lambda>(x, axis, eps):
    return x / (tf.norm(x, axis=axis, keepdims=True) + eps)`},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			for _, v := range pymarshal.Versions {
				if v.String() != tt.version {
					continue
				}
				ids, codes := compiled(t, v)
				for i, id := range ids {
					if id != tt.id {
						continue
					}
					var got strings.Builder
					for _, l := range listing(t, decode(t, codes[i], v), v) {
						got.WriteString("\n" + l.Text)
					}
					if diff := cmp.Diff(tt.want, got.String()); diff != "" {
						t.Error(diff)
					}
					return
				}
			}
			t.Errorf("no %s of Python %s", tt.id, tt.version)
		})
	}
}

// TestListingLines wants every site on exactly one line of its code object, and
// nothing in a line that disturbs a terminal.
func TestListingLines(t *testing.T) {
	for _, v := range pymarshal.Versions {
		asSource := 0
		all := goldens(t, v)
		for _, g := range all {
			code := decode(t, g.Marshal, v)
			lines := listing(t, code, v)
			if len(lines) < 2 || !strings.HasPrefix(lines[1].Text, "      ") {
				asSource++
			}
			for _, l := range lines {
				if strings.ContainsFunc(l.Text, unicode.IsControl) {
					t.Errorf("%s %s: %q", v, g.ID, l.Text)
				}
			}
			for u, unit := range analyze(t, code, v, pyflow.Env{}).Units {
				for _, s := range unit.Sites {
					on := 0
					for _, l := range lines {
						if l.Unit == u && l.Off <= s.Off && s.Off < l.End {
							on++
						}
					}
					if on != 1 {
						t.Errorf("%s %s: the site at %d of unit %d is on %d lines", v, g.ID, s.Off, u, on)
					}
				}
			}
		}
		t.Logf("%s: %d of %d as source", v, asSource, len(all))
		if asSource < len(all)/2 {
			t.Errorf("%s: only %d of %d are shown as source", v, asSource, len(all))
		}
	}
}
