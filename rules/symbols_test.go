package rules

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats"
)

// TestSymbolsOfKeras looks up every function that Keras 3 exports and that a
// loader finds when a configuration names it: none may be without an answer.
func TestSymbolsOfKeras(t *testing.T) {
	f, err := os.Open("../../shared/models/exports-K3.tsv")
	if err != nil {
		t.Skipf("shared data is not here: %v", err)
	}
	defer f.Close()
	n := 0
	for in := bufio.NewScanner(f); in.Scan(); n++ {
		columns := strings.Split(in.Text(), "\t")
		path, resolved := columns[0], columns[2]
		dot := strings.LastIndexByte(path, '.')
		if n == 0 || resolved == "" {
			continue
		}
		o := formats.Object{Module: path[:dot], Class: "function", Name: path[dot+1:]}
		if symbol, origin := o.Resolve(); newMeaning(symbol, origin).known.verdict == unlisted {
			t.Errorf("%s (%s) is unlisted", path, symbol)
		}
	}
	if n < 1000 {
		t.Errorf("only %d exports", n)
	}
}

func TestSymbolTable(t *testing.T) {
	for _, bad := range []string{"odd a.b", "safe a.b computes", "state a.b", "gadget a.b", "dangerous a.b", "safe a.b\nstate a.b changes it"} {
		if _, err := parseSymbols(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	table, err := parseSymbols("stdlib a\ndangerous a.b.* runs it\nsafe a.b.c.d\nstate tensorflow.x changes it\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]verdict{
		"a": unlisted, "a.x": stdlib, "a.b.c": dangerous, "a.b.c.d": safe, "a.b.c.d.e": dangerous,
		"tensorflow.x": state, "tensorflow.compat.v1.x": state, "tensorflow.compat.v1.compat.v2.x": state,
	} {
		if got := table.lookup(name).verdict; got != want {
			t.Errorf("%s: verdict %d, want %d", name, got, want)
		}
	}
}

// TestNamesThatRunAnything holds names, under which whoever writes a file has all that
// they could want, to what was reviewed: a line of symbols.txt that gets lost says nothing.
func TestNamesThatRunAnything(t *testing.T) {
	names := strings.Fields(`builtins.eval builtins.exec builtins.compile builtins.__import__ builtins.open builtins.getattr builtins.setattr
		builtins.delattr builtins.globals builtins.vars builtins.breakpoint os.system os.popen os.execv os.remove os.unlink posix.system nt.system
		subprocess.run subprocess.Popen subprocess.check_output pty.spawn runpy.run_path runpy.run_module importlib.import_module
		socket.socket urllib.request.urlopen shutil.rmtree shutil.copyfile pickle.loads pickle.load marshal.loads ctypes.CDLL
		webbrowser.open code.interact timeit.timeit pdb.run cProfile.run`)
	for _, name := range names {
		if got := newMeaning(name, formats.OriginModule).known.verdict; got != dangerous {
			t.Errorf("%s in a configuration: verdict %d", name, got)
		}
		if got := judgePickled(name).grade; got != pickleDanger {
			t.Errorf("%s in a pickle: grade %d", name, got)
		}
	}
}
