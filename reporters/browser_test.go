package reporters_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/reporters"
)

// TestBrowser opens reports of 1, 50 and 5,000 findings in headless Chromium
// (.ci/browser/check.mjs), which filters them, measures, and asks axe. It needs node
// and the packages that .ci/integrations.sh installs:
//
//	KERASVET_BROWSER_MODULES   node_modules with playwright-core and axe-core
//	CHROMIUM                   the browser; without it, chromium on the path
//	KERASVET_SCREENSHOTS       where to leave the pages and their pictures
func TestBrowser(t *testing.T) {
	modules := os.Getenv("KERASVET_BROWSER_MODULES")
	if modules == "" {
		t.Skip("KERASVET_BROWSER_MODULES is not set: no browser looks at the page")
	}
	browser := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if browser == "" {
			browser, _ = exec.LookPath(name)
		}
	}
	if browser == "" {
		t.Skip("no Chromium: no browser looks at the page")
	}
	dir := os.Getenv("KERASVET_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	findings := reports(t)["findings"]
	for _, n := range []int{1, 50, 5000} {
		writePage(t, dir, n, findings)
	}
	cmd := exec.Command("node", filepath.Join("..", ".ci", "browser", "check.mjs"), dir)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "CHROMIUM="+browser)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// writePage writes a report with n findings, and beside it what a check may expect.
func writePage(t *testing.T, dir string, n int, from *analyzer.Report) {
	t.Helper()
	type expected struct {
		Severity    string `json:"severity"`
		Rule        string `json:"rule"`
		Fingerprint string `json:"fingerprint"`
	}
	r := &analyzer.Report{Version: "0.0.0-test", Rules: from.Rules}
	var list []expected
	for len(list) < n {
		for _, res := range from.Results {
			if len(list) == n {
				break
			}
			if len(res.Findings) == 0 {
				continue
			}
			res.Findings = slices.Clone(res.Findings[:min(len(res.Findings), n-len(list))])
			for i := range res.Findings {
				f := &res.Findings[i]
				f.Fingerprint = fmt.Sprintf("%024x%s", len(list), f.Fingerprint[:40])
				e := expected{f.Rule.Severity.String(), f.Rule.ID, f.Fingerprint}
				if len(list)%17 == 16 {
					f.Waiver = &analyzer.Waiver{Kind: analyzer.WaiverIgnore, Reason: "Reviewed by the model team."}
					e.Severity = "waived"
				}
				list = append(list, e)
			}
			res.Name = fmt.Sprintf("models/%d/%s", len(r.Results), res.Name)
			r.Results = append(r.Results, res)
		}
	}
	r.Gone = []analyzer.Earlier{{Rule: "lambda-bytecode", Message: "Layer \"hidden\" carries Python bytecode in \"function\".", Address: "models/old.keras!config.json"}}
	expectation, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"html": write(t, reporters.HTML, r), "json": expectation} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.%s", n, name)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
