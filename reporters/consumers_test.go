package reporters_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kerasvet/kerasvet/reporters"
)

// TestConsumers writes what the other tests look at for programs that are no tests of
// Go (.ci/integrations.py): every run in every format, into KERASVET_LOGS.
func TestConsumers(t *testing.T) {
	dir := os.Getenv("KERASVET_LOGS")
	if dir == "" {
		t.Skip("KERASVET_LOGS is not set: no logs are written for other programs")
	}
	all := reports(t)
	all["names"] = hostileNames()
	for name, r := range all {
		for _, format := range reporters.Names() {
			report, err := reporters.ByName(format)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"."+format), write(t, report, r), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
