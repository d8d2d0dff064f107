package integrity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	zero = "0000000000000000000000000000000000000000000000000000000000000000"
	abcd = "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"
)

func parsed(t *testing.T, s string) Digest {
	t.Helper()
	d, err := ParseDigest(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestReadsLists reads every form of a hash list.
func TestReadsLists(t *testing.T) {
	d := parsed(t, abcd)
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, text string
		want       []Entry
	}{
		{"text", abcd + "  m.keras\n", []Entry{{Name: "m.keras", Digest: d, Line: 1, Size: -1}}},
		{"binary", abcd + " *m.keras\n", []Entry{{Name: "m.keras", Digest: d, Binary: true, Line: 1, Size: -1}}},
		{"BSD", "SHA256 (m (1).keras) = " + abcd + "\n", []Entry{{Name: "m (1).keras", Digest: d, Line: 1, Size: -1}}},
		{"BSD with = in the name", "SHA256 (a = b) = " + abcd, []Entry{{Name: "a = b", Digest: d, Line: 1, Size: -1}}},
		{"OpenSSL", "SHA2-256(m.keras)= " + abcd + "\n", []Entry{{Name: "m.keras", Digest: d, Line: 1, Size: -1}}},
		{"older OpenSSL", "SHA256(m.keras)= " + abcd + "\n", []Entry{{Name: "m.keras", Digest: d, Line: 1, Size: -1}}},
		{"CR LF, comment, empty line, byte order mark", "\ufeff# list\r\n\r\n" + abcd + "  a/b\r\n", []Entry{{Name: "a/b", Digest: d, Line: 3, Size: -1}}},
		{"escaped line break", `\` + abcd + `  new\nline`, []Entry{{Name: "new\nline", Digest: d, Line: 1, Size: -1}}},
		{"escaped line break, BSD", `\SHA256 (new\rline) = ` + abcd, []Entry{{Name: "new\rline", Digest: d, Line: 1, Size: -1}}},
		{"a name that find has made", abcd + "  ./a/b\n", []Entry{{Name: "a/b", Digest: d, Line: 1, Size: -1}}},
		{"spaces in the name", abcd + "   a  b \n", []Entry{{Name: " a  b ", Digest: d, Line: 1, Size: -1}}},
		{"a store", "2026-05-01T12:00:00Z  " + abcd + "  7  m.keras\n", []Entry{{Name: "m.keras", Digest: d, Line: 1, Time: noon, Size: 7}}},
		{"the last line of a store", "2026-05-01T12:00:00Z  " + zero + "  7  m\n2026-05-01T12:00:00Z  " + abcd + "  8  m\n", []Entry{{Name: "m", Digest: d, Line: 2, Time: noon, Size: 8}}},
		{"the same twice", abcd + "  m\n" + abcd + "  m\n", []Entry{{Name: "m", Digest: d, Line: 1, Size: -1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseList(strings.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRefusesLists refuses lists that cannot be trusted as a whole.
func TestRefusesLists(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"two digests", abcd + "  m\n" + zero + "  m\n", `line 2: "m" has another digest than on line 1: do not trust the list`},
		{"two digests of two spellings", abcd + "  m\n" + zero + "  ./m\n", `line 2: "m" has another digest`},
		{"traversal", abcd + "  ../m\n", `line 1: name "../m" leaves the directory`},
		{"traversal inside", abcd + "  a/../../m\n", `leaves the directory`},
		{"absolute", abcd + "  /etc/passwd\n", `line 1: name "/etc/passwd" is absolute: names must be relative to the directory that is checked`},
		{"not clean", abcd + "  a//b\n", `is not clean: want "a/b"`},
		{"backslash", `\` + abcd + `  a\\b`, "contains a backslash"},
		{"escape", `\` + abcd + `  a\tb`, `\t is no escape in a name`},
		{"escape at the end", `\` + abcd + `  a\`, "a backslash stands at the end"},
		{"upper case", strings.ToUpper(abcd) + "  m\n", "is in upper case: write it in lower case"},
		{"SHA-1", "da39a3ee5e6b4b0d3255bfef95601890afd80709  m\n", "is no line of a SHA-256 list"},
		{"SHA-512 with a tag", "SHA512 (m) = " + abcd + abcd, "digest SHA512: only SHA256 is read; make the list anew with sha256sum --tag"},
		{"MD5 of BSD", "MD5 (m) = d41d8cd98f00b204e9800998ecf8427e", "digest MD5: only SHA256"},
		{"no digest", "SHA256 (m) = ", `"" is not a SHA-256`},
		{"prose", "hello\n", "is no line of a SHA-256 list"},
		{"empty", "", "no line with a SHA-256"},
		{"NUL", abcd + "  a\x00b", "contains NUL"},
		{"not UTF-8", abcd + "  a\xffb", "is not UTF-8"},
		{"a long line", strings.Repeat("a", maxLine+1), "line 1: longer than"},
		{"a store without size", "2026-05-01T12:00:00Z  " + abcd + "  m", "want time, digest, bytes and name"},
	} {
		_, err := ParseList(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one that contains %q", tt.name, err, tt.want)
		}
	}
}

// TestWritesWhatItReads writes names of all sorts in each style and reads them back.
func TestWritesWhatItReads(t *testing.T) {
	for _, name := range []string{"m.keras", "a/b c", "new\nline\r", "(x) = y", " lead", "*star", "#comment", "über 模型"} {
		e := Entry{Name: name, Digest: parsed(t, abcd), Size: 3, Time: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
		lines := []string{e.StoreLine()}
		for _, s := range Styles {
			lines = append(lines, e.Format(Style(s)))
		}
		for _, line := range lines {
			got, err := ParseList(strings.NewReader(line + "\n"))
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			if got[0].Name != name || got[0].Digest != e.Digest {
				t.Errorf("%q reads as %q %s", line, got[0].Name, got[0].Digest)
			}
		}
	}
}

// TestCoreutils has sha256sum check our lists, and reads its lists.
func TestCoreutils(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("no sha256sum here")
	}
	dir := write(t, map[string]string{"m.keras": "m", "a b/c": "c", "new\nline": "n"})
	var names []string
	tr := open(t, dir, Links{})
	files, _, err := tr.Files()
	if err != nil {
		t.Fatal(err)
	}
	var list bytes.Buffer
	for i, s := range tr.Sums(context.Background(), files, 0, nil) {
		names = append(names, s.Name)
		fmt.Fprintln(&list, Entry{Name: s.Name, Digest: s.Digest}.Format(Style(Styles[i%len(Styles)])))
	}
	check := exec.Command("sha256sum", "--strict", "-c", "-")
	check.Dir, check.Stdin = dir, &list
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("sha256sum -c: %v\n%s", err, out)
	}
	for _, flag := range []string{"--text", "--binary", "--tag"} {
		cmd := exec.Command("sha256sum", append([]string{flag, "--"}, names...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		entries, err := ParseList(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range checked(t, entries, Comparison{Base: dir, Under: []string{"."}}) {
			if r.Outcome != OK {
				t.Errorf("%s: %s is %s", flag, r.Name, r.Outcome)
			}
		}
	}
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, path string, links Links) *Tree {
	t.Helper()
	tr, err := OpenTree(path, links)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func checked(t *testing.T, want []Entry, c Comparison) []Checked {
	t.Helper()
	got, err := Check(context.Background(), want, c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func sum(content string) Digest { return sha256.Sum256([]byte(content)) }

// TestCheckNamesEveryOutcome holds a directory against a list.
func TestCheckNamesEveryOutcome(t *testing.T) {
	dir := write(t, map[string]string{"m/ok": "1", "m/changed": "2", "m/new": "3", "m/.git/x": "4", "other/ok": "5"})
	if err := os.Symlink("ok", filepath.Join(dir, "m/link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := os.Symlink("m", filepath.Join(dir, "way")); err != nil {
		t.Fatal(err)
	}
	entry := func(name, content string) Entry { return Entry{Name: name, Digest: sum(content)} }
	list := []Entry{entry("m/ok", "1"), entry("m/changed", "old"), entry("m/gone", "6"), entry("m/link", "1"), entry("other/ok", "5"), entry("way/ok", "1")}
	simple := func(c Comparison) map[string]Outcome {
		got := map[string]Outcome{}
		for _, r := range checked(t, list, c) {
			got[r.Name] = r.Outcome
		}
		return got
	}
	for _, tt := range []struct {
		name string
		c    Comparison
		want map[string]Outcome
	}{
		{"everything listed", Comparison{Base: dir}, map[string]Outcome{"m/ok": OK, "m/changed": Changed, "m/gone": Missing, "m/link": Unreadable, "other/ok": OK, "way/ok": Unreadable}},
		{"a directory", Comparison{Base: dir, Under: []string{"m"}}, map[string]Outcome{"m/ok": OK, "m/changed": Changed, "m/gone": Missing, "m/link": Unreadable, "m/new": New}},
		{"a file", Comparison{Base: dir, Under: []string{"other/ok"}}, map[string]Outcome{"other/ok": OK}},
		{"a new file", Comparison{Base: dir, Under: []string{"m/new"}}, map[string]Outcome{"m/new": New}},
		{"a file that is gone", Comparison{Base: dir, Under: []string{"m/gone"}}, map[string]Outcome{"m/gone": Missing}},
		{"links followed", Comparison{Base: dir, Under: []string{"m/link"}, Links: Links{Follow: true}}, map[string]Outcome{"m/link": OK}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, simple(tt.c)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := Check(context.Background(), list, Comparison{Base: dir, Under: []string{"nothing"}}); err == nil {
		t.Error("a path that is nowhere passed")
	}
}

// TestCheckSums is Check for files that have been hashed.
func TestCheckSums(t *testing.T) {
	list := []Entry{{Name: "d/m/a", Digest: sum("1")}, {Name: "d/m/b", Digest: sum("2")}, {Name: "d/m/c", Digest: sum("3")}, {Name: "d/m2", Digest: sum("x")}}
	sums := []Summed{{File: File{Name: "a"}, Digest: sum("1")}, {File: File{Name: "b"}, Digest: sum("other")}, {File: File{Name: "new"}, Digest: sum("4")}}
	got := map[string]Outcome{}
	for _, r := range CheckSums(list, "d/m", false, sums) {
		got[r.Name] = r.Outcome
	}
	if diff := cmp.Diff(map[string]Outcome{"d/m/a": OK, "d/m/b": Changed, "d/m/c": Missing, "d/m/new": New}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStore adds, keeps what is there, and replaces only when told.
func TestStore(t *testing.T) {
	dir := t.TempDir()
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	entry := func(name, content string) Entry {
		return Entry{Name: name, Digest: sum(content), Size: int64(len(content)), Time: noon}
	}
	add := func(update bool, entries ...Entry) (int, []Replaced) {
		t.Helper()
		n, replaced, err := Append(dir, entries, update)
		if err != nil {
			t.Fatal(err)
		}
		return n, replaced
	}
	if n, _ := add(false, entry("a", "1"), entry("b", "2")); n != 2 {
		t.Errorf("added %d, want 2", n)
	}
	if n, _ := add(false, entry("a", "1"), entry("c", "3")); n != 1 {
		t.Errorf("added %d, want 1", n)
	}
	n, replaced := add(false, entry("b", "changed"), entry("d", "4"))
	if n != 0 || len(replaced) != 1 || replaced[0].Old.Digest != sum("2") {
		t.Errorf("a changed model was stored: %d, %+v", n, replaced)
	}
	if n, _ := add(true, entry("b", "changed"), entry("d", "4")); n != 2 {
		t.Errorf("added %d, want 2", n)
	}
	got, err := ReadList(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{entry("a", "1"), entry("b", "changed"), entry("c", "3"), entry("d", "4")}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Entry{}, "Line")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(dir, StoreName))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n != 6 {
		t.Errorf("%d lines, want the head and 5:\n%s", n, data)
	}
	if _, _, err := Append(filepath.Join(write(t, map[string]string{"x": "no list"}), "x"), []Entry{entry("a", "1")}, false); err == nil {
		t.Error("a file that is no store was appended to")
	}
}

// TestApart judges where lists lie.
func TestApart(t *testing.T) {
	dir := write(t, map[string]string{"models/m.keras": "m", "models/sub/w.h5": "w", "hashes/list": "l"})
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	if err := os.Symlink(at("models"), at("way")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	for _, tt := range []struct {
		name, list  string
		files, dirs []string
		beside      bool
	}{
		{"apart", "hashes/list", []string{"models/m.keras"}, nil, false},
		{"beside", "models/SHA256SUMS", []string{"models/m.keras"}, nil, true},
		{"beside, over a link", "way/SHA256SUMS", []string{"models/m.keras"}, nil, true},
		{"below the directory", "models/hashes/list", []string{"models/sub/w.h5"}, []string{"models"}, true},
		{"above it", "SHA256SUMS", []string{"models/m.keras"}, []string{"models"}, false},
	} {
		var files, dirs []string
		for _, f := range tt.files {
			files = append(files, at(f))
		}
		for _, d := range tt.dirs {
			dirs = append(dirs, at(d))
		}
		found := Apart(at(tt.list), files, dirs)
		high := len(found) > 0 && found[0].Severity == High
		if high != tt.beside {
			t.Errorf("%s: found %+v", tt.name, found)
		}
	}
}

// TestOlder compares times of hashes and models.
func TestOlder(t *testing.T) {
	hashed := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration, o Outcome) Checked {
		return Checked{Name: "m", Outcome: o, ModTime: hashed.Add(d), Want: Entry{Time: hashed}}
	}
	for _, tt := range []struct {
		name string
		c    Checked
		want Severity
	}{
		{"written before", at(-time.Hour, Changed), ""},
		{"in the same second", at(999*time.Millisecond, Changed), ""},
		{"written after", at(time.Minute, Changed), Medium},
		{"copied after", at(time.Minute, OK), Info},
		{"new", at(time.Minute, New), ""},
	} {
		var got Severity
		for _, f := range Older([]Checked{tt.c}, time.Time{}) {
			got = f.Severity
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	plain := Checked{Name: "m", Outcome: Changed, ModTime: hashed.Add(time.Minute)}
	if len(Older([]Checked{plain}, hashed)) != 1 || len(Older([]Checked{plain}, time.Time{})) != 0 {
		t.Error("a plain list has the time of its file")
	}
}

// FuzzParseList reads anything without a panic, and lets no name out of its
// directory.
func FuzzParseList(f *testing.F) {
	for _, s := range []string{abcd + "  m\n", abcd + " *m\r\n", "SHA256 (m) = " + abcd, "SHA2-256(m)= " + abcd, `\` + abcd + `  a\nb`, "2026-05-01T12:00:00Z  " + abcd + "  7  m\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		entries, err := ParseList(strings.NewReader(s))
		if err != nil {
			return
		}
		for _, e := range entries {
			if CheckName(e.Name) != nil || !filepath.IsLocal(e.Name) {
				t.Errorf("name %q got through", e.Name)
			}
			again, err := ParseList(strings.NewReader(e.Format(Text)))
			if err != nil || again[0].Name != e.Name || again[0].Digest != e.Digest {
				t.Errorf("%q reads differently: %v", e.Name, err)
			}
		}
	})
}
