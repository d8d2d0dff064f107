package formats_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats"
)

// The variables of a checkpoint in an archive, with names that addresses have to escape:
// each address leads back to its variable, and none is a member.
func TestVariables(t *testing.T) {
	b := buildOne(t, `container: zip
-- a/ckpt.index --
!bundle
header 2
tensor "\x00w\x00" float 2 0 0 8
tensor "../../x" string scalar 1 8 5
tensor "/" float 0x3 1 13 0
tensor a!b#c@d/e;1 bool 2x3 0 8 6
tensor w float 4 0 0 0
slice 0 2
`)
	a := open(b.Data, b.Name, formats.Limits{})
	if !a.Model || len(a.Problems) > 0 {
		t.Fatalf("model %v, problems %v", a.Model, a.Problems)
	}
	var got []string
	variables := map[string]*formats.Variable{}
	for n := range a.Root.All() {
		if n.Kind != formats.KindVariable {
			continue
		}
		address := n.Location().String()
		got = append(got, address)
		variables[n.Name] = n.Variable()
		l, err := formats.ParseLocation(address)
		if err != nil || formats.Find(a.Root, l) != n {
			t.Errorf("%s does not lead back (%v)", address, err)
		}
		if m := n.Location().Member(); m != "a/ckpt.index" {
			t.Errorf("%s: member %q", address, m)
		}
	}
	want := []string{"model.zip!a/ckpt.index!%00w%00", "model.zip!a/ckpt.index!../../x", "model.zip!a/ckpt.index!./",
		"model.zip!a/ckpt.index!a%21b%23c%40d/e%3B1", "model.zip!a/ckpt.index!w"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]*formats.Variable{
		"\x00w\x00":   {Type: "float", ItemSize: 4, Shape: []int64{2}, File: "ckpt.data-00000-of-00002", Size: 8},
		"../../x":     {Type: "string", File: "ckpt.data-00001-of-00002", Offset: 8, Size: 5},
		"/":           {Type: "float", ItemSize: 4, Shape: []int64{0, 3}, File: "ckpt.data-00001-of-00002", Offset: 13},
		"a!b#c@d/e;1": {Type: "bool", ItemSize: 1, Shape: []int64{2, 3}, File: "ckpt.data-00000-of-00002", Offset: 8, Size: 6},
		"w":           {Type: "float", ItemSize: 4, Shape: []int64{4}, File: "ckpt.data-00000-of-00002", Sliced: true},
	}, variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}
