package rules

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/formats/formatstest"
)

func TestEffectsTextIsWellFormed(t *testing.T) {
	table, err := parseEffects(effectsText)
	if err != nil {
		t.Fatal(err)
	}
	for key, lines := range table.rows {
		if len(lines) == 0 {
			t.Errorf("%q has no line", key)
		}
	}
	if len(table.rows) < 400 || len(table.loaders) < 26 {
		t.Errorf("%d rows, %d loaders", len(table.rows), len(table.loaders))
	}
}

func TestEffectsTextRefusesMistakes(t *testing.T) {
	const head = "loaders keras 3.0.5 3.8.0\ndefence s safe mode\n"
	for _, test := range []struct{ name, text, want string }{
		{"unknown rule", "no-such-rule in=keras\n", `effects.txt:3: "no-such-rule in=keras": want a rule and a key that stand once`},
		{"no key", "lambda-bytecode\n", `effects.txt:3: "lambda-bytecode": want a rule and a key that stand once`},
		{"key twice", "lambda-bytecode in=h5\n\tdefault code LL\nlambda-bytecode in=h5\n", `effects.txt:5: "lambda-bytecode in=h5": want a rule and a key that stand once`},
		{"mode twice", "lambda-bytecode in=h5\n\tdefault code LL\n\tdefault act LL\n", "effects.txt:5: mode default stands twice"},
		{"unknown word", "lambda-bytecode in=h5\n\tdefault magic LL\n", `effects.txt:4: "default magic LL": want a mode, what was looked for, and cells, below a key`},
		{"unknown letter", "lambda-bytecode in=h5\n\tdefault code Lx\n", "effects.txt:4: unknown letter 'x'"},
		{"too few cells", "lambda-bytecode in=h5\n\tdefault code L\n", "effects.txt:4: 1 cells: want 2"},
		{"line without a key", "\tdefault code LL\n", `effects.txt:3: "default code LL": want a mode, what was looked for, and cells, below a key`},
		{"too few cells of text", "text L\n", "effects.txt:3: 1 cells: want 2"},
		{"letter of an outcome", "defence L safe mode\n", `effects.txt:3: defence "L safe mode": want a letter of its own and a text`},
		{"defence twice", "defence s safe mode\n", `effects.txt:3: defence "s safe mode": want a letter of its own and a text`},
		{"family twice", "loaders keras 3.9.0\n", `effects.txt:3: loaders "keras 3.9.0": want a family, once, and its versions`},
		{"no version", "loaders tf-keras two\n", `effects.txt:3: loader "tf-keras two": want a version such as 3.12.4`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseEffects(head + test.text)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOutcomeOfAVersion holds the rule by which versions between measured ones are
// judged: line 3.12 was mended in 3.12.4, the later 3.13.2 was not.
func TestOutcomeOfAVersion(t *testing.T) {
	table, err := parseEffects("loaders keras 3.8.0 3.11.3 3.12.0 3.12.4 3.13.2 3.14.1 3.15.1\nloaders tf-keras 2.15.1 2.16.0\ndefence h links are refused\ndefence k names are refused\n" +
		"hdf5-external-link in=h5\n\tdefault read LLLhLhk L?\n\tunsafe read iiiiiii -e\n")
	if err != nil {
		t.Fatal(err)
	}
	row := &EffectRow{table: table, measured: table.rows["hdf5-external-link in=h5"]}
	fires := Outcome{Effect: EffectLoad, What: "read"}
	inferred := Outcome{Effect: EffectLoad, What: "read", Inferred: true}
	for _, test := range []struct {
		loader string
		mode   Mode
		want   Outcome
	}{
		{"keras 3.12.0", ModeDefault, fires},
		{"keras 3.12.4", ModeDefault, Outcome{Effect: EffectBlocked, What: "read", Why: "links are refused"}},
		{"keras 3.13.2", ModeDefault, fires},
		{"keras 3.9.0", ModeDefault, inferred},
		{"keras 3.11.4", ModeDefault, inferred},
		{"keras 3.12.2", ModeDefault, Outcome{Why: "the versions measured before and after it differ"}},
		{"keras 3.13.0", ModeDefault, Outcome{Why: "the versions measured before and after it differ"}}, // 3.12 has both
		{"keras 3.13.5", ModeDefault, Outcome{Why: "the versions measured before and after it differ"}},
		{"keras 3.15.0", ModeDefault, Outcome{Effect: EffectBlocked, What: "read", Why: "links are refused", Inferred: true}},
		{"keras 3.15.2", ModeDefault, Outcome{Why: "no version near it was measured"}},
		{"keras 3.7.0", ModeDefault, Outcome{Why: "no version near it was measured"}},
		{"keras 3.12.2", ModeUnsafe, Outcome{Effect: EffectInert, What: "read", Inferred: true}},
		{"tf-keras 2.15.1", ModeDefault, fires},
		{"tf-keras 2.16.0", ModeDefault, Outcome{Why: "no version near it was measured"}},
		{"tf-keras 2.15.1", ModeUnsafe, Outcome{Effect: EffectNotApplicable, What: "read"}},
		{"tf-keras 2.16.0", ModeUnsafe, Outcome{What: "read", Why: "loading fails, for a reason that is no defence"}},
		{"tf.keras 2.12.0", ModeDefault, Outcome{Why: "no version near it was measured"}},
		{"keras 3.12.0", ModeLoadWeights, Outcome{Why: "not measured in this mode"}},
	} {
		if diff := cmp.Diff(test.want, row.On(loader(t, test.loader), test.mode)); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", test.loader, test.mode, diff)
		}
	}
	if diff := cmp.Diff("fires at load on keras 3.8.0–3.12.0 and 3.13.2, tf-keras 2.15.1; blocked on keras 3.12.4 and 3.14.1–3.15.1 (names are refused); not measured on tf.keras; "+
		"with safe_mode=False: does nothing on keras 3.8.0–3.15.1", row.Summary()); diff != "" {
		t.Error(diff)
	}
}

func TestParseLoader(t *testing.T) {
	for _, test := range []struct {
		text, want string
		ok         bool
	}{
		{"keras 3.12.4", "keras 3.12.4", true},
		{"keras-3.12", "keras 3.12", true},
		{"tf-keras==2.21.0", "tf-keras 2.21.0", true},
		{"tf.keras@2.15.0", "tf.keras 2.15.0", true},
		{"keras", "", false},
		{"keras 3", "", false},
		{"keras 3.12.4rc1", "", false},
		{"keras -1.2", "keras 1.2", true}, // a dash parts, as in keras-1.2
		{"torch 2.0.0", "", false},
	} {
		l, err := ParseLoader(test.text)
		if (err == nil) != test.ok {
			t.Errorf("%q: %v", test.text, err)
		}
		if err == nil && l.String() != test.want {
			t.Errorf("%q: got %q, want %q", test.text, l.String(), test.want)
		}
	}
}

// effectsOf returns what is said of the first finding of a rule in a case.
func effectsOf(t *testing.T, file, container, rule string) *EffectRow {
	t.Helper()
	c, err := formatstest.ParseFile("../testdata/rules/" + file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Build(container)
	if err != nil {
		t.Fatal(err)
	}
	a := formats.Open(context.Background(), b.Name, bytes.NewReader(b.Data), int64(len(b.Data)), formats.Limits{})
	e := NewEffects(a)
	var row *EffectRow
	found := false
	NewChecker([]*Rule{ByID(rule)}).Check(a, func(f Finding) {
		if !found {
			found, row = true, e.Of(&f)
		}
	}, func(r *Rule, v any) { t.Fatal(r.ID, v) })
	if !found {
		t.Fatalf("%s: no finding of %s", file, rule)
	}
	return row
}

// TestEffectsOfCases holds constructs that look alike apart.
func TestEffectsOfCases(t *testing.T) {
	for _, test := range []struct{ file, container, rule, want string }{
		{"lambda-bytecode/bad-keras3.txtar", "keras", "lambda-bytecode",
			"blocked on keras 3.0.5–3.15.1 (safe mode does not deserialize Python bytecode); not measured on tf-keras, tf.keras; with safe_mode=False: fires at load on keras 3.0.5–3.15.1"},
		{"lambda-bytecode/bad-keras2.txtar", "h5", "lambda-bytecode",
			"fires at load on keras 3.0.5–3.11.0, tf-keras 2.15.1–2.21.0, tf.keras 2.8.0–2.15.0; blocked on keras 3.11.3–3.15.1 (safe mode does not deserialize Python bytecode); " +
				"with safe_mode=False: fires at load on keras 3.0.5–3.15.1, tf-keras 2.15.1–2.21.0, tf.keras 2.4.0–2.15.0"},
		{"lambda-bytecode/bad-text-attribute.txtar", "h5", "lambda-bytecode",
			"fires at load on keras 3.0.5–3.11.0, tf-keras 2.15.1–2.21.0, tf.keras 2.8.0–2.15.0; blocked on keras 3.11.3–3.15.1 (safe mode does not deserialize Python bytecode); " +
				"with safe_mode=False: fires at load on keras 3.0.5–3.15.1, tf-keras 2.15.1–2.21.0, tf.keras 2.8.0–2.15.0"},
		{"keras-state-change/bad-switch.txtar", "keras", "keras-state-change",
			"fires at load on keras 3.6.0–3.15.1; unknown on keras 3.0.5–3.3.3; not measured on tf-keras, tf.keras; " +
				"with safe_mode=False: fires at load on keras 3.8.0–3.15.1"},
		{"keras-state-change/bad-switch.txtar", "h5", "keras-state-change",
			"fires at load on keras 3.6.0–3.15.1; unknown on keras 3.0.5–3.3.3; not measured on tf-keras, tf.keras; " +
				"with safe_mode=False: fires at load on keras 3.8.0–3.15.1; inferred from like constructs"},
		{"keras-gadget/bad-get-file.txtar", "keras", "keras-gadget", // no output shape stated
			"fires at load on keras 3.0.5 and 3.6.0–3.10.0; blocked on keras 3.11.0–3.15.1 (functions that are not for modeling are not deserialized); " +
				"unknown on keras 3.3.3; not measured on tf-keras, tf.keras; with safe_mode=False: fires at load on keras 3.0.5–3.8.0; " +
				"blocked on keras 3.11.0–3.15.1 (functions that are not for modeling are not deserialized); inferred from like constructs"},
		{"keras-gadget/bad-application.txtar", "keras", "keras-gadget",
			"fires at load on keras 3.6.0–3.15.1; unknown on keras 3.0.5–3.3.3; not measured on tf-keras, tf.keras; " +
				"with safe_mode=False: fires at load on keras 3.8.0–3.15.1"},
		{"dangerous-reference/bad-os-system-activation.txtar", "keras", "dangerous-reference",
			"blocked on keras 3.10.0–3.15.1 (foreign modules are not imported); " +
				"unknown on keras 3.0.5–3.9.2, tf-keras 2.15.1–2.21.0, tf.keras 2.8.0–2.15.0; inferred from like constructs"},
		{"dangerous-reference/bad-compiled-loss.txtar", "keras", "dangerous-reference",
			"fires at load on keras 3.0.5–3.8.0, tf-keras 2.15.1–2.21.0, tf.keras 2.12.0–2.15.0; " +
				"blocked on keras 3.9.2–3.15.1 (foreign modules are not imported); unknown on tf.keras 2.8.0; " +
				"with safe_mode=False: fires at load on keras 3.0.5–3.8.0, tf-keras 2.15.1–2.21.0, tf.keras 2.12.0–2.15.0; " +
				"blocked on keras 3.11.0–3.15.1 (foreign modules are not imported); inferred from like constructs"},
		{"dangerous-reference/bad-tfoplambda-write-file.txtar", "h5", "dangerous-reference",
			"fires at load on tf-keras 2.15.1–2.21.0, tf.keras 2.4.0–2.15.0; unknown on keras 3.8.0–3.15.1"},
		{"hdf5-external-link/bad-weights-only.txtar", "h5", "hdf5-external-link", ""}, // the group of all layers was not tried
		{"npz-pickle/bad-object-array.txtar", "keras", "npz-pickle",
			"fires at load on keras 3.0.5–3.8.0, tf-keras 2.15.1–2.19.0, tf.keras 2.12.0–2.15.0; " +
				"blocked on keras 3.9.2–3.15.1, tf-keras 2.20.1–2.21.0 (arrays of objects are not unpickled)"},
		{"npz-pickle/bad-beside-hdf5.txtar", "keras", "npz-pickle",
			"does nothing on keras 3.8.0–3.15.1, tf-keras 2.21.0, tf.keras 2.12.0"},
		{"relative-vocabulary/bad-beside.txtar", "keras", "relative-vocabulary",
			"fires at load on keras 3.0.5–3.11.3, tf-keras 2.15.1–2.21.0, tf.keras 2.12.0–2.15.0; " +
				"blocked on keras 3.12.0–3.15.1 (safe mode reads no vocabulary outside of the archive); unknown on tf.keras 2.8.0; " +
				"with safe_mode=False: fires at load on keras 3.0.5–3.15.1, tf-keras 2.15.1–2.21.0, tf.keras 2.12.0–2.15.0; " +
				"inferred from like constructs"},
		{"lambda-bytecode/bad-keras-metadata.txtar", "savedmodel", "lambda-bytecode",
			"fires at load on tf-keras 2.15.1–2.21.0, tf.keras 2.4.0–2.15.0; not measured on keras; with safe_mode=False: fires at load on tf-keras 2.15.1–2.21.0, tf.keras 2.12.0–2.15.0"},
		{"graph-file-write-at-load/bad-initializer.txtar", "savedmodel", "graph-file-write-at-load",
			"fires at load on tf-keras 2.15.1–2.21.0, tf.keras 2.4.0–2.15.0; not measured on keras"},
		{"archive-prefix/bad-counted.txtar", "keras", "archive-prefix",
			"accepted on keras 3.0.5–3.15.1, tf-keras 2.21.0, tf.keras 2.12.0"},
		{"torch-pickle/bad-module.txtar", "h5", "torch-pickle",
			"fires at load on keras 3.11.0; blocked on keras 3.11.3–3.15.1 (safe mode does not unpickle torch modules); " +
				"unknown on keras 3.10.0; not measured on tf-keras, tf.keras; with safe_mode=False: fires at load on keras 3.11.0–3.15.1"},
	} {
		row := effectsOf(t, test.file, test.container, test.rule)
		if diff := cmp.Diff(test.want, row.Summary()); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", test.file, test.container, diff)
		}
	}
}

// TestKeysOfAnyNode asks for the keys of findings that no rule would report at
// every node of every case: what a file holds must not matter.
func TestKeysOfAnyNode(t *testing.T) {
	cases, err := formatstest.Glob("../testdata/rules/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	artifacts := []*formats.Artifact{}
	for _, c := range cases {
		for _, container := range c.Containers {
			if b, err := c.Build(container); err == nil && b.Data != nil {
				artifacts = append(artifacts, formats.Open(context.Background(), b.Name, bytes.NewReader(b.Data), int64(len(b.Data)), formats.Limits{}))
			}
		}
	}
	for _, text := range []string{
		`{"class_name": "Switch", "inbound_nodes": [{"args": [0, [{"class_name": "function", "config": "f", "module": "keras.datasets.x"}]]}], "inbound_nodes": 1}`,
		`{"class_name": "Switch", "inbound_nodes": [[0, [1, "x"], 2, 3]], "inbound_nodes": []}`,
		`{"class_name": "Switch", "inbound_nodes": [{"args": {"2": "x"}, "kwargs": {"2": ["y"]}}]}`,
		`{"class_name": "TFOpLambda", "config": {"function": "io.read_file"}, "inbound_nodes": {"a": 1}}`,
		`{"class_name": "Lambda", "config": {"function": "a b\nc=d", "output_shape": []}, "x y": {"class_name": "__lambda__", "config": {"code": "AA=="}}}`,
		strings.Repeat(`{"class_name": "TimeDistributed", "config": {"layer": `, 100) + `"x"` + strings.Repeat("}}", 100),
	} {
		artifacts = append(artifacts, formats.Open(context.Background(), "config.json", strings.NewReader(text), int64(len(text)), formats.Limits{}))
	}
	all := All()
	keys, next := 0, 0
	for _, a := range artifacts {
		e := NewEffects(a)
		for n := range a.Root.All() {
			for range 3 { // of the rules in turn
				r := all[next%len(all)]
				next++
				f := &Finding{Rule: r, At: n, Evidence: "units 3, a b 10"}
				if key := e.Key(f); key != "" {
					keys++
					for _, w := range strings.Split(key, " ")[1:] {
						if name, value, ok := strings.Cut(w, "="); !ok || name == "" || !isKeyValue(value) {
							t.Fatalf("%s at %s: key %q", r.ID, n.Location(), key)
						}
					}
				}
				e.Of(f).Summary()
			}
		}
	}
	if keys == 0 {
		t.Error("no keys")
	}
}

func BenchmarkParseEffects(b *testing.B) {
	for b.Loop() {
		if _, err := parseEffects(effectsText); err != nil {
			b.Fatal(err)
		}
	}
}

// TestKeysTellApartWhatLoadersTellApart holds the words that are not about the
// finding's own place.
func TestKeysTellApartWhatLoadersTellApart(t *testing.T) {
	const (
		lambda = `{"module": "keras.layers", "class_name": "Lambda", "registered_name": null, "config": {"function": {"class_name": "__lambda__", "config": {"code": ` +
			`"4wEAAAAAAAAAAAAAAAEAAAADAAAA8wYAAACXAHwAUwApAU6pACkB2gF4cwEAAAAg+gc8c3RkaW4+\n+gg8bGFtYmRhPnIFAAAAAQAAAHMGAAAAgACIYYAA8wAAAAA=\n"}}}}`
		off   = `{"module": "keras.src.ops.core", "class_name": "Switch", "config": {}, "inbound_nodes": [{"args": [0, [{"module": "keras.src.backend.common.global_state", "class_name": "function", "config": "set_global_attribute"}]], "kwargs": {}}]}`
		model = `{"module": "keras", "class_name": "Sequential", "config": {"layers": [`
	)
	for _, test := range []struct{ name, text, want string }{
		{"alone", model + lambda + "]}}", "lambda-bytecode in=json at=Lambda.function form=tag spelled=modern"},
		{"after a switch in the graph", model + off + "," + lambda + "]}}", "lambda-bytecode in=json at=Lambda.function form=tag spelled=modern more=unsafe-switch-in-graph"},
		{"beside a model with a switch", model + model + off + "]}}," + lambda + "]}}", "lambda-bytecode in=json at=Lambda.function form=tag spelled=modern more=unsafe-switch-elsewhere"},
		{"in a model without a module", model + `{"class_name": "Sequential", "config": {"layers": [` + lambda + "]}}]}}", "lambda-bytecode in=json at=Lambda.function form=tag spelled=mixed"},
		{"under a key that another hides", `{"config": {"layers": [` + lambda + `]}, "config": {}, "module": "keras", "class_name": "Sequential"}`,
			"lambda-bytecode in=json:shadowed at=Lambda.function form=tag spelled=modern"},
		{"in a wrapper", model + `{"module": "keras.layers", "class_name": "TimeDistributed", "config": {"layer": ` + lambda + "}}]}}", "lambda-bytecode in=json at=Lambda.function form=tag spelled=modern"},
		{"beside what loaders read", `{"module": "keras", "class_name": "Sequential", "config": {}, "note": ` + lambda + "}", "lambda-bytecode in=json via=beside-model at=Lambda.function form=tag spelled=modern"},
	} {
		a := formats.Open(context.Background(), "config.json", strings.NewReader(test.text), int64(len(test.text)), formats.Limits{})
		e := NewEffects(a)
		var got []string
		NewChecker([]*Rule{LambdaBytecode}).Check(a, func(f Finding) { got = append(got, e.Key(&f)) }, func(r *Rule, v any) { t.Fatal(r.ID, v) })
		if diff := cmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestFiringSurvivesADecoy: a file that also switches safe mode off is never said
// to be blocked, and where the construct fires by itself it is said to.
func TestFiringSurvivesADecoy(t *testing.T) {
	const key = "in=keras at=StringLookup.vocabulary spelled=modern"
	row := effects().find(ExternalVocabulary.ID, key+" more="+unsafeSwitchWord+"-elsewhere")
	for _, test := range []struct {
		version string
		want    Outcome
	}{
		{"3.11.3", Outcome{Effect: EffectLoad, What: "read", Inferred: true}},
		{"3.15.1", Outcome{Why: "something in the file switches safe mode off"}},
	} {
		if diff := cmp.Diff(test.want, row.On(loader(t, "keras "+test.version), ModeDefault)); diff != "" {
			t.Errorf("keras %s (-want +got):\n%s", test.version, diff)
		}
	}
}

func loader(t *testing.T, s string) Loader {
	t.Helper()
	l, err := ParseLoader(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
