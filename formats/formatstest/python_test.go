package formatstest_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/kerasvet/kerasvet/formats/formatstest"
)

// A pythonJob judges one file by a script, which finds the path in sys.argv[1]
// and prints what it sees.
type pythonJob struct{ name, path, script, want string }

// driver runs every job in one interpreter, since starting one takes longer
// than all else.
const driver = `
import contextlib, io, json, sys, traceback
out = []
for job in json.load(sys.stdin):
    sys.argv = ["", job["Path"]]
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            exec(job["Script"], {})
        except Exception:
            print(traceback.format_exc())
    out.append(text.getvalue())
print(json.dumps(out))
`

// runJobs needs a Python that has the module. The environment variable PYTHON
// names the interpreter; python3 is the default.
func runJobs(t *testing.T, module string, jobs []pythonJob) {
	t.Helper()
	python := cmp.Or(os.Getenv("PYTHON"), "python3")
	if out, err := exec.Command(python, "-c", "import "+module).CombinedOutput(); err != nil {
		t.Skipf("not verified: needs %s with the module %s (PYTHON names another): %v %s", python, module, err, out)
	}
	type input struct{ Path, Script string }
	var inputs []input
	for _, j := range jobs {
		inputs = append(inputs, input{j.path, j.script})
	}
	data, err := json.Marshal(inputs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", driver)
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	for i, j := range jobs {
		t.Run(j.name, func(t *testing.T) {
			if got[i] != j.want {
				t.Errorf("Python says\n%swant\n%s", got[i], j.want)
			}
		})
	}
}

func build(t *testing.T, text, container string) *formatstest.Built {
	t.Helper()
	c, err := formatstest.Parse("case.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Build(container)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, b *formatstest.Built) string {
	t.Helper()
	path, err := b.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// writeMember writes one member of an honest archive to a file of its own.
func writeMember(t *testing.T, b *formatstest.Built, name, path string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b.Data), int64(len(b.Data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
