package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/rules"
)

const sharedOracle = "../../../../shared/oracle"

func TestFilesAreCurrent(t *testing.T) {
	table, page, err := Generate(sharedOracle, "keys.txt")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no measurements beside the module")
	}
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{"../../effects.txt": table, "../../../docs/loaders.md": page} {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s is stale, run go generate ./rules (-file +measurements):\n%s", file, diff)
		}
	}
}

// TestContradictionIsRefused holds the learner to its promise: two constructs with
// one key and different measurements are no row.
func TestContradictionIsRefused(t *testing.T) {
	l := &learner{columns: []column{{"keras-3.0.5", "keras", "3.0.5"}}, rows: map[string]*row{}}
	add := func(construct string, letter byte) error {
		return l.add("lambda-bytecode in=h5", construct, rules.ModeDefault, "code", 0, letter)
	}
	for _, letter := range []byte{'?', '-', 's', 'k'} { // one refusal or another
		if err := add("first", letter); err != nil {
			t.Fatal(err)
		}
	}
	err := add("second", 'L')
	if err == nil {
		t.Fatal("accepted")
	}
	if diff := cmp.Diff("lambda-bytecode in=h5, mode default, keras-3.0.5: first says s, second says L: the key needs one more word", err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestNamesThatAgreeStandForOthers(t *testing.T) {
	l := &learner{columns: []column{{"keras-3.0.5", "keras", "3.0.5"}, {"keras-3.8.0", "keras", "3.8.0"}, {"keras-3.9.2", "keras", "3.9.2"}}, rows: map[string]*row{}}
	for i, cells := range []string{"LkL", "LkL", "LkL", "LkL", "eLL"} {
		for c, letter := range []byte(cells) {
			if err := l.add("keras-gadget in=keras symbol="+string(rune('a'+i)), "x", rules.ModeDefault, "act", c, letter); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.anySymbol()
	m := l.rows["keras-gadget in=keras symbol=*"].lines["default"]
	if got := l.cells(m); got != "??L" { // four are too few against one that fails
		t.Errorf("got %s", got)
	}
	if err := l.add("keras-gadget in=keras symbol=f", "x", rules.ModeDefault, "act", 0, 'L'); err != nil {
		t.Fatal(err)
	}
	delete(l.rows, "keras-gadget in=keras symbol=*")
	l.anySymbol()
	if got := l.cells(l.rows["keras-gadget in=keras symbol=*"].lines["default"]); got != "L?L" {
		t.Errorf("got %s", got)
	}
}

func TestScanSaysWhatIsKnown(t *testing.T) {
	const text = `{"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"layers": [
		{"module": "keras.layers", "class_name": "Lambda", "registered_name": null, "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAAEAAAADAAAA8wYAAACXAHwAUwApAU6pACkB2gF4cwEAAAAg+gc8c3RkaW4+\n+gg8bGFtYmRhPnIFAAAAAQAAAHMGAAAAgACIYYAA8wAAAAA=\n"}}}}]}}`
	name := t.TempDir() + "/config.json"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := scan(strings.NewReader(name+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"key":"lambda-bytecode in=json at=Lambda.function form=tag spelled=modern"`, `"mode":"deserialize","loader":"keras","from":"3.0.5","to":"3.15.1","effect":"blocked"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in %s", want, out.String())
		}
	}
}
