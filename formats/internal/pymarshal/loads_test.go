package pymarshal_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

func lines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := in.Text(); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all
}

// unhex undoes hexadecimal, with HEX*COUNT+HEX for a run.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	if run, rest, ok := strings.Cut(s, "*"); ok {
		times, tail, _ := strings.Cut(rest, "+")
		n, err := strconv.Atoi(times)
		if err != nil {
			t.Fatal(err)
		}
		s = strings.Repeat(run, n) + tail
	}
	data, err := hex.DecodeString(strings.Trim(s, "-"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pythonTypes is what type(x).__name__ says, where it is not the Kind's name.
var pythonTypes = map[pymarshal.Kind]string{pymarshal.KindNone: "NoneType", pymarshal.KindBool: "bool", pymarshal.KindEllipsis: "ellipsis",
	pymarshal.KindStopIteration: "type", pymarshal.KindInt: "int", pymarshal.KindFloat: "float", pymarshal.KindComplex: "complex",
	pymarshal.KindBytes: "bytes", pymarshal.KindText: "str", pymarshal.KindTuple: "tuple", pymarshal.KindList: "list", pymarshal.KindDict: "dict",
	pymarshal.KindSet: "set", pymarshal.KindFrozenSet: "frozenset", pymarshal.KindSlice: "slice", pymarshal.KindCode: "code", pymarshal.KindFrozenDict: "frozendict"}

// say gives a decoded value as loads.py prints what Python loads.
func say(v *pymarshal.Value, version pymarshal.Version) string {
	name := pythonTypes[v.Kind]
	if version.Major == 2 {
		switch v.Kind {
		case pymarshal.KindBytes:
			name = "str"
		case pymarshal.KindText:
			name = "unicode"
		}
	}
	switch v.Kind {
	case pymarshal.KindInt, pymarshal.KindFloat, pymarshal.KindComplex:
		return "ok " + name + " " + v.Text
	}
	return "ok " + name
}

// TestLoads compares with what each CPython said of the same streams
// (testdata/loads.py): what it loads is decoded, and what it refuses is refused.
func TestLoads(t *testing.T) {
	cases := map[string][]byte{}
	for _, line := range lines(t, "testdata/cases.txt") {
		name, data, _ := strings.Cut(line, " ")
		cases[name] = unhex(t, data)
	}
	recorded := lines(t, "testdata/loads.txt")
	if len(recorded) < 9*len(cases) {
		t.Errorf("%d lines for %d cases, want every case by 9 versions", len(recorded), len(cases))
	}
	for _, line := range recorded {
		f := strings.SplitN(line, " ", 3)
		var version pymarshal.Version
		if _, err := fmt.Sscanf(f[0], "%d.%d", &version.Major, &version.Minor); err != nil {
			t.Fatal(err)
		}
		data, known := cases[f[1]]
		if !known {
			t.Fatalf("no case %s", f[1])
		}
		want := f[2]
		if strings.HasPrefix(want, "ok long ") { // two types in 2.7
			want = "ok int " + strings.TrimSuffix(strings.TrimPrefix(want, "ok long "), "L")
		}
		root, err := pymarshal.Decode(data, version, budget())
		got := "refused"
		if err == nil {
			got = say(root, version)
		}
		switch {
		case got == want, got == "refused" && !strings.HasPrefix(want, "ok "):
		case want == "crash": // while it compares constants; decoding is no trouble
		case version.Major == 2 && f[1] == "truncated-int": // 2.7 reads -1 for each byte that is missing; no code object ends so
		default:
			t.Errorf("%s, %s: decoded %s (%v), CPython says %s", f[0], f[1], got, err, want)
		}
	}
}
