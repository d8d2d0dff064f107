package savedmodel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// TestTextForms writes one model in every way that text form allows.
func TestTextForms(t *testing.T) {
	node := func(path string) string {
		return "meta_graphs{graph_def{node{name:'p' op:'Const' " + path + "}node{name:'r' op:'ReadFile' input:'p'}}}"
	}
	value := func(s string) string {
		return node("attr{key:'value' value{tensor{dtype:DT_STRING string_val:" + s + "}}}")
	}
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"plain":                   {value(`"/etc/x"`), "/etc/x"},
		"side by side":            {value("'/etc' \n '/x'"), "/etc/x"},
		"escapes":                 {value(`'\057etc\x2fx'`), "/etc/x"},
		"unicode escape":          {value(`'\u002fetc/x'`), "/etc/x"},
		"a list":                  {value(`['/etc/x']`), "/etc/x"},
		"comments and separators": {"# a comment\nmeta_graphs: <graph_def {node: [{name: 'p', op: 'Const'; attr {key: 'value', value {tensor {dtype: 7 string_val: '/etc/x'}}}}, {name: 'r' op: 'ReadFile' input: 'p'}]}>", "/etc/x"},
		"an Any in between":       {"meta_graphs { meta_info_def { any_info { [type.googleapis.com/a.B] { x: 'y' z <> } } } }" + value("'/etc/x'"), "/etc/x"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ReadText(bounds.FromBytes([]byte(c.text), testBudget()))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range m.Graphs {
				for _, op := range g.Ops {
					got = append(got, op.Operands[0].Value.Text...)
					if c.text[op.Off:op.Off+1] != "{" || !strings.Contains(c.text[op.Off:op.End], "ReadFile") {
						t.Errorf("the place is %q", c.text[op.Off:op.End])
					}
				}
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextMalformed(t *testing.T) {
	for text, want := range map[string]string{
		"meta_graphs {":                                "a field of tensorflow.MetaGraphDef, found \"\"",
		"nonsense: 1":                                  `a field of tensorflow.SavedModel, found "nonsense"`,
		"saved_model_schema_version 1":                 `want ":"`,
		"saved_model_schema_version: x":                `a number, found "x"`,
		"meta_graphs { meta_info_def { tags: 'a":       "the end of a string",
		`meta_graphs { meta_info_def { tags: "\q" } }`: "an escape sequence",
		"meta_graphs [{} {}]":                          `"," or "]"`,
		strings.Repeat("meta_graphs { ", 1):            "a field of",
	} {
		_, err := ReadText(bounds.FromBytes([]byte(text), testBudget()))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
