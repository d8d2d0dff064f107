package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGenerated holds the committed tables against what is generated today.
func TestGenerated(t *testing.T) {
	const dir = "../../../../shared/pymarshal/opcodes"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the measured instruction tables are not beside this checkout")
	}
	want, err := Generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../pyopcode/tables.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./... (-generated +committed):\n%s", diff)
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{"LOAD_CONST": "LoadConst", "SLICE+0": "Slice0", "CALL_INTRINSIC_1": "CallIntrinsic1"} {
		if got := goName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
