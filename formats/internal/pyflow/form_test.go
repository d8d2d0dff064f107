package pyflow_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// wantSites are the sites of a described code object and of those in its
// constants, as one text a line.
func wantSites(t testing.TB, raw json.RawMessage, indent string) (lines []string) {
	t.Helper()
	var code struct {
		Name   string            `json:"name"`
		Sites  []json.RawMessage `json:"call_sites"`
		Consts []json.RawMessage `json:"consts"`
	}
	unmarshal(t, raw, &code)
	lines = append(lines, indent+code.Name)
	for _, s := range code.Sites {
		var x any
		unmarshal(t, s, &x)
		if site := x.([]any); len(site) == 4 && len(site[3].(map[string]any)) == 0 {
			x = site[:3]
		}
		lines = append(lines, indent+show(x))
	}
	for _, c := range code.Consts {
		if bytes.HasPrefix(c, []byte(`["code",`)) {
			var pair []json.RawMessage
			unmarshal(t, c, &pair)
			lines = append(lines, wantSites(t, pair[1], indent+"  ")...)
		}
	}
	return lines
}

func unmarshal(t testing.TB, raw []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

// show is a value as JSON with sorted keys and numbers in one form.
func show(x any) string {
	b, err := json.Marshal(normal(x))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func normal(x any) any {
	switch x := x.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = normal(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[k] = normal(e)
		}
		return out
	case json.Number:
		if i, ok := new(big.Int).SetString(x.String(), 10); ok {
			return "int " + i.String()
		}
		n, _ := x.Float64()
		return "float " + strconv.FormatFloat(n, 'g', -1, 64)
	}
	return x
}

func gotSites(c *pymarshal.Code, sites map[*pymarshal.Code][]pyflow.Site, indent string) (lines []string) {
	lines = append(lines, indent+c.Name)
	for _, s := range sites[c] {
		args := []any{}
		if s.Star {
			args = append(args, "*")
		} else {
			for _, a := range s.Args {
				args = append(args, argument(a))
			}
		}
		site := []any{json.Number(strconv.Itoa(s.Off)), strings.Join(s.Targets, "|"), args}
		if len(s.Keywords) > 0 && !s.Star {
			kw := map[string]any{}
			for _, k := range s.Keywords {
				kw[k.Name] = argument(k.Arg)
			}
			site = append(site, kw)
		}
		lines = append(lines, indent+show(site))
	}
	for _, k := range c.Consts {
		if k.Kind == pymarshal.KindCode {
			lines = append(lines, gotSites(k.Code, sites, indent+"  ")...)
		}
	}
	return lines
}

// argument is an argument as the descriptions write it.
func argument(a pyflow.Arg) any {
	switch a.Kind {
	case pyflow.ArgText:
		return "'" + said(a.Const)
	case pyflow.ArgConst:
		return plain(a.Const)
	case pyflow.ArgPath:
		return a.Text
	case pyflow.ArgLocal:
		return "<local>"
	}
	return "?"
}

// said is a str or bytes constant; bytes as Latin-1.
func said(v *pymarshal.Value) string {
	if v.Kind != pymarshal.KindBytes {
		return v.Text
	}
	r := make([]rune, len(v.Text))
	for i := range len(v.Text) {
		r[i] = rune(v.Text[i])
	}
	return string(r)
}

func plain(v *pymarshal.Value) any {
	switch v.Kind {
	case pymarshal.KindNone:
		return nil
	case pymarshal.KindBool:
		return v.Text == "True"
	case pymarshal.KindInt, pymarshal.KindFloat:
		return json.Number(v.Text)
	case pymarshal.KindTuple:
		out := []any{}
		for _, x := range v.Items {
			out = append(out, plain(x))
		}
		return out
	}
	return said(v)
}
