package rules_test

import (
	"os/exec"
	"strings"
	"testing"
)

// module is the path of this module.
const module = "github.com/kerasvet/kerasvet/"

// TestRooms holds the import graph to docs/design.md: who may know whom.
func TestRooms(t *testing.T) {
	tests := []struct {
		pkg       string
		allowed   []string // rooms of this module that it may import, directly or not
		forbidden []string // packages of the standard library that would be knowledge of bytes
	}{
		{"formats", []string{"formats"}, nil},
		{"rules", []string{"formats", "rules"}, []string{"archive/zip", "encoding/json", "compress/flate"}},
		{"analyzer", []string{"analyzer", "formats", "rules"}, []string{"encoding/json"}},
		{"reporters", []string{"analyzer", "formats", "reporters", "rules"}, nil},
		{"analyzer/loaders", []string{"analyzer"}, []string{"archive/zip"}},
		{"analyzer/config", []string{"analyzer", "formats", "rules"}, nil},
		{"integrity", []string{"integrity"}, nil},
		{"integrity/modelsigning", []string{"integrity"}, nil},
		{"integrity/attest", []string{"integrity"}, nil},
		{"integrity/stage", []string{"analyzer", "formats", "integrity", "rules"}, nil},
	}
	for _, tt := range tests {
		for _, p := range list(t, "{{join .Deps \"\\n\"}}", tt.pkg) {
			room, ok := strings.CutPrefix(p, module)
			if room, _, _ = strings.Cut(room, "/"); ok && !contains(tt.allowed, room) {
				t.Errorf("%s depends on %s", tt.pkg, p)
			}
		}
		for _, p := range list(t, "{{join .Imports \"\\n\"}}", tt.pkg) {
			if contains(tt.forbidden, p) || tt.pkg != "formats" && strings.Contains(p, "formats/internal") {
				t.Errorf("%s imports %s", tt.pkg, p)
			}
		}
	}
	for _, p := range list(t, "{{join .Deps \"\\n\"}}", "cmd/kerasvet") {
		if strings.Contains(p, "formatstest") || strings.Contains(p, "scigolib") || p == "archive/zip" || p == "testing" {
			t.Errorf("the program depends on %s", p)
		}
	}
}

func list(t *testing.T, format, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, module+pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	return strings.Fields(string(out))
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
